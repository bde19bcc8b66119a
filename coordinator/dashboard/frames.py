"""Journal entries as server-sent events: which topic, which thing, no more; never HTML."""

from typing import Any

import msgspec

from coordinator.dashboard.hub import Frame
from coordinator.dashboard.text import UNKNOWN, word
from coordinator.services.journal import Stored

DATA_LIMIT_BYTES = 1024
TOPICS = {
    "event_revised": "revision",
    "event_retracted": "revision",
    "event_decided": "revision",
    "plan_made": "plan",
    "session_opened": "telescope",
    "telescope_status_changed": "telescope",
    "site_weather_told": "telescope",
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


def told_of(stored: Stored) -> dict[str, Any]:
    """Return what is told of an entry; ids that would not fit are left out, the number and kind always stay."""
    entry = stored.entry
    told = {
        "seq": stored.seq,
        "kind": entry.kind,
        "event": entry.event,
        "telescope": entry.telescope,
        "subject": entry.subject,
    }
    fits = len(msgspec.json.encode(told)) <= DATA_LIMIT_BYTES
    return told if fits else {"seq": stored.seq, "kind": entry.kind[:100]}


def frame_of(stored: Stored) -> Frame:
    """Encode an entry."""
    topic, data = topic_of(stored.entry.kind).encode(), msgspec.json.encode(told_of(stored))
    return Frame(stored.seq, b"id: %d\nevent: %s\ndata: %s\n\n" % (stored.seq, topic, data))


def newest_word(stored: Stored | None) -> str:
    """Write an entry in a line, as `static/newest.js` writes what it hears; None: there is none yet."""
    if stored is None:
        return f"newest {UNKNOWN}"
    told = told_of(stored)
    about = (word(told["kind"]), told.get("telescope"), told.get("subject") or told.get("event"))
    return f"newest #{stored.seq} {' · '.join(part for part in about if part)}"
