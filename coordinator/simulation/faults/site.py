"""One telescope of a fault world: its agent with memory and clock, and a line that does as badly as it is told."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import numpy as np

from coordinator.services.sky_clock import JournaledSkyClock
from coordinator.services.telescope_session import TelescopeSession
from coordinator.simulation.faults.hands import AgentLife, ClumsyDriver, watched
from coordinator.simulation.faults.parts import Parts
from coordinator.simulation.faults.stage import START, sources
from coordinator.simulation.faults.trouble import BadLine, ClockStep, Clouds, Clumsy, Cut, FaultWorld, Frozen
from coordinator.simulation.faulty_link import Faults, FaultyLink
from coordinator.simulation.kept import Kept
from coordinator.simulation.memory_link import MemoryLink, Way
from coordinator.simulation.witness import WitnessDriver, Witnessed
from telescopes.agent.agent import Agent
from telescopes.agent.held import Held
from telescopes.agent.outage import OutageLink
from telescopes.agent.safety import at_each
from telescopes.agent.sky_time import AgentSky
from telescopes.description.clocks import LinkClock
from telescopes.description.telescope import Telescope
from telescopes.drivers.driver import Driver
from telescopes.drivers.simulated import SimulatedDriver
from telescopes.drivers.world import World

T = TypeVar("T", BadLine, Clouds, Clumsy)
HEARTBEAT_S = 8.0
ONE_WAY_S = 0.02
REVIVED_AFTER_S = 3.0
BOGUS_PER_IMAGE = 0.2


@dataclass(frozen=True, slots=True)
class Ears:
    """Who is told what: what agents make durable, what the coordinator acknowledges, and that an agent ended."""

    noted: Callable[[str, Held], None]
    answered: Callable[[str, set[str]], None]
    ended: Callable[[str], None]


class FaultSite:
    """What stands at one site; the agent may be killed, its memory stays.

    Parameters
    ----------
    telescope, world, parts
        What it is, what goes wrong, and what it is built of.
    session : Kept of TelescopeSession
        The coordinator's side of it.
    seen, ears
        The witness's book, and who is told what happens here.
    utc, clock, rng
        True time, link time and chance.
    """

    def __init__(
        self,
        telescope: Telescope,
        world: FaultWorld,
        parts: Parts,
        session: Kept[TelescopeSession],
        *,
        seen: Witnessed,
        ears: Ears,
        utc: Callable[[], datetime],
        clock: LinkClock,
        rng: np.random.Generator,
    ) -> None:
        self._telescope, self._world, self._parts = telescope, world, parts
        self._seen, self._ears, self._utc, self._clock = seen, ears, utc, clock
        self._rng, on_the_line = rng.spawn(2)
        way = Way(lambda: ONE_WAY_S, HEARTBEAT_S, JournaledSkyClock(utc))
        memory_link = MemoryLink(session, way, lambda items: ears.answered(telescope.id, items))
        self.outage = OutageLink(memory_link, clock)
        bad = next((t.faults for t in self._mine(BadLine)), Faults())
        self.link = FaultyLink(self.outage, bad, clock, on_the_line)
        self.store = watched(parts.store(None, telescope.id), lambda held: ears.noted(telescope.id, held))
        self.clock_error_s = 0.0
        self.agent = Kept(f"agent {telescope.id}", self._life, REVIVED_AFTER_S)

    def suffer(self, trouble: Cut | Frozen | ClockStep) -> None:
        """Let something happen to the link or the machine."""
        match trouble:
            case Cut():
                self.outage.cut(trouble.for_s)
            case Frozen():
                self.link.freeze(trouble.for_s)
            case ClockStep():
                self.clock_error_s = trouble.error_s

    def heal(self) -> None:
        """Let the line be good, and the clock right."""
        self.link.faults = Faults()
        self.clock_error_s = 0.0

    def _mine(self, kind: type[T]) -> list[T]:
        return [t for t in self._world.troubles if isinstance(t, kind) and t.telescope == self._telescope.id]

    def _life(self) -> AgentLife:
        sky, chance = AgentSky(self._clock), np.random.default_rng(self._rng.integers(2**32))
        agent = Agent(
            self._telescope,
            self._parts.hands(self._driver(sky, chance)),
            self._parts.line(self.link),
            self.store,
            sky=sky,
            link_clock=self._clock,
            utc_now=lambda: self._utc() + timedelta(seconds=self.clock_error_s),
            rng=chance,
            violation=at_each(self._parts.limits),
        )
        return AgentLife(agent, lambda: self._ears.ended(self._telescope.id))

    def _driver(self, sky: AgentSky, chance: np.random.Generator) -> Driver:
        clouds = tuple(
            (START + timedelta(seconds=c.at_s), START + timedelta(seconds=c.at_s + c.for_s)) for c in self._mine(Clouds)
        )
        seen, bogus = (sources(), BOGUS_PER_IMAGE) if self._world.shines else ((), 0.0)
        truth = World(self._world.seed, START, seen, {self._telescope.id: clouds}, bogus)
        driver: Driver = SimulatedDriver(self._telescope, sky, truth)
        for clumsy in self._mine(Clumsy):
            driver = ClumsyDriver(driver, clumsy.chance, chance)
        return WitnessDriver(self._telescope.id, driver, self._seen, self._utc, as_real=self._world.as_real)
