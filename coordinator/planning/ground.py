"""What a look is worth in each cell, and what of that earlier looks have left, for telescopes of each depth."""

from dataclasses import dataclass, field

import numpy as np

from coordinator.planning.cells import Cells, Ints
from telescopes.description.ephemeris import Array


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

    _left: dict[int, tuple[Array, int]] = field(default_factory=dict, init=False)
    _taken: list[Ints] = field(default_factory=list, init=False)

    def left(self, depth: int) -> Array:
        """New value that a look of one of the depths would bring in each cell; it holds until the next is asked for."""
        left, known = self._left.get(depth, (None, 0))
        if left is None:
            left = np.maximum(self.worth[depth] - self.held, 0.0)
        else:  # only where somebody has looked since
            for cells in self._taken[known:]:
                left[cells] = self.left_in(depth, cells)
        self._left[depth] = left, len(self._taken)
        return left

    def left_in(self, depth: int, cells: Ints) -> Array:
        """The same of some cells."""
        left = self.worth[depth].take(cells)  # several times as fast as an index, and asked for thousands of times
        left -= self.held.take(cells)
        return np.asarray(np.maximum(left, 0.0, out=left), np.float64)

    def gain(self, depth: int, cells: Ints) -> float:
        """New value of a look of one of the depths at some cells."""
        return float(self.left_in(depth, cells).sum())

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
        self.held[cells] = np.maximum(self.held[cells], self.worth[depth, cells])
        self._taken.append(cells)

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
