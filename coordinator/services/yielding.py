"""What a higher event, or a look at a candidate, may take back: open pointings that have not started (pure).

One plan is made of all that is open, the highest first. Open pointings of a lower event are handed to it as what was
planned before, not as time that is taken: it keeps them where the higher one leaves the time, and those that it does
not keep are asked back.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from coordinator.dispatch.assignment import Assignment
from coordinator.dispatch.ownership import FOLLOW_UP
from coordinator.dispatch.telescope_time import Turn, fits
from coordinator.events.event import Event
from coordinator.planning.plan import Plan, PlannedPointing
from coordinator.planning.request import FollowUpTarget
from coordinator.services.state import ObservatoryState
from telescopes.description.bounds import INTERRUPTING_PRIORITY
from telescopes.description.telescope import Telescope

SPARED = timedelta(seconds=120)
"""What starts sooner than this stays as it is."""


def movable(
    state: ObservatoryState,
    given: Mapping[str, PlannedPointing],
    events: Iterable[Event],
    now: datetime,
    end: datetime,
    targets: Iterable[FollowUpTarget] = (),
) -> dict[str, PlannedPointing]:
    """Choose what the next plan may take back.

    Parameters
    ----------
    given : mapping of str to PlannedPointing
        What was offered, as it was planned; what is not among it stays.
    events : iterable of Event
        Those that are searched.
    end : datetime
        When the plan ends; what begins later stays.
    targets : iterable of FollowUpTarget
        Candidates that wait for a look: a telescope whose hours are full of its search would let them wait for long.
    """
    ranks = {event.key: state.decisions[event.key].priority for event in events}
    due = (t.priority for t in targets if t.not_before is None or t.not_before < end)
    highest = max((*ranks.values(), *due), default=0)
    return {
        one.id: given[one.id]
        for one in state.pointings.live()
        if one.id in given
        and ranks.get(one.key[0], highest) < highest
        and not one.key[1].startswith(FOLLOW_UP)
        and one.revocation is None
        and not one.started
        and now + SPARED <= one.busy_from < end
    }


def interruptible(
    state: ObservatoryState, telescopes: Mapping[str, Telescope], events: Iterable[Event]
) -> frozenset[str]:
    """Choose what runs and may be stopped for the most urgent events: where the site allows it, and of lower ones."""
    ranks = {event.key: state.decisions[event.key].priority for event in events}
    if max(ranks.values(), default=0) < INTERRUPTING_PRIORITY:
        return frozenset()
    return frozenset(
        one.id
        for one in state.pointings.live()
        if one.started
        and not one.abort_asked
        and ranks.get(one.key[0], 0) < INTERRUPTING_PRIORITY
        and not one.key[1].startswith(FOLLOW_UP)
        and one.telescope in telescopes
        and telescopes[one.telescope].policy.may_interrupt
    )


def interrupted(
    plan: Plan, state: ObservatoryState, telescopes: Mapping[str, Telescope], may_stop: Iterable[str]
) -> list[Assignment]:
    """Say which of what may be stopped is in the way of something that urgent; the rest runs on."""
    urgent: dict[str, list[Turn]] = {}
    for planned in plan.pointings:
        if planned.priority >= INTERRUPTING_PRIORITY:
            urgent.setdefault(planned.telescope, []).append(Turn.planned(planned))
    held = (state.pointings.assignments[i] for i in sorted(may_stop))
    return [
        one
        for one in held
        if one.live
        and one.started
        and any(not fits(turn, [Turn.held(one)], telescopes[one.telescope]) for turn in urgent.get(one.telescope, ()))
    ]


def overtaken(plan: Plan, state: ObservatoryState, moved: Iterable[str]) -> list[Assignment]:
    """Say which of what a plan might take back it did not keep."""
    kept = {p.id for p in plan.pointings}
    held = (state.pointings.assignments[i] for i in sorted(moved) if i not in kept)
    return [one for one in held if one.live and not one.started and one.revocation is None]
