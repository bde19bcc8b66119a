"""The sky clock that the journal sets: the machine's UTC until then, afterwards as fast as was announced."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from coordinator.dispatch.facts import SkyClockSet
from coordinator.services.facts import fact_of
from coordinator.services.journal import Journal, Only
from telescopes.description.clocks import SkyClockReading


@dataclass
class JournaledSkyClock:
    """Sky time by the last `sky_clock_set`; `utc` is the machine's clock, handed in."""

    utc: Callable[[], datetime]
    setting: SkyClockSet | None = None

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
        only = Only(kinds=frozenset({"sky_clock_set"}))
        seq = 0
        while True:
            tail = await journal.follow(seq, only=only, wait_s=5.0)
            seq = tail.head_seq
            for stored in tail.entries:
                self.setting = fact_of(stored.entry)
