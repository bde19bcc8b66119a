"""A driver on the bench, with everything that the contract of drivers needs: one builder for each driver."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
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


def alpaca_telescope(peer: AlpacaPeer, images: Path, **more: object) -> Telescope:
    """Describe a running Alpaca server's devices, sensors included."""
    devices = {"telescope": 0, "camera": 0, "filterwheel": 0, "dome": 0, "safetymonitor": 0, "observingconditions": 0}
    settings = devices | {
        "server": peer.server,
        "filters": {"r": "Red", "g": 1},
        "images": str(images),
        "safety_every_s": 0.05,
        "poll_every_s": 0.05,
    }
    settings |= more
    return a_telescope("alpaca", (SIDE_DEG, SIDE_DEG), **{k: v for k, v in settings.items() if v is not None})


async def set_alpaca_safe(peer: AlpacaPeer, safe: bool) -> None:
    """Say by the safety monitor whether the site is safe."""
    await asyncio.to_thread(peer.put, "safetymonitor/0/issafe", IsSafe=safe)


@asynccontextmanager
async def alpaca_bench(peer: AlpacaPeer, images: Path) -> AsyncIterator[Bench]:
    """A driver for a running Alpaca server."""
    telescope = alpaca_telescope(peer, images)
    driver = AlpacaDriver(telescope, a_sky())
    try:
        yield Bench(telescope, driver, Target(150.0, 20.0, 0.0, "main", "r"), partial(set_alpaca_safe, peer))
    finally:
        await driver.close()


def indi_telescope(peer: IndiPeer, images: Path, **more: object) -> Telescope:
    """Describe a running indiserver's devices, its weather station included."""
    settings: dict[str, object] = {
        "server": peer.server,
        "telescope": "Telescope Simulator",
        "camera": "CCD Simulator",
        "filterwheel": "Filter Simulator",
        "weather": "Weather Simulator",
        "filters": {"r": "Red", "g": 2},
        "images": str(images),
        "safety_every_s": 0.05,
    }
    settings |= more
    return a_telescope("indi", (0.42, 0.34), **{k: v for k, v in settings.items() if v is not None})


async def set_indi_safe(peer: IndiPeer, safe: bool) -> None:
    """Let the wind at the weather station blow, or not."""
    await asyncio.to_thread(peer.put, f"Weather Simulator.WEATHER_CONTROL.Wind={0 if safe else 100}")
    await asyncio.to_thread(peer.put, "Weather Simulator.WEATHER_REFRESH.REFRESH=On")


async def near_target(peer: IndiPeer, driver: IndiDriver, telescope: Telescope) -> Target:
    """Connect, and return what is near: the mount starts at the pole and is slow, so it stays and parks near there."""
    assert await driver.problems() == []
    await asyncio.to_thread(peer.put, "Telescope Simulator.GEOGRAPHIC_COORD.LAT=48;LONG=8;ELEV=1000")
    ra_h = float(await asyncio.to_thread(peer.get, "Telescope Simulator.EQUATORIAL_EOD_COORD.RA"))
    hour_angle_h = (sidereal_h(telescope.site.longitude_deg) - ra_h + 12.0) % 24.0 - 12.0
    park = f"TELESCOPE_PARK_POSITION.PARK_HA={hour_angle_h:.3f};PARK_DEC=89.5"
    await asyncio.to_thread(peer.put, f"Telescope Simulator.{park}")
    return Target(ra_h * 15.0 % 360.0, 89.5, 0.0, "main", "r")


@asynccontextmanager
async def indi_bench(peer: IndiPeer, images: Path, **more: object) -> AsyncIterator[Bench]:
    """A driver for a running indiserver."""
    telescope = indi_telescope(peer, images, **more)
    driver = IndiDriver(telescope, a_sky())
    try:
        yield Bench(telescope, driver, await near_target(peer, driver, telescope), partial(set_indi_safe, peer))
    finally:
        await driver.close()
