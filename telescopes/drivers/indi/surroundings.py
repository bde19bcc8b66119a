"""What stands around an INDI telescope: filter wheel, dome, weather station."""

import asyncio

from telescopes.description.states import Reason
from telescopes.drivers.devices.habits import Habits
from telescopes.drivers.devices.weather_limits import judged
from telescopes.drivers.driver import FilterFault, Safety, Weather
from telescopes.drivers.indi.device import UNDONE, IndiDevice
from telescopes.drivers.indi.properties import number

STATUS, PARAMETERS = "WEATHER_STATUS", "WEATHER_PARAMETERS"
SLOT, NAMES = "FILTER_SLOT", "FILTER_NAME"
SENSORS = {
    "temperature_c": ("WEATHER_TEMPERATURE", 1.0),
    "humidity_pct": ("WEATHER_HUMIDITY", 1.0),
    "wind_mps": ("WEATHER_WIND_SPEED", 1.0 / 3.6),
    "rain_mm_per_h": ("WEATHER_RAIN_HOUR", 1.0),
    "cloud_cover_pct": ("WEATHER_CLOUD_COVER", 1.0),
    "sky_quality_mag_arcsec2": ("WEATHER_SQM", 1.0),
}
"""Where each stands, and what turns INDI's unit into ours: its wind is in km/h."""


class IndiWheel:
    """A filter wheel; slots count from 1."""

    def __init__(self, device: IndiDevice, habits: Habits) -> None:
        self._device = device
        self._habits = habits

    @property
    def life(self) -> object:
        """Is another one once it was connected anew."""
        return self._device.life

    async def turn(self, filter_: str) -> None:
        """Begin to turn, unless it stands there or is on its way."""
        slot = await self._slot(filter_)
        stands_at = await self._device.number(SLOT, "FILTER_SLOT_VALUE")
        if stands_at != slot or self._device.state(SLOT) == "Alert":
            await self._device.send(SLOT, {"FILTER_SLOT_VALUE": str(slot)})

    async def arrived(self, filter_: str) -> None:
        """Wait for the slot."""
        slot = await self._slot(filter_)

        def is_there() -> bool:
            vector = self._device.client.vector(self._device.name, SLOT)
            value = None if vector is None else number(vector.values.get("FILTER_SLOT_VALUE", ""))
            return vector is not None and value == slot and vector.state not in UNDONE

        await self._device.wait(is_there, self._habits.filter_within_s, f"does not bring filter {filter_}")

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
        names = list((await self._device.vector(NAMES)).values.values())
        wanted = self._habits.filters[filter_]
        if isinstance(wanted, int) and 1 <= wanted <= len(names):
            return wanted
        if wanted in names:
            return names.index(str(wanted)) + 1
        held = ", ".join(f"{slot} = {name}" for slot, name in enumerate(names, start=1))
        raise self._device.fault(f"has no filter {wanted!r} for {filter_}", f"give one of {held} in [driver.filters]")


class IndiDome:
    """A dome or a roof: unparks, opens, follows; closes."""

    def __init__(self, device: IndiDevice, habits: Habits) -> None:
        self._device = device
        self._habits = habits

    async def open(self) -> None:
        """Unpark and open the shutter, where there are such things."""
        await self._switch("DOME_PARK", "UNPARK")
        await self._switch("DOME_SHUTTER", "SHUTTER_OPEN")

    async def is_open(self) -> bool:
        """Say whether it is unparked and its shutter open, where there are such things."""
        return await self._is("DOME_PARK", "UNPARK") and await self._is("DOME_SHUTTER", "SHUTTER_OPEN")

    async def follow(self) -> None:
        """Let the driver keep the slit before the telescope, and wait until it stands."""
        await self._switch("DOME_AUTOSYNC", "DOME_AUTOSYNC_ENABLE")

        def stands() -> bool:
            return self._device.state("ABS_DOME_POSITION") != "Busy"

        await self._device.wait(stands, self._habits.dome_within_s, "still turns")

    async def close(self) -> None:
        """Close the shutter; a roof without one parks."""
        if await self._device.has("DOME_SHUTTER"):
            await self._switch("DOME_SHUTTER", "SHUTTER_CLOSE")
        else:
            await self._switch("DOME_PARK", "PARK")

    async def stop(self) -> None:
        """Stop turning: sent without waiting for an answer."""
        if await self._device.has("DOME_ABORT_MOTION"):
            await self._device.send("DOME_ABORT_MOTION", {"ABORT": "On"})

    async def rolls(self) -> bool:
        """A roof has no azimuth."""
        return not await self._device.has("ABS_DOME_POSITION")

    async def problems(self) -> list[str]:
        """Name a dome that does not answer."""
        await self._device.connect()
        return []

    async def _is(self, name: str, element: str) -> bool:
        return not await self._device.has(name) or await self._device.is_so(name, element)

    async def _switch(self, name: str, element: str) -> None:
        if await self._device.has(name):
            await self._device.switch(name, element, self._habits.dome_within_s)


class IndiWatch:
    """A weather station: its own verdict, and how long ago it last spoke."""

    def __init__(self, device: IndiDevice, habits: Habits) -> None:
        self._device = device
        self._habits = habits

    async def read(self) -> Safety:
        """Alert is bad weather; silence is not safe."""
        status = await self._device.vector(STATUS)
        weather = self._weather()
        safety = judged(await self._age_s() <= self._habits.stale_after_s, weather, self._habits.weather)
        if status.state != "Alert":
            return safety
        return Safety(False, tuple(dict.fromkeys((Reason.WEATHER, *safety.blocking))), weather=weather)

    async def problems(self) -> list[str]:
        """Name numbers that are old."""
        await self._device.vector(STATUS)
        if (age_s := await self._age_s()) > self._habits.stale_after_s:
            return [str(self._device.fault(f"its numbers are {age_s:.0f} s old", "look at the weather station"))]
        return []

    def _weather(self) -> Weather:
        vector = self._device.client.vector(self._device.name, PARAMETERS)
        found = {}
        for name, (element, factor) in SENSORS.items():
            value = None if vector is None else number(vector.values.get(element, ""))
            found[name] = None if value is None else value * factor
        return Weather(**found)

    async def _age_s(self) -> float:
        """Seconds since the station last said its numbers; it says them again every minute, changed or not."""
        return asyncio.get_running_loop().time() - (await self._device.vector(PARAMETERS)).at
