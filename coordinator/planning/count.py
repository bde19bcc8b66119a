"""Exact shares of a visit's pointings in order of start; what would be a repeat is dropped."""

from collections.abc import Container, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coordinator.planning.plan import PlannedPointing
from coordinator.planning.pointings import in_order
from coordinator.planning.recount import Pieces, Share, Sight, shares_in_order
from coordinator.planning.value import SkyValue

Mask = NDArray[np.bool_]

HALF = 0.5
ROUNDED = 9
SAFE = 1e-4
"""A pointing owns half with a little to spare, so that rounding does not decide."""


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Pointings that stand, with their shares, and the pieces of sky that they were counted on.

    The first `looks` sets in the pieces are earlier looks; `numbers` are those of the pointings' sets.
    """

    pointings: list[PlannedPointing]
    pieces: Pieces
    numbers: list[int]
    looks: int

    def only(self, ids: Container[str]) -> "Counted":
        """Count anew without the others; nothing new is cut, so this is cheap."""
        if all(p.id in ids for p in self.pointings):
            return self
        some = [(n, p) for n, p in zip(self.numbers, self.pointings, strict=True) if p.id in ids]
        return _counted(self.pieces, self.looks, dict(some))


def count_visit(
    pointings: Sequence[PlannedPointing], looks: Sequence[Sight], kept_ids: frozenset[str], sky: SkyValue
) -> Counted:
    """Count a visit's pointings exactly; a pointing that was kept from before outlasts a new one in its way."""
    ordered = in_order(pointings)
    pieces = Pieces.of([*looks, *(sight(p, sky) for p in ordered)], sky)
    numbered = dict(enumerate(ordered, start=len(looks)))
    return _counted(pieces, len(looks), _without_offenders(pieces, len(looks), numbered, kept_ids))


def sight(pointing: PlannedPointing, sky: SkyValue) -> Sight:
    """Sky and depth of a pointing."""
    return Sight(pointing.ranges, sky.depth(pointing.limit_mag_ab))


def _counted(pieces: Pieces, looks: int, numbered: dict[int, PlannedPointing]) -> Counted:
    shares = shares_in_order(pieces, range(looks), list(numbered), HALF + SAFE)
    stand = [numbered[n].weighed(s.probability, s.new_probability, s.value, s.new_value) for n, s in shares.items()]
    return Counted(stand, pieces, list(shares), looks)


def _without_offenders(
    pieces: Pieces, looks: int, numbered: dict[int, PlannedPointing], kept_ids: frozenset[str]
) -> dict[int, PlannedPointing]:
    """Leave out new pointings that would start before a kept one and take its half: no more than it needs."""
    new = [n for n, p in numbered.items() if p.id not in kept_ids]
    if not new or not kept_ids:
        return numbered
    shares = shares_in_order(pieces, range(looks), list(numbered), 0.0)
    left = dict(numbered)
    for n, p in numbered.items():
        if p.id in kept_ids and not _owns_half(shares[n]):
            others = [m for m in new if m < n and m in left]
            firm = [*range(looks), *(m for m, q in numbered.items() if m < n and q.id in kept_ids)]
            for m in _offenders(pieces, n, firm, others):
                del left[m]
    return left


def _offenders(pieces: Pieces, kept: int, firm: Sequence[int], others: Sequence[int]) -> list[int]:
    """Name those that must go so that a pointing owns its half beside what is firm, the largest overlap first."""

    def owns_half_beside(some: Sequence[int]) -> bool:
        return _owns_half(shares_in_order(pieces, [*firm, *some], [kept], 0.0)[kept])

    if not owns_half_beside([]):
        return []  # it is lost anyway
    inside = np.zeros(pieces.mass.size, bool)
    inside[pieces.of_set(kept)] = True
    takes = {m: _taken(pieces, inside, m, int(pieces.depth[kept])) for m in others}
    touching = sorted((m for m in others if takes[m] > 0.0), key=lambda m: (-round(takes[m], ROUNDED), m))
    gone = 0
    while not owns_half_beside(touching[gone:]):
        gone += 1
    return touching[:gone]


def _taken(pieces: Pieces, inside: Mask, number: int, depth: int) -> float:
    """What a set takes of the value that lies inside another of some depth."""
    shared = pieces.of_set(number)
    shared = shared[inside[shared]]
    return float(pieces.values(shared, min(depth, int(pieces.depth[number]))).sum())


def _owns_half(share: Share) -> bool:
    return share.new_value >= (HALF + SAFE) * share.value
