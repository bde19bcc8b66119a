"""Plans that were made of an event, and what changed from one to the next: from its history and the plans' records."""

from bisect import bisect_right
from typing import Any

import msgspec

from coordinator.dashboard.board import Board
from coordinator.dashboard.problems import not_found
from coordinator.dashboard.sky.history import Histories
from coordinator.dashboard.views import iso
from telescopes.description.errors import Refused

View = dict[str, Any]


async def plans_of(
    board: Board, histories: Histories, event: str, before: int | None, limit: int
) -> tuple[list[View], int | None]:
    """Return plans of an event, the newest first, made before an entry of the journal.

    Returns
    -------
    plans : list of dict
        So many at most, as its history has them.
    before : int or None
        From where to look on; None: there are no more.
    """
    plans = (await histories.of(event)).plans
    upto = board.seq if before is None else min(before - 1, board.seq)  # a history may be ahead of the page
    end = bisect_right(plans, upto, key=lambda p: int(p["seq"]))
    found = plans[max(0, end - limit) : end][::-1]
    return found, found[-1]["seq"] if end > limit else None


def plan_row(made: View) -> View:
    """Return a plan as it stands in the journal; what changed counts all its events."""
    return {
        "seq": made["seq"],
        "plan": made["plan"],
        "made_at": iso(made["made_at"]),
        "sky_time": iso(made["at"]),
        "because": made["because"],
        "planned": made["planned"],
        "changes": {name: made[name] for name in ("kept", "moved", "added", "withdrawn")},
        "events": made["events"],
    }


async def plan_view(board: Board, histories: Histories, event: str, seq: int) -> View:
    """Return one plan of an event: its figures, what each telescope does in it, and what changed since the one before.

    Raises
    ------
    Refused
        That entry is no plan of this event, or its record is gone.
    """
    made, _ = await plans_of(board, histories, event, seq + 1, 2)
    if not made or made[0]["seq"] != seq:
        raise not_found("plan", str(seq))
    record = await _record(board, made[0])
    mine = next((e for e in record["events"] if e["key"] == event), None)
    earlier = None if len(made) < 2 else await _record(board, made[1])
    return {
        **plan_row(made[0]),
        "start": record["start"],
        "end": record["end"],
        "figures": None if mine is None else mine["figures"],
        "telescopes": [] if mine is None else mine["telescopes"],
        "unplanned": record["unplanned"],
        "before": None if len(made) < 2 else made[1]["seq"],
        "since": None if earlier is None else difference(earlier, record, event),
    }


async def _record(board: Board, made: View) -> View:
    data: View = msgspec.json.decode(await board.port.blobs.get(made["plan_sha256"]))
    if "pointings" not in data or "events" not in data:
        raise Refused("is no plan's record", where=made["plan_sha256"], mend="restore the blob from a copy")
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
