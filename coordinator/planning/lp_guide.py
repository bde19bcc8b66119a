"""How the relaxation guides a greedy choice: fields that it chooses count for more.

A greedy choice by new value alone takes fields that sit badly beside one another or fill the slots that others
need. Its gains, multiplied by how much of each field the relaxation chooses, keep both in view: on twenty telescopes
and thousands of square degrees that closed a third to a half of the distance to the bound (docs/benchmarks.md).
"""

import numpy as np

from coordinator.planning.lp_bound import LpBound
from telescopes.description.ephemeris import Array

FLOORS = (0.3, 0.1, 0.01)
"""What a field counts that the relaxation leaves out altogether; which is better depends on the sky: try both."""


def guiding_weights(bound: LpBound, floor: float) -> tuple[Array, ...]:
    """Say by what to multiply the gain of each field: 1 for one that is chosen whole, `floor` for one left out.

    Returns
    -------
    tuple of float64 arrays, shape (fields,), one per telescope
    """
    return tuple(floor + (1.0 - floor) * np.clip(share, 0.0, 1.0) for share in bound.share)
