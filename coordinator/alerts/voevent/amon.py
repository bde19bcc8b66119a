"""Neutrinos and what coincides with them: IceCube, and the AMON network with ANTARES and HAWC."""

from coordinator.alerts.alert import Localization, Phase
from coordinator.alerts.gcn_stages import ICECUBE
from coordinator.alerts.voevent.packet import Packet, Param, number_in
from coordinator.alerts.voevent.reading import Reading, key_by_time, named, numbers_of
from coordinator.alerts.voevent.where import locate

NETWORK = {
    157: ("amon.icecube_coinc", "ICECUBE_COINC", "NU"),
    159: ("amon.test", "TEST", "NU"),
    170: ("amon.antares_fermilat", "ANTARES_FERMILAT_COINC", "NU"),
    171: ("hawc", "HAWC_BURST", "EM"),
    172: ("amon.nu_em", "NU_EM_COINC", "NU"),
}
KIND_IN_IVORN = (
    ("icecube_gold", 173),
    ("icecube_bronze", 174),
    ("icecube_cascade", 176),
    ("icecube_hese", 158),
    ("icecube_ehe", 169),
    ("icecube_coinc", 157),
    ("antares_fermi", 170),
    ("hawc", 171),
    ("nu_em", 172),
)
TYPES = frozenset({*ICECUBE, *NETWORK})
SATURATED = frozenset({"2147483647", "-1", "0"})
"""Ids that did not fit into 32 bits, or were not given: they name nothing."""

YEAR_S = 365.25 * 86400
RADII = {"90": 0.9, "50": 0.5}
SAME_RADIUS = 1e-3
"""Radii are written with four digits; equal within this many degrees is equal."""


def read(packet: Packet) -> Reading:
    """Read one notice: of IceCube under its run and event, of the network under its own id."""
    kind = packet.packet_type if packet.packet_type in TYPES else _kind_in_ivorn(packet)
    stream, stage, messenger = ("icecube", ICECUBE[kind], "NU") if kind in ICECUBE else _network(kind, packet)
    revision = packet.integer("Rev")
    key = _key(packet, stream)
    return Reading(
        stream=stream,
        event_key=key,
        name=named(packet, packet.value("event_name") or _date_name(packet, stream, key)),
        messenger=messenger,
        phase=None if revision is None else Phase.INITIAL if revision <= 0 else Phase.UPDATE,
        stage=stage,
        revision_number=revision,
        far_hz=_far_hz(packet),
        properties=numbers_of(packet, p_astro="signalness", energy_tev="energy", charge_pe="charge"),
        instruments=("IceCube",) if stream == "icecube" else (),
        localization=_where(packet),
        native_ids=_native_ids(packet, key),
    )


def _kind_in_ivorn(packet: Packet) -> int | None:
    local = packet.local.lower()
    return next((kind for words, kind in KIND_IN_IVORN if words in local), None)


def _network(kind: int | None, packet: Packet) -> tuple[str, str | None, str]:
    return NETWORK.get(kind or 0, ("amon", packet.local.partition("_Event")[0][:64] or None, "NU"))


def _key(packet: Packet, stream: str) -> str:
    run, event = packet.integer("run_id"), packet.integer("event_id")
    if run is not None and event is not None and (run > 0 or event > 0):
        return f"{stream}:{run}_{event}"
    named_by = packet.one("AMON_ID") or packet.one("TrigID")
    if named_by is None or named_by in SATURATED:
        return key_by_time(packet, stream)
    return f"{stream}:{named_by}"


def _native_ids(packet: Packet, key: str) -> tuple[str, ...]:
    amon, name = packet.one("AMON_ID"), packet.value("event_name")
    found = [f"amon:{amon}" if amon and amon not in SATURATED else None, f"name:{name}" if name else None]
    return tuple(one for one in found if one is not None and one != key)


def _date_name(packet: Packet, stream: str, key: str) -> str:
    """IceCube events are known by their date; the letter behind it only people give."""
    return f"IceCube-{packet.t0:%y%m%d}" if stream == "icecube" and packet.t0 is not None else key


def _far_hz(packet: Packet) -> float | None:
    """Return the false-alarm rate, which is given a year or a second as its unit says."""
    for param in packet.all("FAR"):
        value, unit = number_in(param.value), param.unit.lower()
        if value is not None and value >= 0:
            if unit.startswith(("yr", "1/yr", "/yr", "per yr")):
                return value / YEAR_S
            if unit in ("hz", "s^-1", "1/s"):
                return value
    return None


def _where(packet: Packet) -> Localization:
    """Find out which of the stated radii the position carries, and what it is said to hold."""
    named_radius = _named_radius(packet)
    said = "" if named_radius is None else named_radius.description.lower()
    return locate(
        packet,
        containment=None if named_radius is None else RADII[named_radius.name[-2:]],
        systematic_included=False if "statistical only" in said else True if "systematic" in said else None,
        url=packet.value("skymap_fits", "skymap_multiorder", "healpix_url"),
    )


def _named_radius(packet: Packet) -> Param | None:
    radius = packet.position.radius if packet.position else None
    for param in packet.params:
        if param.name.lower().startswith("src_error") and param.name[-2:] in RADII and radius:
            value = number_in(param.value)
            if value is not None and abs(value - radius) < SAME_RADIUS:
                return param
    return None
