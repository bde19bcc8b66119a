"""What each candidate field would add to a choice of fields, kept up to date while the choice is changed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from coordinator.planning.lp_offer import Ints, Mask, Offer
from coordinator.planning.stretches import stretches
from telescopes.description.ephemeris import Array


@dataclass(slots=True, eq=False)
class Board:
    """The fields of all telescopes, numbered through, which of them are chosen, and what each would add.

    Attributes
    ----------
    starts : int64 array, shape (telescopes + 1,)
        Number of each telescope's first field.
    begin, field, worth : the fields that reach each cell, ``field[begin[i]:begin[i + 1]]``, and their worth there
    held : float64 array, shape (cells,)
        What is there whatever is chosen; infinite where nobody may look.
    best, second : float64 arrays, shape (cells,)
        What the best chosen look is worth, and what would be left without it.
    own, gain : float64 arrays, shape (fields,)
        Whole value of each field, and what it would add to what is chosen.
    """

    starts: Ints
    begin: Ints
    field: Ints
    worth: Array
    held: Array
    chosen: Mask
    best: Array
    second: Array
    own: Array
    gain: Array
    _totals: tuple[float, float] | None = None

    @classmethod
    def of(cls, offers: Sequence[Offer], held: Array) -> "Board":
        """Begin with nothing chosen."""
        starts = np.cumsum([0, *(len(offer) for offer in offers)])
        cell = np.concatenate([offer.cell for offer in offers])
        field = np.concatenate([offer.field + start for offer, start in zip(offers, starts[:-1], strict=True)])
        worth = np.concatenate([offer.worth[offer.cell] for offer in offers])
        by = np.argsort(cell, kind="stable")
        begin = np.searchsorted(cell[by], np.arange(held.size + 1))
        own = np.bincount(field, worth, minlength=starts[-1]).astype(np.float64)
        new = np.maximum(0.0, worth - held[cell])
        gain = np.bincount(field, new, minlength=starts[-1]).astype(np.float64)
        chosen = np.zeros(starts[-1], bool)
        return cls(starts, begin, field[by], worth[by], held, chosen, held.copy(), held.copy(), own, gain)

    def put(self, cells: Ints, field: int) -> None:
        """Choose a field, of which these are the cells."""
        self.chosen[field] = True
        self._recount(cells)

    def take(self, cells: Ints, field: int) -> None:
        """Choose a field no more."""
        self.chosen[field] = False
        self._recount(cells)

    def redundancy(self, more_own: Array, more: Array) -> Array:
        """Redundancy of what is chosen if its fields' own values grew by so much, and their joint value by so much."""
        if self._totals is None:  # asked for slot by slot, and few of these change anything
            usable = np.isfinite(self.held)
            together = float((self.best[usable] - self.held[usable]).sum())
            self._totals = float(self.own[self.chosen].sum()), together
        own, joint = self._totals[0] + more_own, self._totals[1] + more
        return np.asarray(np.where(joint > 0, own / np.where(joint > 0, joint, 1.0) - 1.0, 0.0))

    def loss(self, cells: Ints, worth: Array) -> float:
        """What would be lost with a chosen field, worth that much in its cells."""
        alone = cells[worth[cells] >= self.best[cells]]
        return float((self.best[alone] - self.second[alone]).sum())

    def gains_without(self, cells: Ints, worth: Array, of: tuple[int, int] | None = None) -> Array:
        """What each field would add if a chosen one, worth that much in its cells, were not.

        Parameters
        ----------
        cells : int64 array
        worth : float64 array, shape (cells,)
        of : first field that is asked for, and the one behind the last; None: all are
        """
        low, high = (0, self.gain.size) if of is None else of
        if not cells.size:
            return self.gain[low:high]
        alone = cells[(worth[cells] >= self.best[cells]) & (self.second[cells] < self.best[cells])]
        at, which = self._reaching(alone)
        mine = (self.field[at] >= low) & (self.field[at] < high)
        at, which = at[mine], which[mine]
        more = np.maximum(0.0, self.worth[at] - self.second[which]) - np.maximum(0.0, self.worth[at] - self.best[which])
        return np.asarray(self.gain[low:high] + np.bincount(self.field[at] - low, more, minlength=high - low))

    def _recount(self, cells: Ints) -> None:
        """Find the best two chosen looks of some cells again, and what fields there would add."""
        self._totals = None
        at, which = self._reaching(cells)
        before = np.maximum(0.0, self.worth[at] - self.best[which])
        self.best[cells] = self.second[cells] = self.held[cells]
        looked = at[self.chosen[self.field[at]]], which[self.chosen[self.field[at]]]
        by = np.lexsort((-self.worth[looked[0]], looked[1]))
        entry, cell = looked[0][by], looked[1][by]
        first = np.r_[True, cell[1:] != cell[:-1]][: cell.size]
        after = np.r_[False, first[:-1]][: cell.size] & ~first
        self.best[cell[first]] = np.maximum(self.best[cell[first]], self.worth[entry[first]])
        self.second[cell[after]] = np.maximum(self.second[cell[after]], self.worth[entry[after]])
        more = np.maximum(0.0, self.worth[at] - self.best[which]) - before
        self.gain += np.bincount(self.field[at], more, minlength=self.gain.size)

    def _reaching(self, cells: Ints) -> tuple[Ints, Ints]:
        """Entries of the fields that reach any of some cells, and the cell of each."""
        low, many = self.begin[cells], np.diff(self.begin)[cells]
        return stretches(low, many), np.repeat(cells, many)
