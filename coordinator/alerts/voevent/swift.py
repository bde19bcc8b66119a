"""Swift notices of BAT, XRT and UVOT."""

from dataclasses import replace

from coordinator.alerts.alert import Localization
from coordinator.alerts.gcn_stages import NINETY, SWIFT, SWIFT_BELOW_THRESHOLD, SWIFT_OF_THEIR_OWN
from coordinator.alerts.voevent.packet import Packet
from coordinator.alerts.voevent.reading import Reading, key_by_trigger, named, numbers_of
from coordinator.alerts.voevent.where import locate

BAT_NACK = 62
TYPES = frozenset({*SWIFT, 46, 47, 83, 103})
NO_PLACE = frozenset({60, BAT_NACK, 63, 65, 66, 71, 76, 89, 90, 91, 92, 93, 94, 95, 96})
"""Alerts, light curves, slews, and words that an instrument found nothing: what position they carry is not theirs."""

CATALOGUES = ("Target_in_Flt_Catalog", "Target_in_Gnd_Catalog", "Target_in_Blk_Catalog")
LOST_LOCK = "the star tracker had lost its lock: neither position nor trigger is to be trusted"


def read(packet: Packet) -> Reading:
    """Read one notice of a trigger.

    The time of an XRT or UVOT notice is that of its observation, not of the burst.
    """
    key = key_by_trigger(packet, "swift", packet.one("TrigID"))
    kind = packet.packet_type or 0
    return Reading(
        stream="swift",
        event_key=key,
        name=named(packet, key),
        stage=SWIFT.get(kind),
        significant=False if kind in SWIFT_BELOW_THRESHOLD else None,
        properties=numbers_of(packet, rate_sigma="Rate_Signif", image_sigma="Image_Signif"),
        instruments=_instruments(SWIFT.get(kind)),
        localization=_where(packet, kind),
        no_event=_no_burst(packet, kind),
    )


def _where(packet: Packet, kind: int) -> Localization:
    if kind in NO_PLACE:
        return Localization("none")
    instruments = _instruments(SWIFT.get(kind))
    found = locate(
        packet,
        containment=NINETY if instruments else None,
        systematic_included=None if not instruments else instruments != ("BAT",),
        zero_means_none=kind not in SWIFT_OF_THEIR_OWN,
    )
    return _warned(found, LOST_LOCK) if packet.says("StarTrack_Lost_Lock") else found


def _warned(where: Localization, warning: str) -> Localization:
    """Return a place with a warning, if it is one."""
    return where if where.kind == "none" else replace(where, warnings=(*where.warnings, warning))


def _instruments(stage: str | None) -> tuple[str, ...]:
    instrument = (stage or "").partition("_")[0]
    return (instrument,) if instrument in ("BAT", "XRT", "UVOT") else ()


def _no_burst(packet: Packet, kind: int) -> str | None:
    """Say why the notice itself takes its trigger for no burst; None: it does not."""
    if kind == BAT_NACK:
        return "BAT found no source, says the notice"
    if packet.says("Def_NOT_a_GRB"):
        return "definitely not a GRB, says the notice"
    if packet.says(*CATALOGUES) and packet.denies("GRB_Identified"):
        return f"a source of the catalogue ({named(packet, 'unnamed')}), says the notice"
    return None
