"""Our agent with a simulated telescope that sees half the sky, against a gateway at an address."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from telescopes.agent.agent import Agent
from telescopes.agent.grpc_link import GrpcLink
from telescopes.agent.safety import at_each
from telescopes.agent.sky_time import AgentSky
from telescopes.agent.store import Store
from telescopes.conformance.sun import sun_place
from telescopes.description.clocks import MonotonicClock, SystemSkyClock
from telescopes.description.durations import separation_deg
from telescopes.description.footprint import Rectangle
from telescopes.description.states import Reason
from telescopes.description.telescope import Instrument, Observing, Site, Telescope
from telescopes.drivers.driver import Aim, Target
from telescopes.drivers.simulated import SimulatedDriver
from telescopes.drivers.world import World

UTC_NOW = SystemSkyClock().now
CAMERA = Instrument("main", ("r", "g"), Rectangle(2.0, 1.5))
TELESCOPE = Telescope("t1", "T1", Site(0.0, 0.0), (CAMERA,), Observing(0.2))


def half_the_sky(_: Telescope, __: str, ra_deg: float, dec_deg: float, when: datetime) -> Reason | None:
    """A site that sees the same half of the sky for ever, and never looks at the Sun."""
    if separation_deg(ra_deg, dec_deg, 45.0, 45.0) > 89.0:
        return Reason.BELOW_HORIZON
    return Reason.DAYLIGHT if separation_deg(ra_deg, dec_deg, *sun_place(when)) < 10.0 else None


class Watched(SimulatedDriver):
    """A simulated telescope that remembers where it was sent."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.slews: list[Target] = []

    async def slew(self, target: Target) -> Aim:
        """Slew, and remember where."""
        self.slews.append(target)
        return await super().slew(target)


@dataclass
class Rig:
    """An agent that runs: its memory, its telescope, and its task."""

    store: Store
    driver: Watched
    task: "asyncio.Task[None]"


@asynccontextmanager
async def our_agent(gateway: str, path: Path | None = None) -> AsyncIterator[Rig]:
    """Run our agent against a gateway."""
    clock = MonotonicClock()
    sky = AgentSky(clock)
    store = Store(path, "t1")
    driver = Watched(TELESCOPE, sky, World(1, datetime(2026, 1, 1, tzinfo=UTC), (), bogus_per_image=0.0))
    agent = Agent(
        TELESCOPE,
        driver,
        GrpcLink(gateway),
        store,
        sky=sky,
        link_clock=clock,
        utc_now=UTC_NOW,
        rng=np.random.default_rng(1),
        violation=at_each(half_the_sky),
    )
    stop = asyncio.Event()
    running = asyncio.create_task(agent.run(stop))
    try:
        yield Rig(store, driver, running)
    finally:
        stop.set()
        await running
        store.close()
