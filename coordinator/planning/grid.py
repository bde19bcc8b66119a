"""Where a telescope's fields may be centred: rings of declination, shifted, cut by what a tile holds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from telescopes.description.ephemeris import Array

Ints = NDArray[np.int64]

_ROOM = 1 << 20


@dataclass(frozen=True, slots=True)
class Grid:
    """Rings of tiles `step_x_deg` wide at the ring's middle and `step_y_deg` high, shifted by a share of a step.

    At the middle of a ring tiles touch without overlap; towards its poleward edge they overlap a little and
    towards the other they leave slivers. Both are cheaper than an overlap everywhere, which costs telescope time.
    """

    step_x_deg: float
    step_y_deg: float
    shift_x: float = 0.0
    shift_y: float = 0.0

    def tiles_of(self, ra_deg: Array, dec_deg: Array) -> Ints:
        """Number of the tile in whose box each position lies."""
        ring = np.floor((dec_deg + 90.0) / self.step_y_deg + self.shift_y).astype(np.int64)
        columns = self._columns(ring)
        column = np.floor(ra_deg / 360.0 * columns + self.shift_x).astype(np.int64) % columns
        return ring * _ROOM + column

    def centres(self, tiles: Ints) -> tuple[Array, Array]:
        """Right ascension and declination of the tiles' centres."""
        ring, column = np.divmod(tiles, _ROOM)
        dec = np.clip(self._dec(ring), -90.0, 90.0)
        return (column + 0.5 - self.shift_x) * 360.0 / self._columns(ring) % 360.0, dec

    def _dec(self, ring: Ints) -> Array:
        return np.asarray((ring + 0.5 - self.shift_y) * self.step_y_deg - 90.0)

    def _columns(self, ring: Ints) -> Ints:
        width = 360.0 * np.cos(np.radians(np.clip(np.abs(self._dec(ring)), 0.0, 90.0)))
        return np.asarray(np.maximum(1, np.ceil(width / self.step_x_deg - 0.02)), np.int64)


def tile_sums(grid: Grid, ra_deg: Array, dec_deg: Array, probability: Array) -> tuple[Ints, Array]:
    """Tiles that hold any of these positions, fullest first, and what each holds."""
    number = grid.tiles_of(ra_deg, dec_deg)
    by = np.argsort(number, kind="stable")
    ordered = number[by]
    first = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if ordered.size else np.empty(0, np.int64)
    sums = np.add.reduceat(probability[by], first) if first.size else np.empty(0)
    fullest = np.argsort(-np.round(sums, 12), kind="stable")
    return ordered[first][fullest], sums[fullest]
