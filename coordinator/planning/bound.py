"""A proven upper limit of what any plan of these telescopes can cover, wherever its fields are centred.

Fields are replaced by area: telescope k covers at most ``N_k A_k`` square degrees, only of cells that come within
its field's circumradius of a visible centre. Sets of coverable area form a polymatroid, so taking cells by falling
density, each as far as the telescopes that reach it have area left (re-arranged along augmenting paths), is exactly
the linear programme's optimum.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from telescopes.description.ephemeris import Array

CHUNKS = 100
LEAST_SHARE = 0.02
"""Telescopes with less than this share of all area are pooled, each then reaching what any of them does."""

LEAST_DEG2 = 1e-9
BITS = 32
"""Telescopes that are told apart at once: with the number so far they fill a word."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Bound:
    """The limit, how it was found, and what the telescopes can see at all; None: nobody has looked."""

    value: float
    kind: str
    observable: float | None


EVERYTHING = Bound(1.0, "visible", None)
"""What holds for every plan, without a look at any telescope."""


def upper_bound(
    value: Array,
    area_deg2: Array,
    reach: Sequence[Mask],
    most_deg2: Sequence[float],
    peak: Array | None = None,
) -> Bound:
    """Bound the coverable value.

    Parameters
    ----------
    value, area_deg2 : float64 arrays, shape (cells,)
    reach : bool arrays, shape (cells,), one per telescope
    most_deg2 : area that each telescope's pointings cover together
    peak : float64 array, shape (cells,), optional
        What each cell would hold if all of it were as dense as its densest part; without it cells are even.

    Notes
    -----
    Value outside the cells given must be added by the caller.
    """
    if not reach:
        return Bound(0.0, "visible", 0.0)
    seen, most = _pooled(np.stack(reach), np.array(most_deg2))
    observable = float(value[seen.any(axis=0)].sum())
    if _room_for_all(area_deg2, seen, most):
        return Bound(observable, "visible", observable)
    by_area = _by_area(value if peak is None else peak, area_deg2, seen, most)
    if by_area < observable - 1e-9:
        return Bound(by_area, "area", observable)
    return Bound(observable, "visible", observable)


def _room_for_all(area_deg2: Array, seen: Mask, most_deg2: Array) -> bool:
    """Say whether all can be covered even if each cell is left to the widest of those that reach it."""
    reached = seen.any(axis=0)
    widest = np.where(seen, most_deg2[:, None], -1.0).argmax(axis=0)[reached]
    asked = np.bincount(widest, weights=area_deg2[reached], minlength=most_deg2.size)
    return bool((asked <= most_deg2).all())


def _pooled(seen: Mask, most: Array) -> tuple[Mask, Array]:
    small = most < LEAST_SHARE * most.sum()
    if small.sum() < 2:
        return seen, most
    return np.vstack([seen[~small], seen[small].any(axis=0)]), np.r_[most[~small], most[small].sum()]


def _by_area(value: Array, area: Array, seen: Mask, most: Array) -> float:
    """Take lumps of cells, densest first; a lump counts with its densest cell's density: that only raises the bound."""
    reached = np.flatnonzero(seen.any(axis=0) & (value > 0))
    if reached.size == 0:
        return 0.0
    density = value[reached] / area[reached]
    rank = np.argsort(-density, kind="stable")
    chunk = np.empty(reached.size, np.int64)
    chunk[rank] = (np.cumsum(value[reached][rank]) / value[reached].sum() * CHUNKS).astype(np.int64)
    pattern = _patterns(seen[:, reached])
    number = chunk * (int(pattern.max()) + 1) + pattern
    order = np.argsort(number, kind="stable")
    first = np.r_[0, np.flatnonzero(np.diff(number[order])) + 1]
    densest = np.maximum.reduceat(density[order], first)
    lump_area = np.add.reduceat(area[reached[order]], first)
    flow, total = _Flow(most), 0.0
    for lump in np.argsort(-densest, kind="stable"):
        telescopes = np.flatnonzero(seen[:, reached[order[first[lump]]]])
        total += flow.push(telescopes, float(lump_area[lump])) * float(densest[lump])
    return total


def _patterns(seen: Mask) -> NDArray[np.int64]:
    """Number the sets of telescopes that reach a cell."""
    number = np.zeros(seen.shape[1], np.int64)
    for start in range(0, len(seen), BITS):
        lot = seen[start : start + BITS]
        for row in lot:
            number = (number << 1) | row
        number = np.unique(number, return_inverse=True)[1].astype(np.int64)
    return number


class _Flow:
    """Area that telescopes have given, and to which sets of telescopes' sky: it can be taken over by others."""

    def __init__(self, most: Array) -> None:
        self.free = most.astype(float).copy()
        self.given: dict[tuple[int, ...], Array] = {}

    def push(self, telescopes: NDArray[np.int64], area: float) -> float:
        """Cover as much of the area as can be, re-arranging if need be; say how much."""
        key = tuple(int(t) for t in telescopes)
        self.given.setdefault(key, np.zeros(self.free.size))
        wanted = area
        while wanted > LEAST_DEG2 and (path := self._path(key)) is not None:
            moved = [float(self.given[sky][path[i][1]]) for i, (sky, _) in enumerate(path[1:])]
            amount = min(wanted, float(self.free[path[-1][1]]), *moved)
            for i, (sky, taker) in enumerate(path):
                self.given[sky][taker] += amount
                if i:
                    self.given[sky][path[i - 1][1]] -= amount
            self.free[path[-1][1]] -= amount
            wanted -= amount
        return area - wanted

    def _path(self, key: tuple[int, ...]) -> list[tuple[tuple[int, ...], int]] | None:
        """Steps (whose sky, telescope that takes it over) to a telescope with area left."""
        came: dict[int, tuple[int | None, tuple[int, ...]]] = {t: (None, key) for t in key}
        queue = list(key)
        for telescope in queue:
            if self.free[telescope] > LEAST_DEG2:
                return self._trace(came, telescope)
            for owner, given in self.given.items():
                if given[telescope] <= LEAST_DEG2:
                    continue
                for other in owner:
                    if other not in came:
                        came[other] = (telescope, owner)
                        queue.append(other)
        return None

    @staticmethod
    def _trace(
        came: dict[int, tuple[int | None, tuple[int, ...]]], telescope: int
    ) -> list[tuple[tuple[int, ...], int]]:
        path: list[tuple[tuple[int, ...], int]] = []
        at: int | None = telescope
        while at is not None:
            before, owner = came[at]
            path.append((owner, at))
            at = before
        return path[::-1]
