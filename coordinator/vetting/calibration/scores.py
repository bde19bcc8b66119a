"""Single figures of how good odds are: the Brier score, and how complete a choice of a given purity is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


def brier(said: ArrayLike, true: ArrayLike) -> float:
    """Return the mean of ``(P - y)^2``, shapes (n,); 0 is perfect (Brier 1950, Mon. Weather Rev. 78, 1)."""
    p, y = np.asarray(said, np.float64), np.asarray(true, np.float64)
    return float(np.mean((p - y) ** 2))


def climatology_brier(true: ArrayLike) -> float:
    """Return the Brier score of whoever says the mean of all every time: ``m (1 - m)``."""
    mean = float(np.mean(np.asarray(true, np.float64)))
    return mean * (1.0 - mean)


@dataclass(frozen=True, slots=True)
class Choice:
    """All with at least a probability: how many, what share of them is right, and what share of the right is in it."""

    least: float
    chosen: int
    purity: float | None
    completeness: float | None


def choice(said: ArrayLike, true: ArrayLike, least: float) -> Choice:
    """Choose all of at least a probability; None: a share of nothing."""
    p, y = np.asarray(said, np.float64), np.asarray(true, bool)
    mine = p >= least
    chosen, right, every = int(mine.sum()), int((mine & y).sum()), int(y.sum())
    return Choice(least, chosen, right / chosen if chosen else None, right / every if every else None)


def at_purity(said: ArrayLike, true: ArrayLike, purity: float) -> Choice | None:
    """Return the largest choice by probability that is at least so pure; None: there is none."""
    p = np.asarray(said, np.float64)
    pure = [c for least in np.unique(p)[::-1] if (c := choice(p, true, float(least))).purity is not None]
    best = [c for c in pure if c.purity is not None and c.purity >= purity]
    return max(best, key=lambda c: c.chosen, default=None)
