"""When many places were looked at, as columns: which checks of limits and later looks may have something to say."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from coordinator.vetting.candidate import Candidate
from coordinator.vetting.looks import Look

ROUNDING = timedelta(seconds=1)
"""Times are subtracted here in another order than in the checks."""

_ORIGIN = datetime.fromisoformat("2000-01-01T00:00:00+00:00")

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class WhenLooked:
    """Times of looks and stated limits at the places of n candidates, seconds.

    Attributes
    ----------
    first_s : float64 array, shape (n,)
        When each was seen first; NaN: nobody says.
    owner : int array, shape (m,)
        Whose look or limit it is.
    start_s, end_s : float64 arrays, shape (m,)
        A stated limit has one time only.
    """

    first_s: Floats
    owner: NDArray[np.intp]
    start_s: Floats
    end_s: Floats

    @classmethod
    def of(cls, candidates: Sequence[Candidate], looks: Sequence[tuple[Look, ...]]) -> "WhenLooked":
        """Gather the times of each candidate's looks and limits."""
        several = [look for its in looks for look in its]
        span = {id(look): (_seconds(look.start), _seconds(look.end)) for look in several}
        stated = [(i, _seconds(s.time)) for i, c in enumerate(candidates) for s in c.limits if s.time is not None]
        owner = [i for i, its in enumerate(looks) for _ in its] + [i for i, _ in stated]
        spans = np.array([span[id(look)] for look in several] + [(at, at) for _, at in stated], np.float64)
        start_s, end_s = spans.reshape(-1, 2).T
        at = np.array(owner, np.intp)
        first_s = np.full(len(candidates), np.nan)
        for i in np.unique(at).tolist():
            seen = candidates[i].first_seen
            first_s[i] = np.nan if seen is None else _seconds(seen)
        return cls(first_s, at, start_s, end_s)

    def later_than(self, after: timedelta) -> Flags:
        """Say at which places somebody looked so long, or longer, after the first sighting; about."""
        return self._of(lambda: self.end_s >= self.first_s[self.owner] + (after - ROUNDING).total_seconds())

    def before(self, least: timedelta) -> Flags:
        """Say at which places somebody looked so long, or longer, before the first sighting; about."""
        return self._of(lambda: self.end_s <= self.first_s[self.owner] - (least - ROUNDING).total_seconds())

    def within(self, before: timedelta, t0: datetime) -> Flags:
        """Say at which places somebody looked in so long a time before the event; about."""
        low, high = _seconds(t0 - before - ROUNDING), _seconds(t0 + ROUNDING)
        return self._of(lambda: (self.end_s >= low) & (self.start_s <= high))

    def _of(self, which: Callable[[], Flags]) -> Flags:
        found = np.zeros(self.first_s.size, bool)
        if self.owner.size:
            found[self.owner[which()]] = True
        return found


def _seconds(time: datetime) -> float:
    return (time - _ORIGIN).total_seconds()
