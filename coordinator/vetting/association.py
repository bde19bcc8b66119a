"""Which detections are one object. A pure function of the set: neither order of arrival nor repetition matters."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from coordinator.vetting.candidate import FRAME_ERR_ARCSEC, Candidate, candidate_of, distinct, position_error
from coordinator.vetting.movers import link_movers
from coordinator.vetting.sighting import Sighting
from coordinator.vetting.tangent import ARCSEC, unit_vectors

FLOOR_ARCSEC = 1.5
CAP_ARCSEC = 5.0


def associate(sightings: Iterable[Sighting]) -> tuple[Candidate, ...]:
    """Join sightings into candidates: first by place, then points that move by their motion.

    Two sightings are one object when they lie within 3 sigma of their joint error (with 0.3" between two frames),
    at least 1.5" and at most 5". What was seen in one visit alone is then tried as part of a mover.

    Parameters
    ----------
    sightings : iterable of Sighting
        In any order, with repetitions.

    Returns
    -------
    tuple of Candidate
        By id.
    """
    every = distinct(sightings)
    if not every:
        return ()
    still = [candidate_of(every[i] for i in members) for members in _joined(len(every), _close_pairs(every))]
    return tuple(sorted(link_movers(still), key=lambda c: c.id))


def _joined(n: int, pairs: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Return the sets that pairs make of the numbers 0 to n - 1, each in order."""
    if len(pairs) == 0:
        return list(np.arange(n)[:, None])
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    count, label = connected_components(graph, directed=False)
    ends = np.cumsum(np.bincount(label, minlength=count))
    return np.split(np.argsort(label, kind="stable"), ends[:-1])


def _close_pairs(every: Sequence[Sighting]) -> NDArray[np.int64]:
    """Return index pairs of sightings at one place; shape (n, 2)."""
    if len(every) < 2:
        return np.empty((0, 2), np.int64)
    from scipy.spatial import cKDTree  # not at the top: a vetter that was killed serves before it weighs

    where = unit_vectors([s.ra_deg for s in every], [s.dec_deg for s in every])
    pairs = cKDTree(where).query_pairs(CAP_ARCSEC * ARCSEC, output_type="ndarray")
    if len(pairs) == 0:
        return np.empty((0, 2), np.int64)
    err = np.array([position_error(s) for s in every])
    first, second = pairs[:, 0], pairs[:, 1]
    joint = 3.0 * np.sqrt(err[first] ** 2 + err[second] ** 2 + FRAME_ERR_ARCSEC**2)
    apart = np.linalg.norm(where[first] - where[second], axis=1) / ARCSEC
    return np.asarray(pairs[apart <= np.clip(joint, FLOOR_ARCSEC, CAP_ARCSEC)], np.int64)
