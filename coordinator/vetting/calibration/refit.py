"""Two numbers that put odds right where they are off by a steady amount: ``logit P' = a + b logit P``.

They are fitted on some events and tried on others, for candidates of one event share its luck. The laws of the checks
come first: what these two numbers mend, nobody has understood.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

LEAST = 1e-12
_STEPS = 50
_HELD = 1e-3
"""A weak pull towards the identity, so that a handful of events cannot run away."""


@dataclass(frozen=True, slots=True)
class Straightening:
    """``logit P' = a + b logit P``; the identity where nothing is known."""

    a: float = 0.0
    b: float = 1.0

    def of(self, said: ArrayLike) -> Array:
        """Return the straightened probabilities, shape (n,); 0 and 1 stay."""
        p = np.asarray(said, np.float64)
        straight = 1.0 / (1.0 + np.exp(-np.clip(self.a + self.b * logit(p), -700.0, 700.0)))
        return np.asarray(np.where((p <= 0.0) | (p >= 1.0), p, straight))


IDENTITY = Straightening()


def logit(said: ArrayLike) -> Array:
    """Return ``ln P - ln(1 - P)``, held where it would be infinite."""
    p = np.clip(np.asarray(said, np.float64), LEAST, 1.0 - LEAST)
    return np.asarray(np.log(p) - np.log1p(-p))


def fitted(said: ArrayLike, true: ArrayLike) -> Straightening:
    """Fit both numbers by maximum likelihood (Newton's steps)."""
    x, y = logit(said), np.asarray(true, np.float64)
    design = np.stack([np.ones_like(x), x], axis=1)
    beta = np.array([0.0, 1.0])
    for _ in range(_STEPS):
        p = 1.0 / (1.0 + np.exp(-np.clip(design @ beta, -700.0, 700.0)))
        slope = design.T @ (y - p) - _HELD * (beta - [0.0, 1.0])
        curve = design.T @ (design * (p * (1.0 - p))[:, None]) + _HELD * np.eye(2)
        step = np.linalg.solve(curve, slope)
        beta = beta + np.clip(step, -1.0, 1.0)
        if float(np.abs(step).max()) < 1e-10:
            break
    return Straightening(float(beta[0]), float(beta[1]))


def log_loss(said: ArrayLike, true: ArrayLike) -> float:
    """Return the mean of ``-ln`` of what was said of what came true."""
    p, y = np.clip(np.asarray(said, np.float64), LEAST, 1.0 - LEAST), np.asarray(true, bool)
    return -math.fsum(np.log(np.where(y, p, 1.0 - p)).tolist()) / max(p.size, 1)


def in_folds(said: ArrayLike, true: ArrayLike, event: ArrayLike, folds: int = 5) -> Array:
    """Straighten each event's odds by what was fitted on the events of the other folds; shape (n,)."""
    p, y, e = np.asarray(said, np.float64), np.asarray(true, bool), np.asarray(event, np.int64)
    straight = p.copy()
    for fold in range(folds):
        mine = e % folds == fold
        if mine.any() and not mine.all():
            straight[mine] = fitted(p[~mine], y[~mine]).of(p[mine])
    return straight
