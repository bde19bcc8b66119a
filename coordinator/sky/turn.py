"""A map in Galactic coordinates, turned into ICRS."""

from collections.abc import Iterator

import erfa
import numpy as np
from numpy.typing import NDArray

from coordinator.sky.cells import MAX_ORDER, Cells, sky_map
from coordinator.sky.merge import merged
from coordinator.sky.skymap import SkyMap

FINER = 2  # orders by which turned pixels are finer than the map's, so that old edges are followed well
FINEST = 10
BLOCK_ORDER = 9


def turned_to_icrs(sky: SkyMap) -> SkyMap:
    """Give each ICRS pixel the values of the Galactic cell in which its centre lies."""
    own = int(sky.order.max())
    order = max(own, min(own + FINER, FINEST))
    orders, pixels, rows = _rows(sky, order)
    here = rows >= 0
    rows = rows[here]
    area = np.pi / 3 / 4.0 ** orders[here]
    layers = (sky.dist_mu_mpc, sky.dist_sigma_mpc, sky.dist_norm)
    mu, sigma, norm = (None if layer is None else layer[rows] for layer in layers)
    distance = None if mu is None or sigma is None or norm is None else (mu, sigma, norm)
    probability = sky.density_per_sr[rows] * area
    # The turn itself changes the sum by some thousandths; that is no fault of the map.
    cells = Cells(orders[here], pixels[here], probability / probability.sum(), distance, pixel_order=order)
    return sky_map(cells, sky.facts)


def _rows(sky: SkyMap, order: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """ICRS cells (order, pixel) of one density each, and a row of the map that has it; -1 is outside the map."""
    orders, pixels, rows = [], [], []
    density = np.r_[sky.density_per_sr, -1.0]  # row -1 is the last
    for first, block in _blocks(sky, order):
        start, level = merged(density[block], agreement=0.0)
        orders.append(order - level)
        pixels.append((start + first) >> (2 * level))
        rows.append(block[start])
    return np.concatenate(orders), np.concatenate(pixels), np.concatenate(rows)


def _blocks(sky: SkyMap, order: int) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """First pixel of each block of ICRS pixels, and the row of the map in which each pixel's centre lies."""
    import healpy  # not at the top: it brings matplotlib, and most maps do without

    shift = 2 * (MAX_ORDER - sky.order)
    low = sky.ipix << shift
    high = low + (np.int64(1) << shift)
    size = 1 << (2 * min(order, BLOCK_ORDER))
    for first in range(0, 12 << (2 * order), size):
        ra, dec = healpy.pix2ang(1 << order, np.arange(first, first + size), nest=True, lonlat=True)
        lon, lat = erfa.icrs2g(np.radians(ra), np.radians(dec))
        at = healpy.ang2pix(1 << MAX_ORDER, np.degrees(lon), np.degrees(lat), nest=True, lonlat=True)
        row = np.searchsorted(low, at, side="right") - 1
        yield first, np.where((row >= 0) & (at < high[row]), row, -1)
