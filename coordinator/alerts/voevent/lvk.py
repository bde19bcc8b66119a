"""Gravitational-wave notices as VOEvents, O2 to O4 (LIGO, Virgo, KAGRA; ended in July 2026)."""

from coordinator.alerts.alert import Localization, Phase, Purpose
from coordinator.alerts.fields import not_negative
from coordinator.alerts.purpose import purpose_of_id
from coordinator.alerts.voevent.packet import Packet, refused
from coordinator.alerts.voevent.reading import Reading
from coordinator.alerts.voevent.where import locate

PHASES = {
    "earlywarning": Phase.EARLY_WARNING,
    "preliminary": Phase.PRELIMINARY,
    "initial": Phase.INITIAL,
    "update": Phase.UPDATE,
    "retraction": Phase.RETRACTION,
}
PHASES_OF_TYPES = {
    163: Phase.EARLY_WARNING,
    150: Phase.PRELIMINARY,
    151: Phase.INITIAL,
    152: Phase.UPDATE,
    164: Phase.RETRACTION,
}
COUNTERPART = 154
MAPS = ("skymap_fits", "skymap_fits_shib", "skymap_fits_basic", "skymap_fits_x509")
"""O2 gave three doors to one file; the first that the notice names is taken."""

SOURCE_CHANCES = {"HasNS": "ProbHasNS", "HasRemnant": "ProbHasRemnant"}
"""Names of today, and those of O2."""

EXTERNAL = {
    "gcn_notice_id": "External_GCN_Notice_Id",
    "ivorn": "External_Ivorn",
    "time_difference": "Time_Difference",
    "time_coincidence_far": "Time_Coincidence_FAR",
    "time_sky_position_coincidence_far": "Time_Sky_Position_Coincidence_FAR",
    "combined_skymap": "joint_skymap_fits",
}
"""Names of the JSON notices, and those of the VOEvents."""


def read(packet: Packet) -> Reading:
    """Read one notice; what it is the notice type and AlertType say, never what it cites.

    Raises
    ------
    Refused
        It names no event.
    """
    superevent = packet.one("GraceID")
    if superevent is None:
        raise refused("LVK VOEvent without GraceID")
    if packet.packet_type == COUNTERPART:
        return _counterpart(packet, superevent)
    phase = _phase(packet)
    return Reading(
        stream="lvk",
        event_key=f"lvk:{superevent}",
        name=superevent,
        messenger="GW",
        phase=phase,
        stage=packet.value("AlertType"),
        revision_number=packet.integer("Pkt_Ser_Num"),
        significant=_significant(packet),
        far_hz=not_negative(packet.number("FAR")),
        classification=packet.numbers_in("Classification"),
        properties=_properties(packet),
        instruments=tuple(filter(None, (packet.value("Instruments") or "").replace(" ", "").split(",")))[:16],
        localization=Localization("none") if phase is Phase.RETRACTION else _where(packet),
        pages=tuple(filter(None, [packet.value("EventPage")])),
        external_coincidence=_external(packet),
        markers=tuple(_markers(packet, superevent)),
        test_role_means=_test_role_means(superevent),
    )


def _phase(packet: Packet) -> Phase | None:
    word = (packet.value("AlertType") or "").lower().replace("_", "").replace("-", "")
    said = [PHASES.get(word), PHASES_OF_TYPES.get(packet.packet_type or 0)]
    if Phase.RETRACTION in said or packet.says("Retraction"):
        return Phase.RETRACTION
    return next(filter(None, said), None)


def _where(packet: Packet) -> Localization:
    url = packet.value(*MAPS)
    return Localization("none") if url is None else Localization("link", url=url)


def _significant(packet: Packet) -> bool | None:
    return True if packet.says("Significant") else False if packet.denies("Significant") else None


def _properties(packet: Packet) -> dict[str, float]:
    old = {name: packet.number(param) for name, param in SOURCE_CHANCES.items()}
    return {name: value for name, value in old.items() if value is not None} | packet.numbers_in("Properties")


def _markers(packet: Packet, superevent: str) -> list[Purpose | None]:
    """Id, search, group and the flag of a hardware injection; part of a word is no marker (`O2VirgoTest`)."""
    of_id = purpose_of_id(superevent)
    found: list[Purpose | None] = [] if of_id in (None, Purpose.OBSERVATION) else [of_id]
    found += [Purpose.MOCK for param in packet.all("Search") if _word(param.value) == "mdc"]
    found += [Purpose.TEST for param in packet.all("Group") if _word(param.value) == "test"]
    found += [Purpose.TEST for param in packet.all("AlertType") if _word(param.value) == "test"]
    return found + [Purpose.INJECTION] * packet.says("HardwareInj")


def _test_role_means(superevent: str) -> Purpose:
    """A mock superevent always comes under role="test"; the role then says no more than the id."""
    return Purpose.MOCK if purpose_of_id(superevent) is Purpose.MOCK else Purpose.TEST


def _external(packet: Packet) -> str | None:
    """Say in one line with what the event coincides, in the words of the JSON notices."""
    what = " ".join(filter(None, (packet.value("External_Observatory"), packet.value("External_Search"))))
    said = ((name, packet.value(param)) for name, param in EXTERNAL.items())
    parts = [what, *(f"{name}={value}" for name, value in said if value is not None)]
    return ", ".join(filter(None, parts)) or None


def _counterpart(packet: Packet, superevent: str) -> Reading:
    """Read what another telescope saw: its place is not the sky of the gravitational wave, so it is its own event."""
    return Reading(
        stream="lvk.counterpart",
        event_key=f"lvk.counterpart:{packet.local}",
        name=f"counterpart of {superevent}",
        phase=Phase.DETECTION,
        stage=packet.value("AlertType") or "Counterpart",
        revision_number=packet.integer("Pkt_Ser_Num"),
        localization=locate(packet),
        external_coincidence=f"lvk:{superevent}",
        markers=tuple(_markers(packet, superevent)),
        test_role_means=_test_role_means(superevent),
    )


def _word(value: str | None) -> str:
    return (value or "").strip().lower()
