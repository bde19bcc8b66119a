"""A telescope of devices: the order of things, whatever speaks to them."""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

from telescopes.description.states import Reason
from telescopes.description.telescope import Instrument, Telescope
from telescopes.drivers.devices.belief import Belief
from telescopes.drivers.devices.closing import needs_park, open_over, park_and_close
from telescopes.drivers.devices.habits import Habits
from telescopes.drivers.devices.parts import Parts, Taken
from telescopes.drivers.devices.places import apart_arcsec
from telescopes.drivers.devices.waiting import all_of
from telescopes.drivers.driver import (
    Aim,
    CameraFault,
    DriverCapabilities,
    DriverFault,
    DriverStatus,
    ExposureSpec,
    FilterFault,
    Frame,
    MountFault,
    Safety,
    Target,
)
from telescopes.drivers.exposure_header import aim_cards, exposure_cards, image_path
from telescopes.drivers.fits_file import Card, write_fits

log = logging.getLogger(__name__)

T = TypeVar("T")
SLEWS = 3
"""A mount that missed is sent again, as its first slew after a start may be minutes of arc off."""
SAY_AGAIN_S = 30.0
"""What forbids nothing new is said no more often than this, weather included."""
UNREACHABLE = Safety(safe=False, blocking=(Reason.UNSAFE,))


class DeviceDriver:
    """Points, exposes, and writes images.

    Parameters
    ----------
    name : str
        The driver's name in site files.
    telescope : Telescope
        As the site file says.
    parts : Parts
        The devices.
    habits : Habits
        How they are used.
    """

    def __init__(self, name: str, telescope: Telescope, parts: Parts, habits: Habits) -> None:
        self._name = name
        self._telescope = telescope
        self._parts = parts
        self._habits = habits
        wheel = parts.wheel
        self._aim = Belief[Aim](lambda: parts.mount.life)
        self._filter = Belief[str](lambda: None if wheel is None else wheel.life)
        self._sensors_answer = True
        self._running: set[asyncio.Future[Any]] = set()
        self._aborted: set[asyncio.Future[Any]] = set()

    def capabilities(self) -> DriverCapabilities:
        """Something real moves."""
        return DriverCapabilities((self._name,), simulated=False, park_within_s=self._habits.at_rest_within_s)

    async def status(self) -> DriverStatus:
        """Say what the mount does."""
        parked = await self._parts.mount.parked()
        return DriverStatus(self._aim.value, self._filter.value, parked)

    async def safety(self) -> Safety:
        """Ask the sensors; silence is not safe."""
        if self._parts.watch is None:
            return Safety()
        try:
            safety = await self._parts.watch.read()
        except DriverFault as fault:
            if self._sensors_answer:
                log.error("the site's sensors do not answer, so it is not safe: %s", fault)
            self._sensors_answer = False
            return UNREACHABLE
        self._sensors_answer = True
        return safety

    async def safety_after(self, known: Safety) -> Safety:
        """Ask every few seconds until something is new, or half a minute is over."""
        clock = asyncio.get_running_loop()
        since = clock.time()
        while True:
            await asyncio.sleep(self._habits.safety_every_s)
            now = await self.safety()
            if clock.time() - since >= SAY_AGAIN_S or (now.safe, now.blocking) != (known.safe, known.blocking):
                return now

    async def slew(self, target: Target) -> Aim:
        """Open, unpark, turn the filter and point; believe only the place that is read back."""
        return await self._unless_aborted(self._slew(target), MountFault)

    async def expose(self, spec: ExposureSpec) -> Frame:
        """Expose, read out and write the image."""
        return await self._unless_aborted(self._expose(spec), CameraFault)

    async def abort(self) -> None:
        """Stop whatever moves or exposes; every device is told, also where another does not answer."""
        for task in self._running:
            self._aborted.add(task)
            task.cancel()
        dome = self._parts.dome
        await all_of(self._parts.camera.stop(), self._parts.mount.stop(), *([] if dome is None else [dome.stop()]))

    async def park(self) -> None:
        """Park and close; a roof that needs it only once the mount is parked."""
        self._aim.learn(None)
        await park_and_close(self._parts.mount, self._parts.dome, self._habits.dome_needs_park, self._telescope.id)

    async def problems(self) -> list[str]:
        """Name everything that is wrong with the devices and the map of filters."""
        found = []
        if len(self._telescope.instruments) != 1:
            found.append(self._say("this driver has one camera", "describe one of [[instruments]] in a site file"))
        for part in self._parts.all():
            try:
                found += await part.problems()
            except DriverFault as fault:
                found.append(str(fault))
        return list(dict.fromkeys((*found, *await self._unclosed(), *self._unmapped())))

    async def close(self) -> None:
        """Let go of the devices; they stay as they are."""
        await self._parts.close()

    async def _slew(self, target: Target) -> Aim:
        self._aim.learn(None)  # also where it comes to nothing: whatever it looks at then, it is not this
        reachable = self._parts.wheel is None or target.filter in self._habits.filters
        if not reachable or target.filter not in self._instrument(target.instrument_id).filters:
            raise self._no_filter(target.filter)
        if self._parts.dome is not None:
            await open_over(self._parts.dome, self._parts.mount, self._habits.dome_needs_park, self._telescope.id)
        await self._parts.mount.prepare()
        await self._turn(target.filter)
        life = self._parts.mount.life
        ra_deg, dec_deg = await self._arrive(target)
        if self._parts.dome is not None:
            await self._parts.dome.follow()
        await self._filter_is(target.filter)
        # Here and not before the exposure: the agent looks at the window again once a slew is over.
        await self._parts.camera.free()
        aim = Aim(ra_deg, dec_deg, self._instrument(target.instrument_id).position_angle_deg)
        self._aim.learn(aim, life)
        return aim

    async def _arrive(self, target: Target) -> tuple[float, float]:
        wanted, off_arcsec = (target.ra_deg, target.dec_deg), 0.0
        for _ in range(SLEWS):
            await self._parts.mount.go(*wanted)
            await asyncio.sleep(self._telescope.timing.settle_s)
            place = await self._parts.mount.place()
            off_arcsec = apart_arcsec(place, wanted)
            if off_arcsec <= self._habits.tolerance_arcsec:
                return place
        raise MountFault(
            f"stands {off_arcsec:.0f} arcsec from where it was sent, {SLEWS} times",
            where=self._telescope.id,
            mend="look at the mount: its time, place and pointing model; or raise driver.tolerance_arcsec",
        )

    async def _expose(self, spec: ExposureSpec) -> Frame:
        aim, instrument = self._aim.value, self._instrument(spec.instrument_id)
        if aim is None:
            what = "was not pointed since it was connected, parked or sent elsewhere"
            raise MountFault(
                what, where=self._telescope.id, mend="see why the connection was lost or the slew failed, and ask again"
            )
        await self._turn(spec.filter)
        await self._filter_is(spec.filter)
        taken = await self._parts.camera.take(spec.exposure_s, spec.binning)
        height, width = taken.pixels.shape
        cards = exposure_cards(
            self._telescope, spec, start=taken.start, end=taken.end, exposure_s=taken.exposure_s
        ) + aim_cards(aim, instrument, width, height)
        path = image_path(self._habits.images, spec, taken.start)
        sha256 = await self._written(path, taken, cards)
        return Frame(taken.start, taken.end, taken.exposure_s, image_uri=path.as_uri(), image_sha256=sha256)

    async def _written(self, path: Path, taken: Taken, cards: Sequence[Card]) -> str:
        try:
            return await asyncio.to_thread(write_fits, path, taken.pixels, cards)
        except OSError as error:
            mend = "make room, or name another folder as driver.images"
            raise CameraFault(f"the image cannot be written ({error.strerror})", where=str(path), mend=mend) from error

    async def _turn(self, filter_: str) -> None:
        if self._parts.wheel is not None:
            if filter_ not in self._habits.filters:
                raise self._no_filter(filter_)
            self._filter.learn(None)
            await self._parts.wheel.turn(filter_)

    async def _filter_is(self, filter_: str) -> None:
        if self._parts.wheel is not None:
            await self._parts.wheel.arrived(filter_)
        self._filter.learn(filter_)

    async def _unless_aborted(self, doing: Coroutine[Any, Any, T], fault: type[DriverFault]) -> T:
        """Do it as a task that `abort` can end; a cancellation from outside goes through."""
        task = asyncio.ensure_future(doing)
        self._running.add(task)
        try:
            return await task
        except asyncio.CancelledError:
            if task in self._aborted:
                raise fault("was aborted", where=self._telescope.id, mend="ask again") from None
            raise
        finally:
            self._running.discard(task)
            self._aborted.discard(task)

    def _instrument(self, instrument_id: str) -> Instrument:
        return self._telescope.instrument(instrument_id)

    def _no_filter(self, filter_: str) -> FilterFault:
        mend = "add it to [driver.filters] of the site file"
        return FilterFault(f"no filter {filter_}", where=self._telescope.id, mend=mend)

    async def _unclosed(self) -> list[str]:
        """Name a roof that could never be closed."""
        dome, mount = self._parts.dome, self._parts.mount
        try:
            if dome is None or not await needs_park(dome, self._habits.dome_needs_park) or await mount.can_park():
                return []
        except DriverFault as fault:
            return [str(fault)]
        mend = "use a mount that can, or say driver.dome_needs_park = false where the roof clears the telescope"
        return [self._say("the roof needs the mount parked, and the mount cannot park", mend)]

    def _unmapped(self) -> list[str]:
        wanted = {name for instrument in self._telescope.instruments for name in instrument.filters}
        if self._parts.wheel is None:
            if len(wanted) <= 1:
                return []
            return [self._say("several filters and no filter wheel", "name the wheel in [driver]")]
        missing = sorted(wanted - set(self._habits.filters))
        mend = "give its slot, or the wheel's name of it, in [driver.filters]"
        return [self._say(f"filter {name} has no slot", mend) for name in missing]

    def _say(self, what: str, mend: str) -> str:
        return f"{self._telescope.id}: {what}; {mend}"
