"""Stretches of whole numbers as arrays hold them, and sums over rows that are stretches of one long array."""

import numpy as np
from numpy.typing import NDArray

from telescopes.description.ephemeris import Array

Ints = NDArray[np.int64]


def stretches(begin: Ints, lengths: Ints) -> Ints:
    """All numbers of all stretches, one stretch after the other.

    Parameters
    ----------
    begin, lengths : int64 arrays, shape (n,)
        The first number of each, and how many it has; none is below 0.

    Returns
    -------
    int64 array, shape (sum of the lengths,)
    """
    ends = np.cumsum(lengths)
    return np.repeat(begin - ends + lengths, lengths) + np.arange(int(ends[-1]) if ends.size else 0)


def row_ends(lengths: Ints) -> Ints:
    """Where each row begins in the long array, and the last one ends, shape (n + 1,): 0 and the running sum."""
    ends = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=ends[1:])
    return ends


def sums_of(first: Ints, values: Array) -> Array:
    """Sum each row of values, shape (n,): row i is ``values[first[i]:first[i + 1]]``."""
    total = np.zeros(values.size + 1)
    np.cumsum(values, out=total[1:])
    return np.asarray(total[first[1:]] - total[first[:-1]])
