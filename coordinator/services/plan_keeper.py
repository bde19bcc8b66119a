"""The plan that is being worked off: when a new one is due, what of it is still to be offered, and on which sky."""

import math
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType

import structlog

from coordinator.dispatch.assignment import Assignment
from coordinator.dispatch.facts import PlanMade
from coordinator.dispatch.offers import Offering, OfferRules, due
from coordinator.dispatch.ownership import FOLLOW_UP, Weighing
from coordinator.events.event import Event
from coordinator.events.policy import may_search
from coordinator.lightcurves.detection import get_ready
from coordinator.planning.plan import Plan, PlannedPointing
from coordinator.planning.recipe import gap_s
from coordinator.planning.request import Look, Objective, PlanRequest, VisitSpec
from coordinator.planning.value import SkyValue
from coordinator.services.agenda import FIRST_PLAN, NEW_SKY, Agenda, agenda_of, request_of, searchable, targets_of
from coordinator.services.chosen_visits import ChosenVisits
from coordinator.services.plan_line import PlanLine, first_of_each
from coordinator.services.ports import PlannerPort
from coordinator.services.settings import SchedulerSettings
from coordinator.services.state import ObservatoryState
from coordinator.services.yielding import interrupted, interruptible, movable, overtaken
from telescopes.description.clocks import LinkClock, LinkTime
from telescopes.description.errors import ArmillaryError, Refused, RetryLater
from telescopes.description.telescope import Telescope

log = structlog.get_logger("planning")

LATER_HOURS = "the later hours"
MISSED = "a follow-up missed its start"
RUNS_LATE = "a telescope runs late"
NO_OBJECTIVES: Mapping[str, Objective] = MappingProxyType({})
LONGEST_WAIT_S = 60.0
"""A planner that is broken is asked again after 2, 4, 8 s of link time, and so on up to this."""


@dataclass
class PlanKeeper:
    """The current plan and the newest sky of each event; it reserves nothing, and is made anew after a restart.

    `earlier` is what was planned on an older sky, or for hours that the newest plan does not reach: it is not
    offered, but the next plan keeps what of it is still worth its time. `given` is what was offered: the next plan may
    take it back for a higher event.
    """

    planner: PlannerPort
    telescopes: Mapping[str, Telescope]
    link: LinkClock
    settings: SchedulerSettings
    pending: dict[str, PlannedPointing] = field(default_factory=dict)
    earlier: dict[str, PlannedPointing] = field(default_factory=dict)
    given: dict[str, PlannedPointing] = field(default_factory=dict)
    plan_id: str = ""
    skies: dict[str, tuple[str, SkyValue]] = field(default_factory=dict)
    _summed: tuple[int, Agenda] | None = None
    _planned_for: Agenda | None = None
    _only_near: bool = False
    _missed: bool = False
    _unusable: set[str] = field(default_factory=set)
    _failures: int = 0
    _not_before: LinkTime = field(default=LinkTime(0.0))
    _planned_at: LinkTime | None = None
    _moving: frozenset[str] = frozenset()
    _may_stop: frozenset[str] = frozenset()
    _slack: timedelta = timedelta(minutes=1)
    _late: tuple[int, dict[str, datetime]] | None = None
    _weighed: dict[str, tuple[str, Objective | None, int]] = field(default_factory=dict)
    _weighing: dict[str, Weighing] = field(default_factory=dict)
    _weighed_by: dict[str, Objective] = field(default_factory=dict)
    _line: PlanLine = field(default_factory=PlanLine)

    def __post_init__(self) -> None:
        self._chosen = ChosenVisits(self.settings.wish)

    def get_ready(self) -> None:
        """Make what the first offers would wait for."""
        if self.settings.objective != "probability":
            get_ready()

    async def learn_skies(self, events: list[Event], objectives: Mapping[str, Objective] = NO_OBJECTIVES) -> bool:
        """Get the newest sky of every event that is searched; what was planned on an older one waits for the next plan.

        `objectives` are by event, where people chose another one.

        Returns
        -------
        bool
            Whether anything was new.
        """
        learned = False
        searched = {e.key for e in events}
        self.skies = {key: sky for key, sky in self.skies.items() if key in searched}
        self._weighing = {key: its for key, its in self._weighing.items() if key in searched}
        self._chosen.forget_all_but(searched)
        for event in events:
            sha256 = event.skymap_sha256
            known, objective = self.skies.get(event.key), objectives.get(event.key, self.settings.objective)
            if sha256 is None or sha256 in self._unusable:
                continue
            if known is not None and known[0] == sha256 and self._weighed_by.get(event.key) == objective:
                continue
            try:
                curve = await self.planner.curve(sha256)
            except RetryLater as error:
                log.warning("no sky yet", event_key=event.key, because=str(error))
                continue
            except ArmillaryError as error:
                log.error("its sky cannot be used; the others are searched", event_key=event.key, because=str(error))
                self._unusable.add(sha256)
                continue
            self.skies[event.key] = (sha256, SkyValue.of(curve, objective))
            self._weighed_by[event.key] = objective
            self.earlier |= {i: p for i, p in self.pending.items() if p.event == event.key}
            self.pending = {i: p for i, p in self.pending.items() if p.event != event.key}
            learned = True
        return learned

    def stale(self, state: ObservatoryState) -> list[Assignment]:
        """Weigh open pointings again where the map, or what is observed, has changed."""
        found: list[Assignment] = []
        for key, (sha256, sky) in self.skies.items():
            done = state.pointings.times_observed(key)
            now = sha256, self._weighed_by.get(key), done
            if self._weighed.get(key) != now:
                self._weighed[key] = now
                weighing = self._weighing.setdefault(key, Weighing())
                found += weighing.stale(state.pointings, key, sky, self.settings.least_share)
        return found

    def ready(
        self, state: ObservatoryState, now: datetime, among: Iterable[PlannedPointing] | None = None
    ) -> list[PlannedPointing]:
        """Return what is pending of events that are searched, on their newest sky, for telescopes that may observe.

        `among`: look at these alone; None: at all that is pending. A look that nobody asks for any more is left out.
        """
        asked = state.looks_asked_for()
        searched = searchable(state, self.telescopes, now, self.settings.expire_after)
        open_events = {e.key: e for e in searched if self.skies.get(e.key, ("",))[0] == e.skymap_sha256}
        able = {i: t for i, t in self.telescopes.items() if state.telescope(i).closed_because is None}
        may = {
            (key, i)
            for key, event in open_events.items()
            for i, t in able.items()
            if may_search(event, t.policy.accepts) is None
        }
        return [
            p
            for p in (self.pending.values() if among is None else among)
            if (p.event, p.telescope) in may
            and state.telescope(p.telescope).takes(p.event, p.start, p.end)
            and (
                p.visit in asked
                if p.visit.startswith(FOLLOW_UP)
                else not state.limits_on(p.event).forbids(p.telescope, p.end)
            )
        ]

    def offering(
        self, state: ObservatoryState, now: datetime, rules: OfferRules, begin_by: datetime | None = None
    ) -> Offering:
        """Choose what to offer now; what is offered or missed leaves the pending part of the plan.

        `begin_by`: only until every telescope that begins by then has its first. Offers are weighed in order of start,
        so that the rest comes out the same afterwards as if all had been weighed together.
        """
        soon = self._line.soon(self.pending, self.telescopes, now, rules.reaction_s)
        ready = self.ready(state, now, soon) if soon else []
        if begin_by is not None:
            ready = first_of_each(ready, begin_by)
        skies = {key: sky for key, (_, sky) in self.skies.items()}
        self._slack = timedelta(seconds=rules.start_slack_s)
        made = due(ready, self.plan_id, state.pointings, skies, self.telescopes, now, rules)
        self.given |= {o.pointing.pointing_id: self.pending[o.pointing.pointing_id] for o in made.offers}
        self._missed |= any(self.pending[i].visit.startswith(FOLLOW_UP) for i in made.missed)
        for gone in (*made.missed, *(o.pointing.pointing_id for o in made.offers)):
            self.pending.pop(gone, None)
        return made

    def due_because(self, state: ObservatoryState, now: datetime) -> str | None:
        """Say why a new plan is due now; None: it is not."""
        if self._hours_left(now) <= 0.0:
            return None
        agenda = self._agenda(state, now)
        because = agenda.changed_since(self._planned_for)
        if because is None and self._only_near:
            because = LATER_HOURS
        if because is None and self._missed:
            because = MISSED
        if because is None and self._runs_late(state):
            because = RUNS_LATE
        if because is None and not self.pending and self._used_up(state):
            because = "the plan is used up"
        if because is None or not agenda.sky or self.link.now() < self._not_before:
            return None
        waits = not (in_a_hurry(because) or self._only_near)  # who has no part in the next hours waits for all hours
        if waits and self.link.now() < self._next_plan_at(self.settings.least_plan_interval_s):
            return None
        return because

    def _agenda(self, state: ObservatoryState, now: datetime) -> Agenda:
        """Sum the state up, anew only after something was folded."""
        if self._summed is None or self._summed[0] != state.applied_seq:
            self._summed = (state.applied_seq, agenda_of(state, self.telescopes, now, self.settings.expire_after))
        return self._summed[1]

    def _runs_late(self, state: ObservatoryState) -> bool:
        """Say whether what a telescope exposes now ends, as it reports, in the time of what it is to do next."""
        if self._late is None or self._late[0] != state.applied_seq:
            held = (
                a for a in state.pointings.live() if a.started and a.busy_until > a.offered.planned_end + self._slack
            )
            self._late = (state.applied_seq, {a.telescope: a.busy_until for a in held})
        late = self._late[1]
        return bool(late) and any(
            p.telescope in late and p.start + self._slack < late[p.telescope] for p in self.pending.values()
        )

    def _hours_left(self, now: datetime) -> float:
        """Sky hours until plans end; infinite where nobody said when."""
        until = self.settings.plan_until
        return math.inf if until is None else (until - now).total_seconds() / 3600.0

    def _next_plan_at(self, interval_s: float) -> LinkTime:
        return LinkTime((self._planned_at or LinkTime(0.0)) + interval_s)

    def _used_up(self, state: ObservatoryState) -> bool:
        """A used-up plan is made anew once in a while, because the sky turns."""
        idle = next(state.pointings.live(), None) is None
        return idle and self.link.now() > self._next_plan_at(self.settings.idle_plan_interval_s)

    async def make(
        self,
        state: ObservatoryState,
        now: datetime,
        rate: float,
        rules: OfferRules,
        because: str,
        of_others: Awaitable[Sequence[Look]] | None = None,
    ) -> Plan | None:
        """Ask for a plan of the state as it is; None: the planner cannot answer yet.

        `of_others` are looks of others, which may be on a disk: what is reported while they are read makes a plan due.

        New sky is planned for the next hours first, without the visits that come later than a first look: who can look
        now does not wait for a plan of the whole night.
        """
        self._planned_at = self.link.now()
        agenda = self._agenda(state, now)
        near = in_a_hurry(because) and self.settings.near_hours < self.settings.plan_hours
        try:
            looks = () if of_others is None else await of_others
            asked = self._asked(state, now, rate, rules, near, looks)
            plan = await self.planner.plan(asked.request)
        except ArmillaryError as error:
            # Reports and offers go on whatever is wrong with a plan.
            self._failures += 1
            wait_s = error.after_s if isinstance(error, RetryLater) else min(LONGEST_WAIT_S, 2.0**self._failures)
            self._not_before = LinkTime(self.link.now() + wait_s)
            log.error("no plan", because=str(error), again_in_s=wait_s)
            return None
        self._failures = 0
        self._planned_for, self._only_near, self._missed = agenda, near, False
        self._moving, self._may_stop = asked.movable, asked.may_stop
        return plan

    async def what_if(
        self, state: ObservatoryState, now: datetime, rate: float, rules: OfferRules, of_others: Sequence[Look] = ()
    ) -> Plan:
        """Ask for a plan of all hours that is given to nobody, and changes nothing of what is being worked off.

        Raises
        ------
        ArmillaryError
            The planner cannot answer.
        """
        return await self.planner.plan(self._asked(state, now, rate, rules, False, of_others).request)

    def _asked(
        self,
        state: ObservatoryState,
        now: datetime,
        rate: float,
        rules: OfferRules,
        near: bool,
        of_others: Sequence[Look],
    ) -> "_Asked":
        """Put together what the planner is asked, and what of the telescopes' time the plan may take back."""
        hours = min(self.settings.near_hours if near else self.settings.plan_hours, self._hours_left(now))
        searched = searchable(state, self.telescopes, now, self.settings.expire_after)
        movable = self._movable(state, searched, now, hours, near)
        may_stop = interruptible(state, self.telescopes, searched)
        request = request_of(
            state,
            self.telescopes,
            (self.pending | self.earlier).values(),
            now,
            hours=hours,
            slack_s=rules.start_slack_s,
            reaction_s=self.settings.reaction_s * rate,
            objective=self.settings.objective,
            effort="quick" if near else "fast",
            visits=lambda event: self._visits_of(state, event, rules.start_slack_s, near),
            expire_after=self.settings.expire_after,
            movable=movable,
            interruptible=may_stop,
            of_others=of_others,
        )
        usable = tuple(e for e in request.events if e.skymap_sha256 not in self._unusable)
        return _Asked(replace(request, events=usable), frozenset(movable), may_stop)

    def _movable(
        self, state: ObservatoryState, searched: list[Event], now: datetime, hours: float, near: bool
    ) -> dict[str, PlannedPointing]:
        """Choose what the plan may take back, of the visits that it is asked for."""
        held = {one.id for one in state.pointings.live()}
        self.given = {i: p for i, p in self.given.items() if i in held}
        usable = [e for e in searched if e.skymap_sha256 not in self._unusable]
        asked = {(e.key, v.name) for e in usable for v in self._visits_of(state, e, 0.0, near)}
        given = {i: p for i, p in self.given.items() if (p.event, p.visit) in asked}
        return movable(state, given, usable, now, now + timedelta(hours=hours), targets_of(state, usable, now))

    def overtaken(self, plan: Plan, state: ObservatoryState) -> list[Assignment]:
        """Say which open pointings the newest plan has taken back for a higher event."""
        return overtaken(plan, state, self._moving)

    def interrupted(self, plan: Plan, state: ObservatoryState) -> list[Assignment]:
        """Say what runs and must make room for what the newest plan wants most urgently."""
        return interrupted(plan, state, self.telescopes, self._may_stop)

    def _visits_of(self, state: ObservatoryState, event: Event, slack_s: float, near: bool) -> tuple[VisitSpec, ...]:
        """Choose the passes over an event's sky: here and nowhere else. Its rule says which, else the settings do.

        A first look may start `slack_s` late: what comes after it keeps so much more distance. `near`: without that.
        """
        network = [t for t in self.telescopes.values() if may_search(event, t.policy.accepts) is None]
        known = self.skies.get(event.key)
        curve = None if known is None else known[1].curve
        own = state.decisions[event.key].visits or self.settings.visits
        try:
            chosen = self._chosen.of(event.key, state.limits_on(event.key).visits or own, network, curve)
        except Refused as error:  # on this sky, which may be a newer one than people saw; other events are planned too
            log.error("visits that people chose cannot be: its own are taken", event_key=event.key, because=str(error))
            chosen = self._chosen.of(event.key, own, network, curve)
        later = (replace(v, min_gap_s=v.min_gap_s + slack_s) for v in chosen if v.min_gap_s > 0 and not near)
        return (*(v for v in chosen if v.min_gap_s <= 0), *later)

    def take(self, plan: Plan, state: ObservatoryState, sha256: str, because: str) -> PlanMade:
        """Work off a new plan from now on, but for what an even newer sky has overtaken."""
        self.plan_id = sha256[:16]
        same_sky = {e.key for e in plan.events if self.skies.get(e.key, ("",))[0] == e.skymap_sha256}
        before = self.pending | self.earlier
        later = {i: p for i, p in before.items() if p.start >= plan.end or (self._only_near and gap_s(p.visit) > 0.0)}
        made = {p.id: p for p in plan.pointings if p.id not in state.pointings.assignments}
        self.pending = {i: p for i, p in made.items() if p.event in same_sky}
        rest = {i: p for i, p in (later | made).items() if i not in self.pending}
        self.earlier = {i: p for i, p in rest.items() if p.event in self.skies}
        return PlanMade(
            self.plan_id,
            sha256,
            because,
            tuple(e.key for e in plan.events),
            {e.key: round(e.figures.planned, 6) for e in plan.events},
            kept=sum(e.changes.kept for e in plan.events),
            moved=sum(e.changes.moved for e in plan.events),
            added=sum(e.changes.added for e in plan.events),
            withdrawn=sum(e.changes.withdrawn for e in plan.events),
        )


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request, and what of its time was counted as free though somebody holds it."""

    request: PlanRequest
    movable: frozenset[str]
    may_stop: frozenset[str]


def in_a_hurry(because: str | None) -> bool:
    """Say whether telescopes wait for this plan: one is made quickly, and of the next hours alone."""
    return because in (FIRST_PLAN, NEW_SKY)
