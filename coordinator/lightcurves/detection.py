"""How likely an exposure of some depth sees the source that a map's distances let expect.

The source has absolute magnitude -16 with a spread of 0.8 mag; along a line of sight its distance follows
``p(d) ~ d**2 N(d; mu, sigma)``. The chance depends on two numbers only: how far the limit is from the source at the
most likely distance, and how wide ``p(d)`` is relative to that distance. So it is tabulated once and looked up.
"""

from dataclasses import dataclass
from functools import cache
from math import erfc, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

SOURCE_MAG_AB = -16.0
SOURCE_SPREAD_MAG = 0.8
STEADY = 0.1
"""Share of the chance that grows with depth alone, so that a deeper look is worth more where the rest is 0 or 1."""

STEADY_FROM_MAG = 14.0
STEADY_OVER_MAG = 8.0
LIMIT_STEP_MAG = 0.05
"""Limits are rounded to this before they are weighed."""

WIDEST = 1.0 / np.sqrt(2.0)
"""Relative width of ``d**2 exp(-d)``, where mu is far below zero."""

_OFFSET_FROM_MAG = -8.0
_OFFSETS = 321
_WIDTHS = 96
_NODES = 64
_REACH = 9.0


@dataclass(frozen=True, slots=True, eq=False)
class Distances:
    """Lines of sight.

    Attributes
    ----------
    modulus_mag : float64 array, shape (n,)
        Distance modulus of the most likely distance.
    width : float64 array, shape (n,)
        Width of p(d) over the most likely distance, 0 to 0.71.
    """

    modulus_mag: Array
    width: Array

    @classmethod
    def of(cls, mu_mpc: ArrayLike, sigma_mpc: ArrayLike) -> "Distances":
        """Describe ``p(d) ~ d**2 N(d; mu, sigma)``, d > 0; both finite and sigma positive."""
        mu, sigma = np.asarray(mu_mpc, np.float64), np.asarray(sigma_mpc, np.float64)
        root = np.sqrt(mu * mu + 8.0 * sigma * sigma)
        # the second form is the same without the difference of two large numbers
        peak = np.where(mu < 0, 4.0 * sigma**2 / (root - np.minimum(mu, 0.0)), (mu + root) / 2.0)
        width = 1.0 / np.sqrt(2.0 / peak**2 + 1.0 / sigma**2)
        return cls(np.asarray(5.0 * np.log10(peak) + 25.0), np.asarray(width / peak))

    def __getitem__(self, which: NDArray[np.int64]) -> "Distances":
        """Some of them."""
        return Distances(self.modulus_mag[which], self.width[which])


def detection_weight(limit_mag_ab: float, distances: Distances) -> Array:
    """What a look of some depth is worth along each line of sight, 0 to 1.

    ``w = 0.9 <Phi((m - (M + 5 log10 d + 25)) / 0.8)> + 0.1 clip((m - 14) / 8, 0, 1)``, the mean over p(d).
    """
    steady = STEADY * min(1.0, max(0.0, (limit_mag_ab - STEADY_FROM_MAG) / STEADY_OVER_MAG))
    return np.asarray((1.0 - STEADY) * chance_brighter(limit_mag_ab, distances) + steady)


def chance_brighter(limit_mag_ab: float | Array, distances: Distances) -> Array:
    """Chance, 0 to 1, that the source is brighter than a limit along each line of sight; shape (n,).

    ``<Phi((m - (M + 5 log10 d + 25)) / 0.8)>``, the mean over p(d). For a source of another magnitude at the time of
    the look, let the limit be fainter by as much as that source is brighter than `SOURCE_MAG_AB`.
    """
    at = (limit_mag_ab - SOURCE_MAG_AB - distances.modulus_mag - _OFFSET_FROM_MAG) / LIMIT_STEP_MAG
    at = np.clip(at, 0.0, _OFFSETS - 1.0)
    column = np.clip(distances.width / WIDEST * (_WIDTHS - 1), 0.0, _WIDTHS - 1.0)
    row0, column0 = np.minimum(at.astype(np.int64), _OFFSETS - 2), np.minimum(column.astype(np.int64), _WIDTHS - 2)
    right, up = column - column0, at - row0
    table = _table().ravel()
    first = row0 * _WIDTHS + column0
    low = table[first] * (1.0 - right) + table[first + 1] * right
    high = table[first + _WIDTHS] * (1.0 - right) + table[first + _WIDTHS + 1] * right
    return np.asarray(low + (high - low) * up)


def get_ready() -> None:
    """Make the table now, so that the first weighing does not wait for it."""
    _table()


@cache
def _table() -> Array:
    """Mean of Phi over p(d), shape (offsets, widths): the mode of p(d) is at d = 1."""
    offset = np.asarray(_OFFSET_FROM_MAG + LIMIT_STEP_MAG * np.arange(_OFFSETS))
    width = np.linspace(0.0, WIDEST, _WIDTHS)[1:]
    inverse2 = 1.0 / width**2 - 2.0  # 1 / sigma**2; the mode at 1 makes mu = 1 - 2 sigma**2
    near, far = np.maximum(0.0, 1.0 - _REACH * width), 1.0 + _REACH * width
    d = near + (far - near) * ((np.arange(_NODES)[:, None] + 0.5) / _NODES)
    log = 2.0 * np.log(d) - 0.5 * inverse2 * (d - 1.0) ** 2 - 2.0 * (d - 1.0)
    p = np.exp(log - log.max(axis=0))
    p /= p.sum(axis=0)
    dimmer = 5.0 * np.log10(d)
    means = [normal((offset[:, None] - dimmer[:, k]) / SOURCE_SPREAD_MAG) @ p[:, k] for k in range(width.size)]
    return np.stack([normal(offset / SOURCE_SPREAD_MAG), *means], axis=-1)


def normal(x: Array) -> Array:
    """Share of a standard normal distribution below x, to 2e-7.

    The scheduler weighs sky too, and is started again too often to import scipy.
    """
    return np.interp(x, *_normal_points())


@cache
def _normal_points() -> tuple[Array, Array]:
    x = np.linspace(-9.0, 9.0, 9001)
    return x, np.array([0.5 * erfc(-one / sqrt(2.0)) for one in x.tolist()])
