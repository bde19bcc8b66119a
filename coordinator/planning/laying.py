"""How a telescope's grids lie on the sky: along the meridians, or turned about the middle of what is searched."""

from dataclasses import dataclass

import numpy as np

from coordinator.planning.cells import positions
from coordinator.planning.desk import Desk
from coordinator.planning.grid import Grid, Ints, grid
from coordinator.planning.tile_box import tile_box_deg
from coordinator.sky.coverage import Frames, size_deg
from telescopes.description.ephemeris import Array
from telescopes.description.footprint import Circle

SEAM = 0.01
"""Share by which tiles of a grid overlap where there is time for it: their edges bend on the sky."""

SQUARE_IN_CIRCLE = 0.8
"""Side of the tiles of a circle over its diameter: between the square inside it and the one of its area."""


@dataclass(frozen=True, slots=True, eq=False)
class Laying:
    """Grids of one telescope.

    Attributes
    ----------
    size_deg : width and height of a tile
    turn : float64 array, shape (3, 3), or None
        Takes ICRS vectors to the frame of the grids, in which the camera stands upright at the middle of what is
        searched; None: grids lie along the meridians.
    """

    size_deg: tuple[float, float]
    turn: Array | None

    @classmethod
    def of(cls, desk: Desk, vectors: Array, value: Array) -> "Laying":
        """Lay grids for cells of some value."""
        if isinstance(desk.footprint, Circle):
            side = SQUARE_IN_CIRCLE * size_deg(desk.footprint)[0]
            return cls((side, side), None)
        if desk.angle_deg % 90.0 == 0.0:
            return cls(tile_box_deg(desk.footprint, desk.angle_deg), None)
        ra, dec = positions(np.asarray(value @ vectors, np.float64)[None, :])
        frame = Frames.at(ra, dec, desk.angle_deg)
        return cls(size_deg(desk.footprint), np.concatenate([frame.centre, frame.along_x, frame.along_y]))

    def grid(self, shift: tuple[float, float], *, overlapping: bool = False) -> Grid:
        """Return a grid shifted by shares of a tile."""
        share = 1.0 - SEAM if overlapping else 1.0
        return grid(self.size_deg[0] * share, self.size_deg[1] * share, *shift)

    def coordinates(self, ra_deg: Array, dec_deg: Array, vectors: Array) -> tuple[Array, Array]:
        """Where places lie in the frame of the grids, degrees."""
        return (ra_deg, dec_deg) if self.turn is None else positions(vectors @ self.turn.T)

    def centres(self, tiling: Grid, tiles: Ints) -> tuple[Array, Array]:
        """Right ascension and declination of tiles' centres, degrees."""
        longitude, latitude = tiling.centres(tiles)
        if self.turn is None:
            return longitude, latitude
        return positions(Frames.at(longitude, latitude).centre @ self.turn)
