"""How long the last events took from alert to decision and first offer, by the journal's own times (pure)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from coordinator.dashboard.arrivals import DECIDED, RECEIVED, Noted
from coordinator.dashboard.views import iso

EVENTS = 10


def delays(by_event: Mapping[str, Sequence[Noted]], offered: Mapping[str, datetime]) -> list[dict[str, Any]]:
    """Return a row an event, the newest first, of the last few that came by an alert; null: not yet.

    Parameters
    ----------
    by_event : mapping
        Notices and decisions, oldest first.
    offered : mapping
        When the first pointing of each was recorded to be offered.
    """
    first = {key: one for key, noted in by_event.items() if (one := _first(noted, RECEIVED)) is not None}
    newest = sorted(first.items(), key=lambda pair: pair[1].seq, reverse=True)[:EVENTS]
    return [
        {
            "event": key,
            "name": alert.says.get("name"),
            "seq": alert.seq,
            "received_at": iso(alert.recorded_at),
            "decided_s": _seconds(alert, decided.recorded_at if (decided := _first(by_event[key], DECIDED)) else None),
            "offered_s": _seconds(alert, offered.get(key)),
        }
        for key, alert in newest
    ]


def _first(noted: Sequence[Noted], kind: str) -> Noted | None:
    return next((one for one in noted if one.kind == kind), None)


def _seconds(alert: Noted, at: datetime | None) -> float | None:
    return None if at is None else round((at - alert.recorded_at).total_seconds(), 3)
