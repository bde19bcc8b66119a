"""How far away, in magnitudes, the source lies at most with a given chance, over many lines of sight."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from coordinator.lightcurves.detection import WIDEST, Distances

Array = NDArray[np.float64]

STEP_MAG = 0.05
_REACH_STEPS = 160
_WIDTHS = 24


def modulus_within(distances: Distances, weight: Array, share: float = 0.9) -> float:
    """Distance modulus within which a share of the source's probability lies, to 0.05 mag.

    Parameters
    ----------
    distances : Distances, shape (n,)
        ``p(d) ~ d**2 N(d; mu, sigma)`` along each line of sight. Dust may be added to the modulus: it dims as
        distance does.
    weight : float64 array, shape (n,)
        Probability along each; some of it positive.
    """
    start = float(distances.modulus_mag.min()) - STEP_MAG * _REACH_STEPS
    bins = int(np.ceil((float(distances.modulus_mag.max()) - start) / STEP_MAG)) + 1
    mode = np.rint((distances.modulus_mag - start) / STEP_MAG).astype(np.int64)
    width = np.rint(np.clip(distances.width / WIDEST, 0.0, 1.0) * (_WIDTHS - 1)).astype(np.int64)
    held = np.bincount(width * bins + mode, weight, _WIDTHS * bins).reshape(_WIDTHS, bins)
    total = np.zeros(bins + _REACH_STEPS)
    for row in np.flatnonzero(held.any(axis=1)):
        total += np.convolve(held[row], _spread()[row])[_REACH_STEPS:]
    reached = np.cumsum(total)
    return start + STEP_MAG * int(np.searchsorted(reached, share * reached[-1]))


@cache
def _spread() -> Array:
    """Share of p(d) in steps of the modulus about that of the mode, shape (widths, 2 x reach + 1)."""
    steps = np.arange(-_REACH_STEPS, _REACH_STEPS + 1)
    d = 10.0 ** (0.2 * STEP_MAG * steps)
    rows = [np.where(steps == 0, 1.0, 0.0)]
    for width in np.linspace(0.0, WIDEST, _WIDTHS)[1:]:
        inverse2 = 1.0 / width**2 - 2.0  # 1 / sigma**2; the mode at 1 makes mu = 1 - 2 sigma**2
        log = 3.0 * np.log(d) - 0.5 * inverse2 * (d - 1.0) ** 2 - 2.0 * (d - 1.0)
        p = np.exp(log - log.max())
        rows.append(p / p.sum())
    return np.stack(rows)
