"""Fast radio bursts of CHIME/FRB."""

from coordinator.alerts.alert import Localization, Phase
from coordinator.alerts.voevent.generic import key_by_citation
from coordinator.alerts.voevent.packet import Packet
from coordinator.alerts.voevent.reading import Reading, named, numbers_of
from coordinator.alerts.voevent.where import locate

KINDS = {
    "detection": Phase.INITIAL,
    "subsequent": Phase.INITIAL,
    "update": Phase.UPDATE,
    "retraction": Phase.RETRACTION,
}
"""A subsequent burst of a repeater is an event of its own."""

CONTAINMENT = 0.95


def read(packet: Packet) -> Reading:
    """Read one notice, known by its event number, or where it has none by the notices that it cites."""
    number = packet.one("event_no")
    kind = next((word for word in KINDS if f"frb-{word}" in packet.ivorn.lower()), None)
    return Reading(
        stream="chime",
        event_key=key_by_citation(packet) if number is None else f"chime:{number}",
        name=packet.value("tns_name", "event_tns_name") or named(packet, f"CHIME/FRB {number or packet.local}"),
        phase=KINDS.get(kind or ""),
        stage=kind,
        properties=numbers_of(packet, dm_pc_cm3="dm", snr="snr"),
        instruments=("CHIME",),
        localization=_where(packet),
    )


def _where(packet: Packet) -> Localization:
    """Make an ellipse along right ascension and declination of the two errors that CHIME states."""
    found = locate(packet, containment=CONTAINMENT)
    along_ra, along_dec = packet.number("pos_error_semiminor_deg_95"), packet.number("pos_error_semimajor_deg_95")
    if found.kind not in ("cone", "point") or not along_ra or not along_dec or min(along_ra, along_dec) < 0:
        return found
    return Localization(
        "ellipse",
        ra_deg=found.ra_deg,
        dec_deg=found.dec_deg,
        half_axes_deg=(max(along_ra, along_dec), min(along_ra, along_dec)),
        position_angle_deg=0.0 if along_dec >= along_ra else 90.0,
        containment=CONTAINMENT,
    )
