"""SVOM notices: GRM, ECLAIRs, MXT and VT."""

from coordinator.alerts.alert import Phase
from coordinator.alerts.voevent.packet import Packet
from coordinator.alerts.voevent.reading import Reading, numbers_of
from coordinator.alerts.voevent.where import locate

CATALOGUE = 203
RETRACTION = 219
STAGES = {
    201: "GRM trigger",
    202: "ECLAIRs wake-up",
    CATALOGUE: "ECLAIRs catalogue",
    204: "slewing",
    205: "not slewing",
    209: "MXT initial",
    210: "MXT update",
    211: "VT",
    RETRACTION: "retraction",
}
TYPES = frozenset(range(201, 220))
CONTAINMENT = 0.9
"""Radii are R90 (SVOM science centre, notices and circulars)."""


def read(packet: Packet) -> Reading:
    """Read one notice; each instrument has its own time, and all share the burst's id."""
    burst = packet.one("Burst_Id") or packet.local.partition("_")[0]
    kind = packet.packet_type or 0
    retracts = kind == RETRACTION or packet.local.lower().endswith("_retraction")
    instrument = packet.value("Instrument")
    return Reading(
        stream="svom",
        event_key=f"svom:{burst}",
        name=burst,
        phase=Phase.RETRACTION if retracts else None,
        stage="retraction" if retracts else STAGES.get(kind) or _word_in_ivorn(packet),
        revision_number=packet.integer("Pkt_Ser_Num"),
        properties=numbers_of(packet, snr="SNR", timescale_s="Timescale"),
        instruments=(instrument,) if instrument else (),
        localization=locate(packet, containment=CONTAINMENT),
        no_event=f"a source of the catalogue ({packet.value('Source_Name')})" if kind == CATALOGUE else None,
    )


def _word_in_ivorn(packet: Packet) -> str | None:
    """Return the kind of a notice as its ivorn spells it, as in `sb26051102_vt-update`."""
    return packet.local.partition("_")[2][:64] or None
