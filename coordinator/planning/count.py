"""Exact shares of a visit's pointings in order of start; what would be a repeat is dropped."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from coordinator.planning.plan import PlannedPointing
from coordinator.planning.pointings import in_order
from coordinator.planning.recount import Pieces, Sight, shares_in_order
from coordinator.planning.value import SkyValue

HALF = 0.5
SAFE = 1e-4
"""A pointing owns half with a little to spare, so that rounding does not decide."""


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Pointings that stand, with their shares, and the pieces of sky that they were counted on.

    `numbers` are those of the pointings' sets in the pieces.
    """

    pointings: list[PlannedPointing]
    pieces: Pieces
    numbers: list[int]


def count_visit(
    pointings: Sequence[PlannedPointing], looks: Sequence[Sight], kept_ids: frozenset[str], sky: SkyValue
) -> Counted:
    """Count a visit's pointings exactly; a pointing that was kept from before outlasts a new one in its way."""
    ordered = in_order(pointings)
    pieces = Pieces.of([*looks, *(sight(p, sky) for p in ordered)], sky)
    before, after = range(len(looks)), range(len(looks), len(looks) + len(ordered))
    numbers = _without_offenders(pieces, before, list(after), ordered, kept_ids)
    shares = shares_in_order(pieces, before, numbers, HALF + SAFE)
    stand = [
        replace(
            ordered[n - len(looks)],
            probability=s.probability,
            new_probability=s.new_probability,
            value=s.value,
            new_value=s.new_value,
        )
        for n, s in shares.items()
    ]
    return Counted(stand, pieces, list(shares))


def sight(pointing: PlannedPointing, sky: SkyValue) -> Sight:
    """Sky and depth of a pointing."""
    return Sight(pointing.ranges, sky.depth(pointing.limit_mag_ab))


def _without_offenders(
    pieces: Pieces,
    before: Sequence[int],
    numbers: list[int],
    ordered: Sequence[PlannedPointing],
    kept_ids: frozenset[str],
) -> list[int]:
    """Leave out new pointings that would start before a kept one and take its half."""
    if not kept_ids:
        return numbers
    offset = len(before)
    shares = shares_in_order(pieces, before, numbers, 0.0)
    for n in [n for n in numbers if ordered[n - offset].id in kept_ids]:
        share = shares[n]
        if share.new_value >= (HALF + SAFE) * share.value:
            continue
        mine = pieces.unseen()
        mine[pieces.of_set(n)] = 0
        numbers = [
            m
            for m in numbers
            if m >= n or ordered[m - offset].id in kept_ids or not (mine[pieces.of_set(m)] == 0).any()
        ]
    return numbers
