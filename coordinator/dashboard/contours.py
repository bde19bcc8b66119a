"""Contours of a sky map: the edge of its 50 or 90 % region as polygons, whatever seam or pole it crosses."""

from collections import defaultdict
from dataclasses import dataclass

import healpy
import numpy as np
from numpy.typing import NDArray

from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.ranges import PIXEL_AREA_DEG2, RANGE_ORDER, Ranges

MOST_PIXELS = 12_000
"""Regions are drawn with at most about this many pixels; their edge is then a few hundred points."""
COARSEST_ORDER = 5
Polygon = list[tuple[float, float]]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Contour:
    """The smallest region that holds `level` of the probability; polygons of (ra_deg, dec_deg), not closed."""

    level: float
    area_deg2: float
    polygons: tuple[Polygon, ...]


def contour(curve: ProbabilityCurve, level: float) -> Contour:
    """Return the edge of the smallest region that holds `level` of the probability."""
    region = credible_region(curve, level)
    order = drawing_order(region)
    return Contour(level, region.area_deg2, tuple(outline(coarsened(region, order), order)))


def credible_region(curve: ProbabilityCurve, level: float) -> Ranges:
    """Return the densest sky that together holds `level` of the probability."""
    low, high = curve.edge[:-1], curve.edge[1:]
    inside = np.diff(curve.total)
    densest = np.argsort(-inside / (high - low), kind="stable")
    before = np.cumsum(inside[densest]) - inside[densest]
    chosen = densest[(before < level) & (inside[densest] > 0)]
    return Ranges.of(low[chosen], high[chosen])


def drawing_order(region: Ranges) -> int:
    """Return the order to draw a region at: that of its finest cells, unless that is more than can be drawn cheaply.

    Finer than its cells it would show their steps; at their own size `_smooth` makes them a line.
    """
    pixels = max(region.area_deg2 / PIXEL_AREA_DEG2, 1.0)
    cheap = int(RANGE_ORDER - np.ceil(np.log(pixels / MOST_PIXELS) / np.log(4.0)))
    edges = int(np.bitwise_or.reduce(np.r_[region.low, region.high, 0]))
    own = RANGE_ORDER - ((edges & -edges).bit_length() - 1) // 2 if edges else RANGE_ORDER
    return int(np.clip(min(cheap, own), COARSEST_ORDER, RANGE_ORDER))


def coarsened(region: Ranges, order: int) -> Ints:
    """Return the nested pixels of an order that are at least half inside the region (its largest, if none is)."""
    if region.low.size == 0:
        return np.empty(0, np.int64)
    shift = 2 * (RANGE_ORDER - order)
    first, last = region.low >> shift, ((region.high - 1) >> shift) + 1
    touched = Ranges.of(first, last)
    pixels = np.concatenate([np.arange(a, b) for a, b in zip(touched.low, touched.high, strict=True)])
    edges = np.unique(np.concatenate([region.low, region.high]))
    covered = np.cumsum(np.r_[0, np.where(_inside(region, edges[:-1]), np.diff(edges), 0)])
    share = np.interp((pixels + 1) << shift, edges, covered) - np.interp(pixels << shift, edges, covered)
    half = pixels[share * 2 >= (1 << shift)]
    return half if half.size else pixels[[int(np.argmax(share))]]


def outline(pixels: Ints, order: int) -> list[Polygon]:
    """Return the closed edges of a set of nested pixels, holes included."""
    if pixels.size == 0:
        return []
    nside = 1 << order
    mine = np.unique(pixels)
    # healpy gives neighbours SW, W, NW, N, NE, E, SE, S and corners N, W, S, E: the sides between corners
    # (N, W), (W, S), (S, E), (E, N) face NW, SW, SE, NE.
    across = healpy.get_all_neighbours(nside, mine, nest=True)[[2, 0, 6, 4]]
    open_side = ~np.isin(across, mine)
    corners = np.moveaxis(healpy.boundaries(nside, mine, nest=True), 1, 2)
    start, end = corners[open_side.T], np.roll(corners, -1, axis=1)[open_side.T]
    return [_smooth(loop) for loop in _loops(start, end)]


def _inside(region: Ranges, points: Ints) -> NDArray[np.bool_]:
    at = np.searchsorted(region.low, points, side="right") - 1
    return np.asarray((at >= 0) & (points < region.high[np.maximum(at, 0)]))


def _loops(start: NDArray[np.float64], end: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Chain sides, each from `start` to `end` (unit vectors), into closed loops."""
    keys = np.round(np.concatenate([start, end]) * 1e7).astype(np.int64)
    _, number = np.unique(keys, axis=0, return_inverse=True)
    number = number.reshape(2, -1)
    leaving: dict[int, list[int]] = defaultdict(list)
    for side, corner in enumerate(number[0].tolist()):
        leaving[corner].append(side)
    loops = []
    for first in range(len(start)):
        loop: list[int] = []
        corner = int(number[0, first])
        while leaving[corner]:
            side = leaving[corner].pop()
            loop.append(side)
            corner = int(number[1, side])
        if len(loop) > 2:
            loops.append(start[loop])
    return loops


def _smooth(loop: NDArray[np.float64]) -> Polygon:
    """Take the middle of each side: the steps of the pixels' edges become a line."""
    middle = loop + np.roll(loop, -1, axis=0)
    if len(loop) > 8:
        middle = middle + np.roll(middle, -1, axis=0)
    ra = np.degrees(np.arctan2(middle[:, 1], middle[:, 0])) % 360.0
    dec = np.degrees(np.arctan2(middle[:, 2], np.hypot(middle[:, 0], middle[:, 1])))
    return [(float(r), float(d)) for r, d in zip(np.round(ra, 4), np.round(dec, 4), strict=True)]
