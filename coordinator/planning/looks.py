"""Which cells earlier looks cover, and since when."""

from collections.abc import Iterable, Sequence

import numpy as np

from coordinator.planning.cells import Cells
from coordinator.planning.fields import Ints
from coordinator.planning.plan import PlannedPointing
from coordinator.planning.recount import Pieces, Sight
from coordinator.planning.request import Look
from coordinator.planning.stretches import stretches
from coordinator.planning.value import SkyValue
from coordinator.sky.nested import MAX_ORDER
from coordinator.sky.ranges import RANGE_ORDER, Ranges
from telescopes.description.ephemeris import Array, unix_s

MOST_TOO_SOON = 0.05
_SHIFT = 2 * (MAX_ORDER - RANGE_ORDER)


def cells_inside(cells: Cells, ranges: Ranges) -> Ints:
    """Cells whose centre lies in the sky given."""
    low = np.searchsorted(cells.key, ranges.low << _SHIFT)
    return stretches(low, np.searchsorted(cells.key, ranges.high << _SHIFT) - low)


def first_looks_s(cells: Cells, looks: Iterable[tuple[Ranges, float]]) -> Array:
    """When each cell was first looked at, seconds since 1970; infinite where nobody did."""
    first = np.full(cells.probability.size, np.inf)
    for ranges, when_s in looks:
        inside = cells_inside(cells, ranges)
        first[inside] = np.minimum(first[inside], when_s)
    return first


def long_ago_as_one(looks: Iterable[tuple[Ranges, float]], long_ago_s: float) -> list[tuple[Ranges, float]]:
    """Take looks from before an instant for one look, at the last of them: how long ago they were plays no part."""
    every = list(looks)
    old = [(ranges, when_s) for ranges, when_s in every if when_s <= long_ago_s]
    if len(old) < 2:
        return every
    one = Ranges.union_of(ranges for ranges, _ in old), max(when_s for _, when_s in old)
    return [one, *((ranges, when_s) for ranges, when_s in every if when_s > long_ago_s)]


def too_soon(
    pointings: Sequence[PlannedPointing], looks: Iterable[Look], min_gap_s: float, sky: SkyValue
) -> frozenset[str]:
    """Name the pointings of which more than 5 % was first looked at less than a gap before they start."""
    earlier = sorted(looks, key=lambda look: look.start, reverse=True)
    every = [Sight(look.ranges, 0) for look in earlier] + [Sight(p.ranges, 0) for p in pointings]
    pieces = Pieces.of(every, sky)
    first_s = np.full(pieces.pixels.size, -np.inf)
    for number, look in enumerate(earlier):  # the earliest is written last
        first_s[pieces.of_set(number)] = unix_s(look.start)
    soon = set()
    for number, p in enumerate(pointings, start=len(earlier)):
        mine = pieces.of_set(number)
        early = first_s[mine] > unix_s(p.start) - min_gap_s + 1e-3
        if pieces.pixels[mine][early].sum() > MOST_TOO_SOON * pieces.pixels[mine].sum():
            soon.add(p.id)
    return frozenset(soon)
