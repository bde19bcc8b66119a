"""Which places lie so near each other that they are one; also where thousands lie in one spot.

All pairs of a crowd of n are n^2 / 2, and most of them say again what others said: of a crowd only as many are returned
as hold it together.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from coordinator.vetting.candidate import FRAME_ERR_ARCSEC
from coordinator.vetting.tangent import ARCSEC

FLOOR_ARCSEC = 1.5
CAP_ARCSEC = 5.0

CROWDED = 64
"""More places than this in a cell that is smaller than the floor are a crowd."""

_CELL = 0.99 * FLOOR_ARCSEC * ARCSEC / 3**0.5
_CELL_BITS = 20
_PIECE = 64
"""Members of a crowd that are held against their neighbours at once."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def reach_arcsec(joint_err_arcsec: ArrayLike) -> Floats:
    """Return how far apart two places of one object may lie: 3 sigma, at least the floor and at most the cap."""
    return np.clip(3.0 * np.asarray(joint_err_arcsec, np.float64), FLOOR_ARCSEC, CAP_ARCSEC)


def close_pairs(where: Floats, err_arcsec: Floats) -> Ints:
    """Return pairs of places that are one.

    Parameters
    ----------
    where : float64 array, shape (n, 3)
        Unit vectors.
    err_arcsec : float64 array, shape (n,)
        Error of each.

    Returns
    -------
    int64 array, shape (pairs, 2)
        Numbers of places; whichever places any pairs would join, these join too.
    """
    if len(where) < 2:
        return np.empty((0, 2), np.int64)
    crowds = _crowds(where)
    if not crowds:
        return _every_pair(where, err_arcsec)
    alone = np.setdiff1d(np.arange(len(where)), np.concatenate(crowds))
    return np.concatenate(
        [alone[_every_pair(where[alone], err_arcsec[alone])], _held_together(where, err_arcsec, crowds)]
    )


def _every_pair(where: Floats, err: Floats) -> Ints:
    from scipy.spatial import cKDTree  # not at the top: a vetter that was killed serves before it weighs

    if len(where) < 2:
        return np.empty((0, 2), np.int64)
    pairs = cKDTree(where).query_pairs(CAP_ARCSEC * ARCSEC, output_type="ndarray")
    first, second = pairs[:, 0], pairs[:, 1]
    return np.asarray(pairs[_are_one(where[first], where[second], err[first], err[second])], np.int64)


def _are_one(one: Floats, other: Floats, one_err: Floats, other_err: Floats) -> NDArray[np.bool_]:
    joint = np.sqrt(one_err**2 + other_err**2 + FRAME_ERR_ARCSEC**2)
    apart = np.linalg.norm(one - other, axis=-1) / ARCSEC
    return np.asarray(apart <= reach_arcsec(joint), bool)


def _crowds(where: Floats) -> list[Ints]:
    """Return the cells that hold many: whatever lies in one cell is nearer than the floor."""
    cell = np.floor((where + 1.0) / _CELL).astype(np.int64)
    key = (cell[:, 0] << 2 * _CELL_BITS) | (cell[:, 1] << _CELL_BITS) | cell[:, 2]
    order = np.argsort(key, kind="stable")
    starts = np.flatnonzero(np.diff(key[order], prepend=-1))
    return [its for its in np.split(order, starts[1:]) if its.size > CROWDED]


def _held_together(where: Floats, err: Floats, crowds: list[Ints]) -> Ints:
    """Join each crowd to its first member, and whatever its members reach to it."""
    from scipy.spatial import cKDTree  # as above

    tree = cKDTree(where)
    pairs = []
    for crowd in crowds:
        near = tree.query_ball_point(where[crowd].mean(axis=0), (CAP_ARCSEC + FLOOR_ARCSEC) * ARCSEC)
        others = np.setdiff1d(near, crowd)
        joined = [crowd[1:]]
        for begin in range(0, crowd.size, _PIECE):
            some = crowd[begin : begin + _PIECE, None]
            reached = _are_one(where[some], where[others], err[some], err[others]).any(axis=0)
            joined.append(others[reached])
            others = others[~reached]
            if others.size == 0:
                break
        members = np.concatenate(joined)
        pairs.append(np.stack([np.full(members.size, crowd[0]), members], axis=1))
    return np.concatenate(pairs)
