"""A telescope's agent and a coordinator in memory, on a loop with virtual time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coordinator.simulation.virtual_loop import LoopClock, VirtualLoop, run_virtual, virtual_utc
from telescopes.agent.agent import Agent
from telescopes.agent.loopback import LoopbackCoordinator
from telescopes.agent.outage import OutageLink
from telescopes.agent.program import run_program
from telescopes.agent.reductions import RunProgram
from telescopes.agent.safety import Rule, at_each
from telescopes.agent.sky_time import AgentSky
from telescopes.agent.store import Store
from telescopes.description.clocks import LinkTime, ScaledSkyClock
from telescopes.description.footprint import Rectangle
from telescopes.description.messages import Exposure, Pointing
from telescopes.description.states import PointingState
from telescopes.description.telescope import Depth, Instrument, Observing, Site, Telescope, Timing
from telescopes.drivers.driver import Driver
from telescopes.drivers.simulated import SimulatedDriver
from telescopes.drivers.world import World

T0 = datetime(2026, 1, 1, tzinfo=UTC)
DARK = World(seed=1, t_ref=T0, sources=(), bogus_per_image=0.0)


def no_limits(*_: object) -> None:
    """A site that may point anywhere, always."""


def a_telescope(**changes: Any) -> Telescope:
    camera = Instrument("main", ("r", "g"), Rectangle(2.0, 2.0), (Depth(20.0, 60.0, "r"), Depth(20.0, 60.0, "g")))
    telescope = Telescope(
        id="t1",
        name="T1",
        site=Site(0.0, -90.0),
        instruments=(camera,),
        observing=Observing(60.0, count=3, filters=("r",)),
        timing=Timing(slew_rate_deg_s=5.0, settle_s=2.0, readout_s=5.0),
    )
    return replace(telescope, **changes)


def a_pointing(pointing_id: str = "p1", start_s: float = 100.0, **changes: Any) -> Pointing:
    """Three exposures of 60 s (195 s with reading out), to start `start_s` after T0, in a window of an hour."""
    pointing = Pointing(
        pointing_id=pointing_id,
        revision=1,
        plan_id="plan",
        event_id="lvk:S1",
        event_revision=1,
        telescope_id="t1",
        instrument_id="main",
        visit="1",
        ra_deg=10.0,
        dec_deg=5.0,
        position_angle_deg=0.0,
        window_start=T0,
        window_end=T0 + timedelta(hours=1),
        planned_start=T0 + timedelta(seconds=start_s),
        exposures=(Exposure("r", 60.0, 3),),
        accept_within_s=5.0,
    )
    return replace(pointing, **changes)


@dataclass
class Rig:
    """Everything that a scenario may touch."""

    loop: VirtualLoop
    rate: float = 1.0
    telescope: Telescope = field(default_factory=a_telescope)
    world: World = DARK
    violation: Rule = no_limits
    state: Path | None = None
    heartbeat_s: float = 10.0
    lease_s: float = 30.0
    driver: Callable[[Telescope, AgentSky], Driver] | None = None
    clock_error_s: float = 0.0
    program: RunProgram = run_program
    coordinator_class: type[LoopbackCoordinator] = LoopbackCoordinator
    starts: int = 0

    def __post_init__(self) -> None:
        self.clock = LoopClock(self.loop)
        self.true_utc = virtual_utc(self.loop, T0)
        self.sky = ScaledSkyClock(self.clock, LinkTime(0.0), T0, self.rate)
        self.coordinator = self.coordinator_class(
            self.sky, self.clock, self.true_utc, heartbeat_s=self.heartbeat_s, lease_s=self.lease_s
        )
        self.link = OutageLink(self.coordinator, self.clock)

    def utc(self) -> datetime:
        return self.true_utc() + timedelta(seconds=self.clock_error_s)

    def agent(self, store: Store) -> Agent:
        self.starts += 1
        sky = AgentSky(self.clock)
        driver = self.driver(self.telescope, sky) if self.driver else SimulatedDriver(self.telescope, sky, self.world)
        return Agent(
            self.telescope,
            driver,
            self.link,
            store,
            sky=sky,
            link_clock=self.clock,
            utc_now=self.utc,
            rng=np.random.default_rng(self.starts),
            violation=at_each(self.violation),
            run_program=self.program,
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Store]:
        """Run an agent; leaving is like pulling the plug: whatever it was doing stays as the store has it."""
        store = Store(self.state and self.state / "agent.sqlite", self.telescope.id)
        agent = self.agent(store)
        self.desk = agent.desk
        running = asyncio.create_task(agent.run(asyncio.Event()))
        try:
            await asyncio.sleep(0.01)
            yield store
            if running.done():
                running.result()
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            store.close()

    async def sky_s(self, seconds: float) -> None:
        """Wait until so many seconds of sky time after T0."""
        await asyncio.sleep(max(0.0, (T0 + timedelta(seconds=seconds) - self.sky.now()).total_seconds() / self.rate))

    def told(self, pointing_id: str = "p1") -> list[str]:
        """States that were reported about a pointing, progress counted once."""
        states: list[str] = []
        for report in self.coordinator.reports_of(pointing_id):
            if not states or states[-1] != report.state or report.state is not PointingState.EXPOSING:
                states.append(report.state.value)
        return states


@pytest.fixture
def play() -> Callable[..., None]:
    """Play a scenario: a coroutine function that takes a Rig; settings of the rig by name."""

    def run(scenario: Callable[[Rig], Awaitable[None]], **settings: Any) -> None:
        async def main(loop: VirtualLoop) -> None:
            await scenario(Rig(loop, **settings))

        run_virtual(main)

    return run


@pytest.fixture
def pointing() -> Callable[..., Pointing]:
    return a_pointing


@pytest.fixture
def telescope() -> Callable[..., Telescope]:
    return a_telescope
