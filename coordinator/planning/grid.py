"""Where a telescope's fields may be centred: rings of tiles, shifted, cut by what a tile holds."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from coordinator.planning.stretches import row_ends
from telescopes.description.ephemeris import Array

Ints = NDArray[np.int64]

BINS_PER_RING = 128
STEEP = 0.03
"""Where a tile's two edges along a ring differ by more than this in length, the longer one sets how many there are."""

BENT = 0.01
"""Where a field's edge leaves its parallel by more than this share of its height, rings overlap by half as much."""

OVERLAP = 0.5
CAP = 0.45
"""A cap of this share of a field's side is covered by one field on the pole."""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Rings of tiles over the whole sphere, shifted by a share of a step.

    At the middle of a ring tiles touch without overlap; towards its poleward edge they overlap a little and
    towards the other they leave slivers. Both are cheaper than an overlap everywhere, which costs telescope time.
    Near the poles, where slivers would be large, tiles and rings overlap enough to leave none.

    Attributes
    ----------
    dec_deg : float64 array, shape (rings,)
        Centre of each ring's tiles.
    columns : int64 array, shape (rings,)
        Tiles in each ring.
    first : int64 array, shape (rings + 1,)
        Number of the first tile of each ring.
    ring_of : int64 array
        Ring of each narrow bin of declination.
    """

    shift_x: float
    dec_deg: Array
    columns: Ints
    first: Ints
    ring_of: Ints

    def tiles_of(self, ra_deg: Array, dec_deg: Array) -> Ints:
        """Number of the tile in whose box each position lies."""
        bins = ((dec_deg + 90.0) * (self.ring_of.size / 180.0)).astype(np.int64)
        ring = self.ring_of[np.minimum(bins, self.ring_of.size - 1)]
        columns = self.columns[ring]
        column = (ra_deg / 360.0 * columns + self.shift_x).astype(np.int64) % columns
        return np.asarray(self.first[ring] + column)

    def centres(self, tiles: Ints) -> tuple[Array, Array]:
        """Longitude and latitude of the tiles' centres, degrees."""
        ring = np.searchsorted(self.first, tiles, side="right") - 1
        longitude = (tiles - self.first[ring] + 0.5 - self.shift_x) * 360.0 / self.columns[ring] % 360.0
        return longitude, self.dec_deg[ring]


@lru_cache(maxsize=1024)
def grid(step_x_deg: float, step_y_deg: float, shift_x: float = 0.0, shift_y: float = 0.0) -> Grid:
    """Lay a grid over the whole sky; the same grid is made once."""
    north = _edges(step_x_deg, step_y_deg, -shift_y * step_y_deg)
    south = -_edges(step_x_deg, step_y_deg, shift_y * step_y_deg)[:0:-1]
    edges = np.r_[south, north]
    dec = np.clip(_centres(edges, step_y_deg), -90.0, 90.0)
    columns = np.array([_columns(step_x_deg, step_y_deg, d) for d in dec], np.int64)
    bins = int(np.ceil(180.0 / step_y_deg * BINS_PER_RING))
    middle = (np.arange(bins) + 0.5) * 180.0 / bins - 90.0
    ring_of = np.clip(np.searchsorted(edges, middle, side="right") - 1, 0, dec.size - 1)
    return Grid(shift_x, dec, columns, row_ends(columns), np.asarray(ring_of, np.int64))


def tile_sums(
    tiling: Grid, ra_deg: Array, dec_deg: Array, probability: Array, least: float = 0.0
) -> tuple[Ints, Array]:
    """Tiles that hold any of these positions and no less than this, fullest first, and what each holds."""
    number = tiling.tiles_of(ra_deg, dec_deg)
    if not number.size:
        return number, np.empty(0)
    low = int(number.min())
    every = np.asarray(np.bincount(number - low, weights=probability), np.float64)
    tiles = np.flatnonzero(every >= least) if least > 0.0 else np.flatnonzero(every)
    sums = every[tiles]
    fullest = np.argsort(-np.round(sums, 12), kind="stable")
    return np.asarray(tiles[fullest] + low, np.int64), sums[fullest]


def sums_at(number: Ints, values: Array, tiles: Ints) -> Array:
    """Sum values by the tiles in which they lie, for some of the tiles.

    Parameters
    ----------
    number : int64 array, shape (n,)
        Tile of each value.
    values : float64 array, shape (n,)
    tiles : int64 array, shape (t,)
        Each of them holds at least one value.

    Returns
    -------
    float64 array, shape (t,)
    """
    if not tiles.size:
        return np.empty(0)
    low = int(number.min())
    return np.asarray(np.bincount(number - low, weights=values)[tiles - low], np.float64)


def _edges(step_x_deg: float, step_y_deg: float, start_deg: float) -> Array:
    """Borders of the rings from a start near the equator to the pole, increasing."""
    edges = [start_deg]
    while edges[-1] < 90.0:
        if 90.0 - edges[-1] <= CAP * min(step_x_deg, step_y_deg):
            edges.append(180.0 - edges[-1])  # one field on the pole itself
            break
        top = min(edges[-1] + step_y_deg, 89.0)
        half_width = np.radians(step_x_deg / 2.0)
        bend_deg = float(np.degrees(half_width**2 * np.tan(np.radians(max(0.0, top))) / 2.0))
        overlap = OVERLAP * bend_deg if bend_deg > BENT * step_y_deg else 0.0
        edges.append(edges[-1] + max(step_y_deg - overlap, 0.7 * step_y_deg))
    return np.array(edges)


def _centres(edges: Array, step_y_deg: float) -> Array:
    """Centre of each ring's fields: as far polewards as their edge towards the equator still reaches the border."""
    low, high = edges[:-1], edges[1:]
    middle = (low + high) / 2.0
    moved = np.where(
        middle >= 0.0, np.maximum(low + step_y_deg / 2.0, middle), np.minimum(high - step_y_deg / 2.0, middle)
    )
    return np.where(np.abs(middle) >= 90.0 - 1e-6, middle, moved)


def _columns(step_x_deg: float, step_y_deg: float, dec_deg: float) -> int:
    """Fields in a ring: enough for its middle, or near a pole for a place nearer to the equator."""
    at = abs(dec_deg)
    if at >= 90.0 - 1e-6:
        return 1
    if np.tan(np.radians(at)) * np.radians(step_y_deg) / 2.0 > STEEP:
        at = max(0.0, at - step_y_deg / 4.0)
    return max(1, int(np.ceil(360.0 * np.cos(np.radians(at)) / step_x_deg - 0.02)))
