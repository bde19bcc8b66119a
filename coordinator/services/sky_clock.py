"""The sky clock that the journal sets: the machine's UTC until then, afterwards as fast as was announced."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from coordinator.dispatch.facts import SkyClockSet
from coordinator.services.facts import fact_of
from coordinator.services.journal import Journal, Only, Tail
from telescopes.description.clocks import SkyClockReading

SETTINGS = Only(kinds=frozenset({"sky_clock_set"}))
QUIET_S = 30.0
"""Everybody has such a clock, and it is set once, if ever: who asks more often only wakes the journal."""


@dataclass
class JournaledSkyClock:
    """Sky time by the last `sky_clock_set`; `utc` is the machine's clock, handed in."""

    utc: Callable[[], datetime]
    setting: SkyClockSet | None = None
    _seq: int = 0

    @property
    def rate(self) -> float:
        """Seconds of sky time per second of link time."""
        return 1.0 if self.setting is None else self.setting.rate

    def now(self) -> datetime:
        """Aware UTC of the sky."""
        utc = self.utc()
        if self.setting is None:
            return utc
        return self.setting.sky_time + (utc - self.setting.machine_utc) * self.setting.rate

    def reading(self) -> SkyClockReading:
        """Return what is announced to agents."""
        return SkyClockReading(self.now(), self.rate)

    async def follow(self, journal: Journal) -> None:
        """Keep the clock as the journal sets it; until cancelled."""
        while True:
            self._take(await journal.follow(self._seq, only=SETTINGS, wait_s=QUIET_S))

    async def catch_up(self, journal: Journal) -> None:
        """Read what the journal has set so far: before anybody is told the time."""
        while self._take(await journal.read(self._seq, only=SETTINGS)):
            pass

    def _take(self, tail: Tail) -> bool:
        """Take settings; return whether there were any."""
        self._seq = tail.head_seq
        for stored in tail.entries:
            self.setting = fact_of(stored.entry)
        return bool(tail.entries)
