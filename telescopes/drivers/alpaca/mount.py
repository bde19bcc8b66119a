"""An Alpaca telescope mount."""

from telescopes.drivers.alpaca.client import NOTHING_TO_STOP, AlpacaDevice
from telescopes.drivers.devices.habits import Habits
from telescopes.drivers.devices.places import apparent, icrs
from telescopes.drivers.devices.waiting import until
from telescopes.drivers.driver import MountFault, SkyTime

FRAMES = {1: "jnow", 2: "j2000"}
"""What EquatorialSystem says; 0 is anything else."""
DEG_PER_HOUR = 15.0


class AlpacaMount:
    """Speaks hours of right ascension, in whichever frame the mount says that it uses.

    `frame` ("jnow" or "j2000") is for mounts that do not say; None: they must.
    """

    def __init__(self, device: AlpacaDevice, sky: SkyTime, habits: Habits, frame: str | None = None) -> None:
        self._device = device
        self._sky = sky
        self._habits = habits
        self._given_frame = frame

    @property
    def life(self) -> object:
        """Is another one once it was connected anew."""
        return self._device.life

    async def prepare(self) -> None:
        """Unpark, and follow the sky."""
        await until(
            self._parked_or_stands,
            within_s=self._habits.park_within_s,
            every_s=self._habits.poll_every_s,
            otherwise=lambda: self._device.fault("still parks or slews", "look at the mount"),
        )
        if await self._device.flag("atpark"):
            await self._device.put("unpark", within_s=self._habits.park_within_s)
            await self._until_park_is(False, "does not unpark")
        if not await self._device.flag("tracking"):
            await self._device.put("tracking", Tracking=True)

    async def go(self, ra_deg: float, dec_deg: float) -> None:
        """Slew without holding the connection, and return once the mount says that it stands."""
        if await self._frame() == "jnow":
            ra_deg, dec_deg = apparent(ra_deg, dec_deg, self._sky.now())
        hours = f"{ra_deg / DEG_PER_HOUR % 24.0:.9f}"
        await self._device.put("slewtocoordinatesasync", RightAscension=hours, Declination=f"{dec_deg:.8f}")
        await until(
            self._stands,
            within_s=self._habits.slew_within_s,
            every_s=self._habits.poll_every_s,
            otherwise=lambda: self._device.fault("still slews", "look at the mount, or raise driver.slew_within_s"),
        )

    async def place(self) -> tuple[float, float]:
        """Read back where it looks, ICRS."""
        frame = await self._frame()
        ra_deg = await self._device.number("rightascension") * DEG_PER_HOUR
        dec_deg = await self._device.number("declination")
        return icrs(ra_deg, dec_deg, self._sky.now()) if frame == "jnow" else (ra_deg % 360.0, dec_deg)

    async def parked(self) -> bool:
        """Say whether it is parked."""
        return await self._device.flag("atpark")

    async def can_park(self) -> bool:
        """Say whether it can park."""
        return await self._device.flag("canpark")

    async def park(self) -> None:
        """Park; a mount that cannot is stopped where it is."""
        if await self._device.flag("atpark"):
            return
        if await self.can_park():
            await self._device.put("park", within_s=self._habits.park_within_s)
            await self._until_park_is(True, "does not park")
        else:
            await self.stop()
            await self._device.put("tracking", Tracking=False)

    async def stop(self) -> None:
        """Stop slewing."""
        await self._device.put("abortslew", NOTHING_TO_STOP)

    async def problems(self) -> list[str]:
        """Name what it cannot do."""
        found = []
        try:
            await self._frame()
        except MountFault as fault:
            found.append(str(fault))
        if not await self._device.flag("canslewasync"):
            found.append(str(self._device.fault("cannot slew to coordinates", "use a mount that can")))
        return found

    async def _frame(self) -> str:
        if self._given_frame is not None:
            return self._given_frame
        system = int(await self._device.number("equatorialsystem"))
        if system not in FRAMES:
            what = f"does not say in which frame its coordinates are (EquatorialSystem {system})"
            raise self._device.fault(what, 'find out, and set driver.frame = "jnow" or "j2000"')
        return FRAMES[system]

    async def _stands(self) -> bool:
        return not await self._device.flag("slewing")

    async def _parked_or_stands(self) -> bool:
        """Say whether nothing is on its way: a mount that still parks says that it is not parked, and parks on."""
        return await self._device.flag("atpark") or await self._stands()

    async def _until_park_is(self, parked: bool, otherwise: str) -> None:
        async def is_so() -> bool:
            return await self._device.flag("atpark") is parked

        await until(
            is_so,
            within_s=self._habits.park_within_s,
            every_s=self._habits.poll_every_s,
            otherwise=lambda: self._device.fault(otherwise, "look at the mount, or raise driver.park_within_s"),
        )
