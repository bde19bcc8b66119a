"""A sky map for the browser: where its cells end along the nested curve, and the credible level of each (pure)."""

import numpy as np
from numpy.typing import NDArray

from coordinator.sky.curve import ProbabilityCurve

STEPS = 250
NOTHING = 255
SAME = 1e-9


def cells(curve: ProbabilityCurve) -> bytes:
    """Encode a map: a count n, the first edge and n widths (uint32), then n levels (uint8); little-endian.

    Edges are nested pixels of order 12. A level of 0 is best, 250 worst; 255: there is no probability. Neighbours of
    one level are joined.
    """
    level = _levels(curve)
    first = np.flatnonzero(np.r_[True, level[1:] != level[:-1]])
    edges = np.r_[curve.edge[first], curve.edge[-1]].astype(np.int64)
    numbers = np.r_[first.size, edges[0], np.diff(edges)].astype("<u4")
    return bytes(numbers.tobytes() + level[first].tobytes())


def _levels(curve: ProbabilityCurve) -> NDArray[np.uint8]:
    """Return the credible level of each stretch; equally dense ones share the middle of theirs."""
    inside = np.diff(curve.total)
    density = inside / np.diff(curve.edge)
    order = np.argsort(-density, kind="stable")
    sorted_, total = density[order], np.cumsum(inside[order])
    starts = np.flatnonzero(np.r_[True, sorted_[1:] < sorted_[:-1] * (1.0 - SAME)])
    ends = np.r_[starts[1:], sorted_.size] - 1
    middle = (np.r_[0.0, total[ends[:-1]]] + total[ends]) / 2.0
    level = np.empty(inside.size)
    level[order] = np.repeat(middle, ends - starts + 1)
    steps = np.ceil(STEPS * np.clip(level, 0.0, 1.0)).astype(np.uint8)
    steps[inside <= 0.0] = NOTHING
    return steps
