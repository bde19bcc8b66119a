"""What the board shows, as plain JSON data: the documents of the fold, with outlines and what was observed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from coordinator.dashboard.board import Board
from coordinator.dashboard.frames import newest_word
from coordinator.dashboard.pointings import still_planned
from coordinator.dashboard.sentences import sentence
from coordinator.dispatch.asked_for import AskedFor
from coordinator.dispatch.assignment import Assignment
from coordinator.dispatch.facts import SessionOpened
from coordinator.events.event import Event
from coordinator.services.documents import (
    event_document,
    telescope_document,
    telescope_ids,
)
from coordinator.services.inbox import inbox
from coordinator.services.journal import Stored
from coordinator.services.seen_version import candidate_version, event_version, telescope_version
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.ranges import Ranges
from coordinator.vetting.facts import ScoredCandidate
from telescopes.description.site_file import config_sha256
from telescopes.description.telescope import Telescope

View = dict[str, Any]


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
        "quarantined": len(state.quarantine),
        "waiting": len(inbox(board.state)),
        "on_duty": None if state.shift is None else state.shift.person,
        "shifts": state.shift is not None,
        "streams_open": len(board.hub),
    }


def newest(board: Board) -> View:
    """Return the newest entry in a line, with its number; 0: there is none yet."""
    stored = board.entries[-1] if board.entries else None
    return {"seq": 0 if stored is None else stored.seq, "says": newest_word(stored)}


TELESCOPE_STATES = ("observing", "idle", "blocked", "paused", "offline")


def t0s(board: Board) -> dict[str, datetime | None]:
    """Return the T0 of every event, for times that are told since it."""
    return {key: event.t0 for key, event in board.state.events.items()}


def event_view(board: Board, event: Event) -> View:
    """Return one event with what of its sky was observed; None: its map is not read, or there is none."""
    sky = board.skies.known(event.skymap_sha256)
    observed = None if sky is None else observed_probability(board, event.key, sky.curve)
    version = event_version(board.state, event.key)
    return {**event_document(board.state, event), "probability_observed": observed, "version": version}


def observed_probability(board: Board, key: str, curve: ProbabilityCurve) -> float:
    """Return the probability inside everything that counts as observed, in whatever visit."""
    book = board.state.pointings
    seen = Ranges.union_of(book.observed(key, visit) for visit in book.observed_visits(key))
    return round(curve.probability(seen), 6)


def all_telescopes(board: Board) -> list[View]:
    """Return every telescope that is described here or that the journal spoke of, by id."""
    ids = telescope_ids(board.state) | set(board.port.telescopes)
    live: dict[str, list[Assignment]] = {}
    for one in board.state.pointings.live():
        live.setdefault(one.telescope, []).append(one)
    return [_telescope(board, id, live.get(id, ())) for id in sorted(ids)]


def _telescope(board: Board, id: str, live: Sequence[Assignment]) -> View:
    known = board.port.telescopes.get(id)
    mine = board.state.telescope(id)
    return {
        **telescope_document(mine, live),
        "name": None if known is None else known.name,
        "paused": mine.paused_because is not None,
        "resumable": mine.paused_because is not None or bool(mine.closings),
        "version": telescope_version(mine),
        "asked_for": [_asked_for(board, one) for one in mine.asked_for],
        "agent": None if mine.session is None else _agent(mine.session, known),
    }


def _agent(session: SessionOpened, known: Telescope | None) -> View:
    """Return what speaks for a telescope, and whether it has the site file that lies here; None: there is none here.

    An agent of another version may sum up the same file otherwise.
    """
    same = None if known is None else config_sha256(known) == session.config_sha256
    return {
        "version": session.agent_version,
        "drivers": list(session.drivers),
        "site_file": None if same is None else "the same" if same else "another",
    }


def _asked_for(board: Board, one: AskedFor) -> View:
    """Return a pointing that somebody asked for by hand, with what has been made of it."""
    tries = [
        {"id": a.id, "state": a.state} for a in board.state.pointings.assignments.values() if a.key[1] == one.visit
    ]
    return {**msgspec.to_builtins(one), "visit": one.visit, "pointings": tries}


def best_candidates(board: Board, event: str) -> list[View]:
    """Return an event's candidates, best first; of a great many only those that stand in the journal itself."""
    scored = board.state.candidates.get(event)
    return [] if scored is None else _ranked(board, event, scored.candidates)


def _ranked(board: Board, event: str, candidates: Sequence[ScoredCandidate]) -> list[View]:
    return [candidate_view(board, event, c, n) for n, c in enumerate(candidates, 1)]


def candidate_view(board: Board, event: str, candidate: ScoredCandidate, rank: int) -> View:
    """Return one candidate with its rank."""
    version = candidate_version(board.state, event, candidate.id)
    return {"event": event, "rank": rank, **msgspec.to_builtins(candidate), "version": version}


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
