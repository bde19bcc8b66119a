"""An INDI mount: apparent places, hours of right ascension, and Ok before it is believed."""

from telescopes.description.telescope import Site
from telescopes.drivers.devices.belief import Belief
from telescopes.drivers.devices.habits import Habits
from telescopes.drivers.devices.places import apart_arcsec, apparent, icrs
from telescopes.drivers.driver import SkyTime
from telescopes.drivers.indi.device import LOOK, IndiDevice
from telescopes.drivers.indi.properties import number

PLACE = "EQUATORIAL_EOD_COORD"
PARK, ABORT = "TELESCOPE_PARK", "TELESCOPE_ABORT_MOTION"
DEG_PER_HOUR = 15.0
BEGINS_WITHIN_S = 3.0
"""A mount that neither moves nor stands there by then does not obey."""


class IndiMount:
    """Unparks by itself; a slew of a parked mount would only be Idle, with a word for people."""

    def __init__(self, device: IndiDevice, site: Site, sky: SkyTime, habits: Habits) -> None:
        self._device = device
        self._site = site
        self._sky = sky
        self._habits = habits
        self._placed = Belief[bool](lambda: device.life)

    @property
    def life(self) -> object:
        """Is another one once it was connected anew."""
        return self._device.life

    async def prepare(self) -> None:
        """Tell it where and when it is, unpark, and follow the sky after a slew."""
        await self._device.connect()
        if not self._placed.value:
            await self._place_and_time()
        if await self._device.has(PARK):
            # A mount that still parks would say that it is unparked already, and park on.
            await self._device.settled(PARK, self._habits.park_within_s)
            await self._device.switch(PARK, "UNPARK", self._habits.park_within_s)
        await self._device.switch("ON_COORD_SET", "TRACK", self._habits.answer_within_s)

    async def go(self, ra_deg: float, dec_deg: float) -> None:
        """Slew; not Busy is no success: Ok is."""
        wanted = apparent(ra_deg, dec_deg, self._sky.now())
        values = {"RA": f"{wanted[0] / DEG_PER_HOUR:.9f}", "DEC": f"{wanted[1]:.8f}"}
        heard = await self._device.send(PLACE, values)

        def begun() -> bool:
            state = self._device.state(PLACE)
            return self._device.heard(PLACE) > heard and (state in ("Busy", "Alert") or self._is_near(wanted))

        def ended() -> bool:
            return self._device.state(PLACE) != "Busy"

        if not await self._device.seen(begun, BEGINS_WITHIN_S):
            raise self._device.fault(f"does not move{self._device.last_word}", LOOK)
        await self._device.wait(ended, self._habits.slew_within_s, "still slews")
        if self._device.state(PLACE) != "Ok":
            raise self._device.fault(f"stopped before it was there{self._device.last_word}", LOOK)

    async def place(self) -> tuple[float, float]:
        """Read back where it looks, ICRS."""
        ra_deg = await self._device.number(PLACE, "RA") * DEG_PER_HOUR
        return icrs(ra_deg, await self._device.number(PLACE, "DEC"), self._sky.now())

    async def parked(self) -> bool:
        """Say whether it stands parked; one that still parks, or failed to, or has no park does not."""
        return await self._device.has(PARK) and await self._device.is_so(PARK, "PARK")

    async def can_park(self) -> bool:
        """Say whether it has a park."""
        return await self._device.has(PARK)

    async def park(self) -> None:
        """Park; a mount that cannot is stopped where it is."""
        if await self.can_park():
            await self._device.switch(PARK, "PARK", self._habits.park_within_s)
            return
        await self.stop()
        await self._device.switch("TELESCOPE_TRACK_STATE", "TRACK_OFF", self._habits.answer_within_s)

    async def stop(self) -> None:
        """Stop moving, and wait for the mount's word that it stands."""
        heard = await self._device.send(ABORT, {"ABORT": "On"})

        def stopped() -> bool:
            return self._device.heard(ABORT) > heard and self._device.state(PLACE) != "Busy"

        await self._device.wait(stopped, self._habits.answer_within_s, "does not stop")

    async def problems(self) -> list[str]:
        """Name what it lacks."""
        await self._device.vector(PLACE)
        await self._device.vector("ON_COORD_SET")
        return []

    async def _place_and_time(self) -> None:
        """Servers start on the equator at Greenwich: park and horizon would be wrong."""
        life = self._device.life
        place = {
            "LAT": f"{self._site.latitude_deg:.6f}",
            "LONG": f"{self._site.longitude_deg % 360.0:.6f}",
            "ELEV": f"{self._site.elevation_m:.1f}",
        }
        if await self._device.has("GEOGRAPHIC_COORD"):
            await self._device.change("GEOGRAPHIC_COORD", place, self._habits.answer_within_s)
        if await self._device.has("TIME_UTC"):
            time = {"UTC": f"{self._sky.now():%Y-%m-%dT%H:%M:%S}", "OFFSET": "0"}
            await self._device.change("TIME_UTC", time, self._habits.answer_within_s)
        self._placed.learn(True, life)

    def _is_near(self, wanted: tuple[float, float]) -> bool:
        vector = self._device.client.vector(self._device.name, PLACE)
        if vector is None or vector.state != "Ok":
            return False
        ra_h, dec_deg = number(vector.values.get("RA", "")), number(vector.values.get("DEC", ""))
        if ra_h is None or dec_deg is None:
            return False
        return apart_arcsec((ra_h * DEG_PER_HOUR, dec_deg), wanted) <= self._habits.tolerance_arcsec
