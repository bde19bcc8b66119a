"""The agent's sky time: announced by the coordinator, waited for on the event loop."""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta

from telescopes.description.clocks import LinkClock, ScaledSkyClock, SkyClockReading
from telescopes.description.errors import RetryLater

SETBACK_LINK_S = 1.0
"""A reading further behind than this (in link time) is a clock set back; a smaller lag is the link's delay."""
SHORTEST_NAP_S = 1e-6


class AgentSky:
    """A sky clock made from announced readings; waiting follows it when it jumps or changes its rate.

    A reading is as old as its way over the link, so of two readings the one further ahead is the better:
    the clock follows readings forward, and backward only where they cannot be explained by delay.
    """

    def __init__(self, link_clock: LinkClock) -> None:
        self._link_clock = link_clock
        self._clock: ScaledSkyClock | None = None
        # In order of coming, which a set of events does not keep: the same night must go the same way again.
        self._listeners: dict[asyncio.Event, None] = {}

    @property
    def known(self) -> bool:
        """Whether anybody has said yet which time it is."""
        return self._clock is not None

    @property
    def rate(self) -> float:
        """Seconds of sky time per second of link time."""
        return self._clock.rate if self._clock else 1.0

    def now(self) -> datetime:
        """Aware UTC of the sky."""
        if self._clock is None:
            raise RetryLater("no sky time yet", where="sky clock", mend="wait until a session is open")
        return self._clock.now()

    def announce(self, reading: SkyClockReading) -> bool:
        """Take a reading; return whether it moved the clock by more than the link's delay could."""
        jumped = self._jumped(reading)
        if jumped or (self._clock and reading.sky_time > self._clock.now()):
            self._clock = ScaledSkyClock(self._link_clock, self._link_clock.now(), reading.sky_time, reading.rate)
            self._tell()
        return jumped

    def _jumped(self, reading: SkyClockReading) -> bool:
        if self._clock is None or self._clock.rate != reading.rate:
            return True
        apart = (reading.sky_time - self._clock.now()).total_seconds()
        return abs(apart) > SETBACK_LINK_S * max(self._clock.rate, 1.0)

    def link_s_until(self, when: datetime) -> float | None:
        """Link seconds until sky time `when`, 0 when it is past; None: it is unknown when it comes."""
        if self._clock is None:
            return None
        left_s = (when - self._clock.now()) / timedelta(seconds=1)
        if left_s <= 0:
            return 0.0
        return max(left_s / self._clock.rate, SHORTEST_NAP_S) if self._clock.rate > 0 else None

    def listen(self, bell: asyncio.Event) -> None:
        """Have `bell` set whenever the clock is moved."""
        self._listeners[bell] = None

    def forget(self, bell: asyncio.Event) -> None:
        """Stop ringing `bell`."""
        self._listeners.pop(bell, None)

    async def wait_until_known(self) -> None:
        """Return once somebody has said which time it is."""
        told = asyncio.Event()
        self.listen(told)
        try:
            while not self.known:
                await told.wait()
        finally:
            self.forget(told)

    async def wait_until(self, when: datetime) -> None:
        """Return once sky time has reached `when`."""
        moved = asyncio.Event()
        self.listen(moved)
        try:
            while (left_s := self.link_s_until(when)) != 0.0:
                moved.clear()
                await wait_for_bell(moved, left_s)
        finally:
            self.forget(moved)

    def _tell(self) -> None:
        for bell in self._listeners:
            bell.set()


async def wait_for_bell(bell: asyncio.Event, at_most_s: float | None) -> None:
    """Wait until a bell is set, at most so many link seconds; None: without end."""
    with suppress(TimeoutError):
        async with asyncio.timeout(at_most_s):
            await bell.wait()
