"""Means with intervals: bootstrap over events, pairs of events for differences, Wilson's for shares."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

LEVEL = 0.9
DRAWS = 4000
SEED = 20170817
"""The bootstrap's own: the same outcomes give the same intervals."""

LEAST_PAIRS = 5
"""Of fewer, even all on one side happen by chance more often than one time in ten (2 x 0.5**4)."""

NORMAL_90 = 1.6448536269514722


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its 90 % interval, and over how many events; None: there are none."""

    mean: float | None
    low: float | None
    high: float | None
    events: int

    @property
    def is_significant(self) -> bool:
        """Whether, as a difference of enough pairs, it lies on one side of 0 with its whole interval."""
        if self.low is None or self.high is None or self.events < LEAST_PAIRS:
            return False
        return self.low > 0.0 or self.high < 0.0

    def row(self) -> dict[str, float | int | None]:
        """Return it as JSON takes it."""
        return {"mean": self.mean, "low": self.low, "high": self.high, "events": self.events}


def mean_of(values: Sequence[float | None]) -> Estimate:
    """Mean over the events that have a value, with the percentiles of bootstrap samples of the events."""
    known = np.array([v for v in values if v is not None], np.float64)
    if known.size == 0:
        return Estimate(None, None, None, 0)
    rng = np.random.default_rng(SEED)
    samples = known[rng.integers(0, known.size, (DRAWS, known.size))].mean(axis=1)
    tail = 50.0 * (1.0 - LEVEL)
    low, high = np.percentile(samples, [tail, 100.0 - tail])
    return Estimate(float(known.mean()), float(low), float(high), int(known.size))


def difference_of(ours: Sequence[float | None], theirs: Sequence[float | None]) -> Estimate:
    """Mean of the differences event by event, of the events where both have a value."""
    pairs = zip(ours, theirs, strict=True)
    return mean_of([a - b if a is not None and b is not None else None for a, b in pairs])


def share_of(yes: Sequence[bool | None]) -> Estimate:
    """Share of the events for which it is so, with Wilson's interval (Wilson 1927, JASA 22, 209)."""
    known = [bool(one) for one in yes if one is not None]
    n = len(known)
    if n == 0:
        return Estimate(None, None, None, 0)
    share, z2 = sum(known) / n, NORMAL_90**2
    middle = (share + z2 / (2 * n)) / (1.0 + z2 / n)
    wide = NORMAL_90 * math.sqrt(share * (1.0 - share) / n + z2 / (4 * n * n)) / (1.0 + z2 / n)
    return Estimate(share, max(0.0, middle - wide), min(1.0, middle + wide), n)
