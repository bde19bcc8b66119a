"""How much of an event's map was observed, against time (pure)."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.ranges import Ranges

MOST_STEPS = 60
Look = tuple[datetime, Ranges]
Step = tuple[datetime, float]


def coverage_steps(curve: ProbabilityCurve, looks: Sequence[Look]) -> list[Step]:
    """Return the probability inside everything observed until an instant, in at most `MOST_STEPS` steps.

    Parameters
    ----------
    curve : ProbabilityCurve
        The map by which it is counted.
    looks : sequence of (instant, Ranges)
        What counts as observed, in any order, and since when.
    """
    in_order = sorted(looks, key=lambda look: look[0])
    steps: list[Step] = []
    seen = Ranges.empty()
    for part in np.array_split(np.arange(len(in_order)), min(MOST_STEPS, max(len(in_order), 1))):
        lot = [in_order[i] for i in part]
        if lot:
            seen = Ranges.union_of([seen, *(ranges for _, ranges in lot)])
            steps.append((lot[-1][0], round(curve.probability(seen), 6)))
    return steps
