"""Means with intervals: bootstrap over events, pairs of events for differences, Wilson's for shares of events."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

LEVEL = 0.9
TAILS = (50.0 * (1.0 - LEVEL), 50.0 * (1.0 + LEVEL))
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
    low, high = np.percentile(samples, TAILS)
    return Estimate(float(known.mean()), float(low), float(high), int(known.size))


def ratio_of(parts: Sequence[tuple[int, int]]) -> Estimate:
    """Share of what all events hold together, by bootstrap samples of the events: what one event holds is alike.

    Parameters
    ----------
    parts : sequence of (int, int)
        Of each event for how many it is so, and how many there are; events that hold nothing are left out.

    Notes
    -----
    Where it is so for all or for none, samples cannot differ, and the interval is Wilson's of as many events.
    """
    held = np.array([part for part in parts if part[1]], np.float64).reshape(-1, 2)
    events = len(held)
    yes, every = held.sum(axis=0)
    if events == 0 or yes in (0.0, every):
        return share_of([yes > 0.0] * events)
    rng = np.random.default_rng(SEED)
    drawn = held[rng.integers(0, events, (DRAWS, events))].sum(axis=1)
    low, high = np.percentile(drawn[:, 0] / drawn[:, 1], TAILS)
    return Estimate(float(yes / every), float(low), float(high), events)


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
