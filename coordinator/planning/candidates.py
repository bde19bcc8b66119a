"""Which fields a telescope may be given: one grid on a large map, many on a small one, one tile where that is all."""

from collections.abc import Callable
from functools import reduce

import numpy as np

from coordinator.planning.cells import Cells, positions
from coordinator.planning.desk import Desk, Mask
from coordinator.planning.fields import Fields, Ints, fields_at, no_fields
from coordinator.planning.fixed_grid import FixedGrid
from coordinator.planning.grid import Grid, sums_at, tile_sums
from coordinator.planning.laying import Laying
from coordinator.planning.tile_fields import TILE_FIELDS, TileFields
from coordinator.sky.coverage import size_deg
from telescopes.description.ephemeris import Array, directions
from telescopes.description.footprint import Footprint

FEW_TILES = 40
"""Below this many tiles for 95 % placement is everything, and many shifted grids are offered."""

LARGE_SHIFTS = ((0.0, 0.0), (0.5, 0.0), (0.0, 0.5), (0.5, 0.5))
SMALL_SHIFTS = tuple((i / 4, j / 4) for i in range(4) for j in range(4))
MOST_OF_CAPACITY = 4
FITS = 0.45
FRESH = 0.4
"""A field that owns 0.55 of its value stands on a tile of which more than this is left; the two differ a little."""

ALMOST_ALL = 0.899
"""A region that holds the densest place and 90 % holds this share within its width of that place, rounding apart."""

ROUNDED_RAD = 1e-9
THIN = 0.2

Fits = Callable[[Array], Mask]


def anywhere(vectors: Array) -> Mask:
    """Take fields wherever they are: all time is free yet."""
    return np.ones(len(vectors), bool)


def candidate_fields(
    desk: Desk,
    cells: Cells,
    sees: Ints,
    left: Array,
    least: float,
    rivals_deg2: float,
    *,
    worth: Array | None = None,
    fits: Fits = anywhere,
) -> Fields:
    """Choose candidate fields of one telescope by what is left in the cells that it can see.

    Parameters
    ----------
    sees : int64 array
        Cells that the telescope can see at some time.
    left : float64 array, shape (cells,)
        Value that nobody has looked at yet.
    least : float
        Tiles that hold less are passed over.
    rivals_deg2 : float
        What others can cover of the best that it sees.
    worth : float64 array, shape (cells,), optional
        What a look is worth by itself; with it tiles are passed over of which others have taken so much that no field
        there can own its half.
    fits : callable
        Says of unit vectors, shape (n, 3), whether there may be time for a field there.
    """
    mine = _worthwhile(desk, cells, sees, left, least)
    if mine.size == 0 or desk.capacity == 0:
        return no_fields()
    if desk.grid is not None:
        return _survey_fields(desk, desk.grid, cells, left, least, rivals_deg2)
    value, vectors = left[mine], cells.vectors[mine]
    centred = centred_fields(desk.footprint, vectors, value, value / cells.area_deg2[mine])
    if centred is not None:
        return fields_at(desk.footprint, *centred, cells, desk.angle_deg)
    laying = Laying.of(desk, vectors, value)
    where = laying.coordinates(cells.ra_deg[mine], cells.dec_deg[mine], vectors)
    grid, tiles = _tiles(desk, laying, where, value, least, rivals_deg2)
    if grid is None:
        every = [_on_tiles(desk, laying, *one, cells) for one in _many_grids(laying, where, value, least)]
        return reduce(Fields.with_more, every)
    if worth is not None:
        there = laying.coordinates(cells.ra_deg[sees], cells.dec_deg[sees], cells.vectors[sees])
        number = grid.tiles_of(*there)
        tiles = tiles[sums_at(number, left[sees], tiles) >= FRESH * sums_at(number, worth[sees], tiles)]
    return _on_tiles(desk, laying, grid, tiles[fits(directions(*laying.centres(grid, tiles)))], cells)


def _on_tiles(desk: Desk, laying: Laying, grid: Grid, tiles: Ints, cells: Cells) -> Fields:
    """Fields on some tiles of a grid; those of grids along the meridians are remembered, for others lie as they do."""

    def make(some: Ints) -> Fields:
        return fields_at(desk.footprint, *laying.centres(grid, some), cells, desk.angle_deg)

    if laying.turn is not None:
        return make(tiles)
    return TILE_FIELDS.setdefault(cells, TileFields()).of(desk.footprint, desk.angle_deg, grid, tiles, make)


def _tiles(
    desk: Desk, laying: Laying, where: tuple[Array, Array], value: Array, least: float, rivals_deg2: float
) -> tuple[Grid | None, Ints]:
    """Choose the tiles of one grid, the best of several shifts; none where there are so few that many grids serve."""
    first = tile_sums(laying.grid(LARGE_SHIFTS[0]), *where, value)
    if _tiles_for(first[1], 0.95) < FEW_TILES:
        return None, first[0]
    roomy = _tiles_for(first[1], 0.99) < desk.capacity
    grids = [laying.grid(shift, overlapping=roomy) for shift in LARGE_SHIFTS]
    known = [] if roomy else [first]
    held = known + [tile_sums(one, *where, value) for one in grids[len(known) :]]
    best = max(range(len(grids)), key=lambda i: round(float(held[i][1][: desk.capacity].sum()), 9))
    tiles, sums = held[best]
    enough = _enough(desk, rivals_deg2)
    return grids[best], tiles[:enough][sums[:enough] >= least]


def centred_fields(footprint: Footprint, vectors: Array, value: Array, density: Array) -> tuple[Array, Array] | None:
    """Centres on the mean and on the maximum, where one field holds the 90 % region; None where it does not."""
    reach = 2.0 * np.radians(FITS * min(size_deg(footprint)))
    near = vectors @ vectors[int(np.argmax(density))] >= np.cos(min(reach + ROUNDED_RAD, np.pi))
    if float(value[near].sum()) < ALMOST_ALL * value.sum():
        return None  # no field that holds the densest place reaches 90 %
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


def leftover_fields(
    desk: Desk, cells: Cells, sees: Ints, left: Array, least: float, rivals_deg2: float, *, most: int, fits: Fits
) -> Fields:
    """Fields centred on the centroid of what is left in each tile: they pass where tiles of a grid own too little."""
    some = _worthwhile(desk, cells, sees, left, least)
    if desk.grid is not None or some.size == 0:
        return no_fields()  # a survey keeps to its own fields
    laying = Laying.of(desk, cells.vectors[some], left[some])
    place = laying.coordinates(cells.ra_deg[some], cells.dec_deg[some], cells.vectors[some])
    number = laying.grid(LARGE_SHIFTS[0]).tiles_of(*place)
    tiles, where = np.unique(number, return_inverse=True)
    sums = np.bincount(where, weights=left[some], minlength=tiles.size)
    fullest = np.argsort(-np.round(sums, 12), kind="stable")[: most + _rivals_fields(desk, rivals_deg2)]
    fullest = fullest[sums[fullest] >= least]
    centroid = np.stack(
        [np.bincount(where, weights=left[some] * cells.vectors[some, i], minlength=tiles.size) for i in range(3)],
        axis=-1,
    )[fullest]
    ra_deg, dec_deg = positions(np.asarray(centroid, np.float64))
    good = fits(directions(ra_deg, dec_deg))
    return fields_at(desk.footprint, ra_deg[good], dec_deg[good], cells, desk.angle_deg)


def _survey_fields(
    desk: Desk, survey: FixedGrid, cells: Cells, left: Array, least: float, rivals_deg2: float
) -> Fields:
    """The best of the fields that a survey keeps to."""
    every = fields_at(desk.footprint, survey.ra_deg, survey.dec_deg, cells, survey.position_angle_deg)
    held = every.sums(left)
    best = np.argsort(-np.round(held, 12), kind="stable")[: _enough(desk, rivals_deg2)]
    return every.chosen(best[held[best] >= least])


def _enough(desk: Desk, rivals_deg2: float) -> int:
    """Say how many fields leave something for everybody: those with like fields choose among the same tiles."""
    return max(MOST_OF_CAPACITY * desk.capacity, 8) + _rivals_fields(desk, rivals_deg2)


def _rivals_fields(desk: Desk, rivals_deg2: float) -> int:
    return int(rivals_deg2 / desk.field_area_deg2)


def _many_grids(laying: Laying, where: tuple[Array, Array], value: Array, least: float) -> list[tuple[Grid, Ints]]:
    """Many shifts of a grid, and of each the tiles that hold enough."""
    grids = [laying.grid(shift, overlapping=True) for shift in SMALL_SHIFTS]
    return [(one, tile_sums(one, *where, value, least)[0]) for one in grids]


def _worthwhile(desk: Desk, cells: Cells, sees: Ints, left: Array, least: float) -> Ints:
    """Cells that it sees and that are dense enough to matter: a tile without any such cell holds too little."""
    floor = THIN * least / desk.field_area_deg2
    return sees[left[sees] > floor * cells.area_deg2[sees]]


def _tiles_for(sums: Array, share: float) -> int:
    return int(np.searchsorted(np.cumsum(sums), share * sums.sum())) + 1
