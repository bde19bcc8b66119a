"""Whether things happen as often as the odds say: bins of probability, and how sure what came true is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

NORMAL_95 = 1.959963984540054
MEMBERS = 30
"""A bin with fewer members shows too little to be judged."""


@dataclass(frozen=True, slots=True)
class Bin:
    """One bin of probabilities: its bounds, members, the mean of what was said, and how many came true."""

    low: float
    high: float
    members: int
    mean_said: float
    came_true: int

    @property
    def share(self) -> float:
        """Share that came true."""
        return self.came_true / self.members if self.members else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of that share."""
        return wilson(self.came_true, self.members)

    @property
    def is_judged(self) -> bool:
        """Whether it has members enough."""
        return self.members >= MEMBERS

    @property
    def holds(self) -> bool:
        """Whether what was said lies inside the interval of what came true."""
        low, high = self.interval
        return low <= self.mean_said <= high


def wilson(hits: int, of: int, z: float = NORMAL_95) -> tuple[float, float]:
    """Return the interval of a share (Wilson 1927, J. Am. Stat. Assoc. 22, 209); of nothing: all of 0 to 1.

    Parameters
    ----------
    hits, of : int
        How many came true, and of how many.
    z : float
        Half width in units of sigma.
    """
    if of <= 0:
        return 0.0, 1.0
    share, z2 = hits / of, z * z
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = z / (1 + z2 / of) * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    return (0.0 if hits == 0 else middle - half), (1.0 if hits == of else middle + half)


def reliability(said: ArrayLike, true: ArrayLike, bins: int = 10) -> tuple[Bin, ...]:
    """Sort probabilities into even bins.

    Parameters
    ----------
    said : float array, shape (n,)
        Probabilities, 0 to 1.
    true : bool array, shape (n,)
        What turned out.
    bins : int
        How many; 1 belongs to the last.
    """
    p, y = np.asarray(said, np.float64), np.asarray(true, bool)
    which = np.clip((p * bins).astype(np.int64), 0, bins - 1)
    found = []
    for b in range(bins):
        mine = which == b
        n = int(mine.sum())
        mean = float(p[mine].mean()) if n else math.nan
        found.append(Bin(b / bins, (b + 1) / bins, n, mean, int(y[mine].sum())))
    return tuple(found)


def broken(bins: Sequence[Bin]) -> tuple[Bin, ...]:
    """Return the bins that have members enough and do not hold."""
    return tuple(b for b in bins if b.is_judged and not b.holds)
