"""Pixels of one size into as few cells as their values allow."""

import numpy as np
from numpy.typing import NDArray

AGREEMENT = 1e-3  # relative; as close as probabilities in a credible region are ever known


Values = NDArray[np.floating] | NDArray[np.integer]


def merged(
    values: Values, agreement: float = AGREEMENT, floor: float = 0.0
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Join pixels, four by four, where all values inside agree.

    Parameters
    ----------
    values : array of numbers, shape (4**k,)
        Values of the pixels below one cell, in nested order; finite, not negative.
    agreement : float
        By how much of the largest value inside a cell its values may differ.
    floor : float
        A difference that never counts.

    Returns
    -------
    start : int64 array, shape (n,)
        First pixel of each cell, increasing; the cells leave no gap.
    level : int64 array, shape (n,)
        A cell holds ``4**level`` pixels.
    """
    joined = _agreeing(values, agreement, floor)
    starts, levels = [], []
    covered = np.zeros(values.size >> (2 * len(joined)), bool)
    for level in range(len(joined), -1, -1):
        here = joined[level - 1] if level else np.ones(values.size, bool)
        new = np.flatnonzero(here & ~covered)
        starts.append(new.astype(np.int64) << (2 * level))
        levels.append(np.full(new.size, level, np.int64))
        covered = np.repeat(covered | here, 4) if level else covered
    start, cell_level = np.concatenate(starts), np.concatenate(levels)
    by = np.argsort(start)
    return start[by], cell_level[by]


def _agreeing(values: Values, agreement: float, floor: float) -> list[NDArray[np.bool_]]:
    """Say for each level from 1 upwards, as far as anything agrees, which groups of pixels agree."""
    low = high = values
    found = []
    while low.size >= 4:
        low = np.minimum(np.minimum(low[0::4], low[1::4]), np.minimum(low[2::4], low[3::4]))
        high = np.maximum(np.maximum(high[0::4], high[1::4]), np.maximum(high[2::4], high[3::4]))
        agree = high - low <= agreement * high + floor
        if not agree.any():
            break
        found.append(agree)
    return found
