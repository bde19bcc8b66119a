"""Cells split near the fields of narrow telescopes alone: thousands of such fields lie far apart."""

from collections.abc import Mapping

import numpy as np

from coordinator.planning.cells import MOST_CELLS, Cells, Ints, split_cells
from coordinator.sky.coverage import PIXEL_SIDE_DEG, Frames, size_deg
from coordinator.sky.nested import MAX_ORDER, pixel_at
from telescopes.description.ephemeris import Array
from telescopes.description.footprint import Footprint

STEP = 0.7
"""Places that find the pixels under a field lie so many of their sides apart: a corner may be missed."""


def pixels_under(footprint: Footprint, ra_deg: Array, dec_deg: Array, angle_deg: float, order: int) -> Ints:
    """Nested pixels of an order that the boxes around fields touch, increasing; the order may suit a field or two."""
    frames = Frames.at(ra_deg, dec_deg, angle_deg)
    sides = [_steps(side, order) for side in size_deg(footprint)]
    x, y = (np.radians(side.ravel()) for side in np.meshgrid(*sides))
    places = (
        frames.centre[:, None, :]
        + x[None, :, None] * frames.along_x[:, None, :]
        + y[None, :, None] * frames.along_y[:, None, :]
    ).reshape(-1, 3)
    ra = np.degrees(np.arctan2(places[:, 1], places[:, 0]))
    dec = np.degrees(np.arctan2(places[:, 2], np.hypot(places[:, 0], places[:, 1])))
    return _distinct(pixel_at(order, ra, dec))


def split_near(cells: Cells, pixels: Mapping[int, Ints]) -> Cells:
    """Split cells until every one of some pixels is split too; as finely as there is room for.

    Parameters
    ----------
    pixels : mapping of int to int64 array
        Nested pixels by their order.
    """
    finest = max(pixels, default=-1)
    while finest >= 0:
        leaves = _leaves(cells, {order: pixel for order, pixel in pixels.items() if order <= finest})
        if leaves[0].size <= MOST_CELLS:
            return split_cells(cells, *leaves)
        finest -= 1
    return cells


def _leaves(cells: Cells, pixels: Mapping[int, Ints]) -> tuple[Ints, Ints, Ints]:
    """Cell, order and number of all that cells are split into; those that stay whole among them."""
    split = _to_split(pixels)
    root, order, ipix = np.arange(cells.order.size), cells.order, cells.ipix
    found: list[tuple[Ints, Ints, Ints]] = []
    for level in range(int(cells.order.min(initial=MAX_ORDER)), max(split, default=-1) + 1):
        mine = (order == level) & _among(ipix, split.get(level, np.empty(0, np.int64)))
        found.append((root[~mine & (order == level)], order[~mine & (order == level)], ipix[~mine & (order == level)]))
        deeper = order > level
        children = (ipix[mine][:, None] * 4 + np.arange(4)).ravel()
        root = np.r_[root[deeper], np.repeat(root[mine], 4)]
        ipix = np.r_[ipix[deeper], children]
        order = np.r_[order[deeper], np.full(children.size, level + 1)]
    found.append((root, order, ipix))
    roots, orders, numbers = zip(*found, strict=True)
    return np.concatenate(roots), np.concatenate(orders), np.concatenate(numbers)


def _to_split(pixels: Mapping[int, Ints]) -> dict[int, Ints]:
    """The pixels and all those that they are part of, by order."""
    split: dict[int, Ints] = {}
    finer = np.empty(0, np.int64)
    for order in range(max(pixels, default=-1), -1, -1):
        finer = _distinct(np.r_[finer >> 2, pixels.get(order, np.empty(0, np.int64))])
        split[order] = finer
    return split


def _among(pixel: Ints, sorted_pixels: Ints) -> np.ndarray:
    if sorted_pixels.size == 0:
        return np.zeros(pixel.size, bool)
    at = np.minimum(np.searchsorted(sorted_pixels, pixel), sorted_pixels.size - 1)
    return np.asarray(sorted_pixels[at] == pixel)


def _distinct(pixel: Ints) -> Ints:
    by = np.sort(pixel)
    return by[np.r_[True, by[1:] != by[:-1]]] if by.size else by


def _steps(side_deg: float, order: int) -> Array:
    steps = int(np.ceil(side_deg / (STEP * PIXEL_SIDE_DEG / 2.0**order))) + 1
    return np.linspace(-side_deg / 2.0, side_deg / 2.0, steps)
