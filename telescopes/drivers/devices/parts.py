"""What a telescope is made of, as the driver of devices asks for it; Alpaca and INDI each bring their own."""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from numpy.typing import NDArray

from telescopes.drivers.driver import Safety


@dataclass(frozen=True, slots=True)
class Taken:
    """One image, first row at the bottom, and when the shutter was open."""

    pixels: NDArray[Any]
    start: datetime
    end: datetime
    exposure_s: float


class Part(Protocol):
    """Any device."""

    async def problems(self) -> list[str]:
        """Name what keeps it from being used; a device that cannot be reached is a problem."""
        ...


class Mount(Part, Protocol):
    """Points the telescope; degrees ICRS."""

    @property
    def life(self) -> object:
        """Is another one once the device was connected anew; what was known of it is unknown then."""
        ...

    async def prepare(self) -> None:
        """Unpark, and follow the sky."""
        ...

    async def go(self, ra_deg: float, dec_deg: float) -> None:
        """Slew; return once it stands, wherever that is."""
        ...

    async def place(self) -> tuple[float, float]:
        """Say where it looks."""
        ...

    async def parked(self) -> bool:
        """Say whether it is parked."""
        ...

    async def can_park(self) -> bool:
        """Say whether it has somewhere to park."""
        ...

    async def park(self) -> None:
        """Park, and return once it is; one that cannot stops where it is."""
        ...

    async def stop(self) -> None:
        """Stop where it is, at once; harmless when it does not move."""
        ...


class Camera(Part, Protocol):
    """Takes images."""

    async def free(self) -> None:
        """Return once nothing of an earlier exposure can come any more."""
        ...

    async def take(self, exposure_s: float, binning: int) -> Taken:
        """Take one light frame, and nobody else's."""
        ...

    async def stop(self) -> None:
        """Stop exposing, at once; harmless when it does not."""
        ...


class Wheel(Part, Protocol):
    """Holds the filters, by the site file's names."""

    @property
    def life(self) -> object:
        """Is another one once the device was connected anew; what was known of it is unknown then."""
        ...

    async def turn(self, filter_: str) -> None:
        """Begin to put a filter into the beam; harmless where it is there."""
        ...

    async def arrived(self, filter_: str) -> None:
        """Return once it is there."""
        ...


class Dome(Part, Protocol):
    """What stands over the telescope."""

    async def open(self) -> None:
        """Open; return once the sky is free."""
        ...

    async def is_open(self) -> bool:
        """Say whether the sky is free, and nothing has to move for it."""
        ...

    async def follow(self) -> None:
        """Let the slit follow the telescope."""
        ...

    async def close(self) -> None:
        """Close; return once it is."""
        ...

    async def stop(self) -> None:
        """Stop turning, at once."""
        ...

    async def rolls(self) -> bool:
        """Whether it may hit a telescope that is not parked when it closes."""
        ...


class Watch(Part, Protocol):
    """Knows whether the site may observe."""

    async def read(self) -> Safety:
        """Say what the sensors say now."""
        ...


class Closing(Protocol):
    """What ends connections."""

    def __call__(self) -> Awaitable[None]:
        """End them."""
        ...


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything of one telescope; None: there is none."""

    mount: Mount
    camera: Camera
    wheel: Wheel | None
    dome: Dome | None
    watch: Watch | None
    close: Closing

    def all(self) -> list[Part]:
        """Every device that is there."""
        found: list[Part | None] = [self.mount, self.camera, self.wheel, self.dome, self.watch]
        return [part for part in found if part is not None]
