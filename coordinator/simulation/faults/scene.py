"""A fault world while it is played: the real services on virtual time, and the laws asked at every entry."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import numpy as np

from coordinator.alerts.alert import Alert
from coordinator.dispatch.facts import OperatorActed
from coordinator.services.facts import entry_of, fact_of
from coordinator.services.journal import Entry, Stored, Writer
from coordinator.simulation.faults.hands import WatchedJournal
from coordinator.simulation.faults.notices import first_notice, notice
from coordinator.simulation.faults.observatory import FaultObservatory
from coordinator.simulation.faults.parts import Parts
from coordinator.simulation.faults.site import Ears, FaultSite
from coordinator.simulation.faults.stage import START, TactlessPlanner, curve, fields_of, network
from coordinator.simulation.faults.steps import Steps
from coordinator.simulation.faults.trouble import (
    BadLine,
    ClockStep,
    Clouds,
    Clumsy,
    Cut,
    Death,
    FaultWorld,
    Frozen,
    JournalAway,
    News,
    Ordered,
    PlannerAway,
    Strike,
    Trouble,
)
from coordinator.simulation.faults.watch import EveryLaw
from coordinator.simulation.kept import Kept
from coordinator.simulation.truth import Lost
from coordinator.simulation.virtual_loop import LoopClock, VirtualLoop, virtual_utc
from coordinator.simulation.witness import Witnessed
from telescopes.agent.held import Held
from telescopes.description.errors import RetryLater

AT_REST_S = 400.0
"""So long everything may take to come to its end when nothing goes wrong any more."""
LOOK_S = 5.0

Sudden = Death | Cut | Frozen | ClockStep | News | Ordered | JournalAway | PlannerAway

Cue = tuple[float, int, Callable[[], Coroutine[Any, Any, object] | None]]
"""When something happens, how many steps of the loop later, and what."""


@dataclass
class Scene:
    """Everything that takes part, and what became of it."""

    loop: VirtualLoop
    world: FaultWorld
    parts: Parts
    lost: list[Lost] = field(default_factory=list)
    ended: dict[str, datetime] = field(default_factory=dict)
    scheduler_hash: str | None = None
    state_hash: str = ""

    def __post_init__(self) -> None:
        world = self.world
        self.clock, self.utc = LoopClock(self.loop), virtual_utc(self.loop, START)
        self.telescopes = {t: network()[t] for t in world.telescopes}
        self.laws = EveryLaw(curve, self.telescopes)
        self.seen = Witnessed()
        self._steps = Steps()
        self._strikes = {n: (t, t.nth) for n, t in world.numbered if isinstance(t, Strike)}
        self._broken = asyncio.Event()
        chance = np.random.default_rng([world.seed, 7])
        in_fields, in_tokens, in_journal, *at_sites = chance.spawn(3 + len(self.telescopes))
        self.journal = WatchedJournal(self.parts.journal(), self._writing, self._written, self.clock, in_journal)
        self._planner = TactlessPlanner(fields_of(in_fields, world.telescopes, world.events, world.lasts_s))
        self.observatory = FaultObservatory(
            self.parts, self.journal, self._planner, self.telescopes, utc=self.utc, clock=self.clock, rng=in_tokens
        )
        self.sites = {t: self._a_site(t, rng) for t, rng in zip(self.telescopes, at_sites, strict=True)}

    def _a_site(self, telescope: str, rng: np.random.Generator) -> FaultSite:
        ears = Ears(self._noted, self._answered, lambda one: self.lost.append(Lost(one, self.utc())))
        return FaultSite(
            self.telescopes[telescope],
            self.world,
            self.parts,
            self.observatory.sessions[telescope],
            seen=self.seen,
            ears=ears,
            utc=self.utc,
            clock=self.clock,
            rng=rng,
        )

    def services(self) -> dict[str, Kept[Any]]:
        """Return everybody who may die, by name."""
        return self.observatory.services() | {f"agent/{t}": one.agent for t, one in self.sites.items()}

    # -- what is heard, and who dies at it

    def _writing(self, entries: Sequence[Entry]) -> None:
        if not self._strikes:
            return
        for entry in entries:
            self._strike(self._steps.name(entry, fact_of(entry)), before=True)

    def _written(self, stored: Sequence[Stored]) -> None:
        for one in stored:
            fact = fact_of(one.entry)
            name = self._steps.name(one.entry, fact)
            self._steps.done(one.entry, name)
            self.laws.look_at(one, fact)
            self._strike(name, before=False)
        self._stop_if_broken()

    def _noted(self, telescope: str, held: Held) -> None:
        if not held.is_open:
            self.ended.setdefault(held.pointing.pointing_id, self.utc())
        self._strike(f"held_{held.state}", before=False)

    def _answered(self, telescope: str, items: set[str]) -> None:
        self.journal.tell()
        self.laws.acknowledged(telescope, items)
        self._stop_if_broken()

    def _stop_if_broken(self) -> None:
        if self.laws.broken:
            self._broken.set()

    def _strike(self, name: str, *, before: bool) -> None:
        for number, (strike, left) in tuple(self._strikes.items()):
            if (strike.transition, strike.before) != (name, before):
                continue
            if left > 1:
                self._strikes[number] = (strike, left - 1)
            else:
                del self._strikes[number]
                self.services()[strike.service].kill(strike.away_s)

    # -- playing

    async def play(self) -> None:
        """Let everything go wrong, heal it, and wait until all has come to its end, or a law is broken."""
        async with asyncio.TaskGroup() as running:
            tasks = [running.create_task(one.run()) for one in self.services().values()]
            tasks += [running.create_task(_at(cue)) for cue in self._cues()]
            if not await self._broken_within(self.world.lasts_s):
                self._heal()
                await self._rest()
            self.scheduler_hash, self.state_hash = self.observatory.scheduler_hash(), self.laws.state.hash()
            for task in tasks:
                task.cancel()
            for site in self.sites.values():
                await site.link.end()

    def close(self) -> None:
        """Let go of what the sites remember."""
        for site in self.sites.values():
            site.store.close()

    async def _broken_within(self, within_s: float) -> bool:
        try:
            async with asyncio.timeout(within_s):
                return await self._broken.wait()
        except TimeoutError:
            return False

    def _heal(self) -> None:
        self._strikes.clear()
        for site in self.sites.values():
            site.heal()

    async def _rest(self) -> None:
        """Let everybody work again, and wait until nothing is open and nothing waits to be sent."""
        for telescope in self.telescopes:
            await self._act(OperatorActed(f"end:{telescope}", "pause", telescope, "fault world", "it is over"))
        give_up = self.loop.time() + AT_REST_S
        while self._busy() and self.loop.time() < give_up:
            if await self._broken_within(LOOK_S):
                return
        await asyncio.sleep(LOOK_S)  # what was committed at the last instant is folded

    def _busy(self) -> bool:
        scheduler = self.observatory.scheduler.service
        if scheduler is None or next(scheduler.state.pointings.live(), None) is not None:
            return True
        return any(site.store.unsent() or site.store.open_pointings() for site in self.sites.values())

    def _cues(self) -> Iterator[Cue]:
        for number, event in enumerate(self.world.events):
            yield 1.0 + number, 0, partial(self._alert, first_notice(event))
        for trouble in self.world.troubles:
            cue = self._cue(trouble)
            if cue is not None:
                yield cue

    def _cue(self, trouble: Trouble) -> Cue | None:
        """Say when a trouble comes; None: it is in the parts from the beginning, or comes at a step."""
        if isinstance(trouble, BadLine | Clouds | Clumsy | Strike):
            return None
        steps = trouble.steps if isinstance(trouble, Death) else 0
        return trouble.at_s, steps, lambda: self._happen(trouble)

    def _happen(self, trouble: Sudden) -> Coroutine[Any, Any, object] | None:
        match trouble:
            case Death():
                self.services()[trouble.service].kill(trouble.away_s)
            case JournalAway():
                self.journal.go_away(trouble.for_s)
            case PlannerAway():
                return self._lose_planner(trouble.for_s)
            case News():
                return self._alert(notice(trouble))
            case Ordered():
                name = f"{trouble.action}:{trouble.telescope}:{trouble.at_s}"
                return self._act(OperatorActed(name, trouble.action, trouble.telescope, "fault world", "drawn"))
            case _:
                self.sites[trouble.telescope].suffer(trouble)
        return None

    async def _lose_planner(self, for_s: float) -> None:
        self._planner.away = True
        await asyncio.sleep(for_s)
        self._planner.away = False

    async def _alert(self, alert: Alert) -> None:
        """Write an alert down as a source does, as often as nobody says that it is kept."""
        while True:
            try:
                # Each source has one writer: of two, the older would be told to stop.
                writer = await Writer.elected(self.journal, f"source/{alert.notice_id}")
                await writer.append([entry_of("alert_received", alert, sky_time=self.utc(), event=alert.event_key)])
            except RetryLater as error:
                await asyncio.sleep(error.after_s)
            else:
                return

    async def _act(self, action: OperatorActed) -> None:
        """Say what a person wants, as often as nobody is there."""
        while True:
            try:
                await self.observatory.door.act(action)
            except RetryLater as error:
                await asyncio.sleep(error.after_s)
            else:
                return


async def _at(cue: Cue) -> None:
    at_s, steps, happens = cue
    await asyncio.sleep(at_s)
    for _ in range(steps):
        await asyncio.sleep(0)
    done = happens()
    if done is not None:
        await done
