"""An INDI camera: the image comes by itself, so it must be told whose it is."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from numpy.typing import NDArray

from telescopes.drivers.devices.habits import Habits
from telescopes.drivers.devices.parts import Taken
from telescopes.drivers.driver import SkyTime
from telescopes.drivers.fits_header import NotFits
from telescopes.drivers.fits_image import read_fits_image
from telescopes.drivers.indi.device import LOOK, IndiDevice
from telescopes.drivers.indi.properties import Image, number

EXPOSURE, ABORT = "CCD_EXPOSURE", "CCD_ABORT_EXPOSURE"
EARLY_S = 0.2
"""Clocks and poll intervals may make an image come that much before its exposure is over."""
SAME_EXPOSURE = 0.05


class IndiCamera:
    """Takes one exposure at a time and no image but its own."""

    def __init__(self, device: IndiDevice, sky: SkyTime, habits: Habits) -> None:
        self._device = device
        self._sky = sky
        self._habits = habits

    async def free(self) -> None:
        """Stop what runs, of whomever, and wait until it has stopped."""
        await self._device.vector(EXPOSURE)
        if self._device.state(EXPOSURE) == "Busy":
            await self.stop()
            await self._device.wait(self._is_idle, self._habits.readout_within_s, "stays busy")

    async def take(self, exposure_s: float, binning: int) -> Taken:
        """Expose, and take the image that comes once the shutter has closed."""
        await self.free()
        await self._frame(binning)
        self._device.client.pop_image(self._device.name)
        began, start = asyncio.get_running_loop().time(), self._sky.now()
        heard = await self._device.send(EXPOSURE, {"CCD_EXPOSURE_VALUE": f"{exposure_s:.6f}"})
        image = await self._own_image(began + exposure_s - EARLY_S, exposure_s, heard)
        pixels = await asyncio.to_thread(self._pixels, image, exposure_s)
        return self._taken(pixels, start, exposure_s)

    async def stop(self) -> None:
        """Abort the exposure, and wait for the camera's word that it stopped."""
        heard = await self._device.send(ABORT, {"ABORT": "On"})

        def stopped() -> bool:
            return self._device.heard(ABORT) > heard and self._is_idle()

        await self._device.wait(stopped, self._habits.answer_within_s, "does not stop exposing")

    async def problems(self) -> list[str]:
        """Name what it lacks."""
        await self._device.vector(EXPOSURE)
        await self._device.vector(ABORT)
        return []

    async def _own_image(self, not_before: float, exposure_s: float, heard: int) -> Image:
        """Wait for the image; what comes before the shutter can have closed is of an exposure that was given up."""
        found: list[Image] = []
        was_busy = False

        def came() -> bool:
            nonlocal was_busy
            # Only after its own Busy: Idle may be the late word about an exposure that was aborted before.
            was_busy = was_busy or self._device.state(EXPOSURE) == "Busy"
            image = self._device.client.pop_image(self._device.name)
            if image is not None and asyncio.get_running_loop().time() >= not_before:
                found.append(image)
            return bool(found) or self._gave_up(heard, was_busy)

        within_s = exposure_s + self._habits.readout_within_s
        await self._device.wait(came, within_s, "gave no image")
        if not found:
            raise self._device.refused(EXPOSURE)
        return found[0]

    def _gave_up(self, heard: int, was_busy: bool) -> bool:
        state = self._device.state(EXPOSURE)
        return self._device.heard(EXPOSURE) > heard and (state == "Alert" or (was_busy and state == "Idle"))

    def _is_idle(self) -> bool:
        return self._device.state(EXPOSURE) != "Busy"

    async def _frame(self, binning: int) -> None:
        """Ask for a light frame of the whole chip, sent to us as FITS."""
        within_s = self._habits.answer_within_s
        for name, element in (
            ("UPLOAD_MODE", "UPLOAD_CLIENT"),
            ("CCD_FRAME_TYPE", "FRAME_LIGHT"),
            ("CCD_COMPRESSION", "INDI_DISABLED"),
            ("CCD_TRANSFER_FORMAT", "FORMAT_FITS"),
        ):
            if await self._device.has(name):
                await self._device.switch(name, element, within_s)
        if await self._device.has("CCD_BINNING"):
            binned = {"HOR_BIN": str(binning), "VER_BIN": str(binning)}
            if await self._device.number("CCD_BINNING", "HOR_BIN") != binning:
                await self._device.change("CCD_BINNING", binned, within_s)
        elif binning != 1:
            raise self._device.fault("cannot bin", "ask for exposures without binning")
        await self._whole_chip(within_s)

    async def _whole_chip(self, within_s: float) -> None:
        """Undo a part of the chip that somebody may have asked for."""
        if not (await self._device.has("CCD_FRAME") and await self._device.has("CCD_INFO")):
            return
        whole = {"X": 0.0, "Y": 0.0}
        for side, most in (("WIDTH", "CCD_MAX_X"), ("HEIGHT", "CCD_MAX_Y")):
            whole[side] = await self._device.number("CCD_INFO", most)
        now = {side: await self._device.number("CCD_FRAME", side) for side in whole}
        if now != whole:
            await self._device.change("CCD_FRAME", {side: f"{size:.0f}" for side, size in whole.items()}, within_s)

    def _pixels(self, image: Image, exposure_s: float) -> NDArray[Any]:
        if image.format != ".fits":
            raise self._device.fault(f"sends {image.format[:20]!r} and not FITS", "set its driver to FITS")
        try:
            pixels, header = read_fits_image(image.content)
        except NotFits as error:
            raise self._device.fault(f"sends no image: {error}", LOOK) from error
        said_s = number(header.get("EXPTIME", ""))
        if said_s is not None and abs(said_s - exposure_s) > max(SAME_EXPOSURE, SAME_EXPOSURE * exposure_s):
            raise self._device.fault(f"sends an image of {said_s:g} s, and not of {exposure_s:g} s", LOOK)
        return pixels

    def _taken(self, pixels: NDArray[Any], start: datetime, exposure_s: float) -> Taken:
        return Taken(pixels, start, start + timedelta(seconds=exposure_s), exposure_s)
