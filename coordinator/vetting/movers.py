"""Points that were seen in one visit each, and are one object that moves: asteroids.

A source that stays is seen again at its place and never comes here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from coordinator.vetting.candidate import Candidate, candidate_of
from coordinator.vetting.tangent import ARCSEC, offsets_arcsec, unit_vectors

FASTEST_ARCSEC_H = 60.0
LONGEST_GAP_H = 4.0
ONE_VISIT_H = 0.25
MAG_APART = 1.2
"""Asteroids turn, and telescopes use unlike filters."""

_SLACK_ARCSEC = 2.0
_SLACK_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class _Point:
    """One visit's sight of something: hours since the first of all, place, rank in order of time."""

    index: int
    hour: float
    ra_deg: float
    dec_deg: float
    rank: int


_Track = tuple[_Point, ...]


def link_movers(still: Sequence[Candidate]) -> list[Candidate]:
    """Join candidates that were seen in one visit each into movers; the others come back as they are."""
    short = [i for i, c in enumerate(still) if _seen_in_one_visit(c)]
    points, steps = _points_and_steps(still, short)
    tracks = _tracks(points, steps)
    linked = {p.index for track in tracks for p in track}
    movers = [candidate_of((s for p in track for s in still[p.index].sightings), epochs=len(track)) for track in tracks]
    return [c for i, c in enumerate(still) if i not in linked] + movers


def _seen_in_one_visit(candidate: Candidate) -> bool:
    seen = candidate.sightings
    if len(seen) == 1:
        return seen[0].time is not None
    times = [s.time for s in seen if s.time is not None]
    return len(times) == len(seen) and (times[-1] - times[0]).total_seconds() < ONE_VISIT_H * 3600


def _points_and_steps(
    still: Sequence[Candidate], short: Sequence[int]
) -> tuple[dict[int, _Point], list[tuple[float, int, int]]]:
    """Return steps that an asteroid could make, and the points that they join.

    Returns
    -------
    dict of rank to _Point
        Ranked by time, then id.
    list of tuple
        Arcseconds, and the ranks of both points in order of time.
    """
    if len(short) < 2:
        return {}, []
    from scipy.spatial import cKDTree  # not at the top: a vetter that was killed serves before it weighs

    firsts = [still[i].sightings[0] for i in short]
    hours = _hours([s.time for s in firsts if s.time is not None])
    mags = np.array([np.nan if s.mag_ab is None else s.mag_ab for s in firsts])
    where = unit_vectors([s.ra_deg for s in firsts], [s.dec_deg for s in firsts])
    reach = FASTEST_ARCSEC_H * LONGEST_GAP_H + _SLACK_ARCSEC
    pairs = cKDTree(where).query_pairs(reach * ARCSEC, output_type="ndarray")
    late = hours[pairs[:, 0]] > hours[pairs[:, 1]]
    pairs[late] = pairs[late, ::-1]
    before, after = pairs[:, 0], pairs[:, 1]
    gap_h = hours[after] - hours[before]
    apart = np.linalg.norm(where[before] - where[after], axis=1) / ARCSEC
    unlike = np.abs(mags[before] - mags[after]) > MAG_APART  # False where one is unknown.
    fair = (gap_h > 0) & (gap_h <= LONGEST_GAP_H) & (apart <= FASTEST_ARCSEC_H * gap_h + 1.0) & ~unlike
    before, after, apart = before[fair], after[fair], apart[fair]
    joined = sorted({*before.tolist(), *after.tolist()}, key=lambda n: (hours[n], still[short[n]].id))
    rank = {n: at for at, n in enumerate(joined)}
    points = {
        at: _Point(short[n], float(hours[n]), firsts[n].ra_deg, firsts[n].dec_deg, at) for at, n in enumerate(joined)
    }
    steps = zip(apart.tolist(), before.tolist(), after.tolist(), strict=True)
    return points, [(far, rank[a], rank[b]) for far, a, b in steps]


def _hours(times: Sequence[datetime]) -> NDArray[np.float64]:
    start = min(times)
    return np.array([(time - start).total_seconds() / 3600 for time in times])


def _tracks(points: Mapping[int, _Point], steps: Iterable[tuple[float, int, int]]) -> list[_Track]:
    """Link greedily, shortest step first; every point has at most one before it and one after it."""
    track_of: dict[int, _Track] = {}
    for _, a, b in sorted(steps):
        before, after = track_of.get(a, (points[a],)), track_of.get(b, (points[b],))
        whole = before + after
        if before[-1] is points[a] and after[0] is points[b] and _is_straight(whole):
            track_of |= dict.fromkeys((p.rank for p in whole), whole)
    return list({track[0].rank: track for track in track_of.values()}.values())


def _is_straight(track: _Track) -> bool:
    """Say whether all points lie on one line, at one speed."""
    if len(track) < 3:
        return True
    first, span = track[0], track[-1].hour - track[0].hour
    x, y = offsets_arcsec(first.ra_deg, first.dec_deg, [p.ra_deg for p in track], [p.dec_deg for p in track])
    share = np.array([(p.hour - first.hour) / span for p in track])
    miss = np.hypot(x - share * x[-1], y - share * y[-1])
    return bool(np.all(miss <= _SLACK_ARCSEC + _SLACK_SHARE * float(np.hypot(x[-1], y[-1]))))
