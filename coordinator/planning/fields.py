"""Candidate fields of one telescope and the cells that each of them covers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coordinator.planning.cells import PIXEL_SIDE_DEG, Cells
from coordinator.sky.coverage import Cover, Frames, contains, covers, size_deg
from coordinator.sky.nested import MAX_ORDER
from telescopes.description.ephemeris import Array
from telescopes.description.footprint import Footprint

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Fields:
    """Fields of one footprint, at position angle 0, and their cells in rows of a compressed matrix.

    Attributes
    ----------
    ra_deg, dec_deg : float64 arrays, shape (f,)
    vectors : float64 array, shape (f, 3)
    first : int64 array, shape (f + 1,)
        ``cell[first[i]:first[i + 1]]`` are the cells of field i.
    cell : int64 array
    """

    ra_deg: Array
    dec_deg: Array
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
        total = np.r_[0.0, np.cumsum(values[self.cell])]
        return np.asarray(total[self.first[1:]] - total[self.first[:-1]])

    def chosen(self, keep: Ints) -> "Fields":
        """Some of the fields, in the order given."""
        lengths = (self.first[1:] - self.first[:-1])[keep]
        first = np.r_[0, np.cumsum(lengths)]
        at = np.repeat(self.first[keep] - first[:-1], lengths) + np.arange(first[-1])
        return Fields(self.ra_deg[keep], self.dec_deg[keep], self.vectors[keep], first, self.cell[at])

    def on(self, parent: Ints) -> "Fields":
        """Put the same fields on finer cells, of which `parent` names the old ones, increasing."""
        begin = np.searchsorted(parent, np.arange(int(parent[-1]) + 2) if parent.size else np.zeros(1, np.int64))
        lengths = np.diff(begin)[self.cell]
        ends = np.r_[0, np.cumsum(lengths)]
        cell = np.repeat(begin[self.cell] - ends[:-1], lengths) + np.arange(ends[-1])
        return Fields(self.ra_deg, self.dec_deg, self.vectors, ends[self.first], cell)

    def with_more(self, other: "Fields") -> "Fields":
        """Append the other fields behind these, which keep their numbers."""
        return Fields(
            np.r_[self.ra_deg, other.ra_deg],
            np.r_[self.dec_deg, other.dec_deg],
            np.concatenate([self.vectors, other.vectors]),
            np.r_[self.first, other.first[1:] + self.first[-1]],
            np.r_[self.cell, other.cell],
        )


def no_fields() -> Fields:
    """Candidates before any are made."""
    return Fields(np.empty(0), np.empty(0), np.empty((0, 3)), np.zeros(1, np.int64), np.empty(0, np.int64))


def fields_at(footprint: Footprint, ra_deg: Array, dec_deg: Array, cells: Cells) -> Fields:
    """Find the cells of fields at these centres."""
    frames = Frames.at(ra_deg, dec_deg)
    short = min(size_deg(footprint))
    order = int(np.clip(np.ceil(np.log2(PIXEL_SIDE_DEG * 4.0 / short)), 3, 12))
    cover = covers(footprint, frames, order)
    low, high = _cells_in(cover, cells.key)
    whole = cover.whole
    some = high > low
    field, cell = _pairs(cover.field[some & whole], low[some & whole], high[some & whole])
    maybe_field, maybe_cell = _pairs(cover.field[some & ~whole], low[some & ~whole], high[some & ~whole])
    inside = contains(footprint, frames, maybe_field, cells.vectors[maybe_cell])
    field, cell = np.r_[field, maybe_field[inside]], np.r_[cell, maybe_cell[inside]]
    by = np.argsort(field, kind="stable")
    first = np.searchsorted(field[by], np.arange(len(frames) + 1))
    return Fields(np.asarray(ra_deg), np.asarray(dec_deg), frames.centre, first, cell[by])


def _cells_in(cover: Cover, key: Ints) -> tuple[Ints, Ints]:
    """Stretch of cells whose centre lies in each pixel."""
    shift = 2 * (MAX_ORDER - cover.order)
    low = cover.pixel << shift
    return np.searchsorted(key, low), np.searchsorted(key, low + (1 << shift))


def _pairs(field: Ints, low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """Every (field, cell) of stretches of cells."""
    lengths = high - low
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if ends.size else 0
    return np.repeat(field, lengths), np.repeat(low - ends + lengths, lengths) + np.arange(total)
