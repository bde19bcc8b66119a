"""The sky of an event as it is now: fields, candidates, sites, Sun and Moon; all of it, or what is new of it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from coordinator.dashboard import views
from coordinator.dashboard.board import Board
from coordinator.dashboard.pointings import still_planned
from coordinator.dashboard.sky.almanac import almanac
from coordinator.dashboard.sky.columns import Columns
from coordinator.dashboard.sky.packing import as_written, packed
from coordinator.events.event import Event
from coordinator.vetting.facts import ScoredCandidate

Scene = dict[str, Any]
UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
AHEAD = timedelta(hours=24)
SEARCH = timedelta(days=9)
"""So long after its T0 an event's Sun and Moon are told by the hour; of an older one those of now besides."""

OF_CANDIDATES = ("candidates_", "operator_acted")
OF_POINTINGS = "pointing_"
CHANGES_ALL = ("plan_made", "event_revised", "event_retracted", "coincidence_", "sky_clock_set", "alert_map_joined")


def epoch_of(event: Event) -> datetime:
    """Return the instant from which the event's times are counted: its T0, else 1970."""
    return event.t0 or UNIX_EPOCH


def whole_scene(board: Board, event: Event, candidates: Sequence[ScoredCandidate]) -> Scene:
    """Return everything that the sky of an event shows.

    Parameters
    ----------
    candidates : sequence of ScoredCandidate
        All of the event, best first.
    """
    now = board.clock.now()
    return {
        **_head(board, event),
        "whole": True,
        **_every(board, event).document(named=False),
        "candidates": candidate_columns(candidates),
        "telescopes": [_site(board, id) for id in sorted(board.port.telescopes)],
        "almanacs": [almanac(epoch_of(event), begin, end) for begin, end in _stretches(event.t0, now)],
    }


def names(board: Board, event: Event) -> Scene:
    """Return the ids of all fields of an event, each by what the scene knows it by."""
    told = _every(board, event).names()
    return {"as_of": views.as_of(board), "event": event.key, "plan_sha256": board.plan_sha256, **told}


def _every(board: Board, event: Event) -> Columns:
    columns = _columns(board, event)
    mine = board.state.pointings.of_event(event.key)
    for one in sorted(mine, key=lambda a: (a.telescope, a.offered.command_seq)):
        columns.add_offered(one, board.plan_row.get(one.id))
    for id in still_planned(board, event.key):
        columns.add_planned((board.planned or {})[id], board.plan_row[id])
    return columns


def _stretches(t0: datetime | None, now: datetime) -> list[tuple[datetime, datetime]]:
    """Return when Sun and Moon are asked for: from T0 on, and about now."""
    if t0 is None or now < t0:
        return [(now, now + AHEAD)]
    end = min(now + AHEAD, t0 + SEARCH)
    return [(t0, end)] if end == now + AHEAD else [(t0, end), (now - AHEAD, now + AHEAD)]


def news_since(board: Board, event: Event, after_seq: int, candidates: Sequence[ScoredCandidate]) -> Scene | None:
    """Return what is new after an entry; None: only the whole tells it."""
    kept = board.entries
    if after_seq > board.seq or (after_seq < board.seq and (not kept or kept[0].seq > after_seq + 1)):
        return None
    fresh = [s.entry for s in kept if s.seq > after_seq]
    if any(entry.kind.startswith(CHANGES_ALL) for entry in fresh):
        return None
    columns, book = _columns(board, event), board.state.pointings
    for id in sorted({e.subject or "" for e in fresh if e.kind.startswith(OF_POINTINGS) and e.event == event.key}):
        if id in book.assignments:
            columns.add_offered(book.assignments[id], board.plan_row.get(id))
    again = any(entry.kind.startswith(OF_CANDIDATES) for entry in fresh)
    weighed = candidate_columns(candidates) if again else None
    return {**_head(board, event), "whole": False, **columns.document(named=True), "candidates": weighed}


def candidate_columns(candidates: Sequence[ScoredCandidate]) -> Scene:
    """Return candidates by column, packed, best first."""
    columns: dict[str, list[Any]] = {
        "id": [c.id for c in candidates],
        "ra_deg": [c.ra_deg for c in candidates],
        "dec_deg": [c.dec_deg for c in candidates],
        "verdict": [c.verdict for c in candidates],
        "probability": [as_written(c.probability) for c in candidates],
    }
    return packed(columns)


def _columns(board: Board, event: Event) -> Columns:
    return Columns(board.port.telescopes, epoch_of(event))


def _head(board: Board, event: Event) -> Scene:
    return {
        "as_of": views.as_of(board),
        "event": event.key,
        "name": event.name,
        "frame": "icrs",
        "t0": views.iso(event.t0),
        "epoch": views.iso(epoch_of(event)),
        "sky_time": views.iso(board.clock.now()),
        "sky_rate": board.clock.rate,
        "revision": event.revision,
        "retracted": event.retracted,
        "skymap_sha256": event.skymap_sha256,
        "plan_known": board.planned is not None,
        "plan_sha256": board.plan_sha256,
    }


def _site(board: Board, id: str) -> Scene:
    telescope = board.port.telescopes[id]
    site, limits = telescope.site, telescope.limits
    return {
        "id": id,
        "name": telescope.name,
        "latitude_deg": site.latitude_deg,
        "longitude_deg": site.longitude_deg,
        "min_altitude_deg": limits.min_altitude_deg,
        "horizon": [list(corner) for corner in limits.horizon],
    }
