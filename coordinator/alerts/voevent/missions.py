"""All missions whose packets are understood, one line each; the first that a packet fits reads it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from coordinator.alerts import gcn_stages as gcn
from coordinator.alerts.voevent import amon, chime, fermi, integral, lvk, snews, svom, swift
from coordinator.alerts.voevent.by_trigger import by_trigger
from coordinator.alerts.voevent.generic import UNKNOWN, by_ivorn
from coordinator.alerts.voevent.packet import Packet
from coordinator.alerts.voevent.reading import Reading

GCN = "nasa.gsfc.gcn"


@dataclass(frozen=True, slots=True)
class Mission:
    """How packets of a mission are known, and read.

    Attributes
    ----------
    places : tuple of str
        Beginnings of `authority/path` of its ivorns, in small letters.
    types : frozenset of int
        Its GCN notice types, for packets whose ivorn tells nothing.
    """

    places: tuple[str, ...]
    types: frozenset[int]
    read: Callable[[Packet], Reading]


def _of_gcn(
    word: str, stream: str, stages: Mapping[int, str], *, messenger: str = "EM", by_time: bool = False
) -> Mission:
    read = by_trigger(stream, stages, messenger=messenger, by_time=by_time)
    return Mission((f"{GCN}/{word}",), frozenset(stages), read)


MISSIONS = (
    Mission(("gwnet/",), frozenset({150, 151, 152, 153, 154, 163, 164}), lvk.read),
    Mission((f"{GCN}/fermi",), fermi.TYPES, fermi.read),
    Mission((f"{GCN}/swift",), swift.TYPES, swift.read),
    Mission(("org.svom/",), svom.TYPES, svom.read),
    Mission((f"{GCN}/amon", f"{GCN}/icecube", f"{GCN}/hawc"), amon.TYPES, amon.read),
    Mission((f"{GCN}/snews",), snews.TYPES, snews.read),
    Mission((f"{GCN}/integral",), integral.TYPES, integral.read),
    Mission(("ca.chimenet.frb",), frozenset(), chime.read),
    _of_gcn("agile", "agile", gcn.AGILE),
    _of_gcn("maxi", "maxi", gcn.MAXI),
    _of_gcn("konus", "konus", gcn.KONUS, by_time=True),
    _of_gcn("suzaku", "suzaku", gcn.SUZAKU),
    _of_gcn("calet", "calet", gcn.CALET),
    _of_gcn("gecam", "gecam", {}),
    _of_gcn("antares", "antares", {}, messenger="NU"),
    _of_gcn("moa", "moa", gcn.MOA),
    _of_gcn("ogle", "ogle", gcn.OGLE),
    _of_gcn("hete", "hete", gcn.HETE),
    _of_gcn("gwhen", "gwhen", {}, messenger="NU"),
    Mission(("gaia.cam.uk", "voevent.4pisky.org/gaia"), frozenset(), by_ivorn("gaia")),
    Mission(("voevent.4pisky.org/asassn",), frozenset(), by_ivorn("asassn", name="id_assasn")),
)
ANY_OTHER = Mission((), frozenset(), by_ivorn(UNKNOWN))


def mission_of(packet: Packet) -> Mission:
    """Say whose packet it is: by the ivorn, and where that tells nothing by the notice type."""
    by_place = next((one for one in MISSIONS if packet.place.startswith(one.places)), None)
    return by_place or next((one for one in MISSIONS if packet.packet_type in one.types), ANY_OTHER)
