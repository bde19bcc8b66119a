"""Many fields of one footprint, all at once: the order-12 pixels of each, exactly those whose centre lies inside.

For the thousands of fields of a plan. One field alone is the business of `footprints`, which is quicker for it
and says the same.

Pixels of order 8 that a field's edge may cross are divided at once into their 256 order-12 pixels. Where those
lie in the tangent plane is interpolated from nine places computed exactly; whatever comes so near to the edge
that this could decide wrongly is computed exactly too.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from coordinator.sky.coverage import Floats, Frames, Ints, beyond_edge, contains, covers, in_plane
from coordinator.sky.nested import pixel_vectors, pixel_xy, ring_from_pole, xy_vectors
from coordinator.sky.ranges import RANGE_ORDER, Ranges
from telescopes.description.footprint import Footprint

BLOCK_ORDER = 8
NSIDE = 1 << BLOCK_ORDER
PER_SIDE = 1 << (RANGE_ORDER - BLOCK_ORDER)
PER_BLOCK = PER_SIDE * PER_SIDE
CURVED_RINGS = 100
"""So near to a pole pixels are too curved to be interpolated."""

UNSURE_DEG = 5e-5
"""More than the interpolation is wrong by (1e-5), and a 300th of a pixel."""

BLOCKS_AT_ONCE = 128
"""Few enough that the arrays stay in the cache and that no thread is started for a product."""

_NODES = np.array([-0.5, 0.0, 0.5])


def _basis() -> Floats:
    """Weights, shape (9, 256), of nine nodes in the place of each pixel of a block, in nested order."""
    _, i, j = pixel_xy(RANGE_ORDER - BLOCK_ORDER, np.arange(PER_BLOCK))
    at_x, at_y = ((k + 0.5) / PER_SIDE - 0.5 for k in (i, j))
    return np.asarray((_lagrange(at_x)[:, None, :] * _lagrange(at_y)[None, :, :]).reshape(9, PER_BLOCK))


def _lagrange(s: Floats) -> Floats:
    return np.stack([2.0 * s * (s - 0.5), 1.0 - 4.0 * s * s, 2.0 * s * (s + 0.5)])


_BASIS = _basis()


def ranges_of_many(footprint: Footprint, frames: Frames) -> list[Ranges]:
    """Order-12 ranges of each field."""
    cover = covers(footprint, frames, BLOCK_ORDER)
    shift = 2 * (RANGE_ORDER - cover.order[cover.whole])
    low = cover.pixel[cover.whole] << shift
    field, high = cover.field[cover.whole], low + (1 << shift)
    edge_field, edge_pixel = cover.field[~cover.whole], cover.pixel[~cover.whole]
    parts = [(field, low, high)]
    for first in range(0, edge_pixel.size, BLOCKS_AT_ONCE):
        some = slice(first, first + BLOCKS_AT_ONCE)
        parts.append(_runs(edge_field[some], edge_pixel[some], footprint, frames))
    field, low, high = (np.concatenate([part[i] for part in parts]) for i in range(3))
    return _by_field(field, low, high, len(frames))


def _runs(field: Ints, block: Ints, footprint: Footprint, frames: Frames) -> tuple[Ints, Ints, Ints]:
    """Field, start and end of each run of pixels inside."""
    padded = np.zeros((block.size, PER_BLOCK + 1), bool)
    padded[:, :-1] = _inside(field, block, footprint, frames)
    flat = padded.ravel()
    change = np.flatnonzero(flat[1:] != flat[:-1]) + 1  # starts and ends in turn, for each row ends outside
    change = np.r_[0, change] if flat[:1].any() else change
    row, start = np.divmod(change[0::2], PER_BLOCK + 1)
    base = block[row] * PER_BLOCK + start
    return field[row], base, base + change[1::2] - change[0::2]


def _inside(field: Ints, block: Ints, footprint: Footprint, frames: Frames) -> NDArray[np.bool_]:
    """Which of the 256 pixels of each block lie inside its field, shape (blocks, 256)."""
    face, x, y = pixel_xy(BLOCK_ORDER, block)
    node_x = np.repeat(_NODES, 3) + x[:, None]
    node_y = np.tile(_NODES, 3) + y[:, None]
    many = np.repeat(field, 9)
    nodes = xy_vectors(NSIDE, np.repeat(face, 9), node_x.ravel(), node_y.ravel())
    plane_x, plane_y = in_plane(frames, many, *nodes)
    beyond = beyond_edge(footprint, plane_x.reshape(-1, 9) @ _BASIS, plane_y.reshape(-1, 9) @ _BASIS)
    near = ring_from_pole(NSIDE, face, x, y)
    unsure = np.abs(beyond) < UNSURE_DEG
    unsure |= ((near < CURVED_RINGS) | (near == NSIDE))[:, None]
    inside = np.asarray(beyond <= 0.0)
    row, column = np.nonzero(unsure)
    vectors = pixel_vectors(RANGE_ORDER, block[row] * PER_BLOCK + column)
    inside[row, column] = contains(footprint, frames, field[row], vectors)
    return inside


def _by_field(field: Ints, low: Ints, high: Ints, fields: int) -> list[Ranges]:
    """Sort and join ranges field by field (a field's pixels never overlap, but they touch)."""
    room = 2 * RANGE_ORDER + 5
    key = (field << room) | low
    by = np.argsort(key, kind="stable")
    key, end = key[by], (field[by] << room) | high[by]
    first = np.flatnonzero(np.r_[True, key[1:] != end[:-1]]) if key.size else np.empty(0, np.int64)
    last = np.r_[first[1:], key.size] - 1 if key.size else first
    mask = (1 << room) - 1
    cuts = np.searchsorted(key[first] >> room, np.arange(fields + 1))
    lows, highs = key[first] & mask, end[last] & mask
    return [Ranges(lows[a:b], highs[a:b]) for a, b in pairwise(cuts)]
