"""Pointings as they are shown: offered ones from the fold, planned ones from the plan, each with its outline."""

from collections.abc import Sequence
from math import pi, sqrt
from typing import Any

from coordinator.dashboard.board import Board
from coordinator.dashboard.outlines import Polygon, field_outline, on_sky
from coordinator.services.documents import pointing_document
from coordinator.services.seen_version import pointing_version
from coordinator.sky.ranges import Ranges
from telescopes.description.footprint import Circle
from telescopes.description.states import PointingState

View = dict[str, Any]
PLANNED = "planned"
STATES = (PLANNED, *PointingState)
PLANNED_SAYS = (
    "id", "event", "event_revision", "telescope", "instrument", "visit", "ra_deg", "dec_deg", "position_angle_deg",
    "start", "end", "filter", "exposure_s", "count", "limit_mag_ab", "probability", "new_probability", "why",
)  # fmt: skip
NOT_KNOWN_YET = (
    "since", "reason", "revocation_requested", "actual_ra_deg", "actual_dec_deg", "actual_position_angle_deg",
    "window_end", "actual_start", "actual_end", "fraction_done", "reached_limit_mag_ab", "plan", "version",
)  # fmt: skip


def pointing_ids(board: Board, event: str | None = None, states: Sequence[str] = ()) -> list[str]:
    """Return pointings by id; what is only planned comes last, by start."""
    book = board.state.pointings
    offered = [id for id in book.ids_of(event) if not states or book.assignments[id].state in states]
    return offered + (still_planned(board, event) if not states or PLANNED in states else [])


def ids_by_interest(board: Board, event: str) -> list[str]:
    """Return pointings of an event: first what is owned now, then what has ended, newest first, then the plan."""
    book = board.state.pointings
    live = [a.id for a in book.live(event=event)]
    ended = sorted((a for a in book.of_event(event) if not a.live), key=lambda a: (a.since, a.id), reverse=True)
    return live + [a.id for a in ended] + still_planned(board, event)


def still_planned(board: Board, event: str | None) -> list[str]:
    """Return what the current plan means to offer later, by start; it reserves nothing.

    A plan on another sky than the event has now is overtaken; a revision that brings no new sky overtakes nothing.
    """
    state, now = board.state, board.clock.now()
    skies = {e.key: e.skymap_sha256 for e in state.open_events()}
    rows = [
        row
        for id, row in (board.planned or {}).items()
        if id not in state.pointings.assignments
        and row["event"] in skies
        and skies[row["event"]] == board.planned_sky[row["event"]]
        and event in (None, row["event"])
        and board.planned_end[id] > now
    ]
    return [row["id"] for row in sorted(rows, key=lambda row: (row["start"], row["id"]))]


def pointing_view(board: Board, id: str) -> View:
    """Return one pointing with its outline."""
    one = board.state.pointings.assignments.get(id)
    if one is None:
        return _drawn(board, _planned((board.planned or {})[id]), None)
    wants_yes = one.state is PointingState.OFFERED and one.offered.pointing.require_human_approval
    more = {"version": pointing_version(one), "open": one.live, "wants_yes": wants_yes}
    return _drawn(board, {**pointing_document(one), **more}, one.ranges)


def _planned(row: View) -> View:
    """Return a planned pointing in the words of one that was offered."""
    return {
        **{name: row[name] for name in PLANNED_SAYS},
        **dict.fromkeys(NOT_KNOWN_YET),
        "state": PLANNED,
        "late": False,
        "late_repeat": False,
        "open": False,
        "wants_yes": False,
    }


def _drawn(board: Board, view: View, ranges: str | None) -> View:
    """Add the outline of the field, where the telescope looked if that is known, else where it was asked to."""
    known = view["actual_ra_deg"] is not None and view["actual_dec_deg"] is not None
    centre = (view["actual_ra_deg"], view["actual_dec_deg"]) if known else (view["ra_deg"], view["dec_deg"])
    actual = view["actual_position_angle_deg"]
    angle = view["position_angle_deg"] if actual is None else actual
    outline = field_outline(board.port.telescopes, view["telescope"], view["instrument"], centre, angle)
    exact = outline is not None
    if outline is None and ranges is not None:
        outline = _equal_circle(ranges, centre)
    return {**view, "outline": outline, "outline_exact": exact}


def _equal_circle(ranges: str, centre: tuple[float, float]) -> tuple[Polygon, ...]:
    """Return a circle of the area that is covered, for a telescope that is not described here."""
    return on_sky(Circle(sqrt(Ranges.decode(ranges).area_deg2 / pi)), centre)
