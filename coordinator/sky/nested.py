"""Nested HEALPix pixels as places on the sphere, many at once; agrees with healpy to rounding."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

MAX_ORDER = 29
MAX_RADIUS_RAD = 1.07
"""No pixel of order n has a corner farther from its centre than this, times 2^-n."""

_ROW = np.array([2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4])
_EIGHTH = np.array([1, 3, 5, 7, 0, 2, 4, 6, 1, 3, 5, 7])
_MASKS = (
    (1, 0x3333333333333333),
    (2, 0x0F0F0F0F0F0F0F0F),
    (4, 0x00FF00FF00FF00FF),
    (8, 0x0000FFFF0000FFFF),
    (16, 0x00000000FFFFFFFF),
)


def pixel_xy(order: Ints | int, ipix: Ints) -> tuple[Ints, Ints, Ints]:
    """Face, x and y of nested pixels."""
    face = ipix >> (2 * order)
    inside = ipix - (face << (2 * order))
    return face, _every_second_bit(inside), _every_second_bit(inside >> 1)


def pixel_number(order: int, face: Ints, x: Ints, y: Ints) -> Ints:
    """Nested pixel of a face, x and y."""
    return np.asarray((face << (2 * order)) | _spread(x) | (_spread(y) << 1), np.int64)


def pixel_at(order: int, ra_deg: ArrayLike, dec_deg: ArrayLike) -> Ints:
    """Return the nested pixels that hold places in degrees.

    Notes
    -----
    The projection of Gorski et al. 2005 (ApJ 622, 759, section 5), turned round. The poles are seen through
    cos(declination), which is precise there, and sin(declination) is not.
    """
    ra, dec = np.atleast_1d(np.asarray(ra_deg, np.float64)), np.atleast_1d(np.asarray(dec_deg, np.float64))
    quarter = np.mod(ra / 90.0, 4.0)
    quarter[quarter == 4.0] = 0.0  # an RA just below 0 rounds to a full turn
    dec = np.radians(dec)
    z, sine = np.cos(np.pi / 2 - dec), np.cos(dec)  # z as healpy has it: so both agree on places on an edge
    face, x, y = np.where(np.abs(z) <= 2.0 / 3.0, _in_belt(order, quarter, z), _in_caps(order, quarter, z, sine))
    return pixel_number(order, face, x, y)


def _in_belt(order: int, quarter: Floats, z: Floats) -> Ints:
    """Face, x and y of places between the polar caps; shape (3, n)."""
    nside = 1 << order
    along, across = nside * (0.5 + quarter), nside * 0.75 * z
    down, up = (along - across).astype(np.int64), (along + across).astype(np.int64)
    west, east = down >> order, up >> order
    face = np.where(west == east, west | 4, np.where(west < east, west, east + 8))
    return np.stack([face, up & (nside - 1), nside - 1 - (down & (nside - 1))])


def _in_caps(order: int, quarter: Floats, z: Floats, sine: Floats) -> Ints:
    """Face, x and y of places in the polar caps; shape (3, n)."""
    nside = 1 << order
    side = np.minimum(quarter.astype(np.int64), 3)
    inside = quarter - side
    from_pole = nside * sine / np.sqrt((1.0 + np.abs(z)) / 3.0)
    a = np.minimum((inside * from_pole).astype(np.int64), nside - 1)
    b = np.minimum(((1.0 - inside) * from_pole).astype(np.int64), nside - 1)
    north = np.stack([side, nside - 1 - b, nside - 1 - a])
    return np.where(z >= 0, north, np.stack([side + 8, a, b]))


def xy_vectors(nside: Floats | int, face: Ints, x: Ints | Floats, y: Ints | Floats) -> tuple[Floats, Floats, Floats]:
    """Cartesian coordinates of the centres of pixels given by face, x and y (which need not be whole)."""
    ring = _ROW[face] * nside - x - y - 1.0
    near = np.minimum(ring, 4.0 * nside - ring)
    in_cap = near < nside
    cap = np.minimum(np.maximum(near, 0.5), nside)  # a place between pixels may be the pole itself
    from_pole = cap * cap / (3.0 * nside * nside)
    z = np.where(in_cap, np.sign(2.0 * nside - ring) * (1.0 - from_pole), (2.0 * nside - ring) * 2.0 / (3.0 * nside))
    sine = np.sqrt(np.where(in_cap, from_pole * (2.0 - from_pole), 1.0 - z * z))
    longitude = (_EIGHTH[face] + (x - y) / cap) * (np.pi / 4.0)
    return sine * np.cos(longitude), sine * np.sin(longitude), z


def ring_from_pole(nside: int, face: Ints, x: Ints, y: Ints) -> Ints:
    """How many rings a pixel lies from the nearer pole; `nside` where the polar caps begin."""
    ring = _ROW[face] * nside - x - y - 1
    return np.asarray(np.minimum(ring, 4 * nside - ring))


def pixel_vectors(order: Ints | int, ipix: Ints) -> Floats:
    """Unit vectors, shape (n, 3), of the centres of nested pixels of one order or of an order each."""
    ipix = np.asarray(ipix, np.int64)
    face, x, y = pixel_xy(order, ipix)
    nside = np.exp2(np.broadcast_to(np.asarray(order, np.float64), ipix.shape))
    return np.stack(xy_vectors(nside, face, x, y), axis=-1)


def _every_second_bit(v: Ints) -> Ints:
    v = v & 0x5555555555555555
    for shift, mask in _MASKS:
        v = (v | (v >> shift)) & mask
    return v


def _spread(v: Ints) -> Ints:
    v = v.astype(np.int64)
    for (shift, _), mask in zip(reversed(_MASKS), _SPREAD_MASKS, strict=True):
        v = (v | (v << shift)) & mask
    return v


_SPREAD_MASKS = (
    0x0000FFFF0000FFFF,
    0x00FF00FF00FF00FF,
    0x0F0F0F0F0F0F0F0F,
    0x3333333333333333,
    0x5555555555555555,
)
