"""An asyncio event loop whose clock is virtual: when nothing is ready it jumps to the next timer.

The services wait with `asyncio.sleep` and `asyncio.timeout`; on this loop an hour of waiting costs nothing, and
the same seed gives the same order of events.
"""

import asyncio
import heapq
import math
import selectors
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from telescopes.description.clocks import LinkTime

T = TypeVar("T")

MANY_TIMERS, MOST_CANCELLED = 100, 0.5
"""A longer line of timers, of which more than this share were cancelled, is tidied up, as by asyncio's own loop."""


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

    _ready: deque[asyncio.Handle]
    _scheduled: list[asyncio.TimerHandle]
    _timer_cancelled_count: int
    _stopping: bool

    def __init__(self) -> None:
        self._watched = _NoWait()
        self._watched.skip = self._skip
        self._now = 0.0
        super().__init__(self._watched)
        # asyncio rings a timer up to a nanosecond too early. Who then finds its deadline still ahead sets another
        # one as near: on a clock that stands while anybody is busy, two of those would go on for ever.
        self._clock_resolution = 0.0

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._now

    def _run_once(self) -> None:
        """Do what asyncio's own loop does in one turn, without a look at sockets where there are none to look at.

        A simulation is made of millions of turns, and that look takes as long as most of them.
        """
        if len(self._watched.get_map()) > 1:
            super()._run_once()  # type: ignore[misc]
            return
        if len(self._scheduled) > MANY_TIMERS and self._timer_cancelled_count > MOST_CANCELLED * len(self._scheduled):
            self._tidy_up()
        else:
            self._drop_cancelled()
        ready, scheduled = self._ready, self._scheduled
        if not ready and not self._stopping:
            self._skip(max(0.0, scheduled[0].when() - self._now) if scheduled else None)
        while scheduled and scheduled[0].when() < self._now:
            ready.append(_taken(heapq.heappop(scheduled)))
        for _ in range(len(ready)):
            handle = ready.popleft()
            if not handle.cancelled():
                handle._run()

    def get_debug(self) -> bool:
        """Say that nothing is traced: asked at every turn, and of every timer."""
        return False

    def _tidy_up(self) -> None:
        """Take all cancelled timers out of the line."""
        line, self._scheduled, self._timer_cancelled_count = self._scheduled, [], 0
        for handle in line:
            if handle.cancelled():
                _taken(handle)
            else:
                self._scheduled.append(handle)
        heapq.heapify(self._scheduled)

    def _drop_cancelled(self) -> None:
        """Take timers away from the head of the line that were cancelled."""
        while self._scheduled and self._scheduled[0].cancelled():
            _taken(heapq.heappop(self._scheduled))
            self._timer_cancelled_count -= 1

    def _skip(self, timeout: float | None) -> None:
        if timeout is None:
            raise Stalled("all tasks wait and no timer is set")
        if timeout > 0 or not self._ready:
            self._now = math.nextafter(self._now + timeout, math.inf)


def _taken(handle: Any) -> Any:
    """Note that a timer stands in the line no longer."""
    handle._scheduled = False
    return handle


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
