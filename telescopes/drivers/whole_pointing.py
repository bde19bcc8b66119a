"""The second seam: a driver that is given a whole pointing at once, and says what happens as it happens.

For what does its own slewing and exposing: a program, an observatory's own sequencer, a person.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol, runtime_checkable

from telescopes.description.messages import Exposure, ExposureResult, Pointing
from telescopes.drivers.driver import Aim, Devices, Driver, Frame


@dataclass(frozen=True, slots=True)
class Exposing:
    """The shutter opened, or it goes on; None: not said."""

    aim: Aim | None = None
    expected_end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """One exposure that was taken."""

    filter: str
    frame: Frame


@dataclass(frozen=True, slots=True)
class Took:
    """Exposures that were taken, and where the telescope looked; aim None: not said.

    May also be told after the end of `observe`, where they became known later: once, all together, by a driver whose
    capabilities say that it `tells_later`.
    """

    taken: tuple[Taken, ...]
    aim: Aim | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A pointing without the exposures that were `taken` before the agent's last start, first asked for at `begun`."""

    pointing: Pointing
    begun: datetime
    taken: tuple[ExposureResult, ...] = ()


News = Exposing | Took
Heard = Callable[[News], None]
"""Takes news of one pointing; what was told is durable when it returns."""


@runtime_checkable
class WholePointingDriver(Devices, Protocol):
    """Something that is told what to observe, and does it in its own way."""

    async def observe(self, asked: Asked, heard: Heard) -> None:
        """Carry out what is asked, and tell `heard` at once what happens.

        No exposure begins before the window's start or ends after its end. Returns when no more is to come, also
        where not everything was taken; raises a `DriverFault` that says why, where that is known. When it is
        cancelled `abort` follows, and what was exposed until then is still told.
        """
        ...

    async def close(self) -> None:
        """Let go of what it holds open: the agent ends."""
        ...


AnyDriver = Driver | WholePointingDriver


def filters_of(pointing: Pointing) -> tuple[str, ...]:
    """Return the filters that a pointing asks for, each once."""
    return tuple(dict.fromkeys(exposure.filter for exposure in pointing.exposures))


def untaken(pointing: Pointing, filters: Sequence[str]) -> Pointing:
    """Return what is left of a pointing when exposures in these filters were taken, in whatever order."""
    counts = {name: list(filters).count(name) for name in filters}
    left: list[Exposure] = []
    for exposure in pointing.exposures:
        skipped = min(counts.get(exposure.filter, 0), exposure.count)
        counts[exposure.filter] = counts.get(exposure.filter, 0) - skipped
        if skipped < exposure.count:
            left.append(replace(exposure, count=exposure.count - skipped))
    return replace(pointing, exposures=tuple(left))


def plan_of(pointing: Pointing) -> str:
    """Name what is to be exposed, for people."""
    return ", ".join(f"{e.count} x {e.exposure_s:g} s in {e.filter}" for e in pointing.exposures)
