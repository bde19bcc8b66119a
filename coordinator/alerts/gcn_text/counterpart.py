"""Counterparts of gravitational waves that observers report through GCN: a lead, for it is nobody's alert."""

from coordinator.alerts.canonical import digest
from coordinator.alerts.event_names import event_named
from coordinator.alerts.fields import text
from coordinator.alerts.gcn_text.layout import Fields, angle_deg, issued, radius_deg
from coordinator.alerts.leads import Leads, ReportedPosition
from coordinator.alerts.message import Message
from coordinator.alerts.place import wrong_with

FORMAT = "gcn text notice"
REASON = "a counterpart that an observer reports: leads only, never facts"


def counterpart(message: Message, fields: Fields) -> Leads:
    """Return what is reported: the event, the place, who saw it."""
    event = event_named(fields.get("EVENT_TRIG_NUM"))
    ra_deg, dec_deg = angle_deg(fields, "CNTRPART_RA"), angle_deg(fields, "CNTRPART_DEC")
    error = radius_deg(fields.get("CNTRPART_ERROR"))
    source = text(f"{fields.get('TELESCOPE')} source {fields.get('SOURCE_SERNUM')}", 64)
    places = []
    if ra_deg is not None and dec_deg is not None and wrong_with(ra_deg, dec_deg) is None:
        places.append(ReportedPosition(ra_deg, dec_deg, error_deg=error, name=source))
    return Leads(
        source=message.source,
        format=FORMAT,
        stream="gcn.counterpart",
        notice_id=f"gcn.counterpart:{digest([*fields.lines.items()])}",
        reason=REASON,
        title=text(f"{fields.get('NOTICE_TYPE')} counterpart of {fields.get('EVENT_TRIG_NUM')}"),
        name=event.name if event else text(fields.get("EVENT_TRIG_NUM"), 64),
        event_key=event.key if event else None,
        raw_sha256=message.raw_sha256,
        t_issued=issued(fields.get("NOTICE_DATE")),
        positions=tuple(places),
        file=message.name or None,
    )
