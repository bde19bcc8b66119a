"""Which fields a telescope may be given: one grid on a large map, many on a small one, one tile where that is all."""

import numpy as np

from coordinator.planning.cells import Cells, positions
from coordinator.planning.desk import Desk
from coordinator.planning.fields import Fields, Ints, fields_at
from coordinator.planning.grid import Grid, grid, tile_sums
from coordinator.sky.coverage import size_deg
from telescopes.description.ephemeris import Array
from telescopes.description.footprint import Circle, Footprint

FEW_TILES = 40
"""Below this many tiles for 95 % placement is everything, and many shifted grids are offered."""

LARGE_SHIFTS = ((0.0, 0.0), (0.5, 0.0), (0.0, 0.5), (0.5, 0.5))
SMALL_SHIFTS = tuple((i / 4, j / 4) for i in range(4) for j in range(4))
MOST_OF_CAPACITY = 4
SEAM = 0.01
"""Share by which tiles of a grid overlap where there is time for it: their edges bend on the sky."""

FITS = 0.45
THIN = 0.2


def candidate_fields(desk: Desk, cells: Cells, sees: Ints, left: Array, least: float) -> Fields:
    """Choose candidate fields of one telescope by what is left in the cells that it can see.

    Parameters
    ----------
    sees : int64 array
        Cells that the telescope can see at some time.
    left : float64 array, shape (cells,)
        Value that nobody has looked at yet.
    least : float
        Tiles that hold less are passed over.
    """
    mine = _worthwhile(desk, cells, sees, left, least)
    if mine.size == 0 or desk.capacity == 0:
        return fields_at(desk.footprint, np.empty(0), np.empty(0), cells)
    ra, dec = cells.ra_deg[mine], cells.dec_deg[mine]
    value = left[mine]
    centred = centred_fields(desk.footprint, cells.vectors[mine], value, value / cells.area_deg2[mine])
    if centred is not None:
        return fields_at(desk.footprint, *centred, cells)
    first = tile_sums(_grid(desk.footprint, *LARGE_SHIFTS[0]), ra, dec, value)
    if _tiles_for(first[1], 0.95) < FEW_TILES:
        return fields_at(desk.footprint, *_many_grids(desk, ra, dec, value, least), cells)
    roomy = _tiles_for(first[1], 0.99) < desk.capacity
    grids = [_grid(desk.footprint, *shift, overlapping=roomy) for shift in LARGE_SHIFTS]
    held = [tile_sums(one, ra, dec, value) for one in grids]
    best = max(range(len(grids)), key=lambda i: round(float(held[i][1][: desk.capacity].sum()), 9))
    tiles, sums = held[best]
    enough = max(MOST_OF_CAPACITY * desk.capacity, 8)
    tiles = tiles[:enough][sums[:enough] >= least]
    return fields_at(desk.footprint, *grids[best].centres(tiles), cells)


def centred_fields(footprint: Footprint, vectors: Array, value: Array, density: Array) -> tuple[Array, Array] | None:
    """Centres on the mean and on the maximum, where one field holds the 90 % region; None where it does not."""
    by = np.argsort(-density, kind="stable")
    region = by[: int(np.searchsorted(np.cumsum(value[by]), 0.9 * value.sum())) + 1]
    mean = value[region] @ vectors[region]
    length = float(np.linalg.norm(mean))
    if length == 0.0:
        return None
    radius_deg = np.degrees(np.arccos(np.clip(vectors[region] @ mean / length, -1.0, 1.0))).max()
    if radius_deg > FITS * min(size_deg(footprint)):
        return None
    return positions(np.asarray(np.stack([mean / length, vectors[by[0]]]), np.float64))


def leftover_fields(desk: Desk, cells: Cells, sees: Ints, left: Array, least: float, most: int) -> Fields:
    """Fields centred on the centroid of what is left in each tile: they pass where tiles of a grid own too little."""
    some = _worthwhile(desk, cells, sees, left, least)
    number = _grid(desk.footprint, 0.0, 0.0).tiles_of(cells.ra_deg[some], cells.dec_deg[some])
    tiles, where = np.unique(number, return_inverse=True)
    sums = np.bincount(where, weights=left[some], minlength=tiles.size)
    fullest = np.argsort(-np.round(sums, 12), kind="stable")[:most]
    fullest = fullest[sums[fullest] >= least]
    centroid = np.stack(
        [np.bincount(where, weights=left[some] * cells.vectors[some, i], minlength=tiles.size) for i in range(3)],
        axis=-1,
    )[fullest]
    return fields_at(desk.footprint, *positions(np.asarray(centroid, np.float64)), cells)


def _grid(footprint: Footprint, shift_x: float, shift_y: float, *, overlapping: bool = False) -> Grid:
    width, height = size_deg(footprint)
    share = 0.8 if isinstance(footprint, Circle) else 1.0  # between the square inside a circle and the one of its area
    share *= 1.0 - SEAM if overlapping else 1.0
    return grid(width * share, height * share, shift_x, shift_y)


def _many_grids(desk: Desk, ra: Array, dec: Array, value: Array, least: float) -> tuple[Array, Array]:
    centres = []
    for shift in SMALL_SHIFTS:
        shifted = _grid(desk.footprint, *shift, overlapping=True)
        tiles, sums = tile_sums(shifted, ra, dec, value)
        centres.append(np.stack(shifted.centres(tiles[sums >= least])))
    both = np.concatenate(centres, axis=1)
    return both[0], both[1]


def _worthwhile(desk: Desk, cells: Cells, sees: Ints, left: Array, least: float) -> Ints:
    """Cells that it sees and that are dense enough to matter: a tile without any such cell holds too little."""
    floor = THIN * least / desk.field_area_deg2
    return sees[left[sees] > floor * cells.area_deg2[sees]]


def _tiles_for(sums: Array, share: float) -> int:
    return int(np.searchsorted(np.cumsum(sums), share * sums.sum())) + 1
