"""What stands around an Alpaca telescope: filter wheel, dome, safety monitor, weather station."""

import logging

from telescopes.drivers.alpaca.client import NOTHING_TO_STOP, AlpacaDevice
from telescopes.drivers.alpaca.station import AlpacaStation
from telescopes.drivers.devices.habits import Habits
from telescopes.drivers.devices.waiting import until
from telescopes.drivers.devices.weather_limits import judged
from telescopes.drivers.driver import FilterFault, Safety, Weather

log = logging.getLogger(__name__)

OPEN, CLOSED, SHUTTER_ERROR = 0, 1, 4


class AlpacaWheel:
    """A filter wheel; -1 is its word for turning."""

    def __init__(self, device: AlpacaDevice, habits: Habits) -> None:
        self._device = device
        self._habits = habits

    @property
    def life(self) -> object:
        """Is another one once it was connected anew."""
        return self._device.life

    async def turn(self, filter_: str) -> None:
        """Begin to turn, unless it stands there."""
        slot = await self._slot(filter_)
        if await self._device.number("position") != slot:
            await self._device.put("position", Position=slot)

    async def arrived(self, filter_: str) -> None:
        """Wait for the slot."""
        slot = await self._slot(filter_)

        async def is_there() -> bool:
            return await self._device.number("position") == slot

        await until(
            is_there,
            within_s=self._habits.filter_within_s,
            every_s=self._habits.poll_every_s,
            otherwise=lambda: self._device.fault(f"does not bring filter {filter_}", "look at the filter wheel"),
        )

    async def problems(self) -> list[str]:
        """Name mapped filters that the wheel does not hold."""
        found = []
        for filter_ in self._habits.filters:
            try:
                await self._slot(filter_)
            except FilterFault as fault:
                found.append(str(fault))
        return found

    async def _slot(self, filter_: str) -> int:
        names = await self._device.get("names")
        if not isinstance(names, list):
            raise self._device.fault("does not name its filters", "look at the filter wheel")
        wanted = self._habits.filters[filter_]
        if isinstance(wanted, int) and 0 <= wanted < len(names):
            return wanted
        if wanted in names:
            return names.index(wanted)
        held = ", ".join(f"{slot} = {name}" for slot, name in enumerate(names))
        raise self._device.fault(f"has no filter {wanted!r} for {filter_}", f"give one of {held} in [driver.filters]")


class AlpacaDome:
    """A dome or a roof."""

    def __init__(self, device: AlpacaDevice, habits: Habits) -> None:
        self._device = device
        self._habits = habits

    async def open(self) -> None:
        """Open the shutter, where there is one."""
        if await self._device.flag("cansetshutter"):
            await self._shutter("openshutter", OPEN)

    async def is_open(self) -> bool:
        """Say whether the shutter stands open; without one nothing has to move."""
        return not await self._device.flag("cansetshutter") or await self._device.number("shutterstatus") == OPEN

    async def follow(self) -> None:
        """Slave the dome to the mount, where it can; wait until it stands."""
        if await self._device.flag("canslave"):
            await self._device.put("slaved", Slaved=True)
        await until(
            self._stands,
            within_s=self._habits.dome_within_s,
            every_s=self._habits.poll_every_s,
            otherwise=lambda: self._device.fault("still turns", "look at the dome"),
        )

    async def close(self) -> None:
        """Close the shutter, where there is one."""
        if await self._device.flag("cansetshutter"):
            await self._shutter("closeshutter", CLOSED)

    async def stop(self) -> None:
        """Stop turning."""
        await self._device.put("abortslew", NOTHING_TO_STOP)

    async def rolls(self) -> bool:
        """A roof has no azimuth."""
        return not await self._device.flag("cansetazimuth")

    async def problems(self) -> list[str]:
        """Name a shutter in error."""
        if await self._device.flag("cansetshutter") and await self._device.number("shutterstatus") == SHUTTER_ERROR:
            return [str(self._device.fault("its shutter is in error", "look at the dome"))]
        return []

    async def _shutter(self, verb: str, wanted: int) -> None:
        if await self._device.number("shutterstatus") == wanted:
            return
        await self._device.put(verb, within_s=self._habits.dome_within_s)

        async def is_so() -> bool:
            return await self._device.number("shutterstatus") == wanted

        await until(
            is_so,
            within_s=self._habits.dome_within_s,
            every_s=self._habits.poll_every_s,
            otherwise=lambda: self._device.fault(f"{verb} did not end", "look at the dome"),
        )

    async def _stands(self) -> bool:
        return not await self._device.flag("slewing")


class AlpacaWatch:
    """The safety monitor's word, and the weather station's numbers; either may be missing."""

    def __init__(self, monitor: AlpacaDevice | None, station: AlpacaDevice | None, habits: Habits) -> None:
        self._monitor = monitor
        self._station = None if station is None else AlpacaStation(station, habits)
        self._habits = habits
        self._was_stale = False

    async def read(self) -> Safety:
        """Ask both; a station whose numbers are old, or of an age that nobody knows, is not safe."""
        safe = self._monitor is None or await self._monitor.flag("issafe")
        weather = Weather()
        if self._station is not None:
            weather = await self._station.weather()
            safe = not await self._is_stale(self._station, weather) and safe
        return judged(safe, weather, self._habits.weather)

    async def problems(self) -> list[str]:
        """Name what does not answer, and numbers that are old or of an unknown age."""
        if self._monitor is not None:
            await self._monitor.flag("issafe")
        return [] if self._station is None else await self._station.stale(await self._station.weather())

    async def _is_stale(self, station: AlpacaStation, weather: Weather) -> bool:
        """Look whether numbers are too old, and log when that begins."""
        stale = await station.stale(weather)
        if stale and not self._was_stale:
            log.warning("the weather station is not believed, so the site is not safe: %s", "; ".join(stale))
        self._was_stale = bool(stale)
        return self._was_stale
