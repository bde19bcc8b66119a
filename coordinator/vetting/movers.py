"""Points that were seen in one visit each, and are one object that moves: asteroids.

A source that stays is seen again at its place and never comes here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

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
    """One visit's sight of something: hours since the first of all, place, magnitude, place in order of time."""

    index: int
    hour: float
    ra_deg: float
    dec_deg: float
    mag: float | None
    rank: int


_Track = tuple[_Point, ...]


def link_movers(still: Sequence[Candidate]) -> list[Candidate]:
    """Join candidates that were seen in one visit each into movers; the others come back as they are."""
    short = [i for i, c in enumerate(still) if _seen_in_one_visit(c)]
    tracks = _tracks(_points(still, short))
    linked = {p.index for track in tracks for p in track}
    movers = [candidate_of((s for p in track for s in still[p.index].sightings), epochs=len(track)) for track in tracks]
    return [c for i, c in enumerate(still) if i not in linked] + movers


def _seen_in_one_visit(candidate: Candidate) -> bool:
    times = [s.time for s in candidate.sightings if s.time is not None]
    return len(times) == len(candidate.sightings) and (times[-1] - times[0]).total_seconds() < ONE_VISIT_H * 3600


def _points(still: Sequence[Candidate], short: Sequence[int]) -> list[_Point]:
    """Put visits in order of time, then id."""
    firsts = {i: still[i].sightings[0] for i in short}
    times = {i: s.time for i, s in firsts.items() if s.time is not None}
    if not times:
        return []
    start = min(times.values())
    hours = {i: (time - start).total_seconds() / 3600 for i, time in times.items()}
    in_time = sorted(hours, key=lambda i: (hours[i], still[i].id))
    return [
        _Point(i, hours[i], firsts[i].ra_deg, firsts[i].dec_deg, firsts[i].mag_ab, rank)
        for rank, i in enumerate(in_time)
    ]


def _tracks(points: Sequence[_Point]) -> list[_Track]:
    """Link greedily, shortest step first; every point has at most one before it and one after it."""
    track_of: dict[int, _Track] = {}
    for _, a, b in sorted(_steps(points)):
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


def _steps(points: Sequence[_Point]) -> list[tuple[float, int, int]]:
    """Return steps that an asteroid could make: arcseconds, and the two points in order of time."""
    if len(points) < 2:
        return []
    from scipy.spatial import cKDTree  # not at the top: a vetter that was killed serves before it weighs

    where = unit_vectors([p.ra_deg for p in points], [p.dec_deg for p in points])
    reach = FASTEST_ARCSEC_H * LONGEST_GAP_H + _SLACK_ARCSEC
    found = []
    for i, j in cKDTree(where).query_pairs(reach * ARCSEC):
        a, b = min(i, j), max(i, j)
        hours = points[b].hour - points[a].hour
        apart = float(np.linalg.norm(where[a] - where[b])) / ARCSEC
        if 0 < hours <= LONGEST_GAP_H and apart <= FASTEST_ARCSEC_H * hours + 1.0 and _alike(points[a], points[b]):
            found.append((apart, a, b))
    return found


def _alike(a: _Point, b: _Point) -> bool:
    return a.mag is None or b.mag is None or abs(a.mag - b.mag) <= MAG_APART
