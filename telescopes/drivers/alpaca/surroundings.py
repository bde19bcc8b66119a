"""What stands around an Alpaca telescope: filter wheel, dome, safety monitor, weather station."""

from telescopes.drivers.alpaca.client import NOTHING_TO_STOP, AlpacaDevice
from telescopes.drivers.devices.habits import Habits
from telescopes.drivers.devices.waiting import until
from telescopes.drivers.devices.weather_limits import judged
from telescopes.drivers.driver import FilterFault, Safety, Weather

OPEN, CLOSED, SHUTTER_ERROR = 0, 1, 4
SENSORS = {
    "temperature_c": "temperature",
    "humidity_pct": "humidity",
    "wind_mps": "windspeed",
    "rain_mm_per_h": "rainrate",
    "cloud_cover_pct": "cloudcover",
    "sky_quality_mag_arcsec2": "skyquality",
    "seeing_arcsec": "starfwhm",
}


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
        self._station = station
        self._habits = habits

    async def read(self) -> Safety:
        """Ask both; a station whose numbers are old is not safe."""
        safe = self._monitor is None or await self._monitor.flag("issafe")
        weather = Weather()
        if self._station is not None:
            safe = safe and await self._age_s() <= self._habits.stale_after_s
            weather = await self._weather(self._station)
        return judged(safe, weather, self._habits.weather)

    async def problems(self) -> list[str]:
        """Name what does not answer, and numbers that are old."""
        found = []
        if self._monitor is not None:
            await self._monitor.flag("issafe")
        if self._station is not None and (age_s := await self._age_s()) > self._habits.stale_after_s:
            found.append(str(self._station.fault(f"its numbers are {age_s:.0f} s old", "look at the weather station")))
        return found

    async def _weather(self, station: AlpacaDevice) -> Weather:
        """Read every sensor that there is."""
        return Weather(**{name: await station.optional_number(sensor) for name, sensor in SENSORS.items()})

    async def _age_s(self) -> float:
        """How old the newest number is; a station that does not know reads when it is asked."""
        if self._station is None:
            return 0.0
        return await self._station.optional_number("timesincelastupdate", SensorName="") or 0.0
