"""Which detections are one object. A pure function of the set: neither order of arrival nor repetition matters."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from coordinator.vetting.candidate import FRAME_ERR_ARCSEC, Candidate, candidate_of, distinct, position_error
from coordinator.vetting.groups import Groups
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
    groups = Groups(len(every))
    for a, b in _close_pairs(every):
        groups.join(int(a), int(b))
    still = [candidate_of(every[i] for i in members) for members in groups.members()]
    return tuple(sorted(link_movers(still), key=lambda c: c.id))


def _close_pairs(every: Sequence[Sighting]) -> NDArray[np.int64]:
    """Return index pairs of sightings at one place; shape (n, 2)."""
    where = unit_vectors([s.ra_deg for s in every], [s.dec_deg for s in every])
    pairs = cKDTree(where).query_pairs(CAP_ARCSEC * ARCSEC, output_type="ndarray")
    if len(pairs) == 0:
        return np.empty((0, 2), np.int64)
    err = np.array([position_error(s) for s in every])
    first, second = pairs[:, 0], pairs[:, 1]
    joint = 3.0 * np.sqrt(err[first] ** 2 + err[second] ** 2 + FRAME_ERR_ARCSEC**2)
    apart = np.linalg.norm(where[first] - where[second], axis=1) / ARCSEC
    return np.asarray(pairs[apart <= np.clip(joint, FLOOR_ARCSEC, CAP_ARCSEC)], np.int64)
