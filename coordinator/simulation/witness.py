"""A witness at the site: writes down, by the true time, what a driver really did, whatever anybody reports of it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from telescopes.drivers.driver import (
    Aim,
    Driver,
    DriverCapabilities,
    DriverStatus,
    ExposureSpec,
    Frame,
    Safety,
    Target,
)


@dataclass(frozen=True, slots=True)
class Slew:
    """A mount began to move to a place."""

    telescope: str
    ra_deg: float
    dec_deg: float
    began: datetime


@dataclass(frozen=True, slots=True)
class Shot:
    """A shutter was opened; `frame` is what the camera gave, None: nothing, for it was stopped or failed."""

    telescope: str
    spec: ExposureSpec
    target: Target
    began: datetime
    ended: datetime
    frame: Frame | None


@dataclass
class Witnessed:
    """What happened at all sites, in order."""

    slews: list[Slew] = field(default_factory=list)
    shots: list[Shot] = field(default_factory=list)

    @property
    def frames(self) -> list[Shot]:
        """The exposures that happened."""
        return [s for s in self.shots if s.frame is not None]


class WitnessDriver:
    """`telescopes.drivers.driver.Driver` over another one.

    Parameters
    ----------
    telescope : str
        Whose driver it is.
    driver : Driver
        What it watches.
    seen : Witnessed
        Where it writes.
    utc : callable
        The true time, which the site need not know.
    as_real : bool
        Pretend that something real can move: sky time is then the site's own machine's.
    """

    def __init__(
        self, telescope: str, driver: Driver, seen: Witnessed, utc: Callable[[], datetime], *, as_real: bool = False
    ) -> None:
        self._telescope = telescope
        self._driver = driver
        self._seen = seen
        self._utc = utc
        self._as_real = as_real
        self._target: Target | None = None

    def capabilities(self) -> DriverCapabilities:
        """Say which drivers are in use."""
        said = self._driver.capabilities()
        return replace(said, simulated=said.simulated and not self._as_real)

    async def status(self) -> DriverStatus:
        """Say what the mount does."""
        return await self._driver.status()

    async def safety(self) -> Safety:
        """Say whether the site may observe now."""
        return await self._driver.safety()

    async def safety_after(self, known: Safety) -> Safety:
        """Wait until safety differs."""
        return await self._driver.safety_after(known)

    async def slew(self, target: Target) -> Aim:
        """Point; the mount moves from the first instant."""
        self._target = target
        self._seen.slews.append(Slew(self._telescope, target.ra_deg, target.dec_deg, self._utc()))
        return await self._driver.slew(target)

    async def expose(self, spec: ExposureSpec) -> Frame:
        """Take one exposure."""
        target, began = self._target, self._utc()
        assert target is not None, "an exposure without a slew"
        frame: Frame | None = None
        try:
            frame = await self._driver.expose(spec)
        finally:
            self._seen.shots.append(Shot(self._telescope, spec, target, began, self._utc(), frame))
        return frame

    async def abort(self) -> None:
        """Stop whatever moves or exposes."""
        await self._driver.abort()

    async def park(self) -> None:
        """Park."""
        await self._driver.park()
