"""An Alpaca camera, and the guard against images of exposures that were given up."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from telescopes.drivers.alpaca.client import NOTHING_TO_STOP, AlpacaDevice
from telescopes.drivers.alpaca.image_array import NoImage, read_image
from telescopes.drivers.devices.habits import Habits
from telescopes.drivers.devices.parts import Taken
from telescopes.drivers.devices.waiting import until
from telescopes.drivers.driver import CameraFault, SkyTime

IDLE, ERROR = 0, 5
LARGEST_IMAGE = 512 << 20
GIVEN_UP_MARGIN_S = 5.0
"""After the planned end of an exposure that was given up, and its readout, its image may turn up for so long."""


@dataclass(frozen=True, slots=True)
class Started:
    """An exposure that we started: when, by the loop's clock, and when its image can be there."""

    at: float
    exposure_s: float

    @property
    def end(self) -> float:
        """When the shutter closes."""
        return self.at + self.exposure_s


class AlpacaCamera:
    """Takes one exposure at a time and no image but its own.

    Notes
    -----
    A camera may go idle on AbortExposure and still bring the aborted image when its time would have been over; so
    after an exposure that was not fetched the next one waits until then, unless the site says that aborts are clean.
    """

    def __init__(self, device: AlpacaDevice, sky: SkyTime, habits: Habits, readout_s: float) -> None:
        self._device = device
        self._sky = sky
        self._habits = habits
        self._readout_s = readout_s
        self._open: Started | None = None

    async def free(self) -> None:
        """Wait out what was given up, and whatever else the camera is busy with."""
        if self._open is not None and not self._habits.abort_is_clean:
            await self._wait_out(self._open)
        if await self._device.number("camerastate") not in (IDLE, ERROR):
            await self.stop()
            await until(
                self._is_idle,
                within_s=self._habits.readout_within_s,
                every_s=self._habits.poll_every_s,
                otherwise=lambda: self._device.fault("stays busy", "look at the camera's own program"),
            )
        self._open = None

    async def take(self, exposure_s: float, binning: int) -> Taken:
        """Expose, wait for the image, and fetch it if it is ours."""
        await self.free()
        await self._frame(binning)
        before = await self._last_start()
        self._open = mine = Started(self._now(), exposure_s)
        start = self._sky.now()
        await self._device.put("startexposure", Duration=exposure_s, Light=True)
        await asyncio.sleep(max(0.0, mine.end - self._now()))
        await until(
            self._is_ready,
            within_s=self._habits.readout_within_s,
            every_s=self._habits.poll_every_s,
            otherwise=lambda: self._device.fault("gave no image", "look at the camera, or raise readout_within_s"),
        )
        if before is not None and await self._last_start() == before:
            raise self._device.fault("offers an image of another exposure", "look at the camera's own program")
        media_type, body = await self._device.image(LARGEST_IMAGE, self._habits.readout_within_s)
        self._open = None
        return await self._taken(media_type, body, start, exposure_s)

    async def stop(self) -> None:
        """Abort the exposure; that nothing runs is no fault."""
        await self._device.put("abortexposure", NOTHING_TO_STOP)

    async def problems(self) -> list[str]:
        """Name an error state, and a camera that cannot be stopped."""
        found = []
        if await self._device.number("camerastate") == ERROR:
            found.append(str(self._device.fault("is in error", "look at the camera's own program, and reload it")))
        if not await self._device.flag("canabortexposure"):
            found.append(str(self._device.fault("cannot abort an exposure", "expect revocations to wait for its end")))
        return found

    async def _wait_out(self, given_up: Started) -> None:
        """Wait until the image of an exposure that was given up has come, or cannot come any more."""
        await asyncio.sleep(max(0.0, given_up.end - self._now()))
        too_late = given_up.end + self._readout_s + GIVEN_UP_MARGIN_S

        async def is_over() -> bool:
            return self._now() >= too_late or await self._device.flag("imageready")

        await until(
            is_over,
            within_s=too_late - self._now() + self._habits.answer_within_s,
            every_s=self._habits.poll_every_s,
            otherwise=lambda: self._device.fault("stays busy", "look at the camera's own program"),
        )

    async def _frame(self, binning: int) -> None:
        """Ask for the whole chip, binned."""
        await self._device.put("binx", BinX=binning)
        await self._device.put("biny", BinY=binning)
        width, height = await self._device.number("cameraxsize"), await self._device.number("cameraysize")
        await self._device.put("startx", StartX=0)
        await self._device.put("starty", StartY=0)
        await self._device.put("numx", NumX=int(width) // binning)
        await self._device.put("numy", NumY=int(height) // binning)

    async def _is_ready(self) -> bool:
        if await self._device.flag("imageready"):
            return True
        if await self._device.number("camerastate") == ERROR:
            raise self._device.fault("went into error", "look at the camera's own program, and reload it")
        return False

    async def _is_idle(self) -> bool:
        return await self._device.number("camerastate") in (IDLE, ERROR)

    async def _last_start(self) -> str | None:
        """When the camera says that its last exposure started; None: it does not say."""
        said = await self._device.optional("lastexposurestarttime")
        return None if said is None else str(said)

    async def _taken(self, media_type: str, body: bytes, start: datetime, exposure_s: float) -> Taken:
        try:
            pixels = await asyncio.to_thread(read_image, media_type, body)
        except NoImage as error:
            raise CameraFault(
                f"sends no image: {error}", where=self._device.where, mend="look at the camera"
            ) from error
        return Taken(pixels, start, start + timedelta(seconds=exposure_s), exposure_s)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
