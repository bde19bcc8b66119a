"""Plans that were made of an event, and what changed from one to the next: from the journal and the plans' records."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from coordinator.dashboard.board import Board
from coordinator.dashboard.problems import not_found
from coordinator.dispatch.facts import PlanMade
from coordinator.services.facts import fact_of
from coordinator.services.journal import Only
from telescopes.description.errors import Refused

View = dict[str, Any]
PLAN = "plan_made"
READ_AT_ONCE = 5000
MOST_READ = 50_000
"""Entries that one question looks through, backwards."""


@dataclass(frozen=True, slots=True)
class Made:
    """One plan of the journal."""

    seq: int
    recorded_at: datetime
    sky_time: datetime
    fact: PlanMade


async def plans_of(board: Board, event: str, before: int | None, limit: int) -> tuple[list[Made], int | None]:
    """Return plans of an event, the newest first, made before an entry of the journal.

    Returns
    -------
    plans : list of Made
        So many at most.
    before : int or None
        From where to look on; None: there are no more.
    """
    upto = board.seq if before is None else min(before - 1, board.seq)
    found: list[Made] = []
    low = upto
    while low > 0 and len(found) < limit and upto - low < MOST_READ:
        first = max(0, low - READ_AT_ONCE)
        tail = await board.port.journal.read(first, only=Only(frozenset({PLAN}), None), limit=READ_AT_ONCE)
        found += [
            Made(s.seq, s.recorded_at, s.entry.sky_time, fact)
            for s in reversed(tail.entries)
            if s.seq <= low and event in (fact := fact_of(s.entry)).events
        ]
        low = first
    more = found[limit - 1].seq if len(found) > limit else low + 1 if low > 0 else None
    return found[:limit], more


def plan_row(made: Made, event: str) -> View:
    """Return a plan as it stands in the journal; what changed counts all its events."""
    fact = made.fact
    return {
        "seq": made.seq,
        "plan": fact.plan_id,
        "made_at": _iso(made.recorded_at),
        "sky_time": _iso(made.sky_time),
        "because": fact.because,
        "planned": fact.planned.get(event),
        "changes": {name: getattr(fact, name) for name in ("kept", "moved", "added", "withdrawn")},
        "events": list(fact.events),
    }


async def plan_view(board: Board, event: str, seq: int) -> View:
    """Return one plan of an event: its figures, what each telescope does in it, and what changed since the one before.

    Raises
    ------
    Refused
        That entry is no plan of this event, or its record is gone.
    """
    made, _ = await plans_of(board, event, seq + 1, 2)
    if not made or made[0].seq != seq:
        raise not_found("plan", str(seq))
    record = await _record(board, made[0])
    mine = next((e for e in record["events"] if e["key"] == event), None)
    earlier = None if len(made) < 2 else await _record(board, made[1])
    return {
        **plan_row(made[0], event),
        "start": record["start"],
        "end": record["end"],
        "figures": None if mine is None else mine["figures"],
        "telescopes": [] if mine is None else mine["telescopes"],
        "unplanned": record["unplanned"],
        "before": None if len(made) < 2 else made[1].seq,
        "since": None if earlier is None else difference(earlier, record, event),
    }


async def _record(board: Board, made: Made) -> View:
    data: View = msgspec.json.decode(await board.port.blobs.get(made.fact.plan_sha256))
    if "pointings" not in data or "events" not in data:
        raise Refused("is no plan's record", where=made.fact.plan_sha256, mend="restore the blob from a copy")
    return {"start": None, "end": None, "unplanned": [], **data, "events": [_whole(e) for e in data["events"]]}


def _whole(event: View) -> View:
    return {"figures": None, "telescopes": [], **event}


def difference(before: View, after: View, event: str) -> View:
    """Say what became of the pointings of an event from one plan's record to the next.

    What had started when the later plan begins is no part of either.
    """
    begin = after["start"] or ""
    old = {p["id"]: p for p in before["pointings"] if p["event"] == event and p["start"] >= begin}
    new = {p["id"]: p for p in after["pointings"] if p["event"] == event}
    gone, come = [old[i] for i in old.keys() - new.keys()], [new[i] for i in new.keys() - old.keys()]
    places = {_place(p): p for p in gone}
    moved = [(places[_place(p)], p) for p in come if _place(p) in places]
    moved_from = {a["id"] for a, _ in moved}
    moved_to = {b["id"] for _, b in moved}
    return {
        "kept": len(old.keys() & new.keys()),
        "moved": [_said(b) | {"was_at": a["start"]} for a, b in sorted(moved, key=lambda m: _order(m[1]))],
        "added": [_said(p) for p in sorted(come, key=_order) if p["id"] not in moved_to],
        "withdrawn": [_said(p) for p in sorted(gone, key=_order) if p["id"] not in moved_from],
    }


def _place(p: View) -> tuple[Any, ...]:
    return p["telescope"], p["visit"], p["ra_deg"], p["dec_deg"]


def _order(p: View) -> tuple[str, str]:
    return p["start"], p["id"]


def _said(p: View) -> View:
    return {name: p[name] for name in ("id", "telescope", "visit", "ra_deg", "dec_deg", "start", "new_probability")}


def _iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
