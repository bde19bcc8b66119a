"""The seam between the agent and whatever moves a telescope.

A driver knows its devices and nothing of the coordinator. It is told what to do, says what really
happened, and raises a `DriverFault` that names the reason when it could not.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from telescopes.description.errors import ArmillaryError
from telescopes.description.messages import Detection
from telescopes.description.states import Reason


class SkyTime(Protocol):
    """Sky time as the agent knows it; the only clock that a driver may read."""

    def now(self) -> datetime:
        """Aware UTC."""
        ...

    async def wait_until(self, when: datetime) -> None:
        """Return once sky time has reached `when`, also if the clock jumps."""
        ...


@dataclass(frozen=True, slots=True)
class DriverCapabilities:
    """What is behind the driver: names of the drivers in use, and whether nothing real can move.

    `tells_later`: exposures of a pointing may become known long after it was stopped, as a person reports them.
    `park_within_s` is how long a park may take, closing included (link time); after that it is given up as failed.
    """

    drivers: tuple[str, ...]
    simulated: bool
    tells_later: bool = False
    park_within_s: float = 300.0


@dataclass(frozen=True, slots=True)
class Target:
    """Where to point, degrees ICRS, position angle from north through east, and with what."""

    ra_deg: float
    dec_deg: float
    position_angle_deg: float
    instrument_id: str
    filter: str


@dataclass(frozen=True, slots=True)
class Aim:
    """Where the telescope really looks, degrees ICRS; position angle None: unknown."""

    ra_deg: float
    dec_deg: float
    position_angle_deg: float | None


@dataclass(frozen=True, slots=True)
class ExposureSpec:
    """One exposure to take at the place of the last slew."""

    pointing_id: str
    exposure_index: int
    instrument_id: str
    filter: str
    exposure_s: float
    binning: int = 1


@dataclass(frozen=True, slots=True)
class Frame:
    """One exposure that was taken, and what the site's reduction found in it; None: unknown."""

    start: datetime
    end: datetime
    exposure_s: float
    limiting_mag_ab: float | None = None
    fwhm_arcsec: float | None = None
    image_uri: str = ""
    image_sha256: str = ""
    detections: tuple[Detection, ...] = ()


@dataclass(frozen=True, slots=True)
class Weather:
    """What the site's sensors say; None: unknown."""

    temperature_c: float | None = None
    humidity_pct: float | None = None
    wind_mps: float | None = None
    rain_mm_per_h: float | None = None
    cloud_cover_pct: float | None = None
    sky_quality_mag_arcsec2: float | None = None
    seeing_arcsec: float | None = None


@dataclass(frozen=True, slots=True)
class Safety:
    """Whether the site may observe: `blocking` empty and `safe` true, or why not and until when (None: unknown)."""

    safe: bool = True
    blocking: tuple[Reason, ...] = ()
    unavailable_until: datetime | None = None
    weather: Weather = Weather()

    @property
    def closed_because(self) -> Reason | None:
        """The reason for which nothing may run now; None: it may."""
        if self.blocking:
            return self.blocking[0]
        return None if self.safe else Reason.UNSAFE


@dataclass(frozen=True, slots=True)
class DriverStatus:
    """What the mount does; `aim` None: it never pointed since the start."""

    aim: Aim | None
    filter: str | None
    parked: bool


class Devices(Protocol):
    """What every driver can be asked, however it is told what to observe."""

    def capabilities(self) -> DriverCapabilities:
        """Say which drivers are in use."""
        ...

    async def status(self) -> DriverStatus:
        """Say what the mount does."""
        ...

    async def safety(self) -> Safety:
        """Say whether the site may observe now; nothing starts before the first answer, and one must come in 30 s."""
        ...

    async def safety_after(self, known: Safety) -> Safety:
        """Wait until safety differs from what is `known`, and return it; the same again says that it still holds.

        After 60 s without a word it is cancelled, and `safety` asked instead.
        """
        ...

    async def abort(self) -> None:
        """Stop whatever moves or exposes, at once; harmless when nothing does. A fault is logged, and ends nothing."""
        ...

    async def park(self) -> None:
        """Bring the telescope to where no weather hurts it; after a fault it is asked again."""
        ...


class Driver(Devices, Protocol):
    """Something that points and exposes, step by step as the agent says."""

    async def slew(self, target: Target) -> Aim:
        """Point, settle and change the filter; return where it really looks."""
        ...

    async def expose(self, spec: ExposureSpec) -> Frame:
        """Take one exposure and read it out."""
        ...


@runtime_checkable
class ChecksDevices(Protocol):
    """A driver that can name what is wrong with its devices and its settings; drivers need not."""

    async def problems(self) -> list[str]:
        """Name every problem in one line with its mend; empty: none. Moves nothing."""
        ...


@runtime_checkable
class HoldsDevices(Protocol):
    """A driver that keeps connections open; drivers need not."""

    async def close(self) -> None:
        """Let go of the devices; they stay as they are."""
        ...


class DriverFault(ArmillaryError):
    """The devices could not do it; the class says why."""

    reason: Reason = Reason.INTERNAL


class MountFault(DriverFault):
    """The mount did not get there."""

    reason = Reason.MOUNT_FAULT


class CameraFault(DriverFault):
    """The camera gave no image."""

    reason = Reason.CAMERA_FAULT


class DomeFault(DriverFault):
    """The dome did not open, follow or close."""

    reason = Reason.DOME_FAULT


class FilterFault(DriverFault):
    """The filter cannot be reached."""

    reason = Reason.FILTER_UNAVAILABLE


class GuidingFault(DriverFault):
    """The field was not acquired or held."""

    reason = Reason.GUIDING_OR_ACQUISITION


class WeatherStop(DriverFault):
    """Weather ended it."""

    reason = Reason.WEATHER


class UnsafeStop(DriverFault):
    """The site's safety system ended it."""

    reason = Reason.UNSAFE


class Declined(DriverFault):
    """The site would not do it, for a reason of its own: nothing was attempted, and nothing failed."""

    def __init__(self, what: str, *, where: str, mend: str, reason: Reason) -> None:
        super().__init__(what, where=where, mend=mend)
        self.reason = reason


def fault_for(reason: Reason, what: str, *, where: str, mend: str) -> DriverFault:
    """Make the fault that has this reason; what no device can be blamed for is plain."""
    kind = next((kind for kind in DriverFault.__subclasses__() if kind.reason is reason and kind is not Declined), None)
    if kind is not None:
        return kind(what, where=where, mend=mend)
    fault = DriverFault(what, where=where, mend=mend)
    fault.reason = reason
    return fault
