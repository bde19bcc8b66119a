"""The agent's own view of its lease and of its machine's clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from telescopes.description.clocks import LinkClock, LinkTime

CLOCK_TOLERANCE_S = 2.0
CLOCK_WARNING_S = 0.2
SAMPLES = 8


class Lease:
    """Held while the coordinator was heard within the lease; counted from when the request was *sent*."""

    def __init__(self, clock: LinkClock) -> None:
        self._clock = clock
        self._until: LinkTime | None = None
        self.length_s = 0.0

    @property
    def held(self) -> bool:
        """Whether the coordinator still counts on what this agent accepted."""
        return self._until is not None and self._clock.now() < self._until

    @property
    def lost(self) -> bool:
        """Whether it was held once and ran out."""
        return self._until is not None and not self.held

    def renew(self, sent: LinkTime, left_s: float | None = None) -> None:
        """Note a contact: the request left at `sent` and was answered."""
        until = LinkTime(sent + (self.length_s if left_s is None else left_s))
        self._until = until if self._until is None else max(self._until, until)


@dataclass(frozen=True, slots=True)
class OffsetSample:
    """Coordinator's clock minus the agent's, and how long the question was on its way (seconds)."""

    offset_s: float
    round_trip_s: float


class ClockOffset:
    """NTP's estimate: of the last samples the one with the shortest way there and back."""

    def __init__(self) -> None:
        self._samples: list[OffsetSample] = []

    def sample(self, asked: datetime, server: datetime, answered: datetime) -> None:
        """Add one exchange: machine UTC when asked and when answered, the coordinator's in between."""
        middle = asked + (answered - asked) / 2
        seconds = timedelta(seconds=1)
        self._samples.append(OffsetSample((server - middle) / seconds, (answered - asked) / seconds))
        del self._samples[:-SAMPLES]

    @property
    def best(self) -> OffsetSample | None:
        """The sample to believe; None: none yet."""
        return min(self._samples, key=lambda s: s.round_trip_s) if self._samples else None

    @property
    def offset_s(self) -> float | None:
        """The estimate, seconds; None: not estimated."""
        return self.best.offset_s if self.best else None

    @property
    def wrong(self) -> bool:
        """Whether the clock is off by more than is tolerated, whatever the link's delay explains."""
        return self._beyond(CLOCK_TOLERANCE_S)

    @property
    def doubtful(self) -> bool:
        """Whether it is off by more than it should be, and somebody had better look."""
        return self._beyond(CLOCK_WARNING_S)

    def _beyond(self, most_s: float) -> bool:
        best = self.best
        return best is not None and abs(best.offset_s) > most_s + abs(best.round_trip_s) / 2
