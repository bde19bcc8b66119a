"""Exact figures of chosen fields: every pixel of order 12 belongs to the earliest look that covers it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.ranges import Ranges
from telescopes.description.ephemeris import Array

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Sets of sky cut at each other's edges, so that any union or difference is a sum over pieces.

    Attributes
    ----------
    mass : float64 array, shape (pieces,)
        Probability in each piece.
    first, piece : int64 arrays
        ``piece[first[i]:first[i + 1]]`` are the pieces of set i.
    """

    mass: Array
    first: Ints
    piece: Ints

    @classmethod
    def of(cls, sets: Sequence[Ranges], curve: ProbabilityCurve) -> "Pieces":
        """Cut the sets and weigh the pieces."""
        low = np.concatenate([r.low for r in sets]) if sets else np.empty(0, np.int64)
        high = np.concatenate([r.high for r in sets]) if sets else np.empty(0, np.int64)
        edges = _distinct(np.r_[low, high])
        total = np.interp(edges, curve.edge.astype(np.float64), curve.total)
        begin, end = np.searchsorted(edges, low), np.searchsorted(edges, high)
        lengths = end - begin
        stops = np.cumsum(lengths)
        piece = np.repeat(begin - stops + lengths, lengths) + np.arange(int(stops[-1]) if stops.size else 0)
        per_set = np.r_[0, np.cumsum([r.low.size for r in sets])].astype(np.int64)
        return cls(np.diff(total), np.r_[0, stops][per_set], piece)

    def of_set(self, number: int) -> Ints:
        """Pieces of one set."""
        return self.piece[self.first[number] : self.first[number + 1]]

    def nothing(self) -> NDArray[np.bool_]:
        """No piece covered yet."""
        return np.zeros(self.mass.size, bool)


@dataclass(frozen=True, slots=True)
class Share:
    """What one field holds, and what earlier looks leave of it."""

    own: float
    new: float


def shares_in_order(pieces: Pieces, before: Sequence[int], order: Sequence[int], least: float) -> dict[int, Share]:
    """Go through fields in order of start and keep those that own enough; what is dropped covers nothing.

    Parameters
    ----------
    before : sets of sky that are looked at already
    order : sets in order of start
    least : share of its own that a field must bring as new; 0 keeps every field

    Returns
    -------
    dict
        The fields kept, in order.
    """
    covered = pieces.nothing()
    for number in before:
        covered[pieces.of_set(number)] = True
    kept = {}
    for number in order:
        mine = pieces.of_set(number)
        mass = pieces.mass[mine]
        own, new = float(mass.sum()), float(mass[~covered[mine]].sum())
        if new < least * own or (least > 0 and own <= 0):
            continue
        kept[number] = Share(own, new)
        covered[mine] = True
    return kept


def _distinct(values: Ints) -> Ints:
    ordered = np.sort(values)
    return ordered[np.r_[True, ordered[1:] != ordered[:-1]]] if ordered.size else ordered
