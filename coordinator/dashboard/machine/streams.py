"""Every alert stream that is configured or that the journal spoke of, with how it is and who says so (pure)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from coordinator.dashboard.arrivals import Heard
from coordinator.dashboard.views import iso

Row = dict[str, Any]
BY_ACTOR, BY_JOURNAL = "its actor", "the journal"


def stream_rows(
    configured: Sequence[tuple[str, str]] | None,
    says: Mapping[str, Row],
    noted: Mapping[str, Row],
    heard: Mapping[str, Heard],
    now: datetime,
) -> list[Row]:
    """Return a row a stream, by id; null is what nobody tells.

    Parameters
    ----------
    configured : sequence of (id, kind), optional
        Those of the configuration; None: it is not known here.
    says : mapping
        What each stream's actor says of itself at `now`.
    noted : mapping
        How each was when the journal last spoke of its state.
    heard : mapping
        The last entry that each wrote.
    """
    kinds = dict(configured or ())
    every = sorted({*kinds, *says, *noted, *heard})
    return [
        {
            "id": id,
            "kind": kinds.get(id),
            "configured": None if configured is None else id in kinds,
            **_state(says.get(id), noted.get(id)),
            "last_message_at": _last_message(says.get(id), now),
            "last_entry": _last_entry(heard.get(id)),
            "counts": (says.get(id) or {}).get("counts"),
        }
        for id in every
    ]


def _state(says: Row | None, noted: Row | None) -> Row:
    """Its actor knows best; else what the journal said last."""
    if says is not None and "state" in says:
        return {"state": says["state"], "because": says.get("because"), "state_by": BY_ACTOR, "state_since": None}
    if noted is None:
        return {"state": None, "because": None, "state_by": None, "state_since": None}
    said = {"state": noted.get("state"), "because": noted.get("because")}
    return {**said, "state_by": BY_JOURNAL, "state_since": noted.get("since")}


def _last_message(says: Row | None, now: datetime) -> str | None:
    age_s = None if says is None else says.get("last_message_age_s")
    return None if age_s is None else iso(now - timedelta(seconds=age_s))


def _last_entry(heard: Heard | None) -> Row | None:
    return None if heard is None else {"seq": heard.seq, "kind": heard.kind, "at": iso(heard.recorded_at)}
