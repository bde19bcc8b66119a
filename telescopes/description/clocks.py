"""Two kinds of time, two types: sky time is a datetime, link time is seconds of a monotonic clock.

Sky time (windows, exposures, T0, weather) is handed in and may run fast. Link time (leases, heartbeats,
deadlines, latencies) is never accelerated outside a simulation. Nothing converts the one into the other
except a `ScaledSkyClock`, which is how a demonstration runs hours of observing in seconds.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NewType, Protocol

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
"""Instants outside would overflow arithmetic further in."""

LinkTime = NewType("LinkTime", float)
"""Seconds of a monotonic clock of this machine; only differences mean something."""


class LinkClock(Protocol):
    """A monotonic clock."""

    def now(self) -> LinkTime:
        """Seconds since some fixed instant."""
        ...


class SkyClock(Protocol):
    """The time by which the sky turns and windows open."""

    @property
    def rate(self) -> float:
        """Seconds of sky time per second of link time."""
        ...

    def now(self) -> datetime:
        """Aware UTC."""
        ...


class MonotonicClock:
    """The machine's monotonic clock."""

    def now(self) -> LinkTime:
        """Seconds since some fixed instant of this machine."""
        return LinkTime(time.monotonic())


class SystemSkyClock:
    """Sky time is the machine's UTC."""

    rate: float = 1.0

    def now(self) -> datetime:
        """Aware UTC of the machine."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class SkyClockReading:
    """What a coordinator announces about its sky clock: the time now and how fast it runs."""

    sky_time: datetime
    rate: float


@dataclass(frozen=True, slots=True)
class ScaledSkyClock:
    """A sky clock that stood at `sky_anchor` when the link clock stood at `link_anchor`, and runs at `rate`."""

    link: LinkClock
    link_anchor: LinkTime
    sky_anchor: datetime
    rate: float

    def now(self) -> datetime:
        """Aware UTC of the accelerated sky."""
        return self.sky_anchor + timedelta(seconds=(self.link.now() - self.link_anchor) * self.rate)
