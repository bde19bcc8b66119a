"""A telescope that is not there: it takes as long as the real one, loses time to clouds, and sees a made-up sky."""

import asyncio
import math
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from telescopes.description.durations import slew_s
from telescopes.description.errors import Refused
from telescopes.description.states import Reason
from telescopes.description.telescope import Telescope
from telescopes.drivers.added_images import AddedImages
from telescopes.drivers.driver import (
    Aim,
    CameraFault,
    DriverCapabilities,
    DriverStatus,
    ExposureSpec,
    FilterFault,
    Frame,
    Safety,
    SkyTime,
    Target,
    Weather,
    WeatherStop,
)
from telescopes.drivers.image import FWHM_ARCSEC, Sky, artefacts, dice, found_in_one, limiting_mag, named
from telescopes.drivers.image_folder import ImageFolder
from telescopes.drivers.mishaps import Mishaps
from telescopes.drivers.simulated_settings import read_settings
from telescopes.drivers.world import World

POINTING_ERROR_ARCSEC = 5.0
CLEAR = Safety(weather=Weather(cloud_cover_pct=0.0))
CLOUDY = Safety(blocking=(Reason.WEATHER,), weather=Weather(cloud_cover_pct=100.0))


class SimulatedDriver:
    """Slews at the site's rates, exposes in sky time, and finds what the world holds.

    It looks at every image alone, and at those of a pointing added up. Where the site file names a folder for
    ``images`` and a ``[reduction]`` command, it writes images and finds nothing itself: that is the command's work.
    Faults and slow answers come as the settings say.

    Parameters
    ----------
    telescope : Telescope
        What it pretends to be.
    sky : SkyTime
        The only clock that it knows.
    world : World, optional
        The truth; left out: the one in the file that ``[driver] settings`` names as ``world``, or else an empty sky.

    Raises
    ------
    Refused
        The settings or the world's file are wrong.
    """

    def __init__(self, telescope: Telescope, sky: SkyTime, world: World | None = None) -> None:
        settings = read_settings(telescope)
        self._telescope = telescope
        self._time = sky
        self._mishaps = Mishaps(settings, telescope.id)
        self._images: ImageFolder | None = None
        if settings.images is not None:
            self._images = ImageFolder(settings.images, settings.images_kept, settings.image_px)
        self._sky = Sky(world or world_of(telescope))
        self._clouds = sorted(self._sky.world.clouds.get(telescope.id, ()))
        self._aim: Aim | None = None
        self._asked: tuple[float, float] | None = None
        self._filter: str | None = None
        self._parked = True
        self._added = AddedImages()

    def capabilities(self) -> DriverCapabilities:
        """Nothing real can move."""
        return DriverCapabilities(("simulated",), simulated=True)

    async def status(self) -> DriverStatus:
        """Say what the mount does."""
        return DriverStatus(self._aim, self._filter, self._parked)

    async def safety(self) -> Safety:
        """Cloudy or clear."""
        return self._weather(self._time.now())

    async def safety_after(self, known: Safety) -> Safety:
        """Wait for the sky to cloud over or to clear up."""
        while (safety := self._weather(self._time.now())) == known:
            change = self._next_change(self._time.now())
            # Without a further cloud in the world, safety stays as it is.
            await (asyncio.get_running_loop().create_future() if change is None else self._time.wait_until(change))
        return safety

    async def slew(self, target: Target) -> Aim:
        """Take as long as the mount would; end up some arcseconds off."""
        instrument = self._telescope.instrument(target.instrument_id)
        if target.filter not in instrument.filters:
            raise FilterFault(f"no filter {target.filter}", where=self._telescope.id, mend="correct the site file")
        timing, site = self._telescope.timing, self._telescope.site
        here, now = (target.ra_deg, target.dec_deg), self._time.now()
        seconds = slew_s(timing, site, self._asked, here, now)
        late = self._mishaps.mount()
        if self._filter is not None and self._filter != target.filter:
            seconds = max(seconds, timing.filter_change_s)
            late += self._mishaps.filter_wheel()
        self._parked = False
        await self._time.wait_until(now + timedelta(seconds=seconds) + late)
        self._asked, self._filter, self._aim = here, target.filter, self._missed(target)
        return self._aim

    async def expose(self, spec: ExposureSpec) -> Frame:
        """Expose and read out; a cloud that comes by spoils the exposure."""
        if self._aim is None or self._parked:
            raise CameraFault("asked to expose before any slew", where=self._telescope.id, mend="report this fault")
        await self._change_filter(spec.filter)
        late = self._mishaps.camera()
        start = self._time.now()
        end = start + timedelta(seconds=spec.exposure_s)
        cloud = self._cloud_in(start, end)
        if cloud is not None:
            await self._time.wait_until(max(cloud, start))
            raise WeatherStop("clouds came", where=self._telescope.id, mend="wait for a clear sky")
        await self._time.wait_until(end)
        frame = await self._frame(spec, self._aim, start, end)
        await self._time.wait_until(end + timedelta(seconds=self._telescope.timing.readout_s) + late)
        return frame

    async def abort(self) -> None:
        """Nothing goes on by itself: whoever waited for it was told to stop."""

    async def park(self) -> None:
        """Park at once; the next slew starts from anywhere."""
        self._parked, self._asked = True, None

    async def _frame(self, spec: ExposureSpec, aim: Aim, start: datetime, end: datetime) -> Frame:
        instrument = self._telescope.instrument(spec.instrument_id)
        middle = start + (end - start) / 2
        limit = limiting_mag(instrument, self._telescope.site, aim, spec, middle)
        frame = Frame(start, end, spec.exposure_s, limit, FWHM_ARCSEC)
        looked = (self._sky, self._telescope.id, instrument, aim, spec, middle)
        if self._images is not None:
            odd = () if limit is None else artefacts(*looked, limit)
            # Painting takes some tens of milliseconds, and the safety watch must not wait for it.
            stored = await asyncio.to_thread(self._images.write, self._telescope, self._sky, aim, spec, frame, odd)
            frame = replace(frame, image_uri=stored.uri, image_sha256=stored.sha256)
        if limit is None or (self._images is not None and self._telescope.reduction.command):
            return frame
        real, bogus = found_in_one(*looked, limit)
        self._added.add(spec, frame, real)
        more = self._added.besides(self._sky, self._telescope.id, instrument, aim, spec, end)
        every = [*(one.detection for one in real), *bogus, *more]
        return replace(frame, detections=named(self._telescope.id, spec, every))

    async def _change_filter(self, filter_: str) -> None:
        if filter_ != self._filter:
            change = timedelta(seconds=self._telescope.timing.filter_change_s) + self._mishaps.filter_wheel()
            await self._time.wait_until(self._time.now() + change)
            self._filter = filter_

    def _missed(self, target: Target) -> Aim:
        """Put the pointing error on top: drawn by telescope and place, so that it is the same again."""
        name = ExposureSpec(f"{target.ra_deg:.6f},{target.dec_deg:.6f}", -1, target.instrument_id, target.filter, 1.0)
        rng = dice(self._sky.world, self._telescope.id, name)
        east, north = rng.normal(0.0, POINTING_ERROR_ARCSEC / 3600, 2)
        dec_deg = max(-90.0, min(90.0, target.dec_deg + north))
        ra_deg = (target.ra_deg + east / max(math.cos(math.radians(dec_deg)), 1e-3)) % 360
        return Aim(float(ra_deg), float(dec_deg), target.position_angle_deg)

    def _weather(self, now: datetime) -> Safety:
        return CLOUDY if any(start <= now < end for start, end in self._clouds) else CLEAR

    def _next_change(self, now: datetime) -> datetime | None:
        edges = [edge for cloud in self._clouds for edge in cloud if edge > now]
        return min(edges, default=None)

    def _cloud_in(self, start: datetime, end: datetime) -> datetime | None:
        """Return when the first cloud covers the exposure; None: it stays clear."""
        return next((begin for begin, cleared in self._clouds if begin < end and cleared > start), None)


def world_of(telescope: Telescope) -> World:
    """Read the world that the site file names; an empty sky where it names none."""
    path = read_settings(telescope).world
    if path is None:
        return World(seed=0, t_ref=datetime.fromisoformat("2000-01-01T00:00:00+00:00"), sources=(), bogus_per_image=0.0)
    return read_world(path)


def read_world(path: Path) -> World:
    """Read a world from a JSON file."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=World)
    except OSError as error:
        raise Refused(
            f"cannot be read ({error.strerror})", where=str(path), mend="name an existing world file"
        ) from error
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise Refused(f"is no world: {error}", where=str(path), mend="make it again") from error
