"""Swift notices of BAT, XRT and UVOT."""

from dataclasses import replace

from coordinator.alerts.alert import Localization
from coordinator.alerts.voevent.packet import Packet
from coordinator.alerts.voevent.reading import Reading, key_by_trigger, named, numbers_of
from coordinator.alerts.voevent.where import locate

BAT_NACK = 62
STAGES = {
    60: "BAT_ALERT",
    61: "BAT_POS",
    BAT_NACK: "BAT_NACK",
    63: "BAT_LIGHTCURVE",
    64: "BAT_SCALEDMAP",
    65: "FOM_OBS",
    66: "SC_SLEW",
    67: "XRT_POS",
    68: "XRT_SPECTRUM",
    69: "XRT_IMAGE",
    70: "XRT_LIGHTCURVE",
    71: "XRT_NACK",
    72: "UVOT_IMAGE",
    73: "UVOT_SRC_LIST",
    76: "BAT_LIGHTCURVE_PROC",
    77: "XRT_SPECTRUM_PROC",
    78: "XRT_IMAGE_PROC",
    79: "UVOT_IMAGE_PROC",
    80: "UVOT_SRC_LIST_PROC",
    81: "UVOT_POS",
    82: "BAT_POS_TEST",
    84: "BAT_TRANS",
    85: "XRT_THRESHPIX",
    86: "XRT_THRESHPIX_PROC",
    87: "XRT_SPER",
    88: "XRT_SPER_PROC",
    89: "UVOT_NACK",
    90: "BAT_ALARM_SHORT",
    91: "BAT_ALARM_LONG",
    92: "UVOT_EMERGENCY",
    93: "XRT_EMERGENCY",
    94: "FOM_ARG_ERR",
    95: "FOM_SAFE_POINT",
    96: "FOM_SLEW_ABORT",
    97: "BAT_QUICKLOOK",
    98: "BAT_SUBTHRESHOLD",
    99: "BAT_SLEW_POS",
    133: "BAT_MONITOR",
    140: "BAT_SUBSUB",
    141: "BAT_KNOWN",
}
TYPES = frozenset({*STAGES, 46, 47, 83, 103})
BELOW_THRESHOLD = frozenset({98, 140})
NO_PLACE = frozenset({60, BAT_NACK, 63, 65, 66, 71, 76, 89, 90, 91, 92, 93, 94, 95, 96})
"""Alerts, light curves, slews, and words that an instrument found nothing: what position they carry is not theirs."""

OF_THEIR_OWN = frozenset({61, 67, 81, 82, 84, 97, 98, 99, 133, 140, 141})
CONTAINMENT = 0.9
"""Radii of all three instruments hold 90 %; those of BAT are statistical only (GCN/Swift notices, section 7)."""

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
        stage=STAGES.get(kind),
        significant=False if kind in BELOW_THRESHOLD else None,
        properties=numbers_of(packet, rate_sigma="Rate_Signif", image_sigma="Image_Signif"),
        instruments=_instruments(STAGES.get(kind)),
        localization=_where(packet, kind),
        no_event=_no_burst(packet, kind),
    )


def _where(packet: Packet, kind: int) -> Localization:
    if kind in NO_PLACE:
        return Localization("none")
    instruments = _instruments(STAGES.get(kind))
    found = locate(
        packet,
        containment=CONTAINMENT if instruments else None,
        systematic_included=None if not instruments else instruments != ("BAT",),
        zero_means_none=kind not in OF_THEIR_OWN,
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
