"""How the relaxation guides a greedy choice: fields that it chooses count for more.

A greedy choice by new value alone takes fields that sit badly beside one another or fill the slots that others
need. Its gains, multiplied by how much of each field the relaxation chooses, keep both in view: on twenty telescopes
and thousands of square degrees that closed a third to a half of the distance to the bound (docs/benchmarks.md).
"""

from collections.abc import Sequence

import numpy as np

from coordinator.planning.lp_bound import LpBound
from coordinator.planning.lp_offer import Offer
from telescopes.description.ephemeris import Array

FLOORS = (0.3, 0.1)
"""What a field counts that the relaxation leaves out altogether; which is better depends on the sky: try both."""

SURE = 0.5
USED = 0.02


def guiding_weights(bound: LpBound, floor: float) -> tuple[Array, ...]:
    """Say by what to multiply the gain of each field: 1 for one that is chosen whole, `floor` for one left out.

    Returns
    -------
    tuple of float64 arrays, shape (fields,), one per telescope
    """
    return tuple(floor + (1.0 - floor) * np.clip(share, 0.0, 1.0) for share in bound.share)


def guided_order(bound: LpBound, offers: Sequence[Offer]) -> list[tuple[int, int]]:
    """Put fields in the order of the relaxation: those it chooses by more than half first, then by share of value.

    Fields that it does not use are left out: they come after these, by their gain.

    Returns
    -------
    list of (telescope, field)
        Of equals the first telescope, then the first field.
    """
    ranked = []
    for k, (offer, share) in enumerate(zip(offers, bound.share, strict=True)):
        worth = np.bincount(offer.field, offer.worth[offer.cell], minlength=len(offer))
        ranked += [
            (share[f] <= SURE, -round(float(share[f] * worth[f]), 9), k, int(f)) for f in np.flatnonzero(share > USED)
        ]
    return [(k, f) for _, _, k, f in sorted(ranked)]
