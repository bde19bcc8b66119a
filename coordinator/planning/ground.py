"""What a look is worth in each cell, and what of that earlier looks have left, for telescopes of each depth."""

from dataclasses import dataclass, field

import numpy as np

from coordinator.planning.cells import Cells, Ints
from telescopes.description.ephemeris import Array

_sum = np.add.reduce


@dataclass(slots=True, eq=False)
class Ground:
    """Cells and what is to be had in them.

    Attributes
    ----------
    worth : float64 array, shape (depths, cells)
        Value that a look of each depth gives.
    held : float64 array, shape (cells,)
        Value that is there already; infinite where nobody may look.
    ready_s : float64 array, shape (cells,), or None
        From when a cell may be looked at again; None: any time.
    galaxies : Ground or None
        The same for galaxies in the place of cells; None: nobody goes from galaxy to galaxy.
    """

    worth: Array
    held: Array
    ready_s: Array | None = None
    galaxies: "Ground | None" = None

    _left: Array = field(default_factory=lambda: np.empty((0, 0)), init=False)
    _full: Array = field(default_factory=lambda: np.empty((0, 0)), init=False)
    _row: dict[int, Array] = field(default_factory=dict, init=False)

    def left(self, depth: int) -> Array:
        """New value that a look of one of the depths would bring in each cell; it holds until the next look."""
        row = self._row.get(depth)
        if row is None:  # few depths are asked for again and again, and most never
            if not self._row:
                self._left, self._full = np.empty(self.worth.shape), np.empty(self.worth.shape)
            number = len(self._row)
            self._full[number] = self.worth[depth]
            row = self._row[depth] = self._left[number]
            np.maximum(self.worth[depth] - self.held, 0.0, out=row)
        return row

    def left_in(self, depth: int, cells: Ints) -> Array:
        """The same of some cells."""
        row = self._row.get(depth)
        if row is not None:
            return np.asarray(row.take(cells))
        left = self.worth[depth].take(cells)  # several times as fast as an index, and asked for thousands of times
        left -= self.held.take(cells)
        return np.asarray(np.maximum(left, 0.0, out=left), np.float64)

    def gain(self, depth: int, cells: Ints) -> float:
        """New value of a look of one of the depths at some cells."""
        row = self._row.get(depth)
        return float(_sum(self.left_in(depth, cells) if row is None else row.take(cells)))

    def share_left(self, depth: int, cell: int) -> float:
        """Share of what a look at a cell is worth that it would bring; 1 where nothing is to be had."""
        worth = float(self.worth[depth, cell])
        if worth <= 0 or not np.isfinite(self.held[cell]):
            return 1.0
        return max(0.0, 1.0 - float(self.held[cell]) / worth)

    def shares_left(self, depth: int, cells: Ints) -> Array:
        """The same of some cells."""
        worth, known = self.worth[depth, cells], np.isfinite(self.held[cells])
        share = np.divide(self.left_in(depth, cells), worth, out=np.ones(cells.size), where=known & (worth > 0))
        return np.asarray(share, np.float64)

    def take(self, depth: int, cells: Ints) -> None:
        """Count cells as looked at."""
        held = np.maximum(self.held.take(cells), self.worth[depth].take(cells))
        self.held[cells] = held
        known = len(self._row)
        if known:
            left = self._full[:known].take(cells, axis=1)
            left -= held
            self._left[:known, cells] = np.maximum(left, 0.0, out=left)

    def again(self) -> "Ground":
        """Begin anew from what is held now."""
        galaxies = None if self.galaxies is None else self.galaxies.again()
        return Ground(self.worth, self.held.copy(), self.ready_s, galaxies)

    def taken_since(self, start: "Ground") -> float:
        """Value that looks have added."""
        usable = np.isfinite(start.held)
        return float((self.held[usable] - start.held[usable]).sum())


def cell_worth(cells: Cells, weights: Array | None) -> Array:
    """Value of a look of each depth in each cell, shape (depths, cells).

    Parameters
    ----------
    weights : float64 array, shape (depths, cells), optional
        Chance to see the source; None: depth does not count.
    """
    return cells.probability[None, :] if weights is None else cells.probability * weights
