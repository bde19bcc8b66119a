"""Journal entries as server-sent events: which topic, which thing, no more; never HTML."""

import msgspec

from coordinator.dashboard.hub import Frame
from coordinator.services.journal import Stored

DATA_LIMIT_BYTES = 1024
TOPICS = {
    "event_revised": "revision",
    "event_retracted": "revision",
    "event_decided": "revision",
    "plan_made": "plan",
    "session_opened": "telescope",
    "telescope_status_changed": "telescope",
    "operator_acted": "telescope",
    "detections_stored": "candidate",
    "candidates_scored": "candidate",
    "follow_up_requested": "candidate",
    "follow_up_ended": "candidate",
    "neighbours_found": "candidate",
    "alert_received": "event",
    "alert_map_joined": "event",
    "alert_quarantined": "event",
    "quarantine_read": "event",
    "sky_clock_set": "clock-set",
}
"""Kinds that begin with ``pointing_`` are "pointing"; everything else is "log"."""


def topic_of(kind: str) -> str:
    """Return the name of the server-sent event that carries a kind of entry."""
    return "pointing" if kind.startswith("pointing_") else TOPICS.get(kind, "log")


def frame_of(stored: Stored) -> Frame:
    """Encode an entry; ids that would not fit are left out, the number and kind always stay."""
    entry = stored.entry
    data = msgspec.json.encode(
        {
            "seq": stored.seq,
            "kind": entry.kind,
            "event": entry.event,
            "telescope": entry.telescope,
            "subject": entry.subject,
        }
    )
    if len(data) > DATA_LIMIT_BYTES:
        data = msgspec.json.encode({"seq": stored.seq, "kind": entry.kind[:100]})
    return Frame(stored.seq, b"id: %d\nevent: %s\ndata: %s\n\n" % (stored.seq, topic_of(entry.kind).encode(), data))
