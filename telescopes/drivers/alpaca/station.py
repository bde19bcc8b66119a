"""An Alpaca weather station: its numbers, and how old those are that close the site."""

import asyncio
import math
from dataclasses import fields

from telescopes.drivers.alpaca.client import AlpacaDevice
from telescopes.drivers.devices.habits import Habits
from telescopes.drivers.driver import Weather

SENSORS = {
    "temperature_c": "Temperature",
    "humidity_pct": "Humidity",
    "wind_mps": "WindSpeed",
    "rain_mm_per_h": "RainRate",
    "cloud_cover_pct": "CloudCover",
    "sky_quality_mag_arcsec2": "SkyQuality",
    "seeing_arcsec": "StarFWHM",
}
ANY = ""
"""In the place of a sensor's name: the newest of all."""


class AlpacaStation:
    """Asks each sensor that a limit names how old its number is; without a limit, the newest of all.

    Notes
    -----
    TimeSinceLastUpdate may be missing, and is negative where a sensor never spoke. What does not know its age is as
    old as the last change of its number that was seen here, and stale before the first; `age_unknown_is_fresh` takes
    the station's word that what it says is measured when it is asked.
    """

    def __init__(self, device: AlpacaDevice, habits: Habits) -> None:
        self._device = device
        self._habits = habits
        self._last: dict[str, tuple[object, float | None]] = {}

    async def weather(self) -> Weather:
        """Read every sensor that there is."""
        return Weather(**{name: await self._device.optional_number(of.lower()) for name, of in SENSORS.items()})

    async def stale(self, weather: Weather) -> list[str]:
        """Name the numbers that are too old to be believed; a sensor with a limit that says nothing has no age."""
        limits = self._habits.weather
        watched = [one.name for one in fields(limits) if getattr(limits, one.name) is not None]
        ages = [(SENSORS[name], getattr(weather, name)) for name in watched if getattr(weather, name) is not None] or (
            [] if watched else [(ANY, weather)]
        )
        return [line for sensor, value in ages if (line := await self._old(sensor, value))]

    async def _old(self, sensor: str, value: object) -> str:
        """Say why a number is too old; empty: it is not."""
        age_s = await self._device.optional_number("timesincelastupdate", SensorName=sensor)
        if age_s is not None and (math.isnan(age_s) or age_s < 0.0):
            return self._say(sensor, "was never updated", "look at the weather station")
        known = age_s is not None
        if age_s is None:
            if self._habits.age_unknown_is_fresh:
                return ""
            age_s = self._since_change_s(sensor, value)
        if age_s is None:
            mend = "say driver.age_unknown_is_fresh = true where the station measures when it is asked"
            return self._say(sensor, "does not know its age, and was not seen to change yet", mend)
        if age_s <= self._habits.stale_after_s:
            return ""
        mend = "look at the weather station"
        if not known:
            mend += ", or say driver.age_unknown_is_fresh = true where it measures when it is asked"
        return self._say(sensor, f"is {age_s:.0f} s old", mend)

    def _since_change_s(self, sensor: str, value: object) -> float | None:
        """How long ago the number was seen to change; None: never."""
        now = asyncio.get_running_loop().time()
        before, changed = self._last.get(sensor, (value, None))
        if value != before:
            changed = now
        self._last[sensor] = (value, changed)
        return None if changed is None else now - changed

    def _say(self, sensor: str, what: str, mend: str) -> str:
        return str(self._device.fault(f"{sensor or 'the newest of its numbers'} {what}", mend))
