"""Which detections are one object. A pure function of the set: neither order of arrival nor repetition matters."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from coordinator.vetting.candidate import (
    FRAME_ERR_ARCSEC,
    Candidate,
    alone,
    candidate_of,
    distinct,
    each_once,
    position_error,
)
from coordinator.vetting.close_pairs import CAP_ARCSEC, close_pairs, reach_arcsec
from coordinator.vetting.movers import link_movers
from coordinator.vetting.sighting import Sighting
from coordinator.vetting.tangent import ARCSEC, unit_vectors


def associate(sightings: Iterable[Sighting], before: Iterable[Candidate] = ()) -> tuple[Candidate, ...]:
    """Join sightings into candidates: first by place, then points that move by their motion.

    Two sightings are one object when they lie within 3 sigma of their joint error (with 0.3" between two frames),
    at least 1.5" and at most 5". What was seen in one visit alone is then tried as part of a mover. Upper limits and
    forced photometry are given to the nearest object that stays, within the same radius; alone they are none.

    Parameters
    ----------
    sightings : iterable of Sighting
        In any order, with repetitions.
    before : iterable of Candidate
        What was made of most of them last time; it spares making those anew that were seen once, and changes nothing.

    Returns
    -------
    tuple of Candidate
        By id.
    """
    said = each_once(sightings)
    every = [s for s in said if not s.upper_limit and not s.forced]
    if not every:
        return ()
    where = unit_vectors([s.ra_deg for s in every], [s.dec_deg for s in every])
    pairs = close_pairs(where, np.array([position_error(s) for s in every]))
    crowd = set(pairs.ravel().tolist())
    known = {c.sightings[0].id: c for c in before if len(c.sightings) == 1 and c.motion is None and not c.limits}
    still = [_alone(s, known.get(s.id)) for i, s in enumerate(every) if i not in crowd]
    still += [candidate_of([every[i] for i in members]) for members in _joined(len(every), pairs)]
    found = sorted(link_movers(still), key=lambda c: c.id)
    if len(said) == len(every):
        return tuple(found)
    return tuple(given(found, sorted((s for s in said if not s.places), key=lambda s: s.order)))


def _alone(only: Sighting, before: Candidate | None) -> Candidate:
    """Make a candidate of one sighting, or take the one that was made of it."""
    return before if before is not None and before.sightings[0] is only else alone(only)


def given(found: Sequence[Candidate], measured: Sequence[Sighting]) -> list[Candidate]:
    """Give limits and forced photometry to the objects that they were measured for; of equals the first by id.

    Parameters
    ----------
    found : sequence of Candidate
        By id. Their places, ids and motions stay.
    measured : sequence of Sighting
        Sightings that place nothing.
    """
    still = [i for i, c in enumerate(found) if c.motion is None]
    if not measured or not still:
        return list(found)
    of: dict[int, list[Sighting]] = {}
    for at, sighting in zip(_nearest([found[i] for i in still], measured), measured, strict=True):
        if at is not None:
            of.setdefault(still[at], []).append(sighting)
    return [c if i not in of else _with(c, of[i]) for i, c in enumerate(found)]


def _nearest(still: Sequence[Candidate], measured: Sequence[Sighting]) -> list[int | None]:
    """Return the number of the nearest object to each sighting; None: there is none."""
    from scipy.spatial import cKDTree  # not at the top: a vetter that was killed serves before it weighs

    where = unit_vectors([c.ra_deg for c in still], [c.dec_deg for c in still])
    there = unit_vectors([s.ra_deg for s in measured], [s.dec_deg for s in measured])
    near = cKDTree(where).query_ball_point(there, CAP_ARCSEC * ARCSEC)
    found: list[int | None] = []
    for sighting, place, numbers in zip(measured, there, near, strict=True):
        ranked = sorted((float(np.linalg.norm(where[n] - place)) / ARCSEC, n) for n in numbers)
        within = (n for apart, n in ranked if apart <= _reach(still[n].pos_err_arcsec, position_error(sighting)))
        found.append(next(within, None))
    return found


def _reach(*errors_arcsec: float) -> float:
    return float(reach_arcsec(math.hypot(*errors_arcsec, FRAME_ERR_ARCSEC)))


def _with(candidate: Candidate, measured: Sequence[Sighting]) -> Candidate:
    """Add what was measured at an object's place; where it is stays as it was."""
    forced = [s for s in measured if not s.upper_limit]
    limits = tuple(s for s in measured if s.upper_limit)
    return replace(candidate, sightings=distinct((*candidate.sightings, *forced)), limits=limits)


def _joined(n: int, pairs: NDArray[np.int64]) -> list[list[int]]:
    """Return the sets that pairs make of some of the numbers 0 to n - 1, each in order."""
    if len(pairs) == 0:
        return []
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    _, label = connected_components(graph, directed=False)
    members: dict[int, list[int]] = {}
    for i in np.unique(pairs).tolist():
        members.setdefault(int(label[i]), []).append(i)
    return list(members.values())
