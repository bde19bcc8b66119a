"""An error region made into a sky map: cells as fine as the region asks for, coarse where there is nothing."""

import numpy as np
from numpy.typing import NDArray

from coordinator.sky.cells import Cells, sky_map
from coordinator.sky.errors_on_sky import ErrorRegion
from coordinator.sky.nested import MAX_ORDER, MAX_RADIUS_RAD, pixel_vectors
from coordinator.sky.refusal import refusal
from coordinator.sky.skymap import MapFacts, SkyMap

FIRST_ORDER = 2
CELL_SIDE_RAD = np.sqrt(np.pi / 3)
MOST_CELLS = 400_000
MOST_SAMPLES = 4 * MOST_CELLS
"""Places at which a density is asked: memory and time for the worst of foreign regions."""


Ints = NDArray[np.int64]


def map_of(region: ErrorRegion) -> SkyMap:
    """Make a map of an error region; the whole sky is covered, and probabilities sum to 1.

    Raises
    ------
    Refused
        No cell holds any probability.
    """
    order, ipix = _cells(region)
    mean = np.empty(order.size)
    for one in np.unique(order):
        mine = order == one
        mean[mine] = _mean_density(region, int(one), ipix[mine])
    probability = mean * (np.pi / 3 / 4.0**order)
    total = probability.sum()
    if not (np.isfinite(total) and total > 0):
        raise refusal("no sky is left: the parts of the region exclude each other", "give regions that overlap")
    return sky_map(Cells(order, ipix, probability / total, None), MapFacts("made", creator="armillary"))


def _cells(region: ErrorRegion) -> tuple[Ints, Ints]:
    """Split cells until they are as small as the region wants, or there are too many."""
    pixels = np.arange(12 << (2 * FIRST_ORDER), dtype=np.int64)
    orders, kept = [], []
    held, most = 0, min(MOST_CELLS, MOST_SAMPLES // 4**region.samples)
    for order in range(FIRST_ORDER, MAX_ORDER + 1):
        wanted = region.wanted_rad(pixel_vectors(order, pixels), MAX_RADIUS_RAD / 2**order)
        split = wanted < CELL_SIDE_RAD / 2**order
        if order == MAX_ORDER or held + pixels.size + 3 * split.sum() > most:
            split[:] = False
        orders.append(np.full(int((~split).sum()), order, np.int64))
        kept.append(pixels[~split])
        held += kept[-1].size
        pixels = (pixels[split][:, None] * 4 + np.arange(4)).ravel()
        if pixels.size == 0:
            break
    return np.concatenate(orders), np.concatenate(kept)


def _mean_density(region: ErrorRegion, order: int, ipix: Ints) -> NDArray[np.float64]:
    """Mean over the samples in each cell."""
    finer = min(region.samples, MAX_ORDER - order)
    step = 4**finer
    inside = (ipix[:, None] * step + np.arange(step)).ravel()
    return np.asarray(region.density(pixel_vectors(order + finer, inside)).reshape(-1, step).mean(axis=1), np.float64)
