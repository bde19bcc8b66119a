"""When a plan is due, and what it is asked for: pure functions of the folded state."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from coordinator.dispatch.asked_for import AskedFor
from coordinator.dispatch.assignment import Assignment
from coordinator.dispatch.event_limits import EventLimits
from coordinator.dispatch.facts import Closing
from coordinator.events.event import Event
from coordinator.events.expiry import AFTER
from coordinator.events.policy import may_search
from coordinator.planning.plan import PlannedPointing
from coordinator.planning.request import (
    LOOKED_AGAIN_PRIORITY,
    Busy,
    Done,
    Effort,
    EventToPlan,
    FollowUpTarget,
    Look,
    Objective,
    PlanRequest,
    TelescopeToPlan,
    VisitSpec,
)
from coordinator.services.by_hand import every_asked_for, searched_key, target_of
from coordinator.services.open_events import has_run_out
from coordinator.services.state import ObservatoryState
from coordinator.services.telescope_state import TelescopeState
from coordinator.vetting.facts import FollowUpRequested
from telescopes.description.states import LATE_TRUTH, PointingState, Reason
from telescopes.description.telescope import Telescope

GIVEN_BACK = frozenset({PointingState.REJECTED, PointingState.EXPIRED, PointingState.FAILED, PointingState.REVOKED})
FIRST_PLAN, NEW_SKY = "the first plan", "new sky"
A_NIGHT = timedelta(days=1)
MOST_TRIES = 3
"""A follow-up that telescopes failed at, refused or left unanswered this often is given up.

A link that was lost, or an offer that was taken back, says nothing of the target.
"""


@dataclass(frozen=True, slots=True)
class Agenda:
    """What a plan depends on, in so far as a change of it makes a new plan due."""

    sky: tuple[tuple[str, str], ...]
    open_telescopes: tuple[str, ...]
    follow_ups: tuple[str, ...]
    given_back: int
    late: int
    people: tuple[tuple[str, tuple[Closing, ...], tuple[str, ...]], ...] = ()
    limits: tuple[tuple[str, EventLimits], ...] = ()
    coverage: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def changed_since(self, before: "Agenda | None") -> str | None:
        """Say why a new plan is due; None: it is not."""
        if before is None:
            return FIRST_PLAN
        for name, because in (
            ("sky", NEW_SKY),
            ("follow_ups", "follow-up requested"),
            ("open_telescopes", "a telescope came or went"),
            ("people", "people closed or opened a telescope"),
            ("limits", "people set other limits"),
            ("coverage", "others told what they looked at"),
            ("late", "late truth"),
            ("given_back", "pointings were given back"),
        ):
            if getattr(self, name) != getattr(before, name):
                return because
        return None


def searchable(
    state: ObservatoryState, telescopes: Mapping[str, Telescope], now: datetime, expire_after: timedelta = AFTER
) -> list[Event]:
    """Events to follow that at least one telescope may search, highest priority first, then by key."""
    found = [
        e
        for e in state.open_events()
        if state.followed(e.key)
        and not has_run_out(e, state, now, expire_after)
        and any(may_search(e, t.policy.accepts) is None for t in telescopes.values())
    ]
    return sorted(found, key=lambda e: (-state.decisions[e.key].priority, e.key))


def agenda_of(
    state: ObservatoryState, telescopes: Mapping[str, Telescope], now: datetime, expire_after: timedelta = AFTER
) -> Agenda:
    """Sum up what the next plan depends on."""
    every, events = state.pointings.assignments.values(), searchable(state, telescopes, now, expire_after)
    return Agenda(
        sky=tuple((e.key, e.skymap_sha256 or "") for e in events),
        open_telescopes=tuple(t for t in sorted(telescopes) if state.telescope(t).closed_because is None),
        follow_ups=tuple(sorted(t.visit for t in targets_of(state, events, now))),
        given_back=sum(a.state in GIVEN_BACK or _came_to_too_little(a) for a in every),
        late=sum(a.late for a in every),
        people=tuple(_peoples_word(state.telescope(t)) for t in sorted(telescopes)),
        limits=tuple((e.key, state.limits[e.key]) for e in events if e.key in state.limits),
        coverage=tuple((e.key, tuple(c.sha256 for c in state.coverage.get(e.key, ()))) for e in events),
    )


def _came_to_too_little(one: Assignment) -> bool:
    """Say whether it was looked at and does not count as observed: its sky is free again."""
    return one.state in LATE_TRUTH and not one.observed


def _peoples_word(mine: TelescopeState) -> tuple[str, tuple[Closing, ...], tuple[str, ...]]:
    return mine.id, mine.closings, tuple(sorted(mine.vetoed))


def open_follow_ups(state: ObservatoryState, events: Iterable[Event]) -> list[FollowUpRequested]:
    """Follow-ups that no pointing serves yet, of these events and of those that are searched with them."""
    searched = {e.key for e in events}
    served: dict[str, list[Assignment]] = {}
    for one in state.pointings.assignments.values():
        served.setdefault(one.offered.pointing.visit, []).append(one)
    return [
        f
        for visit, f in sorted(state.follow_ups.items())
        if searched_key(state, f.event) in searched and not f.wants_yes and _wanted(served.get(visit, []))
    ]


def _wanted(tries: Sequence[Assignment]) -> bool:
    held = any(a.live or a.state in (PointingState.COMPLETED, PointingState.PARTIAL) for a in tries)
    return not held and sum(_came_to_nothing(a) for a in tries) < MOST_TRIES


def _came_to_nothing(one: Assignment) -> bool:
    """Say whether the telescope was asked and did not do it."""
    if one.state is PointingState.EXPIRED:
        return one.reason is not Reason.LINK_LOST
    return one.state in (PointingState.FAILED, PointingState.REJECTED)


def request_of(
    state: ObservatoryState,
    telescopes: Mapping[str, Telescope],
    pending: Iterable[PlannedPointing],
    now: datetime,
    *,
    hours: float,
    slack_s: float,
    reaction_s: float,
    objective: Objective,
    effort: Effort = "fast",
    visits: Callable[[Event], tuple[VisitSpec, ...]],
    expire_after: timedelta = AFTER,
    movable: Mapping[str, PlannedPointing] = MappingProxyType({}),
    interruptible: frozenset[str] = frozenset(),
    of_others: Sequence[Look] = (),
) -> PlanRequest:
    """Ask for a plan of everything that is open, from now on.

    Sky and time that are asked back count as free: the offer waits for the telescope's answer, the plan does not.
    What is `movable` counts as planned before; the time of what is `interruptible` counts as free. `of_others` is what
    others have looked at.
    """
    events, end = searchable(state, telescopes, now, expire_after), now + timedelta(hours=hours)
    free = {*movable, *interruptible}
    return PlanRequest(
        events=tuple(
            EventToPlan(
                e.key,
                e.revision,
                e.skymap_sha256 or "",
                e.t0,
                priority=state.decisions[e.key].priority,
                purpose=str(e.purpose),
                objective=state.limits_on(e.key).objective or objective,
                visits=visits(e),
                until=state.limits_on(e.key).until,
            )
            for e in events
        ),
        telescopes=tuple(telescope_to_plan(state, telescopes[t], now, reaction_s, free) for t in sorted(telescopes)),
        start=now,
        end=end,
        looks=(*_looks(state, events, movable), *of_others),
        targets=targets_of(state, events, now),
        previous=tuple(p for p in (*pending, *movable.values()) if p.start < end),
        slack_s=slack_s,
        effort=effort,
    )


def telescope_to_plan(
    state: ObservatoryState, telescope: Telescope, now: datetime, reaction_s: float, free: Container[str]
) -> TelescopeToPlan:
    """Say how a telescope is, and what of its time is taken; the time of what is `free` is not."""
    busy = tuple(
        Busy(
            a.busy_from,
            a.busy_until,
            a.offered.pointing.ra_deg,
            a.offered.pointing.dec_deg,
            a.offered.pointing.exposures[0].filter,
        )
        for a in state.pointings.live(telescope=telescope.id)
        if a.revocation is None and a.id not in free
    )
    free_from = now + timedelta(seconds=max(telescope.link.reaction_s, reaction_s))
    done, mine = tuple(_done(state, telescope, now)), state.telescope(telescope.id)
    blocked = tuple((c.start, c.end) for c in mine.closings)
    if blocked:
        observing = replace(telescope.observing, blocked=(*telescope.observing.blocked, *blocked))
        telescope = replace(telescope, observing=observing)
    left_out = {
        key: f"left out by people: {limits.because}"
        for key, limits in state.limits.items()
        if telescope.id in limits.without
    }
    return TelescopeToPlan(telescope, free_from, busy, mine.closed_because, done, not_for=left_out | mine.vetoed)


def _done(state: ObservatoryState, telescope: Telescope, now: datetime) -> Iterable[Done]:
    """Time of the last day in which a telescope has observed, as far as is known."""
    for one in state.pointings.assignments.values():
        if one.telescope != telescope.id or one.live or not (one.state in LATE_TRUTH or one.actual_start):
            continue
        end = one.actual_end or one.offered.planned_end
        if end > now - A_NIGHT:
            yield Done(one.began, end)


def _looks(state: ObservatoryState, events: Iterable[Event], movable: Container[str]) -> Iterable[Look]:
    """What was seen, or is about to be, of each event and of those that are searched with it."""
    book = state.pointings
    for event in events:
        key, others = event.key, () if event.coincidence is None else event.coincidence.members
        for one in (look for name in (key, *others) for look in book.of_event(name)):
            if one.observed or (one.live and one.revocation is None and one.id not in movable):
                start = one.began
                asked = one.offered.pointing
                seen = book.ranges(one), start, one.depth_mag_ab, asked.exposures[0].filter, one.telescope
                yield Look(key, asked.visit, *seen)


def targets_of(state: ObservatoryState, events: Sequence[Event], now: datetime) -> tuple[FollowUpTarget, ...]:
    """Candidates of these events that wait for a look, and places that people asked a telescope for."""
    looks = [_target(state, f) for f in open_follow_ups(state, events)]
    return (*looks, *(target_of(state, a) for a in open_by_hand(state, events, now)))


def open_by_hand(state: ObservatoryState, events: Sequence[Event], now: datetime) -> list[AskedFor]:
    """Pointings that people asked for by hand, and that no telescope has made or holds."""
    asked = list(every_asked_for(state, events, now))
    tries: dict[str, list[Assignment]] = {one.visit: [] for one in asked}
    for one in state.pointings.assignments.values() if asked else ():
        if one.key[1] in tries:
            tries[one.key[1]].append(one)
    return [one for one in asked if _wanted(tries[one.visit])]


def _target(state: ObservatoryState, wanted: FollowUpRequested) -> FollowUpTarget:
    """Ask for one pointing, before the search that found the candidate: its equals would keep all they hold."""
    key = searched_key(state, wanted.event)
    return FollowUpTarget(
        priority=max(LOOKED_AGAIN_PRIORITY, state.decisions[key].priority + 1),
        event=key,
        event_revision=state.events[key].revision,
        candidate=wanted.candidate,
        ra_deg=wanted.ra_deg,
        dec_deg=wanted.dec_deg,
        visit=wanted.visit,
        filters=wanted.filters,
        mag_ab=wanted.mag_ab,
        not_before=None if wanted.not_before is None else datetime.fromisoformat(wanted.not_before),
        telescope=wanted.telescope,
        depth_mag_ab=wanted.depth_mag_ab,
    )
