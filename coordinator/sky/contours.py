"""Outlines of credible regions, for pages and reports."""

from collections import defaultdict

import healpy
import numpy as np
from numpy.typing import NDArray

from coordinator.sky.ranges import RANGE_ORDER, Ranges
from coordinator.sky.regions import credible_ranges
from coordinator.sky.skymap import SkyMap

FINEST = 7
FINEST_SMALL = 11
ENOUGH_PIXELS = 300  # an outline of a region with fewer would be too coarse to recognise
SAME_CORNER = 1e-8
EDGE_NEIGHBOURS = [
    2,
    0,
    6,
    4,
]  # of healpy's eight: north-west, south-west, south-east, north-east, as corners go N, W, S, E

Outline = list[tuple[float, float]]


def contour(sky: SkyMap, level: float) -> list[Outline]:
    """Outline a credible region.

    Parameters
    ----------
    sky : SkyMap
        The map.
    level : float
        Share of the probability, 0 to 1.

    Returns
    -------
    list of lists of (ra_deg, dec_deg)
        Closed outlines, the first point not repeated; the region lies to the left, seen from inside the sphere
        with north up and east to the left. A hole is an outline of its own.
    """
    return outline_of(credible_ranges(sky, level))


def outline_of(ranges: Ranges) -> list[Outline]:
    """Outline any set of sky, at an order that suits its size."""
    if ranges.low.size == 0:
        return []
    order = FINEST
    while order < FINEST_SMALL and ranges.pixels >> (2 * (RANGE_ORDER - order)) < ENOUGH_PIXELS:
        order += 1
    pixels = _mostly_inside(ranges, order)
    return [] if pixels.size == 12 << (2 * order) else _loops(order, pixels)


def _mostly_inside(ranges: Ranges, order: int) -> NDArray[np.int64]:
    """Pixels of an order of which at least half is inside; if there is none, all that are touched."""
    shift = 2 * (RANGE_ORDER - order)
    size = 1 << shift
    first, last = ranges.low >> shift, (ranges.high - 1) >> shift
    edge = np.unique(np.concatenate([first, last]))
    inside = np.zeros(edge.size)
    one = first == last
    np.add.at(inside, np.searchsorted(edge, first), np.where(one, ranges.high, (first + 1) << shift) - ranges.low)
    np.add.at(inside, np.searchsorted(edge, last), np.where(one, 0, ranges.high - (last << shift)))
    between = [np.arange(a + 1, b) for a, b in zip(first, last, strict=True) if b - a > 1]
    chosen = np.unique(np.concatenate([edge[inside >= size / 2], *between]).astype(np.int64))
    return chosen if chosen.size else edge


def _loops(order: int, pixels: NDArray[np.int64]) -> list[Outline]:
    """Follow the edges behind which no chosen pixel lies."""
    nside = 1 << order
    beyond = healpy.get_all_neighbours(nside, pixels, nest=True)[EDGE_NEIGHBOURS].T
    at = np.minimum(np.searchsorted(pixels, beyond), pixels.size - 1)
    outer = pixels[at] != beyond
    some = outer.any(axis=1)
    corners = np.swapaxes(healpy.boundaries(nside, pixels[some], step=1, nest=True), 1, 2).reshape(-1, 3)
    _, place, corner = np.unique(np.round(corners / SAME_CORNER), axis=0, return_index=True, return_inverse=True)
    start = corner.reshape(-1, 4)
    end = np.roll(start, -1, axis=1)
    points = corners[place]
    ra = np.degrees(np.arctan2(points[:, 1], points[:, 0])) % 360
    dec = np.degrees(np.arcsin(np.clip(points[:, 2], -1, 1)))
    chains = _chained(start[outer[some]], end[outer[some]])
    return [[(float(ra[c]), float(dec[c])) for c in loop] for loop in chains]


def _chained(start: NDArray[np.integer], end: NDArray[np.integer]) -> list[list[int]]:
    """Put directed edges together to closed loops; every corner has as many edges in as out."""
    following: dict[int, list[int]] = defaultdict(list)
    for a, b in zip(start.tolist(), end.tolist(), strict=True):
        following[a].append(b)
    loops = []
    for first in list(following):
        while following[first]:
            loop = [first]
            at = following[first].pop()
            while at != first:
                loop.append(at)
                at = following[at].pop()
            loops.append(loop)
    return loops
