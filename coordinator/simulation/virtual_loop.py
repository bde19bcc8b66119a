"""An asyncio event loop whose clock is virtual: when nothing is ready it jumps to the next timer.

The services wait with `asyncio.sleep` and `asyncio.timeout`; on this loop an hour of waiting costs nothing, and
the same seed gives the same order of events.
"""

import asyncio
import math
import selectors
from collections.abc import Callable, Coroutine, Sized
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from telescopes.description.clocks import LinkTime

T = TypeVar("T")


class Stalled(RuntimeError):
    """Everybody waits for something that no timer will bring."""


class _NoWait(selectors.SelectSelector):
    """A selector that never waits but tells the loop how long it would have."""

    skip: Callable[[float | None], None]

    def select(self, timeout: float | None = None) -> Any:
        """Look once, then let virtual time pass.

        Where the loop's own pipe is all that is watched, it need not be asked: what comes from threads is in the
        loop's queue by itself.
        """
        ready = super().select(0) if len(self.get_map()) > 1 else []
        if not ready:
            self.skip(timeout)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop whose `time()` moves only when all tasks wait, and then to just beyond the next timer."""

    _ready: Sized

    def __init__(self) -> None:
        selector = _NoWait()
        selector.skip = self._skip
        self._now = 0.0
        super().__init__(selector)
        # asyncio rings a timer up to a nanosecond too early. Who then finds its deadline still ahead sets another
        # one as near: on a clock that stands while anybody is busy, two of those would go on for ever.
        self._clock_resolution = 0.0

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._now

    def _skip(self, timeout: float | None) -> None:
        if timeout is None:
            raise Stalled("all tasks wait and no timer is set")
        if timeout > 0 or not self._ready:
            self._now = math.nextafter(self._now + timeout, math.inf)


@dataclass(frozen=True)
class LoopClock:
    """Link time of a simulation: the loop's virtual seconds."""

    loop: asyncio.AbstractEventLoop

    def now(self) -> LinkTime:
        """Virtual seconds."""
        return LinkTime(self.loop.time())


def virtual_utc(loop: asyncio.AbstractEventLoop, start: datetime) -> Callable[[], datetime]:
    """Return a machine's UTC that stood at `start` when the loop was made."""
    return lambda: start + timedelta(seconds=loop.time())


def run_virtual(main: Callable[[VirtualLoop], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine on a fresh virtual loop and close it."""
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(main(loop))
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
