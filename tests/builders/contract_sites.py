"""A telescope for each driver, with its far side, as the contract of all drivers asks for them."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum
from itertools import count
from pathlib import Path
from typing import Any

from builders.alpaca_peer import AlpacaPeer
from builders.driver_benches import (
    a_sky,
    a_telescope,
    alpaca_telescope,
    indi_telescope,
    near_target,
    set_alpaca_safe,
    set_indi_safe,
    sidereal_h,
)
from builders.far_sides import AlpacaShutter, IndiShutter
from builders.indi_peer import IndiPeer
from builders.whole_pointings import (
    CommandSite,
    FileDropSite,
    ManualSite,
    a_request,
    an_image,
    now,
)
from telescopes.agent.sky_time import AgentSky
from telescopes.description.messages import Exposure, Pointing
from telescopes.description.telescope import Limits, Telescope
from telescopes.drivers.alpaca.driver import AlpacaDriver
from telescopes.drivers.indi.driver import IndiDriver
from telescopes.drivers.mishaps import Mishaps
from telescopes.drivers.simulated import SimulatedDriver
from telescopes.drivers.simulated_settings import SimulatedSettings
from telescopes.drivers.whole_pointing import AnyDriver
from telescopes.drivers.world import World

SHORT_S = 0.2


class Images(Enum):
    """Where the images of a telescope are: files on this machine, known by name only, or not told of."""

    HERE = "here"
    ELSEWHERE = "elsewhere"
    NONE = "none"


class ContractSite(ABC):
    """One telescope, and what a test does at the side that its driver speaks to.

    `rate` is that of the sky clock, `long_s` an exposure in whose middle there is time for something else,
    `hang_window_s` how long the window is in which it hangs, `parks` whether it parks
    when it is closed, and says so.
    """

    telescope: Telescope
    images = Images.HERE
    place_deg = (10.0, -5.0)
    rate = 1.0
    long_s = 8.0
    hang_window_s = 60.0
    parks = True

    @abstractmethod
    def make(self, telescope: Telescope, sky: AgentSky) -> AnyDriver:
        """Make the driver."""

    async def ready(self) -> None:  # noqa: B027, most have nothing to do
        """Bring the devices to where a test can begin."""

    def request(self, pointing_id: str = "p1", *, begin: datetime, exposure_s: float, for_s: float = 90.0) -> Pointing:
        """Two exposures in r from now on."""
        ra_deg, dec_deg = self.place_deg
        return a_request(
            pointing_id,
            telescope_id=self.telescope.id,
            ra_deg=ra_deg,
            dec_deg=dec_deg,
            window_start=begin - timedelta(seconds=1),
            window_end=begin + timedelta(seconds=for_s),
            planned_start=begin,
            exposures=(Exposure("r", exposure_s, 2),),
            accept_within_s=30.0,
        )

    @abstractmethod
    async def begun(self, driver: Any) -> None:
        """Wait until the far side has begun with a long pointing."""

    @abstractmethod
    async def take_two(self, driver: Any) -> None:
        """Have both exposures taken; devices need nobody for it."""

    @abstractmethod
    async def is_busy(self, driver: Any) -> bool:
        """Say whether the far side does anything of what it was asked for."""

    @abstractmethod
    async def close_site(self, driver: Any) -> None:
        """Let weather close it."""

    async def open_site(self) -> None:  # noqa: B027, most have nothing to do
        """Leave it open for the next test."""

    async def hang(self, driver: Any) -> None:
        """Come into the middle of a pointing, and do not go on."""
        await self.begun(driver)

    async def go_on(self) -> None:  # noqa: B027, most have nothing to do
        """Go on again."""

    async def bring_stale(self, driver: Any) -> None:  # noqa: B027, most have nothing to do
        """Bring what is of an earlier exposure, as far as the far side does not bring it by itself."""

    def files(self) -> set[str]:
        """Return the addresses of all images on this machine."""
        return set()


class SimulatedOnBench(ContractSite):
    """Nothing is there; `cloud_in_s`: clouds come after so long, `hangs`: the first exposure never comes back."""

    place_deg = (150.0, 20.0)
    parks = False  # Under clouds it is safe.

    def __init__(self, folder: Path, hangs: bool = False, cloud_in_s: float | None = None) -> None:
        self.folder = folder
        self.telescope = a_telescope("simulated", images=str(folder), image_px=64)
        self.cloud = None if cloud_in_s is None else now() + timedelta(seconds=cloud_in_s)
        if hangs:
            self.rate = 20.0
            settings = {"slow_probability": 0.5, "slow_s": 3600.0, "seed": seed_that_hangs_once(self.telescope.id)}
            self.telescope = a_telescope("simulated", images=str(folder), image_px=64, **settings)

    def make(self, telescope: Telescope, sky: AgentSky) -> SimulatedDriver:
        if self.cloud is None:
            return SimulatedDriver(telescope, sky)
        clouds = {telescope.id: ((self.cloud, self.cloud + timedelta(days=1)),)}
        return SimulatedDriver(telescope, sky, World(0, self.cloud, (), clouds))

    async def begun(self, driver: SimulatedDriver) -> None:
        async with asyncio.timeout(90.0):
            while (await driver.status()).aim is None:
                await asyncio.sleep(0.02)

    async def take_two(self, driver: Any) -> None:
        pass

    async def is_busy(self, driver: Any) -> bool:
        return False

    async def close_site(self, driver: SimulatedDriver) -> None:
        async with asyncio.timeout(90.0):
            while (await driver.safety()).closed_because is None:
                await asyncio.sleep(0.05)

    def files(self) -> set[str]:
        return fits_in(self.folder)


def seed_that_hangs_once(telescope_id: str) -> int:
    """Return a seed of chance with which the camera hangs at its first exposure, and nothing else for some time."""

    def hangs(seed: int) -> bool:
        chance = Mishaps(SimulatedSettings(seed=seed, slow_probability=0.5, slow_s=1.0), telescope_id)
        slow = [bool(act()) for act in (*[chance.camera] * 4, *[chance.mount] * 2, *[chance.filter_wheel] * 2)]
        return slow == [True] + [False] * 7

    return next(seed for seed in count() if hangs(seed))


class Devices(ContractSite):
    """Real devices' simulators, which expose by themselves."""

    folder: Path
    shutter: AlpacaShutter | IndiShutter

    async def begun(self, driver: Any) -> None:
        async with asyncio.timeout(60.0):
            while not await self.is_busy(driver):
                await asyncio.sleep(0.05)

    async def take_two(self, driver: Any) -> None:
        pass

    async def is_busy(self, driver: Any) -> bool:
        return await asyncio.to_thread(self.shutter.exposes)

    def files(self) -> set[str]:
        return fits_in(self.folder)


class AlpacaOnBench(Devices):
    """A running Alpaca server; `hangs`: without sensors, so that the camera alone is missed."""

    place_deg = (150.0, 20.0)

    def __init__(self, peer: AlpacaPeer, folder: Path, hangs: bool = False) -> None:
        self.peer, self.folder, self.shutter = peer, folder, AlpacaShutter(peer)
        more = {"safetymonitor": None, "observingconditions": None, "answer_within_s": 3.0} if hangs else {}
        self.telescope = alpaca_telescope(peer, folder, **more)

    def make(self, telescope: Telescope, sky: AgentSky) -> AlpacaDriver:
        return AlpacaDriver(telescope, sky)

    async def close_site(self, driver: Any) -> None:
        await set_alpaca_safe(self.peer, False)

    async def open_site(self) -> None:
        await set_alpaca_safe(self.peer, True)

    async def hang(self, driver: Any) -> None:
        await self.begun(driver)
        self.peer.process.suspend()

    async def go_on(self) -> None:
        self.peer.process.resume()


class IndiOnBench(Devices):
    """A running indiserver; `hangs`: with little patience for the camera."""

    def __init__(self, peer: IndiPeer, folder: Path, hangs: bool = False) -> None:
        self.peer, self.folder, self.shutter = peer, folder, IndiShutter(peer)
        self.telescope = indi_telescope(peer, folder, **({"readout_within_s": 8.0} if hangs else {}))

    def make(self, telescope: Telescope, sky: AgentSky) -> IndiDriver:
        return IndiDriver(telescope, sky)

    async def ready(self) -> None:
        driver = IndiDriver(self.telescope, a_sky())
        try:
            target = await near_target(self.peer, driver, self.telescope)
        finally:
            await driver.close()
        self.place_deg = (target.ra_deg, target.dec_deg)

    async def close_site(self, driver: Any) -> None:
        await set_indi_safe(self.peer, False)

    async def open_site(self) -> None:
        await set_indi_safe(self.peer, True)

    async def hang(self, driver: Any) -> None:
        await self.begun(driver)
        self.peer.driver("ccd").suspend()

    async def go_on(self) -> None:
        self.peer.driver("ccd").resume()


class Whole(ContractSite):
    """Something that is given whole pointings, and waits until a test lets it go on."""

    long_s = SHORT_S
    hang_window_s = 8.0
    parks = False
    far: CommandSite | FileDropSite | ManualSite

    def make(self, telescope: Telescope, sky: AgentSky) -> AnyDriver:
        made: AnyDriver = self.far.make(telescope, sky)
        return made

    async def begun(self, driver: Any) -> None:
        await self.far.asked(driver)

    async def take_two(self, driver: Any) -> None:
        await self.far.asked(driver)
        for _ in range(2):
            await self.far.expose(driver)

    async def is_busy(self, driver: Any) -> bool:
        return await self.far.still_asked(driver)

    async def close_site(self, driver: Any) -> None:
        await self.far.close_site(driver)


class CommandOnBench(Whole):
    """A program, which says where its images are."""

    images = Images.ELSEWHERE

    def __init__(self, folder: Path, hangs: bool = False) -> None:
        self.far = CommandSite(folder)
        self.telescope = self.far.telescope


class FileDropOnBench(Whole):
    """A folder of ACP plans, and one of images."""

    def __init__(self, folder: Path, hangs: bool = False) -> None:
        self.far: FileDropSite = FileDropSite(folder)
        self.telescope = self.far.telescope

    async def bring_stale(self, driver: Any) -> None:
        begun = (now() - timedelta(seconds=60)).replace(tzinfo=None)
        an_image(self.far.results / "stale.fits", **{"DATE-OBS": begun.isoformat()})

    def files(self) -> set[str]:
        return fits_in(self.far.results)


class ManualOnBench(Whole):
    """An observer, who takes no image that anybody could fetch."""

    images = Images.NONE

    def __init__(self, folder: Path, hangs: bool = False) -> None:
        self.far = ManualSite(folder)
        self.telescope = self.far.telescope

    async def take_two(self, driver: Any) -> None:
        await self.far.asked(driver)
        await self.far.expose(driver, 2)

    async def is_busy(self, driver: Any) -> bool:
        return bool(driver.url) and await self.far.still_asked(driver)  # The page ends with the driver.

    async def bring_stale(self, driver: Any) -> None:
        """Report the first exposure of the pointing that was called off: late truth, and of no other pointing."""
        await self.far.expose(driver)


def fits_in(folder: Path) -> set[str]:
    """Return the addresses of the images in a folder."""
    return {path.resolve().as_uri() for path in folder.rglob("*.fits")}


WITHOUT_PEERS: Mapping[str, Callable[..., ContractSite]] = {
    "simulated": SimulatedOnBench,
    "command": CommandOnBench,
    "filedrop": FileDropOnBench,
    "manual": ManualOnBench,
}
PEERS: Mapping[str, Callable[..., ContractSite]] = {"alpaca": AlpacaOnBench, "indi": IndiOnBench}


def with_a_horizon(telescope: Telescope) -> tuple[Telescope, tuple[float, float]]:
    """Return a telescope that minds its horizon alone, and what is straight below it now (ra_deg, dec_deg)."""
    limits = Limits(min_altitude_deg=20.0, max_sun_altitude_deg=90.0, min_sun_separation_deg=0.0)
    below = ((sidereal_h(telescope.site.longitude_deg) * 15.0 + 180.0) % 360.0, -telescope.site.latitude_deg)
    return replace(telescope, limits=limits), below
