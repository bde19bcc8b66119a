"""What the board shows, as plain JSON data: the documents of the fold, with outlines and what was observed."""

from collections.abc import Sequence
from datetime import datetime
from math import pi, sqrt
from typing import Any

from coordinator.dashboard.board import Board
from coordinator.dashboard.outlines import Polygon, circle_offsets, field_outline, on_sky
from coordinator.dashboard.sentences import sentence
from coordinator.services.documents import (
    candidates_document,
    event_document,
    pointing_document,
    telescope_document,
    telescope_ids,
)
from coordinator.services.journal import Stored
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.ranges import Ranges
from telescopes.description.states import PointingState

View = dict[str, Any]
PLANNED = "planned"
STATES = (PLANNED, *PointingState)


def as_of(board: Board) -> View:
    """Return up to where the journal is in what is shown, and when that was recorded (machine UTC)."""
    return {"seq": board.seq, "time": iso(board.recorded_at)}


def iso(at: datetime | None) -> str | None:
    """Write an instant; unknown stays unknown."""
    return None if at is None else at.isoformat().replace("+00:00", "Z")


def status(board: Board) -> View:
    """Return the observatory at a glance."""
    state = board.state
    telescopes = all_telescopes(board)
    return {
        "journal_id": board.journal_id,
        "heard_at": iso(board.heard_at),
        "sky_time": iso(board.clock.now()),
        "sky_rate": board.clock.rate,
        "events_open": len(state.open_events()),
        "events_retracted": len(state.events) - len(state.open_events()),
        "telescopes": {word: sum(t["state"] == word for t in telescopes) for word in TELESCOPE_STATES},
        "pointings_live": sum(1 for _ in state.pointings.live()),
        "pointings_planned": None if board.planned is None else len(still_planned(board, None)),
        "detections": state.detections,
        "quarantined": state.quarantined,
        "streams_open": len(board.hub),
    }


TELESCOPE_STATES = ("observing", "idle", "blocked", "paused", "offline")


def all_events(board: Board) -> list[View]:
    """Return every event, the newest word first."""
    events = [one_event(board, key) for key in board.state.events]
    return sorted((e for e in events if e), key=lambda e: (e["t_issued"] or "", e["key"]), reverse=True)


def one_event(board: Board, key: str) -> View | None:
    """Return one event with what of its sky was observed; None: there is no such event."""
    event = board.state.events.get(key)
    if event is None:
        return None
    sky = board.skies.known(event.skymap_sha256)
    observed = None if sky is None else observed_probability(board, key, sky.curve)
    return {**event_document(board.state, event), "probability_observed": observed}


def observed_probability(board: Board, key: str, curve: ProbabilityCurve) -> float:
    """Return the probability inside everything that counts as observed, in whatever visit."""
    book = board.state.pointings
    visits = sorted({a.key[1] for a in book.of_event(key)})
    return round(curve.probability(Ranges.union_of(book.observed(key, visit) for visit in visits)), 6)


def all_telescopes(board: Board) -> list[View]:
    """Return every telescope that is described here or that the journal spoke of, by id."""
    ids = telescope_ids(board.state) | set(board.port.telescopes)
    return [_telescope(board, id) for id in sorted(ids)]


def _telescope(board: Board, id: str) -> View:
    known = board.port.telescopes.get(id)
    return {
        **telescope_document(board.state, board.state.telescope(id)),
        "name": None if known is None else known.name,
    }


def all_pointings(board: Board, event: str | None = None, states: Sequence[str] = ()) -> list[View]:
    """Return pointings with their outlines, by id; what is only planned comes last."""
    assignments = board.state.pointings.assignments
    mine = [a for a in assignments.values() if event in (None, a.offered.pointing.event_id)]
    offered = [_drawn(board, pointing_document(a), a.ranges) for a in mine if not states or a.state in states]
    planned = still_planned(board, event) if not states or PLANNED in states else []
    return sorted(offered, key=lambda p: p["id"]) + [_drawn(board, _planned(p), None) for p in planned]


def still_planned(board: Board, event: str | None) -> list[View]:
    """Return what the current plan means to offer later, by start; it reserves nothing."""
    state = board.state
    open_revisions = {e.key: e.revision for e in state.open_events()}
    rows = [
        row
        for row in board.planned or ()
        if row["id"] not in state.pointings.assignments
        and open_revisions.get(row["event"]) == row["event_revision"]
        and event in (None, row["event"])
        and datetime.fromisoformat(row["end"]) > board.clock.now()
    ]
    return sorted(rows, key=lambda row: (row["start"], row["id"]))


PLANNED_SAYS = [
    "id",
    "event",
    "event_revision",
    "telescope",
    "instrument",
    "visit",
    "ra_deg",
    "dec_deg",
    "position_angle_deg",
    "start",
    "end",
    "filter",
    "exposure_s",
    "count",
    "limit_mag_ab",
    "probability",
    "new_probability",
    "why",
]
NOT_KNOWN_YET = [
    "since",
    "reason",
    "revocation_requested",
    "actual_ra_deg",
    "actual_dec_deg",
    "actual_position_angle_deg",
    "window_end",
    "actual_start",
    "actual_end",
    "fraction_done",
    "reached_limit_mag_ab",
    "plan",
]


def _planned(row: View) -> View:
    """Return a planned pointing in the words of one that was offered."""
    return {
        **{name: row[name] for name in PLANNED_SAYS},
        **dict.fromkeys(NOT_KNOWN_YET),
        "state": PLANNED,
        "late": False,
        "late_repeat": False,
    }


def _drawn(board: Board, view: View, ranges: str | None) -> View:
    """Add the outline of the field, where the telescope looked if that is known, else where it was asked to."""
    known = view["actual_ra_deg"] is not None and view["actual_dec_deg"] is not None
    centre = (view["actual_ra_deg"], view["actual_dec_deg"]) if known else (view["ra_deg"], view["dec_deg"])
    angle = (
        view["position_angle_deg"] if view["actual_position_angle_deg"] is None else view["actual_position_angle_deg"]
    )
    outline = field_outline(board.port.telescopes, view["telescope"], view["instrument"], centre, angle)
    exact = outline is not None
    if outline is None and ranges is not None:
        outline = [_equal_circle(ranges, centre)]
    return {**view, "outline": outline, "outline_exact": exact}


def _equal_circle(ranges: str, centre: tuple[float, float]) -> Polygon:
    """Return a circle of the area that is covered, for a telescope that is not described here."""
    return on_sky(circle_offsets(sqrt(Ranges.decode(ranges).area_deg2 / pi)), centre, 0.0)


def all_candidates(board: Board, event: str | None = None) -> list[View]:
    """Return candidates of one event or all, best first within each."""
    found = []
    for key, scored in sorted(board.state.candidates.items()):
        if event in (None, key):
            found += [
                {"event": key, "rank": n, **c} for n, c in enumerate(candidates_document(scored)["candidates"], 1)
            ]
    return found


def log_row(stored: Stored) -> View:
    """Return one entry of the journal with a sentence."""
    entry = stored.entry
    return {
        "seq": stored.seq,
        "recorded_at": iso(stored.recorded_at),
        "sky_time": iso(entry.sky_time),
        "writer": stored.writer,
        "kind": entry.kind,
        "event": entry.event,
        "telescope": entry.telescope,
        "subject": entry.subject,
        "cause": entry.cause,
        "text": sentence(entry),
    }
