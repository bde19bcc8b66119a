"""Which rows of a catalogue lie near which places: all places at once, by two searches in its sorted keys each.

A cone is small beside the pixels that it is looked for in, so most cones lie in one pixel, whose rows are neighbours
in the catalogue; those across an edge take up to four, and few, across an edge of the twelve faces, up to nine.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from coordinator.planning.stretches import Ints, stretches
from coordinator.sky.nested import MAX_ORDER, pixel_at, pixel_number, pixel_xy
from coordinator.vetting.tangent import ARCSEC, unit_vectors
from telescopes.description.ephemeris import Array
from telescopes.description.errors import Refused

LARGEST_ARCSEC = 1800.0

STRETCH = 1.5
"""Pixels (of nside 1) in a face per radian, at most: 1.03 in the belt, below 1.46 in the caps (docs in `_margin`)."""

ROOM = 8
"""A pixel's side in margins, at least."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Pairs of place and row, by place, then nearest first.

    Attributes
    ----------
    which, row : int64 arrays, shape (n,)
        Number of the place, and of the row.
    separation_arcsec : float64 array, shape (n,)
    """

    which: Ints
    row: Ints
    separation_arcsec: Array


def cones(
    key: NDArray[np.int64],
    at_deg: tuple[NDArray[np.float64], NDArray[np.float64]],
    ra_deg: ArrayLike,
    dec_deg: ArrayLike,
    radius_arcsec: float,
) -> Found:
    """Search a catalogue around many places.

    Parameters
    ----------
    key : int64 array, shape (rows,)
        Nested pixels of order 29, increasing.
    at_deg : pair of float64 arrays, shape (rows,)
        Right ascension and declination of the rows; read only where a row may be near.
    ra_deg, dec_deg : arrays, shape (n,)
        Places.
    radius_arcsec : float
        Above 0, at most `LARGEST_ARCSEC`.

    Raises
    ------
    Refused
        The radius is out of its bounds.
    """
    if not 0 < radius_arcsec <= LARGEST_ARCSEC:
        mend = f"ask within {LARGEST_ARCSEC:.0f} arcsec"
        raise Refused(f"{radius_arcsec:g} arcsec is no radius", where="a cone search", mend=mend)
    ra, dec = np.atleast_1d(np.asarray(ra_deg, np.float64)), np.atleast_1d(np.asarray(dec_deg, np.float64))
    which, low = _pixels(ra, dec, radius_arcsec * ARCSEC)
    along = np.argsort(low)  # neighbours ask the same part of the catalogue
    which, low = which[along], low[along]
    first = np.searchsorted(key, low)
    last = first + _filled(key, first, low + (1 << 2 * _shift(radius_arcsec * ARCSEC)))
    lengths = last - first
    row, place = stretches(first, lengths), np.repeat(which, lengths)
    apart = _apart(ra[place], dec[place], at_deg[0][row], at_deg[1][row]) / ARCSEC
    near = np.flatnonzero(apart <= radius_arcsec)
    by = near[np.lexsort((row[near], apart[near], place[near]))]
    return Found(place[by], row[by], apart[by])


def _filled(key: NDArray[np.int64], first: Ints, high: Ints) -> Ints:
    """Count rows from `first` on that lie below `high`; most pixels are empty, and one look says so."""
    count = np.zeros(first.size, np.int64)
    some = np.flatnonzero(first < key.size)
    some = some[key[first[some]] < high[some]]
    count[some] = np.searchsorted(key, high[some]) - first[some]
    return count


def _margin(radius_rad: float) -> int:
    """Pixels of order 29 that a cone reaches from its centre along x or y of a face, at most.

    With the projection of Gorski et al. 2005 (ApJ 622, 759), (x + y, x - y) change in the belt by
    nside (2 dphi / pi, 3 dz / 2) / 2 each; in the caps x and y are (phi mod pi/2) (2 / pi) s and s less that, with
    s = nside sqrt(3 (1 - |z|)): none changes by more than 1.46 nside a radian.
    """
    return int(STRETCH * radius_rad * (1 << MAX_ORDER)) + 1


def _shift(radius_rad: float) -> int:
    """Orders between 29 and that of the pixels to look in."""
    return min((ROOM * _margin(radius_rad) - 1).bit_length(), MAX_ORDER)


def _pixels(ra: Array, dec: Array, radius_rad: float) -> tuple[Ints, Ints]:
    """Return for each place the pixels that its cone may touch: numbers of places, and first keys of the pixels."""
    margin, shift = _margin(radius_rad), _shift(radius_rad)
    key = pixel_at(MAX_ORDER, ra, dec)
    side = (1 << shift) - 1
    face, x, y = pixel_xy(MAX_ORDER, key)
    inner_x, inner_y = x & side, y & side
    left, right = inner_x < margin, inner_x > side - margin
    down, up = inner_y < margin, inner_y > side - margin
    whole = ~(left | right | down | up)
    every = np.arange(ra.size)
    some = np.flatnonzero(~whole)
    near_x = x[some] + np.where(left, -1, np.where(right, 1, 0))[some] * (side + 1)
    near_y = y[some] + np.where(down, -1, np.where(up, 1, 0))[some] * (side + 1)
    most = (1 << MAX_ORDER) - 1
    off = (near_x < 0) | (near_x > most) | (near_y < 0) | (near_y > most)
    over, some, near_x, near_y = some[off], some[~off], near_x[~off], near_y[~off]
    which, low = [every[whole], some], [key[whole], key[some]]
    for xs, ys, there in (
        (near_x, y[some], near_x != x[some]),
        (x[some], near_y, near_y != y[some]),
        (near_x, near_y, (near_x != x[some]) & (near_y != y[some])),
    ):
        which.append(some[there])
        low.append(pixel_number(MAX_ORDER, face[some], xs, ys)[there])
    beyond, its = _neighbours(MAX_ORDER - shift, key[over] >> 2 * shift)
    which.append(over[beyond])
    low.append(its << 2 * shift)
    return np.concatenate(which), np.concatenate(low) >> 2 * shift << 2 * shift


def _neighbours(order: int, pixel: Ints) -> tuple[Ints, Ints]:
    """Return pixels and their neighbours: numbers of those given, and pixels."""
    if pixel.size == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    nside = 1 << order
    face, x, y = pixel_xy(order, pixel)
    given, found = [], []
    for dx, dy in product((-1, 0, 1), repeat=2):
        beside_x, beside_y = x + dx, y + dy
        step = 4 + beside_x // nside + 3 * (beside_y // nside)
        beside = _FACE_BESIDE[step, face]
        turn = _TURNED[step, face >> 2]
        in_x, in_y = beside_x % nside, beside_y % nside
        in_x, in_y = np.where(turn & 1, nside - 1 - in_x, in_x), np.where(turn & 2, nside - 1 - in_y, in_y)
        in_x, in_y = np.where(turn & 4, in_y, in_x), np.where(turn & 4, in_x, in_y)
        there = np.flatnonzero(beside >= 0)
        given.append(there)
        found.append(pixel_number(order, beside, in_x, in_y)[there])
    return np.concatenate(given), np.concatenate(found)


_FACE_BESIDE = np.array(
    [
        [8, 9, 10, 11, -1, -1, -1, -1, 10, 11, 8, 9],
        [5, 6, 7, 4, 8, 9, 10, 11, 9, 10, 11, 8],
        [-1, -1, -1, -1, 5, 6, 7, 4, -1, -1, -1, -1],
        [4, 5, 6, 7, 11, 8, 9, 10, 11, 8, 9, 10],
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
        [1, 2, 3, 0, 0, 1, 2, 3, 5, 6, 7, 4],
        [-1, -1, -1, -1, 7, 4, 5, 6, -1, -1, -1, -1],
        [3, 0, 1, 2, 3, 0, 1, 2, 4, 5, 6, 7],
        [2, 3, 0, 1, -1, -1, -1, -1, 0, 1, 2, 3],
    ]
)
"""The face beside each face by (x step + 1) + 3 (y step + 1); -1: at this corner only three faces meet."""

_TURNED = np.array([[0, 0, 3], [0, 0, 6], [0, 0, 0], [0, 0, 5], [0, 0, 0], [5, 0, 0], [0, 0, 0], [6, 0, 0], [3, 0, 0]])
"""How its x (1) and y (2) run the other way and are swapped (4), in the northern, middle and southern faces."""


def _apart(ra: Array, dec: Array, to_ra: Array, to_dec: Array) -> Array:
    """Angles between pairs of places, radians."""
    chord = np.linalg.norm(unit_vectors(ra, dec) - unit_vectors(to_ra, to_dec), axis=-1)
    return np.asarray(2 * np.arcsin(np.minimum(chord / 2, 1.0)))
