"""The folded state as documents: plain JSON data, one for each thing that people ask about; unknown is null."""

from collections.abc import Sequence
from typing import Any

import msgspec

from coordinator.dispatch.assignment import Assignment
from coordinator.events.event import Event
from coordinator.services.state import ObservatoryState
from coordinator.services.telescope_state import TelescopeState
from coordinator.vetting.facts import CandidatesScored

Document = dict[str, Any]
LEADS = 20
"""What people report of an event, the newest; all of it is in the journal."""


def document(state: ObservatoryState, kind: str, id: str) -> Document | None:
    """Return what is known of one thing; None: nothing.

    Parameters
    ----------
    state : ObservatoryState
        The fold.
    kind : str
        "event", "pointing", "telescope", "stream" or "candidates" (all of one event); the words of
        `ObservatoryState.apply`.
    id : str
        The event's key, or the pointing's or telescope's id.
    """
    match kind:
        case "event":
            event = state.events.get(id)
            return None if event is None else event_document(state, event)
        case "pointing":
            one = state.pointings.assignments.get(id)
            return None if one is None else pointing_document(one)
        case "candidates":
            scored = state.candidates.get(id)
            return None if scored is None else candidates_document(scored)
        case "telescope":
            return telescope_document(state.telescope(id), list(state.pointings.live(telescope=id)))
        case "stream":
            return state.streams.get(id)
        case _:
            raise ValueError(f"no documents of kind {kind}")


def event_document(state: ObservatoryState, event: Event) -> Document:
    """Return an event: what its alerts say, and how far its search is."""
    scored, made = state.candidates.get(event.key), state.decisions.get(event.key)
    return {
        **_plain(event),
        "decision": None if made is None else _plain(made),
        "probability_planned": None if state.plan is None else state.plan.planned.get(event.key),
        "open_pointings": sum(1 for _ in state.pointings.live(event=event.key)),
        "candidates": None if scored is None else scored.weighed,
        "candidates_table_sha256": None if scored is None else scored.table_sha256,
        "best_candidate": None if scored is None else scored.best,
        "candidate_words": msgspec.to_builtins(state.candidate_words.get(event.key, [])),
        "leads": [lead.says for lead in state.leads.of(event.key)[:LEADS]],
    }


def pointing_document(one: Assignment) -> Document:
    """Return a pointing from its offer on: what was asked, what was promised, what was done."""
    asked = one.offered.pointing
    exposure = asked.exposures[0] if asked.exposures else None
    return _plain(
        {
            "id": one.id,
            "event": asked.event_id,
            "event_revision": asked.event_revision,
            "telescope": one.telescope,
            "instrument": asked.instrument_id,
            "visit": asked.visit,
            "state": one.state,
            "since": one.since,
            "reason": one.reason,
            "revocation_requested": one.revocation,
            "late": one.late,
            "late_repeat": one.late_repeat,
            "ra_deg": asked.ra_deg,
            "dec_deg": asked.dec_deg,
            "position_angle_deg": asked.position_angle_deg,
            "actual_ra_deg": one.actual_ra_deg,
            "actual_dec_deg": one.actual_dec_deg,
            "actual_position_angle_deg": one.actual_position_angle_deg,
            "start": asked.planned_start,
            "end": one.offered.planned_end,
            "window_end": asked.window_end,
            "actual_start": one.actual_start,
            "actual_end": one.actual_end,
            "filter": None if exposure is None else exposure.filter,
            "exposure_s": None if exposure is None else exposure.exposure_s,
            "count": None if exposure is None else exposure.count,
            "fraction_done": one.fraction_done,
            "limit_mag_ab": asked.limit_mag_ab,
            "reached_limit_mag_ab": one.limit_mag_ab,
            "probability": one.offered.probability,
            "new_probability": one.offered.new_probability,
            "why": one.offered.why or None,
            "plan": asked.plan_id,
        }
    )


def telescope_document(mine: TelescopeState, live: Sequence[Assignment]) -> Document:
    """Return a telescope: how it is, what it does, what comes next of what it owns (`live`, in order of start)."""
    doing = next((a for a in live if a.started), None)
    following = next((a for a in live if not a.started), None)
    return _plain(
        {
            "id": mine.id,
            "state": mine.word(doing is not None),
            "since": mine.since,
            "link": mine.link,
            "safe": mine.safe,
            "blocking_reasons": mine.blocking_reasons,
            "closed_because": mine.closed_because,
            "unavailable_until": mine.unavailable_until,
            "cloud_cover_pct": mine.cloud_cover_pct,
            "weather": mine.weather,
            "weather_at": mine.weather_at,
            "clock_offset_s": mine.clock_offset_s,
            "open_pointings": len(live),
            "doing": None if doing is None else doing.id,
            "doing_state": None if doing is None else doing.state,
            "next": None if following is None else following.id,
            "next_start": None if following is None else following.busy_from,
        }
    )


def candidates_document(scored: CandidatesScored) -> Document:
    """Return all candidates of an event, best first, each with the checks behind its odds."""
    return _plain(scored)


def telescope_ids(state: ObservatoryState) -> set[str]:
    """Return every telescope that the journal ever spoke of."""
    return set(state.telescopes) | set(state.pointings.command_head)


def _plain(value: object) -> Document:
    plain: Document = msgspec.to_builtins(value)
    return plain
