"""Candidate fields of one telescope and the cells that each of them covers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coordinator.planning.cells import Cells
from coordinator.planning.split import Split
from coordinator.planning.stretches import row_ends, stretches, sums_of
from coordinator.sky.coverage import Frames, contains, size_deg
from telescopes.description.ephemeris import Array, directions
from telescopes.description.footprint import Footprint
from telescopes.description.geometry import circumradius_deg

Ints = NDArray[np.int64]

RINGS_PER_FIELD = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class Fields:
    """Fields of one footprint and their cells in rows of a compressed matrix.

    Attributes
    ----------
    ra_deg, dec_deg, angle_deg : float64 arrays, shape (f,)
        Centres, ICRS, and position angles from north through east.
    vectors : float64 array, shape (f, 3)
    first : int64 array, shape (f + 1,)
        ``cell[first[i]:first[i + 1]]`` are the cells of field i.
    cell : int64 array
    """

    ra_deg: Array
    dec_deg: Array
    angle_deg: Array
    vectors: Array
    first: Ints
    cell: Ints

    def __len__(self) -> int:
        return self.ra_deg.size

    def cells_of(self, field: int) -> Ints:
        """Cells whose centre lies inside a field."""
        return self.cell[self.first[field] : self.first[field + 1]]

    def sums(self, values: Array) -> Array:
        """Sum over its cells for each field."""
        return sums_of(self.first, values[self.cell])

    def chosen(self, keep: Ints) -> "Fields":
        """Some of the fields, in the order given."""
        lengths = (self.first[1:] - self.first[:-1])[keep]
        first = row_ends(lengths)
        at = stretches(self.first[keep], lengths)
        return Fields(
            self.ra_deg[keep], self.dec_deg[keep], self.angle_deg[keep], self.vectors[keep], first, self.cell[at]
        )

    def on(self, split: Split) -> "Fields":
        """Put the same fields on the finer cells that theirs were divided into."""
        cell, lengths = split.parts(self.cell)
        ends = row_ends(lengths)
        return Fields(self.ra_deg, self.dec_deg, self.angle_deg, self.vectors, ends[self.first], cell)

    def with_more(self, other: "Fields") -> "Fields":
        """Append the other fields behind these, which keep their numbers."""
        if not len(self):
            return other
        return Fields(
            np.concatenate([self.ra_deg, other.ra_deg]),
            np.concatenate([self.dec_deg, other.dec_deg]),
            np.concatenate([self.angle_deg, other.angle_deg]),
            np.concatenate([self.vectors, other.vectors]),
            np.concatenate([self.first, other.first[1:] + self.first[-1]]),
            np.concatenate([self.cell, other.cell]),
        )


def no_fields() -> Fields:
    """Candidates before any are made."""
    nothing = np.empty(0)
    return Fields(nothing, nothing, nothing, np.empty((0, 3)), np.zeros(1, np.int64), np.empty(0, np.int64))


def without_cells(ra_deg: Array, dec_deg: Array, angle_deg: float) -> Fields:
    """Fields at these centres that hold no cell."""
    nothing = np.zeros(ra_deg.size + 1, np.int64), np.empty(0, np.int64)
    return Fields(ra_deg, dec_deg, np.full(ra_deg.shape, angle_deg), directions(ra_deg, dec_deg), *nothing)


def fields_at(
    footprint: Footprint, ra_deg: Array, dec_deg: Array, cells: Cells, angle_deg: Array | float = 0.0
) -> Fields:
    """Find the cells of fields at these centres."""
    angles = np.broadcast_to(np.asarray(angle_deg, np.float64), ra_deg.shape)
    frames = Frames.at(ra_deg, dec_deg, angles)
    rings = cells.rings(min(size_deg(footprint)) / RINGS_PER_FIELD)
    field, cell = rings.near(np.asarray(ra_deg), np.asarray(dec_deg), circumradius_deg(footprint))
    inside = contains(footprint, frames, field, cells.vectors[cell])
    field, cell = field[inside], cell[inside]
    if np.any(field[1:] < field[:-1]):  # some fields lie across right ascension 0
        by = np.argsort(field, kind="stable")
        field, cell = field[by], cell[by]
    first = np.searchsorted(field, np.arange(len(frames) + 1))
    return Fields(np.asarray(ra_deg), np.asarray(dec_deg), angles, frames.centre, first, cell)
