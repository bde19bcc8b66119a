"""All missions whose packets are understood, one line each; the first that a packet fits reads it."""

from collections.abc import Callable
from dataclasses import dataclass

from coordinator.alerts.voevent import amon, chime, fermi, integral, lvk, snews, svom, swift
from coordinator.alerts.voevent.by_trigger import by_trigger
from coordinator.alerts.voevent.generic import UNKNOWN, by_ivorn
from coordinator.alerts.voevent.packet import Packet
from coordinator.alerts.voevent.reading import Reading

GCN = "nasa.gsfc.gcn"
AGILE = {100: "WAKEUP", 101: "GROUND", 102: "REFINED", 105: "MCAL", 108: "TRANS", 109: "POS_TEST"}


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


def _of_gcn(word: str, stream: str, stages: dict[int, str], *, messenger: str = "EM", by_time: bool = False) -> Mission:
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
    _of_gcn("agile", "agile", AGILE),
    _of_gcn("maxi", "maxi", {134: "UNKNOWN", 135: "KNOWN", 136: "TEST"}),
    _of_gcn("konus", "konus", {59: "LIGHTCURVE"}, by_time=True),
    _of_gcn("suzaku", "suzaku", {148: "LIGHTCURVE"}),
    _of_gcn("calet", "calet", {160: "FLT_LIGHTCURVE", 161: "GND_LIGHTCURVE"}),
    _of_gcn("gecam", "gecam", {}),
    _of_gcn("antares", "antares", {}, messenger="NU"),
    _of_gcn("moa", "moa", {139: "LENSING"}),
    _of_gcn("ogle", "ogle", {137: "LENSING"}),
    _of_gcn("hete", "hete", {40: "ALERT", 41: "UPDATE", 42: "FINAL", 43: "GROUND", 44: "TEST"}),
    _of_gcn("gwhen", "gwhen", {}, messenger="NU"),
    Mission(("gaia.cam.uk", "voevent.4pisky.org/gaia"), frozenset(), by_ivorn("gaia")),
    Mission(("voevent.4pisky.org/asassn",), frozenset(), by_ivorn("asassn", name="id_assasn")),
)
ANY_OTHER = Mission((), frozenset(), by_ivorn(UNKNOWN))


def mission_of(packet: Packet) -> Mission:
    """Say whose packet it is: by the ivorn, and where that tells nothing by the notice type."""
    by_place = next((one for one in MISSIONS if packet.place.startswith(one.places)), None)
    return by_place or next((one for one in MISSIONS if packet.packet_type in one.types), ANY_OTHER)
