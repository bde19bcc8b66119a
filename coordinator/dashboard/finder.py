"""The field around a candidate as numbers for inline SVG: north up, east left; a table says the same (pure)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from coordinator.vetting.facts import ScoredCandidate, StoredDetection
from coordinator.vetting.neighbours import Answer, Neighbours
from coordinator.vetting.tangent import offsets_arcsec

SIDE = 360.0
MARGIN = 18.0
HALF_WIDTHS_ARCSEC = (30.0, 60.0, 120.0, 300.0, 600.0)
USUAL_ARCSEC = 60.0
BARS_ARCSEC = (10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0)
NEAREST = 3
"""So many of what lies around are in the field, where there is anything."""

KINDS = {
    "galaxies": "galaxy", "stars": "star", "nuclei": "active nucleus", "variables": "variable star",
    "minor_planets": "minor planet", "reported": "reported by others",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """Something around the candidate. Offsets None: a catalogue says how far away it is, and not on which side."""

    kind: str
    name: str
    source: str
    away_arcsec: float
    east_arcsec: float | None = None
    north_arcsec: float | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """A place, or a ring of radius `r` about the candidate, in pixels."""

    x: float
    y: float
    r: float | None
    kind: str
    says: str


@dataclass(frozen=True, slots=True)
class Finder:
    """The chart: marks, scale bar, and the circle of the candidate's error; `error` None: unknown, or too small."""

    marks: tuple[Mark, ...]
    around: tuple[Found, ...]
    outside: int
    half_width_arcsec: float
    bar: float
    bar_arcsec: float
    error_arcsec: float | None
    error: float | None
    silent: tuple[str, ...]
    side: float = SIDE
    middle: float = SIDE / 2.0


def finder(
    mine: ScoredCandidate,
    seen: Sequence[StoredDetection],
    beside: Sequence[tuple[float, ScoredCandidate]],
    near: Sequence[tuple[str, Neighbours]],
) -> Finder:
    """Draw the field.

    Parameters
    ----------
    mine : ScoredCandidate
        In the middle.
    seen : sequence of StoredDetection
        What was measured of it.
    beside : sequence of (float, ScoredCandidate)
        Other candidates with their distances, arcsec.
    near : sequence of (str, Neighbours)
        What sources know around it, by the source's name.
    """
    around = tuple(sorted((*_candidates(mine, beside), *_catalogued(near)), key=lambda f: (f.away_arcsec, f.name)))
    half = _half_width(around)
    per_arcsec = (SIDE / 2.0 - MARGIN) / half
    shown = [one for one in around if one.away_arcsec <= half]
    measured = [_measured(mine, one, per_arcsec) for one in seen if not one.upper_limit]
    error = _error_arcsec(seen)
    drawn = None if error is None else round(error * per_arcsec, 1)
    bar = max((b for b in BARS_ARCSEC if b <= half / 2.0), default=BARS_ARCSEC[0])
    return Finder(
        marks=(*(_mark(one, per_arcsec) for one in shown), *measured),
        around=around,
        outside=len(around) - len(shown),
        half_width_arcsec=half,
        bar=round(bar * per_arcsec, 1),
        bar_arcsec=bar,
        error_arcsec=error,
        error=drawn if drawn is not None and drawn >= 1.0 else None,
        silent=tuple(sorted(set(_silent(near)))),
    )


def _candidates(mine: ScoredCandidate, beside: Sequence[tuple[float, ScoredCandidate]]) -> list[Found]:
    if not beside:
        return []
    others = [one for _, one in beside]
    east, north = offsets_arcsec(mine.ra_deg, mine.dec_deg, [c.ra_deg for c in others], [c.dec_deg for c in others])
    return [
        Found("candidate", one.id, "vetting", round(away, 1), round(float(e), 1), round(float(n), 1))
        for (away, one), e, n in zip(beside, east, north, strict=True)
    ]


def _answers(near: Sequence[tuple[str, Neighbours]]) -> list[tuple[str, Answer[Any]]]:
    return [(kind, answer) for _, one in near for kind in KINDS for answer in getattr(one, kind)]


def _catalogued(near: Sequence[tuple[str, Neighbours]]) -> list[Found]:
    return [
        Found(KINDS[kind], one.name, answer.source, round(one.separation_arcsec, 1))
        for kind, answer in _answers(near)
        for one in answer.found
    ]


def _silent(near: Sequence[tuple[str, Neighbours]]) -> list[str]:
    return [f"{a.source}: {a.silent_because}" for _, a in _answers(near) if a.silent_because is not None]


def _half_width(around: Sequence[Found]) -> float:
    """Return the least width that holds the nearest few of those that the widest chart would hold."""
    near = [one.away_arcsec for one in around if one.away_arcsec <= HALF_WIDTHS_ARCSEC[-1]]
    if not near:
        return USUAL_ARCSEC
    wanted = near[min(NEAREST, len(near)) - 1]
    return next(h for h in HALF_WIDTHS_ARCSEC if h >= wanted)


def _mark(one: Found, per_arcsec: float) -> Mark:
    says = f"{one.name}, {one.away_arcsec:.1f}″ away ({one.kind}, {one.source})"
    middle = SIDE / 2.0
    if one.east_arcsec is None or one.north_arcsec is None:
        return Mark(middle, middle, round(one.away_arcsec * per_arcsec, 1), one.kind, says)
    x, y = middle - one.east_arcsec * per_arcsec, middle - one.north_arcsec * per_arcsec
    return Mark(round(x, 1), round(y, 1), None, one.kind, says)


def _measured(mine: ScoredCandidate, one: StoredDetection, per_arcsec: float) -> Mark:
    (east,), (north,) = offsets_arcsec(mine.ra_deg, mine.dec_deg, [one.detection.ra_deg], [one.detection.dec_deg])
    middle = SIDE / 2.0
    x, y = middle - float(east) * per_arcsec, middle - float(north) * per_arcsec
    says = f"measured by {one.telescope}, {math.hypot(float(east), float(north)):.2f}″ away"
    return Mark(round(x, 1), round(y, 1), None, "measurement", says)


def _error_arcsec(seen: Sequence[StoredDetection]) -> float | None:
    """Return the least error that a measurement states; None: none does."""
    stated = [e for one in seen if not one.upper_limit and (e := one.detection.pos_err_arcsec) is not None]
    return min(stated, default=None)
