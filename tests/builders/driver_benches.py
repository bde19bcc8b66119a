"""A driver on the bench, with everything that the contract of drivers needs: one builder for each driver."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from builders.alpaca_peer import SIDE_DEG, AlpacaPeer
from builders.indi_peer import IndiPeer
from telescopes.agent.sky_time import AgentSky
from telescopes.description.clocks import MonotonicClock, SkyClockReading
from telescopes.description.footprint import Rectangle
from telescopes.description.telescope import DriverChoice, Instrument, Observing, Site, Telescope, Timing
from telescopes.drivers.alpaca.driver import AlpacaDriver
from telescopes.drivers.driver import Driver, Target
from telescopes.drivers.indi.driver import IndiDriver
from telescopes.drivers.simulated import SimulatedDriver


@dataclass(frozen=True)
class Bench:
    """A driver, somewhere it can point within seconds, and how to make the site unsafe and safe (None: no way)."""

    telescope: Telescope
    driver: Driver
    target: Target
    set_safe: Callable[[bool], Awaitable[None]] | None = None


MakeBench = Callable[[], AbstractAsyncContextManager[Bench]]


def a_sky() -> AgentSky:
    """Sky time of this machine."""
    sky = AgentSky(MonotonicClock())
    sky.announce(SkyClockReading(datetime.now(UTC), 1.0))
    return sky


def a_telescope(name: str, side_deg: tuple[float, float] = (1.0, 1.0), **settings: object) -> Telescope:
    """One camera, filters r and g, in the Black Forest."""
    return Telescope(
        id=f"t-{name}",
        name=name,
        site=Site(48.0, 8.0, 1000.0),
        instruments=(Instrument("main", ("r", "g"), Rectangle(*side_deg)),),
        observing=Observing(1.0),
        timing=Timing(slew_rate_deg_s=500.0),
        driver=DriverChoice(name, settings),
    )


def sidereal_h(longitude_deg: float) -> float:
    """Sidereal time now, to a few seconds."""
    days = (datetime.now(UTC) - datetime(2000, 1, 1, 12, tzinfo=UTC)) / timedelta(days=1)
    return (18.697374558 + 24.06570982441908 * days + longitude_deg / 15.0) % 24.0


@asynccontextmanager
async def simulated_bench(images: Path) -> AsyncIterator[Bench]:
    """The telescope that is not there; its images are real."""
    telescope = a_telescope("simulated", images=str(images))
    driver = SimulatedDriver(telescope, a_sky())
    yield Bench(telescope, driver, Target(150.0, 20.0, 0.0, "main", "r"))


@asynccontextmanager
async def alpaca_bench(peer: AlpacaPeer, images: Path, sky: AgentSky | None = None) -> AsyncIterator[Bench]:
    """A driver for a running Alpaca server."""
    telescope = a_telescope(
        "alpaca",
        (SIDE_DEG, SIDE_DEG),
        server=peer.server,
        telescope=0,
        camera=0,
        filterwheel=0,
        dome=0,
        safetymonitor=0,
        observingconditions=0,
        filters={"r": "Red", "g": 1},
        images=str(images),
        safety_every_s=0.05,
        poll_every_s=0.05,
    )
    driver = AlpacaDriver(telescope, sky or a_sky())

    async def set_safe(safe: bool) -> None:
        await asyncio.to_thread(peer.put, "safetymonitor/0/issafe", IsSafe=safe)

    try:
        yield Bench(telescope, driver, Target(150.0, 20.0, 0.0, "main", "r"), set_safe)
    finally:
        await driver.close()


@asynccontextmanager
async def indi_bench(peer: IndiPeer, images: Path, sky: AgentSky | None = None, **more: object) -> AsyncIterator[Bench]:
    """A driver for a running indiserver; its mount starts at the pole and is slow, so it stays and parks near there."""
    telescope = a_telescope(
        "indi",
        (0.42, 0.34),
        server=peer.server,
        telescope="Telescope Simulator",
        camera="CCD Simulator",
        filterwheel="Filter Simulator",
        weather="Weather Simulator",
        filters={"r": "Red", "g": 2},
        images=str(images),
        safety_every_s=0.05,
        **more,
    )
    driver = IndiDriver(telescope, sky or a_sky())

    async def set_safe(safe: bool) -> None:
        await asyncio.to_thread(peer.put, f"Weather Simulator.WEATHER_CONTROL.Wind={0 if safe else 100}")
        await asyncio.to_thread(peer.put, "Weather Simulator.WEATHER_REFRESH.REFRESH=On")

    try:
        assert await driver.problems() == []
        await asyncio.to_thread(peer.put, "Telescope Simulator.GEOGRAPHIC_COORD.LAT=48;LONG=8;ELEV=1000")
        ra_h = float(await asyncio.to_thread(peer.get, "Telescope Simulator.EQUATORIAL_EOD_COORD.RA"))
        hour_angle_h = (sidereal_h(telescope.site.longitude_deg) - ra_h + 12.0) % 24.0 - 12.0
        park = f"TELESCOPE_PARK_POSITION.PARK_HA={hour_angle_h:.3f};PARK_DEC=89.5"
        await asyncio.to_thread(peer.put, f"Telescope Simulator.{park}")
        yield Bench(telescope, driver, Target(ra_h * 15.0 % 360.0, 89.5, 0.0, "main", "r"), set_safe)
    finally:
        await driver.close()
