"""The scheduler: the one writer of ownership. It folds the journal, decides by pure rules, and commits.

Whatever it does follows from the folded state, so that a scheduler that was killed between two commits goes on
where the journal stands. It never waits for a telescope: commands lie in the journal until they are fetched.
"""

import asyncio
import contextlib
import math
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from coordinator.dispatch.decide import Situation, decide
from coordinator.dispatch.event_limits import EventLimits
from coordinator.dispatch.facts import OperatorActed, SkyClockSet
from coordinator.dispatch.offers import OfferRules
from coordinator.dispatch.revocation import for_interruption, for_stale
from coordinator.events.coincidence_facts import all_correlated
from coordinator.planning.plan import Plan
from coordinator.planning.recipe import gap_s
from coordinator.planning.value import SkyValue
from coordinator.services.agenda import FIRST_PLAN, searchable, telescope_to_plan
from coordinator.services.by_hand import Chance, asked_in, completed, gives_way, require_possible
from coordinator.services.candidate_words import LOOK, placed
from coordinator.services.correlator import Correlator
from coordinator.services.coverage import CoverageKeeper
from coordinator.services.deciding import Decider
from coordinator.services.event_acts import require_event_act, require_limits
from coordinator.services.facts import entry_of
from coordinator.services.journal import Blobs, Entry, Journal, Stored, Writer, blob_name
from coordinator.services.long_reports import fitted
from coordinator.services.looked_at import as_looked_at, skies_of
from coordinator.services.open_events import apart
from coordinator.services.persons_act import asked_back_by
from coordinator.services.plan_keeper import PlanKeeper, in_a_hurry
from coordinator.services.plan_record import plan_record
from coordinator.services.pointing_entries import approval_entry, move_entry, offer_entry, revocation_entries
from coordinator.services.ports import PlannerPort
from coordinator.services.reports import digest, parts
from coordinator.services.seen_version import require_seen
from coordinator.services.settings import SchedulerSettings
from coordinator.services.situation import run_out, situation_of
from coordinator.services.sky_clock import JournaledSkyClock
from coordinator.services.snapshot import SnapshotKeeper
from coordinator.services.state import ObservatoryState
from coordinator.services.telescope_acts import ASK, timed
from coordinator.services.what_if import compared
from coordinator.sky.ranges import Ranges
from telescopes.description.clocks import LinkClock, LinkTime
from telescopes.description.errors import Refused, RetryLater
from telescopes.description.messages import ItemResult, PointingReport
from telescopes.description.telescope import Telescope

ROLE = "scheduler"
FIRST_STEP_S = 2.0
"""Link seconds within which a demonstration's first plan is begun, on any machine that is not overloaded."""
SOON = timedelta(minutes=10)
"""Link time; who begins within it gets the first command of a new plan before anything else is weighed."""
WAITING = timedelta(hours=4)
"""A demonstration's sky stands so long before its start until the first alert, for it runs fast meanwhile."""


@dataclass
class Scheduler:
    """The folded state, and the loops that keep the journal true to the rules; everything is handed in."""

    journal: Journal
    blobs: Blobs
    planner: PlannerPort
    telescopes: dict[str, Telescope]
    clock: JournaledSkyClock
    link: LinkClock
    settings: SchedulerSettings = field(default_factory=SchedulerSettings)
    state: ObservatoryState = field(default_factory=ObservatoryState)
    snapshots: SnapshotKeeper[ObservatoryState] | None = None
    _offered_at: dict[str, LinkTime] = field(default_factory=dict)
    _decided_seq: int = 0
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _revised: asyncio.Event = field(default_factory=asyncio.Event)
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self.plans = PlanKeeper(self.planner, self.telescopes, self.link, self.settings)
        self.correlator = Correlator(self.planner, self.blobs, self.settings.expire_after)
        self.coverage = CoverageKeeper(self.blobs)
        self.decider = Decider(self.settings.rules, self.settings.oldest)

    async def start(self) -> None:
        """Become the one scheduler, fold the journal, and give every open offer its full length again."""
        self.writer = await Writer.elected(self.journal, ROLE)
        if self.snapshots is not None:
            self.state = await self.snapshots.newest(self.journal) or self.state
        await self._catch_up()
        if self.state.sky_clock is None:
            await self._start_sky("waiting for the first alert", before=WAITING)
        # After a restart of everything the telescopes come a while later than the scheduler.
        counted_from = LinkTime(self.link.now() + self.settings.restart_grace_s)
        self._offered_at = {a.id: counted_from for a in self.state.pointings.live()}

    async def run(self) -> None:
        """Follow the journal, keep deciding, keep a plan; until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follow())
            tasks.create_task(self._keep_deciding())
            tasks.create_task(self._keep_planning())
            tasks.create_task(self._keep_correlating())

    # -- what others ask of it

    async def report(self, telescope_id: str, reports: Sequence[PointingReport]) -> tuple[ItemResult, ...]:
        """Take a telescope's reports; answer only when they are durable."""
        results: dict[int, ItemResult] = {}
        try:
            for part in parts(reports):
                answers = await self._report(telescope_id, [reports[i] for i in part])
                results.update(zip(part, answers, strict=True))
                await asyncio.sleep(0)  # else nobody is let in between where nothing has to be waited for
        finally:
            self._wake.set()  # once for all parts, and for those that are stored where a later one fails
        return tuple(results[i] for i in range(len(reports)))

    async def _report(self, telescope_id: str, reports: Sequence[PointingReport]) -> Sequence[ItemResult]:
        # Asked before the lock is taken: nobody waits for another process while he holds it.
        skies = await skies_of(reports, self.state.pointings, self.telescopes, self.planner)
        async with self._lock:
            await self._catch_up()
            now = self.clock.now()
            made = digest(self.state.pointings, telescope_id, reports, now)
            told = as_looked_at(made.facts, self.state, skies, self._sky_of)
            facts = [await fitted(fact, self.blobs) for fact in told]
            await self._commit([move_entry(self.state.pointings, f, now) for f in facts])
        return made.results

    async def act(self, action: OperatorActed) -> int:
        """Take a person's decision about a telescope, a pointing or an event; idempotent by its id."""
        action, sky = await self._completed(action)  # asked of another process: nobody waits for it with the lock
        async with self._lock:
            await self._catch_up()
            if action.action_id in self.state.actions:
                return self.state.actions[action.action_id]
            require_seen(action, self.state)
            asked = asked_back_by(action, self.state, self.telescopes)
            now = self.clock.now()
            require_event_act(action, self.state, self.telescopes, now)
            if sky is not None:
                self._require_possible(action, sky, now)
            if action.subject in self.telescopes:
                action = timed(action, self.telescopes[action.subject], now)
            entry = entry_of("operator_acted", action, sky_time=now, subject=action.subject)
            follows = revocation_entries(self.state.pointings, asked, now)
            if action.action == "approve_pointing" and action.subject in self.state.pointings.assignments:
                follows = [approval_entry(self.state.pointings, action.subject, action.operator, now)]
            stored = await self._commit([entry, *follows])
        self._wake.set()
        return stored[0].seq

    async def _completed(self, action: OperatorActed) -> tuple[OperatorActed, Ranges | None]:
        """Fill in what a person left out of a pointing, and say which sky it covers; None: it is something else."""
        if action.action_id in self.state.actions or action.action not in (ASK, LOOK):
            return action, None
        if action.action == LOOK:
            return placed(action, self.state.candidates.get(action.details.get("event", ""))), None
        made = completed(action, self.state, self.telescopes, self.clock.now())
        asked, telescope = asked_in(made), self.telescopes[made.subject]
        camera = next(i for i in telescope.instruments if asked.filter in i.filters)
        place = asked.ra_deg, asked.dec_deg, camera.position_angle_deg
        return made, await self.planner.ranges_of(camera.footprint, *place)

    def _require_possible(self, action: OperatorActed, sky: Ranges, now: datetime) -> None:
        asked, rules = asked_in(action), self._rules()
        free = gives_way(self.state, asked.telescope, asked.event, now)
        telescope, reaction_s = self.telescopes[asked.telescope], rules.reaction_s
        to_plan = replace(telescope_to_plan(self.state, telescope, now, reaction_s, free), closed_because=None)
        searched = searchable(self.state, self.telescopes, now, self.settings.expire_after)
        require_possible(Chance(asked, sky, to_plan), self.state, searched, rules.start_slack_s)

    async def what_if(self, event: str, limits: EventLimits) -> dict[str, Any]:
        """Say what a plan with other limits on an event would be, beside the one without; nothing is given out.

        Raises
        ------
        Refused
            The event is not searched, or there are no such limits.
        RetryLater
            Another one is being asked for.
        """
        now, after = self.clock.now(), self.settings.expire_after
        searched = searchable(self.state, self.telescopes, now, after)
        if event not in {e.key for e in searched}:
            raise Refused("is not searched now", where=event, mend="let it be searched first (go)", reason="NOT_FOUND")
        require_limits(limits, self.telescopes, now)
        if self._asking.locked():
            raise RetryLater("is busy with another question", where="what-if", mend="ask again", after_s=2.0)
        async with self._asking:
            as_it_is = replace(self.state)  # the fold goes on meanwhile: of what is asked, both see the same
            other = replace(as_it_is, limits=self.state.limits | {event: limits})
            of_others = await self.coverage.looks_of(searched, as_it_is)
            asked = [
                await self.plans.what_if(state, now, self.clock.rate, self._rules(), of_others)
                for state in (as_it_is, other)
            ]
        sides = as_it_is.limits_on(event), limits
        return compared(event, now, sides, (asked[0], asked[1]), self.state.plan)

    # -- loops

    async def _follow(self) -> None:
        while True:
            tail = await self.journal.follow(self.state.applied_seq, wait_s=5.0)
            if tail.entries:
                async with self._lock:
                    self._fold(tail.entries)
            if self.state.applied_seq > self._decided_seq:  # else it came in by another door, and was thought about
                self._wake.set()

    async def _keep_deciding(self) -> None:
        while True:
            self._wake.clear()
            async with self._lock:
                await self._decide()
            try:
                async with asyncio.timeout(self.settings.tick_s):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def _keep_planning(self) -> None:
        self.plans.get_ready()
        while True:
            self._revised.clear()
            after = self.settings.expire_after
            objectives = {key: one.objective for key, one in self.state.limits.items() if one.objective is not None}
            searched = searchable(self.state, self.telescopes, self.clock.now(), after)
            if await self.plans.learn_skies(searched, objectives):
                self._wake.set()
            because = self.plans.due_because(self.state, self.clock.now())
            if because is not None:
                await self._plan(because)
            await self._event_or_tick()

    async def _event_or_tick(self) -> None:
        """Wait for an event that changed since the last look, or for the next one."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.settings.tick_s / 5):
                await self._revised.wait()

    async def _keep_correlating(self) -> None:
        """Look for events that are one; maps are compared without the lock, for that is another process's work."""
        while True:
            if await self.correlator.learn(self.state, self.clock.now()):
                async with self._lock:
                    await self._catch_up()
                    await self._commit(self.correlator.entries(self.state, self.clock.now()))
                self._wake.set()
            await asyncio.sleep(self.settings.tick_s / 5)

    # -- deciding; all of it with the lock held

    async def _decide(self) -> None:
        """Bring the journal in line with the rules."""
        await self._catch_up()
        self._decided_seq = self.state.applied_seq
        if self.state.alerts.events and not self.state.events:
            await self._start_sky("the first alert")
        if await self._commit(self._event_entries()):
            self._revised.set()
        now = self.clock.now()
        decision = decide(self.state.pointings, self._situation())
        settled = {m.pointing_id for m in decision.moves} | {r.assignment.id for r in decision.revocations}
        stale = {
            a.id: a for a in (*self.plans.stale(self.state), *run_out(self.state, now, self.settings.expire_after))
        }
        asked = [*decision.revocations, *for_stale(a for a in stale.values() if a.id not in settled)]
        await self._commit(
            [move_entry(self.state.pointings, m, now) for m in decision.moves]
            + revocation_entries(self.state.pointings, asked, now)
        )
        await self._offer()
        await self._jump()

    def _event_entries(self) -> list[Entry]:
        """Say what the alerts, and what they mean together, changed, and what is done with events now."""
        now = self.clock.now()
        over = apart(self.state, now, self.settings.expire_after)
        events = all_correlated(self.state.alerts.events, self.state.coincidences, over)
        revised = [
            entry_of(
                "event_retracted" if event.retracted else "event_revised", event, sky_time=now, event=key, subject=key
            )
            for key, event in sorted(events.items())
            if event != self.state.events.get(key)
        ]
        return [*revised, *self.decider.entries(events, self.state, now)]

    def _situation(self) -> Situation:
        clock, link_now = self.clock, self.link.now()
        return situation_of(
            self.state, self.telescopes, clock.now(), clock.rate, link_now, self._offered_at, self.settings
        )

    def _rules(self) -> OfferRules:
        slack_s = max(60.0, self.settings.start_slack_s * self.clock.rate)
        reaction_s = self.settings.reaction_s * self.clock.rate
        first = self.settings.visits[0]
        return OfferRules(
            self.settings.own_share,
            start_slack_s=slack_s,
            reaction_s=reaction_s,
            gap_s=lambda visit: 0.0 if visit == first else gap_s(visit),
        )

    async def _offer(
        self,
        plan_made: Sequence[Entry] = (),
        kept: Awaitable[object] | None = None,
        begin_within: timedelta | None = None,
    ) -> None:
        """Offer what is due of the plan, in one commit with the word that it was made, once it is kept.

        `begin_within`: only until every telescope that begins so soon has its first command.
        """
        now = self.clock.now()
        made = self.plans.offering(self.state, now, self._rules(), None if begin_within is None else now + begin_within)
        if kept is not None:
            await kept
        await self._commit([*plan_made, *(offer_entry(o, now) for o in made.offers)])
        self._offered_at |= {o.pointing.pointing_id: self.link.now() for o in made.offers}

    async def _start_sky(self, because: str, before: timedelta = timedelta()) -> None:
        """Let a demonstration's sky begin, so long `before` its start."""
        fast = self.settings.fast_sky
        if fast is not None:
            await self._set_sky(fast.start - before, fast.rate, because)

    async def _jump(self) -> None:
        """Jump over hours in which nobody has work, in a demonstration that may."""
        fast = self.settings.fast_sky
        if fast is None or not fast.may_jump or next(self.state.pointings.live(), None) is not None:
            return
        starts = [p.start for p in self.plans.ready(self.state, self.clock.now())]
        lead = timedelta(seconds=2 * self.settings.start_slack_s * fast.rate)
        if starts and min(starts) - lead - self.clock.now() > timedelta(seconds=fast.jump_over_s):
            await self._set_sky(min(starts) - lead, fast.rate, "nobody had work")

    async def _set_sky(self, to: datetime, rate: float, because: str) -> None:
        fact = SkyClockSet(to, self.clock.utc(), rate, because)
        await self._commit([entry_of("sky_clock_set", fact, sky_time=to)])

    def _sky_of(self, event: str) -> SkyValue | None:
        known = self.plans.skies.get(event)
        return None if known is None else known[1]

    # -- planning

    def _plan_from(self, because: str) -> datetime:
        """Return when a plan begins: now, but for the first one of a demonstration.

        That begins at a full step after the sky's start, so that the same seed gives the same first plan however
        long the machine takes to come to it.
        """
        now, fast = self.clock.now(), self.settings.fast_sky
        if fast is None or because != FIRST_PLAN:
            return now
        step = timedelta(seconds=FIRST_STEP_S * fast.rate)
        return fast.start + (math.floor((now - fast.start) / step) + 1) * step

    async def _plan(self, because: str) -> None:
        plan = await self._made(because)
        if plan is None:
            return
        record = plan_record(plan)
        async with asyncio.TaskGroup() as tasks, self._lock:
            kept = tasks.create_task(self.blobs.put(record))  # offers are weighed while the disk is at work
            await self._catch_up()
            asked = for_stale(self.plans.overtaken(plan, self.state))
            asked += for_interruption(self.plans.interrupted(plan, self.state))
            fact, now = self.plans.take(plan, self.state, blob_name(record), because), self.clock.now()
            made = entry_of("plan_made", fact, sky_time=now, subject=fact.plan_id)
            if asked:  # what is asked back counts where offers are weighed
                await kept
                await self._commit([made, *revocation_entries(self.state.pointings, asked, now)])
                await self._offer()
            else:  # who can begin does not wait until the next half hour of everybody is weighed
                await self._offer([made], kept, SOON * self.clock.rate)
                await self._offer()
        self._wake.set()

    async def _made(self, because: str) -> Plan | None:
        """Ask for a plan; None: the planner cannot answer, or new sky came, which waits for no plan of all hours."""
        start, rate, rules = self._plan_from(because), self.clock.rate, self._rules()
        searched = searchable(self.state, self.telescopes, start, self.settings.expire_after)
        of_others = self.coverage.looks_of(searched, self.state)
        making = asyncio.ensure_future(self.plans.make(self.state, start, rate, rules, because, of_others))
        try:
            while not making.done():
                await asyncio.wait({making}, timeout=self.settings.tick_s / 5)
                if not in_a_hurry(because) and in_a_hurry(self.plans.due_because(self.state, self.clock.now())):
                    return None
            return making.result()
        finally:
            making.cancel()

    # -- the journal

    async def _catch_up(self) -> None:
        """Fold everything that is in the journal."""
        while True:
            tail = await self.journal.read(self.state.applied_seq)
            if not tail.entries:
                return
            self._fold(tail.entries)

    def _fold(self, entries: Sequence[Stored]) -> None:
        for stored in entries:
            self.state.apply(stored)
        self.clock.setting = self.state.sky_clock
        if self.snapshots is not None:
            self.snapshots.folded(self.state, len(entries))

    async def _commit(self, entries: Sequence[Entry]) -> tuple[Stored, ...]:
        """Commit, then fold: what is not durable did not happen."""
        if not entries:
            return ()
        stored = await self.writer.append(entries)
        if stored[0].seq == self.state.applied_seq + 1:
            self._fold(stored)
        else:
            await self._catch_up()
        return stored
