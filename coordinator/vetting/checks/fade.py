"""Whether it fades or rises as a kilonova does, band by band."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from coordinator.lightcurves.bands import CLEAR, band_of
from coordinator.lightcurves.declines import EARLY_D, UNRELATED, Rate, kilonova_rate
from coordinator.vetting.case import Case
from coordinator.vetting.checks.check import Check, Finding, clip, unknown
from coordinator.vetting.sighting import Sighting

CAP = 8.0
WINDOW_D = 6.0
NIGHT_D = 0.5
LOOK_D = 0.04
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
    """Change of brightness in one band, + is fading."""

    band: str
    mag_d: float
    err_mag_d: float
    until_d: float


def evaluate(case: Case) -> Finding:
    """Add up the bands: the rate of AT2017gfo against the rates of unrelated objects, both widened by the errors."""
    t0 = case.t0 or case.candidate.first_seen
    if t0 is None:
        return unknown("no detection says when")
    slopes = slopes_of(case.candidate.sightings, t0, known_t0=case.t0 is not None)
    terms = [(s, log_bayes_of(s)) for s in slopes]
    told = [f"{s.band} {s.mag_d:+.2f} +- {s.err_mag_d:.2f} mag/d" for s, _ in terms]
    if not terms:
        return unknown("not measured twice in one band, far enough apart")
    total = clip(math.fsum(term for _, term in terms), -CAP, CAP)
    return Finding(total, total > -3.0, ", ".join(told), "its own detections", f"{', '.join(told)}; + is fading")


def slopes_of(sightings: Iterable[Sighting], t0: datetime, *, known_t0: bool) -> list[Slope]:
    """Return the slopes that can be measured, first against last mean, band by band."""
    by_band: dict[str, list[Mean]] = defaultdict(list)
    for s in sightings:
        if s.time is None or s.mag_ab is None or s.filter is None:
            continue
        band = band_of(s.filter)
        # Unfiltered cameras differ too much to be compared with each other.
        key = f"{band} of {s.telescope}" if band == CLEAR else band
        err = ASSUMED_ERR_MAG if s.mag_err is None else max(s.mag_err, 0.005)
        by_band[key].append(Mean((s.time - t0).total_seconds() / 86400, s.mag_ab, err))
    slopes = [_slope(band, points, known_t0) for band, points in sorted(by_band.items())]
    return [s for s in slopes if s is not None]


def log_bayes_of(slope: Slope) -> float:
    """Weigh one band's slope; 0 where a kilonova's rate is not known in it."""
    expected = kilonova_rate(slope.band.partition(" ")[0], slope.until_d)
    if expected is None:
        return 0.0
    signal = _density(slope, expected)
    background = math.fsum(_density(slope, rate) for rate in UNRELATED)
    return clip(math.log(max(signal, 1e-12) / max(background, 1e-12)), -CAP, CAP)


def _slope(band: str, points: Sequence[Mean], known_t0: bool) -> Slope | None:
    """Compare the first with the last mean of the first days; nights if there are two, else looks of an hour."""
    recent = sorted((p for p in points if p.day - min(q.day for q in points) <= WINDOW_D), key=lambda p: (p.day, p.mag))
    nights = _means(recent, NIGHT_D)
    means = nights if len(nights) > 1 else _means(recent, LOOK_D)
    first, last = means[0], means[-1]
    apart = last.day - first.day
    if apart < SHORTEST_D:
        return None
    err = math.sqrt(first.err**2 + last.err**2 + CALIBRATION_MAG**2) / apart
    return Slope(band, (last.mag - first.mag) / apart, err, last.day if known_t0 else min(apart, EARLY_D))


def _means(points: Sequence[Mean], within_d: float) -> list[Mean]:
    """Average points that lie within so many days after the first of their group."""
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


def _density(slope: Slope, rate: Rate) -> float:
    sigma = math.hypot(rate.sigma_mag_d, slope.err_mag_d)
    return rate.share * math.exp(-0.5 * ((slope.mag_d - rate.mean_mag_d) / sigma) ** 2) / sigma


CHECK = Check("fade", evaluate, group="photometry")
