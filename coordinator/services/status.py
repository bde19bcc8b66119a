"""What the observatory is doing, in the words of the contract armillary.status/1."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from coordinator.dispatch.book import Book
from coordinator.dispatch.facts import Closing
from coordinator.services.state import ObservatoryState
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.ranges import Ranges


def event_rows(state: ObservatoryState, skies: Mapping[str, ProbabilityCurve]) -> list[dict[str, Any]]:
    """One row an event, by key; what needs a sky is null until there is one."""
    rows = []
    leads = state.leads.counts()
    for key, event in sorted(state.events.items()):
        scored = state.candidates.get(key)
        curve, made = skies.get(key), state.decisions.get(key)
        rows.append(
            {
                "key": key,
                "name": event.name,
                "t0": None if event.t0 is None else event.t0.isoformat(),
                "revision": event.revision,
                "phase": None if event.phase is None else event.phase.value,
                "retracted": event.retracted,
                "purpose": None if event.purpose is None else event.purpose.value,
                "action": None if made is None else made.action.value,
                "rule": None if made is None else made.rule,
                "because": None if made is None else made.because,
                "priority": None if made is None else made.priority,
                "open_pointings": sum(1 for _ in state.pointings.live(event=key)),
                "revocations_requested": sum(a.revocation is not None for a in state.pointings.live(event=key)),
                "probability_planned": None if state.plan is None else state.plan.planned.get(key),
                "probability_observed": None if curve is None else observed_probability(state.pointings, key, curve),
                "candidates": None if scored is None else scored.weighed,
                "marked": {} if scored is None else {c.id: c.marked for c in scored.candidates if c.marked is not None},
                "leads": leads[key],
            }
        )
    return rows


def quarantine_rows(state: ObservatoryState, most: int = 20) -> list[dict[str, Any]]:
    """One row a message that nobody has understood yet, the newest first, at most so many."""
    newest = list(state.quarantine.values())[-most:][::-1]
    return [{"file": one.file, "reason": one.reason, "raw_sha256": one.raw_sha256} for one in newest]


def observed_probability(book: Book, event: str, curve: ProbabilityCurve) -> float:
    """Probability inside everything that counts as observed, all visits together."""
    visits = {a.offered.pointing.visit for a in book.of_event(event)}
    return curve.probability(Ranges.union_of(book.observed(event, v) for v in sorted(visits)))


def telescope_rows(state: ObservatoryState, telescopes: list[str], now: datetime) -> list[dict[str, Any]]:
    """One row a telescope, by id, as far as the journal knows; leases and clocks are added by who holds them."""
    rows = []
    for one in telescopes:
        mine = state.telescope(one)
        held = list(state.pointings.live(telescope=one))
        rows.append(
            {
                "id": one,
                "state": mine.word(any(a.started for a in held), now),
                "because": mine.closed_at(now),
                "closings": [_closing(c) for c in mine.closings if c.end > now],
                "vetoed_events": mine.vetoed,
                "since": None if mine.since is None else mine.since.isoformat().replace("+00:00", "Z"),
                "open_pointings": len(held),
                "lease_left_s": None,
                "clock_offset_s": mine.clock_offset_s,
            }
        )
    return rows


def _closing(closing: Closing) -> dict[str, str]:
    start, end = (when.isoformat().replace("+00:00", "Z") for when in (closing.start, closing.end))
    return {"start": start, "end": end, "reason": closing.reason.value, "because": closing.because}
