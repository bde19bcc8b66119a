"""Exact figures of chosen fields: every pixel of order 12 belongs to the earliest look, or to the deepest one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from coordinator.planning.stretches import row_ends, stretches
from coordinator.planning.value import NOTHING, Places, SkyValue
from coordinator.sky.ranges import Ranges
from telescopes.description.ephemeris import Array

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """Sky that a look covers, and its depth (`SkyValue.depth`)."""

    ranges: Ranges
    depth: int


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Sets of sky cut at each other's edges, so that any union or difference is a sum over pieces.

    Attributes
    ----------
    sky : SkyValue
    pixels : int64 array, shape (pieces,)
        Pixels of order 12 in each piece.
    mass : float64 array, shape (pieces,)
        Probability in each piece.
    edges : Places
        Where pieces begin and end: piece i lies between the edges i and i + 1.
    first, piece : int64 arrays
        ``piece[first[i]:first[i + 1]]`` are the pieces of set i.
    depth : int64 array, shape (sets,)
    """

    sky: SkyValue
    pixels: Ints
    mass: Array
    edges: Places
    first: Ints
    piece: Ints
    depth: Ints
    _own: list[Array] = field(default_factory=list, init=False)

    @classmethod
    def of(cls, sights: Sequence[Sight], sky: SkyValue) -> "Pieces":
        """Cut the sets and weigh the pieces."""
        sets = [s.ranges for s in sights]
        low = np.concatenate([r.low for r in sets]) if sets else np.empty(0, np.int64)
        high = np.concatenate([r.high for r in sets]) if sets else np.empty(0, np.int64)
        cuts = _distinct(np.r_[low, high])
        edges = sky.places(cuts)
        total = sky.curve.total
        mass = np.diff(total[edges.strip] + (total[edges.strip + 1] - total[edges.strip]) * edges.share)
        begin, end = np.searchsorted(cuts, low), np.searchsorted(cuts, high)
        lengths = end - begin
        piece = stretches(begin, lengths)
        per_set = row_ends(np.array([r.low.size for r in sets], np.int64))
        depth = np.array([s.depth for s in sights], np.int64)
        return cls(sky, np.diff(cuts), mass, edges, row_ends(lengths)[per_set], piece, depth)

    def valued(self, sky: SkyValue, limits_mag_ab: Mapping[int, float | None]) -> "Pieces":
        """The same pieces valued in another way, for the sets whose limits are given."""
        depth = self.depth.copy()
        for number, limit in limits_mag_ab.items():
            depth[number] = sky.depth(limit)
        return replace(self, sky=sky, depth=depth)

    def of_set(self, number: int) -> Ints:
        """Pieces of one set."""
        return self.piece[self.first[number] : self.first[number + 1]]

    def own(self, number: int) -> Array:
        """Value of each piece of one set, at its own depth; of all sets at once, because they are asked for often."""
        if self.sky.distances is None:
            return self.mass[self.of_set(number)]
        if not self._own:
            self._own.append(self._of_their_depth())
        return self._own[0][self.first[number] : self.first[number + 1]]

    def _of_their_depth(self) -> Array:
        """Value of each entry of `piece` at the depth of the set that it belongs to."""
        depth, value = np.repeat(self.depth, np.diff(self.first)), np.empty(self.piece.size)
        for its in np.unique(self.depth):
            those = depth == its
            value[those] = self.values(self.piece[those], int(its))
        return value

    def values(self, pieces: Ints, depth: int) -> Array:
        """Value of each of some pieces for a look of some depth."""
        if depth == NOTHING:
            return np.zeros(pieces.size)
        if self.sky.distances is None:
            return self.mass[pieces]
        both = self.sky.total(depth, self.edges[np.concatenate([pieces, pieces + 1])])
        return both[pieces.size :] - both[: pieces.size]

    def unseen(self) -> Ints:
        """Depth to which each piece is looked at: nothing yet."""
        return np.full(self.mass.size, NOTHING - 1, np.int64)


@dataclass(frozen=True, slots=True)
class Share:
    """What one field holds, and what earlier looks leave of it: of the value, and of the probability."""

    value: float
    new_value: float
    probability: float
    new_probability: float


def shares_in_order(pieces: Pieces, before: Sequence[int], order: Sequence[int], least: float) -> Mapping[int, Share]:
    """Go through fields in order of start and keep those that own enough; what is dropped covers nothing.

    Parameters
    ----------
    before : sets of sky that are looked at already
    order : sets in order of start
    least : share of its own value that a field must bring as new; 0 keeps every field

    Returns
    -------
    mapping
        The fields kept, in order.
    """
    seen = pieces.unseen()
    for number in before:
        mine = pieces.of_set(number)
        seen[mine] = np.maximum(seen[mine], pieces.depth[number])
    kept = {}
    for number in order:
        mine = pieces.of_set(number)
        share = _share(pieces, number, mine, seen[mine])
        if least > 0 and (share.new_value < least * share.value or share.value <= 0):
            continue
        kept[number] = share
        seen[mine] = np.maximum(seen[mine], pieces.depth[number])
    return kept


def best_value(pieces: Pieces, numbers: Sequence[int]) -> float:
    """Value of some looks together: at every place that of the deepest."""
    seen = pieces.unseen()
    for number in sorted(numbers, key=lambda n: int(pieces.depth[n])):
        seen[pieces.of_set(number)] = pieces.depth[number]
    depths = np.unique(seen[seen > NOTHING])
    return sum(float(pieces.values(np.flatnonzero(seen == depth), int(depth)).sum()) for depth in depths)


def covered_probability(pieces: Pieces, numbers: Sequence[int]) -> float:
    """Probability inside at least one of some sets."""
    seen = np.zeros(pieces.mass.size, bool)
    for number in numbers:
        seen[pieces.of_set(number)] = True
    return float(pieces.mass[seen].sum())


def _share(pieces: Pieces, number: int, mine: Ints, seen: Ints) -> Share:
    mass, depth = pieces.mass[mine], int(pieces.depth[number])
    fresh = seen < NOTHING
    untouched = bool(fresh.all())
    probability = float(mass.sum())
    new_probability = probability if untouched else float(mass[fresh].sum())
    if pieces.sky.distances is None:
        return Share(probability, new_probability, probability, new_probability)
    here = pieces.own(number)
    value = float(here.sum())
    if untouched:
        return Share(value, value, probability, probability)
    new = float(here[fresh].sum())
    shallower = ~fresh & (seen < depth)
    for other in _distinct(seen[shallower]):
        those = seen == other
        new += float((here[those] - pieces.values(mine[those], int(other))).sum())
    return Share(value, new, probability, new_probability)


def _distinct(values: Ints) -> Ints:
    ordered = np.sort(values, kind="stable")  # merges what is sorted in stretches: several times as fast
    return ordered[np.r_[True, ordered[1:] != ordered[:-1]]] if ordered.size else ordered
