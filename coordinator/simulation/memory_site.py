"""A telescope's site in the same process: agent, memory, simulated telescope, and a link that can be cut."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import numpy as np

from coordinator.simulation.kept import Kept
from coordinator.simulation.memory_link import MemoryLink
from coordinator.simulation.witness import WitnessDriver, Witnessed
from telescopes.agent.agent import Agent
from telescopes.agent.outage import OutageLink
from telescopes.agent.people import Word
from telescopes.agent.site_desk import remember
from telescopes.agent.sky_time import AgentSky
from telescopes.agent.store import Store
from telescopes.description.clocks import LinkClock
from telescopes.description.limits import first_violation
from telescopes.description.telescope import Telescope
from telescopes.drivers.driver import Driver
from telescopes.drivers.simulated import SimulatedDriver
from telescopes.drivers.world import World

REVIVED_AFTER_S = 60.0
"""An agent that will not work with the clock that its machine has is started again, as under a supervisor."""


class AgentProcess:
    """One life of an agent."""

    def __init__(self, agent: Agent) -> None:
        self.agent = agent

    async def start(self) -> None:
        """Nothing: the agent finds its memory by itself."""

    async def run(self) -> None:
        """Work until cancelled."""
        await self.agent.run(asyncio.Event())


class MemorySite:
    """What stands at one site; the agent may be killed, its memory and its link stay.

    Parameters
    ----------
    telescope, world, memory_link
        What it is, what it sees, and its way to the coordinator.
    utc, clock, rng
        True time, link time and chance.
    own_clock : bool
        Its sky time is that of its own machine, as at a real telescope, and not what it hears; that clock may be wrong.
    """

    def __init__(
        self,
        telescope: Telescope,
        world: World,
        memory_link: MemoryLink,
        *,
        utc: Callable[[], datetime],
        clock: LinkClock,
        rng: np.random.Generator,
        own_clock: bool = False,
    ) -> None:
        self.telescope = telescope
        self.acknowledged = memory_link.acknowledged
        self.store = Store(None, telescope.id)
        self.link = OutageLink(memory_link, clock)
        self._world, self._utc, self._clock, self._rng = world, utc, clock, rng
        self._own_clock, self.clock_error_s = own_clock, 0.0
        self.agent = Kept(f"agent {telescope.id}", self._process, REVIVED_AFTER_S if own_clock else None)

    def set_wrong(self, by_s: float) -> None:
        """Set the machine's clock wrong; by 0: right."""
        self.clock_error_s = by_s

    def hear(self, word: Word) -> None:
        """Take a person's word; while the agent is dead it is written down for the next one."""
        process = self.agent.service
        if process is not None:
            process.agent.desk.take(word)
        else:
            remember(self.store, self.store.wishes(), word, self._machine_utc(), self.telescope.site.longitude_deg)

    def _process(self) -> AgentProcess:
        sky = AgentSky(self._clock)
        agent = Agent(
            self.telescope,
            self._driver(sky),
            self.link,
            self.store,
            sky=sky,
            link_clock=self._clock,
            utc_now=self._machine_utc,
            rng=self._rng,
            violation=first_violation,
        )
        return AgentProcess(agent)

    def _driver(self, sky: AgentSky) -> Driver:
        driver = SimulatedDriver(self.telescope, sky, world=self._world)
        if not self._own_clock:
            return driver
        return WitnessDriver(self.telescope.id, driver, Witnessed(), self._utc, as_real=True)

    def _machine_utc(self) -> datetime:
        return self._utc() + timedelta(seconds=self.clock_error_s)
