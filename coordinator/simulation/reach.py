"""What a telescope can reach of a region within some hours."""

from datetime import datetime, timedelta

import healpy as hp
import numpy as np
from numpy.typing import NDArray

from coordinator.planning.work import work_for
from coordinator.sky.ranges import RANGE_ORDER, Ranges
from coordinator.sky.visibility import visible_in_slots
from telescopes.description.ephemeris import Almanac, unix_s
from telescopes.description.telescope import Telescope

REACH_ORDER = 7
STEP_S = 600.0


def reachable(telescope: Telescope, region: Ranges, start: datetime, hours: float) -> Ranges:
    """Sky of a region that a telescope can point at for ten minutes within the hours, in the filter it would use."""
    work = work_for(telescope, ())
    if work is None:
        return Ranges.empty()
    pixels = _pixels_of(region)
    fields = np.column_stack(hp.pix2vec(1 << REACH_ORDER, pixels, nest=True))
    first, last = unix_s(start), unix_s(start + timedelta(hours=hours))
    slots = np.arange(first, last - STEP_S, STEP_S)
    almanac = Almanac.over(first, last)
    seen = visible_in_slots(telescope, work.filter, almanac, fields, slots, slots + STEP_S)
    return Ranges.of_pixels(REACH_ORDER, pixels[seen.any(axis=1)]).intersection(region)


def _pixels_of(region: Ranges) -> NDArray[np.int64]:
    """Pixels of the reach's order that touch a region."""
    shift = 2 * (RANGE_ORDER - REACH_ORDER)
    spans = [
        np.arange(low >> shift, ((high - 1) >> shift) + 1) for low, high in zip(region.low, region.high, strict=True)
    ]
    return np.unique(np.concatenate(spans)) if spans else np.empty(0, np.int64)
