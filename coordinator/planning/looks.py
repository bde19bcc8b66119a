"""Which cells earlier looks cover, and since when."""

from collections.abc import Iterable

import numpy as np

from coordinator.planning.cells import Cells
from coordinator.planning.fields import Ints
from coordinator.sky.nested import MAX_ORDER
from coordinator.sky.ranges import RANGE_ORDER, Ranges
from telescopes.description.ephemeris import Array

_SHIFT = 2 * (MAX_ORDER - RANGE_ORDER)


def cells_inside(cells: Cells, ranges: Ranges) -> Ints:
    """Cells whose centre lies in the sky given."""
    low = np.searchsorted(cells.key, ranges.low << _SHIFT)
    lengths = np.searchsorted(cells.key, ranges.high << _SHIFT) - low
    ends = np.cumsum(lengths)
    return np.repeat(low - ends + lengths, lengths) + np.arange(int(ends[-1]) if ends.size else 0)


def first_looks_s(cells: Cells, looks: Iterable[tuple[Ranges, float]]) -> Array:
    """When each cell was first looked at, seconds since 1970; infinite where nobody did."""
    first = np.full(cells.probability.size, np.inf)
    for ranges, when_s in looks:
        inside = cells_inside(cells, ranges)
        first[inside] = np.minimum(first[inside], when_s)
    return first
