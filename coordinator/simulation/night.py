"""A night of many telescopes in one process on virtual time: the services, the sites, and what happens when.

The same night gives the same journal: all chance is drawn from its seed, all time from the loop.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import numpy as np

from coordinator.dispatch.facts import OperatorActed
from coordinator.services.intake import Intake
from coordinator.simulation.kept import Kept
from coordinator.simulation.memory_link import MemoryLink, Way
from coordinator.simulation.memory_observatory import MemoryObservatory
from coordinator.simulation.memory_site import MemorySite
from coordinator.simulation.reach import reachable
from coordinator.simulation.script import Arrival, Cloud, Kill, Night, Said
from coordinator.simulation.verdict import Closing, NightResult, closed, is_of_a_wrong_clock
from coordinator.simulation.virtual_loop import LoopClock, VirtualLoop, run_virtual, virtual_utc
from coordinator.simulation.world.counterpart import Injected
from coordinator.simulation.world.make import Search, make_world
from coordinator.sky.read import read_skymap
from coordinator.sky.regions import credible_ranges
from telescopes.description.errors import RetryLater
from telescopes.drivers.world import World

SEARCHED = 0.9
LAST_WORD_S = 3 * 3600.0
"""What runs at the end of the hours comes to its end within this time, and what waits is sent."""
LOOK_S = 10.0


def run_night(night: Night) -> NightResult:
    """Play a night from its beginning to the last report."""
    return run_virtual(lambda loop: _Stage(night, loop).play())


@dataclass(frozen=True, slots=True)
class _Cue:
    """Something that happens, so many seconds after the beginning."""

    after_s: float
    happens: Callable[[], None]


@dataclass
class _Stage:
    """One night while it is played."""

    night: Night
    loop: VirtualLoop
    intake: Intake = field(init=False)

    def __post_init__(self) -> None:
        night = self.night
        utc, link = virtual_utc(self.loop, night.start), LoopClock(self.loop)
        chance = np.random.default_rng(night.seed)
        in_world, in_tokens, on_the_way, *at_sites = chance.spawn(3 + len(night.telescopes))
        self.observatory = MemoryObservatory(
            night.telescopes, night.pace, utc=utc, link=link, rng=in_tokens, planning=night.planning
        )
        least_s, most_s = night.pace.one_way_s
        way = Way(
            lambda: float(on_the_way.uniform(least_s, most_s)),
            night.pace.session.heartbeat_s,
            self.observatory.clock(),
        )
        world, self.injected = night.world or _world(night, in_world)
        own_clocks = {error.telescope for error in night.clock_errors}
        self.sites = {
            one.id: MemorySite(
                one,
                world,
                MemoryLink(self.observatory.sessions[one.id], way),
                utc=utc,
                clock=link,
                rng=rng,
                own_clock=one.id in own_clocks,
            )
            for one, rng in zip(night.telescopes, at_sites, strict=True)
        }

    async def play(self) -> NightResult:
        """Start everybody, follow the script, let everything come to its end."""
        self.intake = await self.observatory.intake()
        try:
            async with asyncio.TaskGroup() as running:
                tasks = [running.create_task(service.run()) for service in self._services().values()]
                tasks += [running.create_task(self._receive(a)) for a in self.night.arrivals]
                tasks += [running.create_task(self._hear(one)) for one in self.night.said]
                await self._follow_script()
                await self._come_to_an_end()
                closing = self._closing()
                for task in tasks:
                    task.cancel()
            return closed(closing)
        finally:
            for site in self.sites.values():
                site.store.close()

    def _services(self) -> dict[str, Kept]:  # type: ignore[type-arg]
        seen = self.observatory
        telescopes = {f"telescope/{t}": one for t, one in seen.sessions.items()}
        agents = {f"agent/{t}": one.agent for t, one in self.sites.items()}
        return {"scheduler": seen.scheduler, "vetter": seen.vetter, **telescopes, **agents}

    async def _follow_script(self) -> None:
        for cue in sorted(self._cues(), key=lambda c: c.after_s):
            await asyncio.sleep(cue.after_s - self.loop.time())
            cue.happens()
        await asyncio.sleep(self.night.hours * 3600.0 - self.loop.time())

    def _cues(self) -> Iterator[_Cue]:
        services = self._services()
        for kill in self.night.kills:
            yield _Cue(kill.after.total_seconds(), _death(services[kill.service], kill))
        for cut in self.night.outages:
            link, lasts_s = self.sites[cut.telescope].link, cut.lasts.total_seconds()
            yield _Cue(cut.after.total_seconds(), lambda link=link, lasts_s=lasts_s: link.cut(lasts_s))  # type: ignore[misc]
        for wrong in self.night.clock_errors:
            clock = self.sites[wrong.telescope].set_wrong
            yield _Cue(wrong.after.total_seconds(), partial(clock, wrong.error_s))
            right_s = (wrong.after + wrong.lasts).total_seconds()
            if right_s < self.night.hours * 3600.0:  # at the night's end all are set right
                yield _Cue(right_s, partial(clock, 0.0))

    async def _receive(self, one: Arrival) -> None:
        await asyncio.sleep(one.after.total_seconds())
        await self.intake.receive(one.data, name=one.name, purpose=one.purpose, event_key=one.event)

    async def _hear(self, one: Said) -> None:
        await asyncio.sleep(one.after.total_seconds())
        if isinstance(one.word, OperatorActed):
            await self._act(one.word)
        else:
            self.sites[one.telescope].hear(one.word)

    async def _come_to_an_end(self) -> None:
        """Set all clocks right, pause everybody, and wait until nothing is open and nothing waits to be sent."""
        for site in self.sites.values():
            site.set_wrong(0.0)
        for telescope in self.sites:
            await self._act(OperatorActed(f"end:{telescope}", "pause", telescope, "simulation", "the night is over"))
        give_up = self.loop.time() + LAST_WORD_S
        while self._busy() and self.loop.time() < give_up:  # noqa: ASYNC110 (virtual time: looking costs nothing)
            await asyncio.sleep(LOOK_S)
        await asyncio.sleep(LOOK_S)  # What was committed at the last instant is folded.

    async def _act(self, action: OperatorActed) -> None:
        while True:
            try:
                await self.observatory.door.act(action)
            except RetryLater as error:
                await asyncio.sleep(error.after_s)
            else:
                return

    def _busy(self) -> bool:
        scheduler = self.observatory.scheduler.service
        if scheduler is None or next(scheduler.state.pointings.live(), None) is not None:
            return True
        return any(site.store.unsent() or site.store.open_pointings() for site in self.sites.values())

    def _closing(self) -> Closing:
        """Take down what is left when everything stands still."""
        scheduler = self.observatory.scheduler.service
        seen, stores = self.observatory, [site.store for site in self.sites.values()]
        return Closing(
            entries=tuple(seen.journal.stored),
            sky=seen.work.curve,
            telescopes=tuple(self.night.telescopes),
            injected=self.injected,
            acknowledged=frozenset(i for site in self.sites.values() for i in site.acknowledged),
            open_at_sites=frozenset(h.pointing.pointing_id for store in stores for h in store.open_pointings()),
            scheduler_hash=None if scheduler is None else scheduler.state.hash(),
            detections_sent=sum(store.detections_ever() for store in stores),
            unsent=sum(store.unsent() for store in stores),
            refused=tuple(item for store in stores for item in store.refused()),
            plans=seen.planner.plans,
            planning_cpu_s=seen.planner.cpu_s,
            blobs=seen.blobs.data,
            watched=self.night.watched,
            ended=tuple(self._ended()),
        )

    def _ended(self) -> Iterator[str]:
        """Say why agents ended by themselves; a wrong clock is a reason where the script has one."""
        may = {wrong.telescope for wrong in self.night.clock_errors}
        for name, site in self.sites.items():
            for failure in site.agent.failures:
                if name not in may or not is_of_a_wrong_clock(failure):
                    yield f"{name}: {failure}"


def _death(service: Kept, kill: Kill) -> Callable[[], None]:  # type: ignore[type-arg]
    return lambda: service.kill(kill.away.total_seconds())


def _world(night: Night, rng: np.random.Generator) -> tuple[World, Injected]:
    """Make the truth: a source where somebody can see it, and everything else."""
    sky = read_skymap(night.truth)
    region = credible_ranges(sky, SEARCHED)
    reach = {t.id: reachable(t, region, night.start, night.hours) for t in night.telescopes}
    search = Search(
        sky.facts.t0 or night.start,
        night.start,
        night.hours,
        night.telescopes,
        {t: its for t, its in reach.items() if its.pixels > 0},
        clouds=_closed_skies(night.clouds, night.start),
    )
    return make_world(rng, sky, search, night.density, seed=night.seed)


def _closed_skies(clouds: Iterable[Cloud], start: datetime) -> dict[str, tuple[tuple[datetime, datetime], ...]]:
    closed: dict[str, tuple[tuple[datetime, datetime], ...]] = {}
    for one in clouds:
        span: tuple[datetime, datetime] = (start + one.after, start + one.after + one.lasts)
        closed[one.telescope] = (*closed.get(one.telescope, ()), span)
    return closed
