"""Cells merged by the fields that reach them: what any choice of fields is worth, in as few terms as are exact.

A set Z of fields is worth, in a cell, the best of what its fields are worth there. With the worths of a cell in
falling order, w1 > w2 > ... > held, that is the sum over l of (w_l - w_(l+1)) times 1 where Z holds a field that is
worth w_l or more. Terms that ask for one of the same set of fields, from whatever cell and level, are added up.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from coordinator.planning.lp_offer import Ints, Offer
from coordinator.planning.stretches import row_ends, stretches
from telescopes.description.ephemeris import Array

HASH_BITS = 40
"""Sums of 8,192 such numbers are exact in float64; two independent sums tell sets of fields apart."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Value of a choice z of fields: ``linear @ z`` plus, for each row, its weight times min(1, sum of its z).

    Fields are numbered through all telescopes, in their order.

    Attributes
    ----------
    linear : float64 array, shape (fields,)
        Value that no other field could bring.
    weight : float64 array, shape (rows,)
    first : int64 array, shape (rows + 1,)
        ``field[first[r]:first[r + 1]]`` are the fields that bring the value of row r: two or more.
    field : int64 array
    """

    linear: Array
    weight: Array
    first: Ints
    field: Ints

    @property
    def total(self) -> float:
        """Value of all fields together."""
        return float(self.linear.sum() + self.weight.sum())


@dataclass(frozen=True, slots=True, eq=False)
class _Levels:
    """The terms of all cells: in falling order of worth within a cell.

    `more` is what one of the fields down to this level adds, `many` how many fields these are, `low` and `high`
    name their set.
    """

    cell: Ints
    more: Array
    many: Ints
    low: Ints
    high: Ints

    def __getitem__(self, which: Ints) -> "_Levels":
        return _Levels(self.cell[which], self.more[which], self.many[which], self.low[which], self.high[which])


def merged_rows(offers: Sequence[Offer], held: Array) -> Rows:
    """Add up the terms of all cells by the fields that they ask for.

    Parameters
    ----------
    offers : telescopes
    held : float64 array, shape (cells,)
        Value that is there already: only what lies above it counts; infinite where nobody may look.
    """
    fields = sum(len(offer) for offer in offers)
    levels = _levels(offers, held, fields)
    by = np.lexsort((levels.high, levels.low))
    low, high = levels.low[by], levels.high[by]
    begins = np.flatnonzero(np.r_[True, (low[1:] != low[:-1]) | (high[1:] != high[:-1])][: by.size])
    weight = np.add.reduceat(levels.more[by], begins) if by.size else np.empty(0)
    alike = levels[by[begins]]
    first, field = _members(offers, held, alike)
    alone = alike.many == 1
    linear = np.bincount(field[first[:-1][alone]], weight[alone], minlength=fields).astype(np.float64)
    kept = np.repeat(~alone, alike.many)
    return Rows(linear, weight[~alone], row_ends(alike.many[~alone]), field[kept])


def _levels(offers: Sequence[Offer], held: Array, fields: int) -> _Levels:
    rng = np.random.default_rng(1)
    names = rng.integers(1, 1 << HASH_BITS, (2, fields)).astype(np.float64)
    parts = [_of_one_worth(offers, worth, held, names) for worth in _worths(offers)]
    cell, worth, many, low, high = (np.concatenate(x) for x in zip(*parts, strict=True))
    by = np.lexsort((-worth, cell))
    cell, worth = cell[by], worth[by]
    same = np.r_[cell[1:] == cell[:-1], False][: cell.size]
    below = np.where(same, np.r_[worth[1:], 0.0][: cell.size], held[cell])
    begins = np.flatnonzero(~np.r_[False, same[:-1]][: cell.size])
    levels = _Levels(cell, worth - below, *(_summed_within(x[by], begins) for x in (many, low, high)))
    return levels[np.flatnonzero(levels.more > 0)]


def _worths(offers: Sequence[Offer]) -> list[Array]:
    """Arrays of worth that do not lie in the same place."""
    return list({_place(offer.worth): offer.worth for offer in offers}.values())


def _place(array: Array) -> tuple[int, tuple[int, ...]]:
    return int(array.__array_interface__["data"][0]), array.strides


def _of_one_worth(
    offers: Sequence[Offer], worth: Array, held: Array, names: Array
) -> tuple[Ints, Array, Ints, Ints, Ints]:
    """Cells that telescopes of one worth reach, what they are worth there, how many fields and which these are."""
    sums = np.zeros((3, worth.size))
    start = 0
    for offer in offers:
        if _place(offer.worth) == _place(worth) and offer.cell.size:
            number = offer.field + start
            weights = (None, names[0, number], names[1, number])
            sums += [np.bincount(offer.cell, w, minlength=worth.size) for w in weights]
        start += len(offer)
    cell = np.flatnonzero((sums[0] > 0) & (worth > held))
    many, low, high = sums[:, cell].astype(np.int64)
    return cell, worth[cell], many, low, high


def _summed_within(values: Ints, begins: Ints) -> Ints:
    """Running sums that begin anew at each cell."""
    total = np.cumsum(values)
    before = (total - values)[begins]
    return np.asarray(total - np.repeat(before, np.diff(np.r_[begins, values.size])))


def _members(offers: Sequence[Offer], held: Array, rows: _Levels) -> tuple[Ints, Ints]:
    """Fields of each row: of its cell's fields, by falling worth, as many as it asks for."""
    wanted = np.zeros(held.size, bool)
    wanted[rows.cell] = True
    cells, fields, worths, start = [], [], [], 0
    for offer in offers:
        mine = np.flatnonzero(wanted[offer.cell])
        cells.append(offer.cell[mine])
        fields.append(offer.field[mine] + start)
        worths.append(offer.worth[offer.cell[mine]])
        start += len(offer)
    cell, field, worth = np.concatenate(cells), np.concatenate(fields), np.concatenate(worths)
    by = np.lexsort((field, -worth, cell))
    first = row_ends(rows.many)
    begins = np.searchsorted(cell[by], rows.cell)
    return first, field[by][stretches(begins, rows.many)]
