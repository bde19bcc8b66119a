"""The process of `armillary agent run` and `armillary agent simulate`: real clocks, a real link, signals."""

import asyncio
import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import typer

from coordinator.cli.agent_identity import identity_of, renewing, with_identity_paths
from telescopes.agent.agent import Agent
from telescopes.agent.control import open_door
from telescopes.agent.grpc_link import GrpcLink
from telescopes.agent.link import CoordinatorLink
from telescopes.agent.outage import OutageLink
from telescopes.agent.reported import Reported
from telescopes.agent.sky_time import AgentSky
from telescopes.agent.store import Store
from telescopes.description.clocks import MonotonicClock, SystemSkyClock
from telescopes.description.limits import first_violation
from telescopes.description.site_file import read_site_file
from telescopes.description.telescope import DriverChoice, Telescope
from telescopes.drivers.registry import load_driver

INTERRUPTED = 130
UTC_NOW = SystemSkyClock().now
DRIVER_PATHS = ("images", "world", "folder", "results", "template", "safety_file", "print_folder")
"""Settings of drivers that name files and folders."""


@dataclass(frozen=True, slots=True)
class Drill:
    """What a simulation adds: a world, and a link that is cut once; all left out: the real thing."""

    world: Path | None = None
    lose_link_after_completed: int | None = None
    lose_link_for_s: float = 0.0


def run_agent(config: Path, state: Path | None, drill: Drill, utc_now: Callable[[], datetime] = UTC_NOW) -> None:
    """Run an agent until a signal ends it; Ctrl-C ends with status 130, SIGTERM with 0."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # Alpaca is asked several times a second.
    telescope = drilled(with_own_paths(read_site_file(config), config.parent), drill)
    if asyncio.run(_run(telescope, state or default_state(telescope), drill, utc_now)) == signal.SIGINT:
        raise typer.Exit(INTERRUPTED)


def drilled(telescope: Telescope, drill: Drill) -> Telescope:
    """Put the simulated driver and its world in the place of the site's own."""
    if drill.world is None:
        return telescope
    own = telescope.driver.settings if telescope.driver.name == "simulated" else {}
    return replace(telescope, driver=DriverChoice("simulated", {**own, "world": str(drill.world)}))


def with_own_paths(telescope: Telescope, folder: Path) -> Telescope:
    """Read the files and folders that a site file names as relative to it, also those among a reduction's words."""
    telescope = with_identity_paths(telescope, folder)
    settings = telescope.driver.settings
    paths = {
        key: str(folder / Path(str(settings[key])).expanduser())
        for key in DRIVER_PATHS
        if isinstance(settings.get(key), str)
    }
    command = tuple(str((folder / w).absolute()) if (folder / w).is_file() else w for w in telescope.reduction.command)
    return replace(
        telescope,
        driver=replace(telescope.driver, settings={**settings, **paths}),
        reduction=replace(telescope.reduction, command=command),
    )


def default_state(telescope: Telescope) -> Path:
    """Return the folder where the memory of this telescope's agent lies unless said otherwise."""
    return Path.home() / ".local" / "state" / "armillary" / "agents" / telescope.id


async def _run(telescope: Telescope, state: Path, drill: Drill, utc_now: Callable[[], datetime]) -> int:
    """Run until a signal comes; return it."""
    clock = MonotonicClock()
    sky = AgentSky(clock)
    driver = load_driver(telescope, sky)
    store = Store(state / "agent.sqlite", telescope.id)
    reported = Reported.beside(state)
    identity = identity_of(telescope, state)
    link: CoordinatorLink = GrpcLink(telescope.link.gateway, identity)
    if drill.world is not None:
        link = cut_by_signal(OutageLink(link, clock, drill.lose_link_after_completed, drill.lose_link_for_s), drill)
    agent = Agent(
        telescope,
        driver,
        link,
        store,
        sky=sky,
        link_clock=clock,
        utc_now=utc_now,
        rng=np.random.default_rng(),
        violation=first_violation,
        reported=reported,
    )
    stop, received = asyncio.Event(), [0]

    def end(number: int) -> None:
        received[0] = number
        stop.set()

    try:
        async with renewing(telescope, identity), open_door(agent.desk, state):
            with signals_to(end):
                await agent.run(stop)
    finally:
        reported.close()
        store.close()
    return received[0]


def cut_by_signal(link: OutageLink, drill: Drill) -> OutageLink:
    """Let SIGUSR1 cut a simulated telescope's link, where there is such a signal."""
    if hasattr(signal, "SIGUSR1"):
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, link.cut, drill.lose_link_for_s)
    return link


@contextmanager
def signals_to(end: Callable[[int], None]) -> Iterator[None]:
    """Hand SIGINT and SIGTERM to a function on the running loop, also where the loop itself cannot (Windows)."""
    loop = asyncio.get_running_loop()
    before = {}
    for number in (signal.SIGINT, signal.SIGTERM):
        before[number] = signal.signal(number, lambda n, _: loop.call_soon_threadsafe(end, n) and None)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
