"""Fields for galaxies: centres that take several galaxies into one footprint, and which galaxies are in each."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coordinator.planning.galaxy_weights import GalaxyTargets
from coordinator.planning.stretches import Ints, row_ends, stretches, sums_of
from coordinator.sky.coverage import PIXEL_SIDE_DEG, Frames, contains, size_deg
from coordinator.sky.nested import MAX_ORDER
from telescopes.description.ephemeris import Array
from telescopes.description.footprint import Footprint, Polygons
from telescopes.description.geometry import circumradius_deg, in_plane

Mask = NDArray[np.bool_]

SEEDS = 5
LEAST_SEEDS = 300
"""Centres are tried at so many galaxies for each field that is wanted, and at least at so many."""

ROUNDED = 12


@dataclass(frozen=True, slots=True, eq=False)
class GalaxyFields:
    """Candidate fields of one footprint at one position angle, the most valuable first.

    Attributes
    ----------
    ra_deg, dec_deg, vectors : float64 arrays, shape (f,), (f,), (f, 3)
    weight : float64 array, shape (f,)
        Sum of the values of all galaxies inside each field: two fields may share some.
    first, galaxy : int64 arrays, shape (f + 1,), (pairs,)
        ``galaxy[first[i]:first[i + 1]]`` are the galaxies inside field i, increasing.
    """

    ra_deg: Array
    dec_deg: Array
    vectors: Array
    weight: Array
    first: Ints
    galaxy: Ints

    def __len__(self) -> int:
        return self.ra_deg.size

    def sums(self, values: Array) -> Array:
        """Sum over its galaxies for each field, shape (f,)."""
        return sums_of(self.first, values[self.galaxy])


def galaxy_items(footprint: Footprint, vectors: Array, galaxies: Array, angle_deg: float = 0.0) -> tuple[Ints, Ints]:
    """Find the galaxies inside fields by the true footprint.

    Parameters
    ----------
    vectors : float64 array, shape (f, 3)
        Unit vectors to the fields' centres.
    galaxies : float64 array, shape (n, 3)
        Unit vectors to the galaxies.
    angle_deg : float
        Position angle of the fields, from north through east.

    Returns
    -------
    first, galaxy : int64 arrays, shape (f + 1,), (pairs,)
        ``galaxy[first[i]:first[i + 1]]`` are those of field i, increasing: the same form as the cells of fields.
    """
    field, galaxy = _near(vectors, galaxies, circumradius_deg(footprint))
    inside = contains(footprint, _frames(vectors, angle_deg), field, galaxies[galaxy])
    field, galaxy = _sorted_pairs(field[inside], galaxy[inside], len(galaxies))
    return np.searchsorted(field, np.arange(len(vectors) + 1)), galaxy


def galaxy_fields(
    footprint: Footprint, targets: GalaxyTargets, seen: Mask, most: int, angle_deg: float = 0.0
) -> GalaxyFields:
    """Choose candidate fields for one telescope: a greedy cover of the galaxies that it can see.

    Parameters
    ----------
    seen : bool array, shape (galaxies,)
        What the telescope can see at some time.
    most : int
        Fields wanted: some times its capacity.
    angle_deg : float
        Position angle of the camera.
    """
    everything, value = targets.galaxies.vectors, targets.value
    mine = np.flatnonzero(seen & (value > 0))
    seeds = mine[
        _seeds(targets.galaxies.key[mine], value[mine], min(size_deg(footprint)), max(SEEDS * most, LEAST_SEEDS))
    ]
    centres = _centres(footprint, everything[seeds], angle_deg)
    first, galaxy = galaxy_items(footprint, centres, everything[mine], angle_deg)
    taken = _cover(first, galaxy, value[mine], most)
    centres = centres[taken]
    first, galaxy = _rows(first, mine[galaxy], taken)
    weight = sums_of(first, value[galaxy])
    ra, dec = _positions(centres)
    return GalaxyFields(ra, dec, centres, weight, first, galaxy)


def _seeds(key: Ints, value: Array, side_deg: float, most: int) -> Ints:
    """Choose galaxies at which to try a field: the best one of each pixel of half a field's side, richest first.

    How rich a pixel is, is the value in its parent, which is about as large as the field: one by one the best
    galaxies would leave out where many of them are close together.
    """
    order = int(np.clip(np.rint(np.log2(2.0 * PIXEL_SIDE_DEG / side_deg)), 1, MAX_ORDER))
    pixel = key >> 2 * (MAX_ORDER - order)
    by = np.lexsort((np.arange(key.size), -np.round(value, ROUNDED), pixel))
    best = by[np.r_[True, pixel[by][1:] != pixel[by][:-1]]] if key.size else by
    parents, where = np.unique(pixel >> 2, return_inverse=True)
    rich = np.round(np.bincount(where, weights=value, minlength=parents.size), ROUNDED)
    return best[np.lexsort((best, -np.round(value[best], ROUNDED), -rich[where[best]]))][:most]


def _centres(footprint: Footprint, galaxies: Array, angle_deg: float) -> Array:
    """Centres at each galaxy (the best first), and half way to the first neighbour that a field there leaves out."""
    at = _aimed(footprint, galaxies, angle_deg)
    if len(galaxies) < 2:
        return at
    one, other = _near(galaxies, galaxies, 2.0 * circumradius_deg(footprint))
    apart = ~contains(footprint, _frames(at, angle_deg), one, galaxies[other])
    one, other = _sorted_pairs(one[apart], other[apart], len(galaxies))
    best = np.flatnonzero(np.r_[True, one[1:] != one[:-1]]) if one.size else np.empty(0, np.int64)
    middle = galaxies[one[best]] + galaxies[other[best]]
    middle /= np.linalg.norm(middle, axis=1, keepdims=True)
    return np.concatenate([at, _aimed(footprint, middle, angle_deg)])


def _aimed(footprint: Footprint, places: Array, angle_deg: float) -> Array:
    """Centres that put places where the footprint sees: its own middle, or that of a detector if there is a gap."""
    if not isinstance(footprint, Polygons) or bool(in_plane(footprint, np.zeros(1), np.zeros(1))[0]):
        return places
    corners = max(footprint.polygons, key=_extent)
    x, y = np.radians(np.mean(corners, axis=0))
    frames = _frames(places, angle_deg)
    moved = places - x * frames.along_x - y * frames.along_y
    return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True))


def _extent(corners: tuple[tuple[float, float], ...]) -> float:
    """Area of the box around a polygon."""
    return float(np.prod(np.ptp(np.array(corners), axis=0)))


def _cover(first: Ints, galaxy: Ints, value: Array, most: int) -> Ints:
    """Greedy cover: which fields, in order of the new value that each brings.

    The field with most new value is taken first, as long as any is left. Fields that share no galaxy with a better
    one do not depend on the order, so each round takes all of those at once.
    """
    fields = first.size - 1
    field = np.repeat(np.arange(fields), np.diff(first))
    left = value.copy()
    taken, gained = np.empty(0, np.int64), np.empty(0)
    while galaxy.size:
        gain = np.round(np.bincount(field, weights=left[galaxy], minlength=fields), ROUNDED)
        if taken.size >= most and np.partition(gained, -most)[-most] >= gain.max():
            break
        rank = np.empty(fields, np.int64)
        rank[np.argsort(-gain, kind="stable")] = np.arange(fields)
        best = np.full(value.size, fields)
        np.minimum.at(best, galaxy, rank[field])
        beaten = np.zeros(fields, bool)
        beaten[field[best[galaxy] < rank[field]]] = True
        now = np.unique(field[~beaten[field]])
        taken, gained = np.r_[taken, now], np.r_[gained, gain[now]]
        left[galaxy[~beaten[field]]] = 0.0
        still = left[galaxy] > 0
        field, galaxy = field[still], galaxy[still]
    return taken[np.lexsort((taken, -gained))][:most]


def _near(centres: Array, galaxies: Array, radius_deg: float) -> tuple[Ints, Ints]:
    """Pairs of a centre and a galaxy that are no farther apart than a radius."""
    if len(centres) == 0 or len(galaxies) == 0:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    from scipy.spatial import cKDTree  # not at the top: most plans do without galaxies

    chord = 2.0 * np.sin(np.radians(min(radius_deg, 180.0)) / 2.0) * (1.0 + 1e-9) + 1e-12
    pairs = cKDTree(centres).sparse_distance_matrix(cKDTree(galaxies), chord, output_type="ndarray")
    return np.asarray(pairs["i"], np.int64), np.asarray(pairs["j"], np.int64)


def _sorted_pairs(one: Ints, other: Ints, others: int) -> tuple[Ints, Ints]:
    """Sort pairs by the first number, then the second, of which there are `others`; faster than two keys."""
    code = np.sort(one * others + other)
    return np.divmod(code, max(others, 1))


def _frames(vectors: Array, angle_deg: float) -> Frames:
    return Frames.at(*_positions(vectors), angle_deg)


def _positions(vectors: Array) -> tuple[Array, Array]:
    ra = np.degrees(np.arctan2(vectors[:, 1], vectors[:, 0])) % 360.0
    return ra, np.degrees(np.arctan2(vectors[:, 2], np.hypot(vectors[:, 0], vectors[:, 1])))


def _rows(first: Ints, item: Ints, chosen: Ints) -> tuple[Ints, Ints]:
    """Some rows of a compressed matrix, in the order given."""
    lengths = np.diff(first)[chosen]
    return row_ends(lengths), item[stretches(first[chosen], lengths)]
