"""Where a telescope's fields may be centred: rings of declination, shifted, cut by what a tile holds."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from telescopes.description.ephemeris import Array

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Rings of tiles `step_x_deg` wide at the ring's middle and `step_y_deg` high, shifted by a share of a step.

    At the middle of a ring tiles touch without overlap; towards its poleward edge they overlap a little and
    towards the other they leave slivers. Both are cheaper than an overlap everywhere, which costs telescope time.

    Attributes
    ----------
    columns : int64 array, shape (rings,)
        Tiles in each ring.
    first : int64 array, shape (rings + 1,)
        Number of the first tile of each ring.
    """

    step_y_deg: float
    shift_x: float
    shift_y: float
    columns: Ints
    first: Ints

    def tiles_of(self, ra_deg: Array, dec_deg: Array) -> Ints:
        """Number of the tile in whose box each position lies."""
        ring = ((dec_deg + 90.0) / self.step_y_deg + self.shift_y).astype(np.int64)
        columns = self.columns[ring]
        column = (ra_deg / 360.0 * columns + self.shift_x).astype(np.int64) % columns
        return np.asarray(self.first[ring] + column)

    def centres(self, tiles: Ints) -> tuple[Array, Array]:
        """Right ascension and declination of the tiles' centres."""
        ring = np.searchsorted(self.first, tiles, side="right") - 1
        dec = np.clip((ring + 0.5 - self.shift_y) * self.step_y_deg - 90.0, -90.0, 90.0)
        return (tiles - self.first[ring] + 0.5 - self.shift_x) * 360.0 / self.columns[ring] % 360.0, dec


@lru_cache(maxsize=1024)
def grid(step_x_deg: float, step_y_deg: float, shift_x: float = 0.0, shift_y: float = 0.0) -> Grid:
    """Lay a grid over the whole sky; the same grid is made once."""
    rings = int(180.0 / step_y_deg + shift_y) + 1
    dec = (np.arange(rings) + 0.5 - shift_y) * step_y_deg - 90.0
    width = 360.0 * np.cos(np.radians(np.clip(np.abs(dec), 0.0, 90.0)))
    columns = np.asarray(np.maximum(1, np.ceil(width / step_x_deg - 0.02)), np.int64)
    return Grid(step_y_deg, shift_x, shift_y, columns, np.r_[0, np.cumsum(columns)])


def tile_sums(tiling: Grid, ra_deg: Array, dec_deg: Array, probability: Array) -> tuple[Ints, Array]:
    """Tiles that hold any of these positions, fullest first, and what each holds."""
    number = tiling.tiles_of(ra_deg, dec_deg)
    if not number.size:
        return number, np.empty(0)
    low = int(number.min())
    every = np.asarray(np.bincount(number - low, weights=probability), np.float64)
    tiles = np.flatnonzero(every)
    sums = every[tiles]
    fullest = np.argsort(-np.round(sums, 12), kind="stable")
    return np.asarray(tiles[fullest] + low, np.int64), sums[fullest]
