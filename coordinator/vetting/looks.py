"""Looks: when sky was observed and how deep, so that "not seen again" can be told from "nobody looked"."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from coordinator.sky.nested import pixel_at
from coordinator.sky.ranges import RANGE_ORDER, Ranges
from coordinator.vetting.candidate import Candidate


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One observation of a piece of sky by one telescope, whether it found anything or not."""

    telescope: str
    start: datetime
    end: datetime
    filter: str
    limit_mag_ab: float
    ranges: Ranges


def looks_at(candidates: Sequence[Candidate], looks: Sequence[Look]) -> list[tuple[Look, ...]]:
    """Return for each candidate the looks that held its place, by time."""
    found: list[list[Look]] = [[] for _ in candidates]
    if not candidates:
        return []
    ra, dec = np.array([c.ra_deg for c in candidates]), np.array([c.dec_deg for c in candidates])
    pixel = pixel_at(RANGE_ORDER, ra, dec)
    for look in sorted(looks, key=lambda k: (k.start, k.end, k.telescope)):
        if look.ranges.low.size == 0:
            continue
        at = np.searchsorted(look.ranges.low, pixel, side="right") - 1
        inside = (at >= 0) & (pixel < look.ranges.high[np.maximum(at, 0)])
        for i in np.flatnonzero(inside):
            found[int(i)].append(look)
    return [tuple(its) for its in found]
