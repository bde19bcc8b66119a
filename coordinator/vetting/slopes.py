"""How fast a candidate's brightness changes, measured band by band."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from coordinator.lightcurves.bands import CLEAR, band_of
from coordinator.vetting.sighting import Sighting, detections

WINDOW_D = 6.0
NIGHT_D = 0.5
LOOK_D = 0.04
YOUNG_SHARE = 0.5
"""What is young changes within hours: its means span no more than this share of its age."""

SHORTEST_D = 0.1
CALIBRATION_MAG = 0.05
"""Two telescopes' zero points and filters agree no better than this."""

ASSUMED_ERR_MAG = 0.2


@dataclass(frozen=True, slots=True)
class Mean:
    """A weighted mean magnitude of one night or look, days since T0."""

    day: float
    mag: float
    err: float


@dataclass(frozen=True, slots=True)
class Slope:
    """Change of brightness in one band, + is fading, between two days since T0.

    `age_known` False: the event's time is not known, and the days are those since the candidate was first seen.
    """

    band: str
    mag_d: float
    err_mag_d: float
    days: tuple[float, float]
    age_known: bool

    @property
    def between_d(self) -> tuple[float, float] | None:
        """Ages of both ends; None: not known."""
        return self.days if self.age_known else None


def slopes_of(sightings: Iterable[Sighting], t0: datetime, *, known_t0: bool) -> list[Slope]:
    """Return the slopes that can be measured, first against last mean, band by band."""
    return slopes_in(points_of(sightings, t0), known_t0=known_t0)


def slopes_in(by_band: Mapping[str, Sequence[Mean]], *, known_t0: bool) -> list[Slope]:
    """Return the slopes of points that are sorted by band already."""
    slopes = [_slope(band, points, known_t0) for band, points in sorted(by_band.items()) if len(points) > 1]
    return [s for s in slopes if s is not None]


def points_of(sightings: Iterable[Sighting], t0: datetime) -> dict[str, list[Mean]]:
    """Return every measured brightness by band; days since T0, in the order of the sightings.

    Unfiltered cameras differ too much to be compared with each other: each has a band of its own, ``clear of NAME``.
    """
    by_band: dict[str, list[Mean]] = defaultdict(list)
    for s in detections(sightings):
        if s.time is None or s.mag_ab is None or s.filter is None:
            continue
        band = band_of(s.filter)
        key = f"{band} of {s.telescope}" if band == CLEAR else band
        err = ASSUMED_ERR_MAG if s.mag_err is None else max(s.mag_err, 0.005)
        by_band[key].append(Mean((s.time - t0).total_seconds() / 86400, s.mag_ab, err))
    return dict(by_band)


def plain(band: str) -> str:
    """Return the band alone, without the telescope that an unfiltered one is of."""
    return band.partition(" ")[0]


def _slope(band: str, points: Sequence[Mean], known_t0: bool) -> Slope | None:
    """Compare the first with the last mean of the first days; nights if there are two, else looks of an hour."""
    known = known_t0 and all(p.day > 0 for p in points)
    begun = min(p.day for p in points)
    recent = sorted((p for p in points if p.day - begun <= WINDOW_D), key=lambda p: (p.day, p.mag))
    night_d = min(NIGHT_D, max(YOUNG_SHARE * recent[0].day, LOOK_D)) if known else NIGHT_D
    nights = nightly_means(recent, night_d)
    means = nights if len(nights) > 1 else nightly_means(recent, LOOK_D)
    first, last = means[0], means[-1]
    apart = last.day - first.day
    if apart < SHORTEST_D:
        return None
    err = math.sqrt(first.err**2 + last.err**2 + CALIBRATION_MAG**2) / apart
    return Slope(band, (last.mag - first.mag) / apart, err, (first.day, last.day), known)


def nightly_means(points: Sequence[Mean], within_d: float = NIGHT_D) -> list[Mean]:
    """Average points, in order of time, that lie within so many days after the first of their group."""
    groups: list[list[Mean]] = []
    for p in points:
        if groups and p.day - groups[-1][0].day < within_d:
            groups[-1].append(p)
        else:
            groups.append([p])
    return [_mean(group) for group in groups]


def _mean(group: Sequence[Mean]) -> Mean:
    weights = [p.err**-2.0 for p in group]
    total = math.fsum(weights)
    day = math.fsum(p.day for p in group) / len(group)
    return Mean(day, math.fsum(w * p.mag for w, p in zip(weights, group, strict=True)) / total, total**-0.5)
