"""Whether it fades or rises as a kilonova does, band by band."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from coordinator.lightcurves.bands import CLEAR, band_of
from coordinator.lightcurves.declines import UNRELATED, Rate, kilonova_rate
from coordinator.vetting.case import Case
from coordinator.vetting.checks.check import Check, Finding, clip, unknown
from coordinator.vetting.sighting import Sighting

CAP = 8.0
WINDOW_D = 6.0
NIGHT_D = 0.5
LOOK_D = 0.04
YOUNG_SHARE = 0.5
"""What is young changes within hours: its means span no more than this share of its age."""

SHORTEST_D = 0.1
CALIBRATION_MAG = 0.05
"""Two telescopes' zero points and filters agree no better than this."""

ASSUMED_ERR_MAG = 0.2
KILONOVA_SHARED, UNRELATED_SHARED = 0.5, 0.9
"""Share of the variance of rates that is the same in all bands (assumed)."""


@dataclass(frozen=True, slots=True)
class Mean:
    """A weighted mean magnitude of one night or look, days since T0."""

    day: float
    mag: float
    err: float


@dataclass(frozen=True, slots=True)
class Slope:
    """Change of brightness in one band, + is fading; `between_d` None: the event's time is not known."""

    band: str
    mag_d: float
    err_mag_d: float
    between_d: tuple[float, float] | None


def evaluate(case: Case) -> Finding:
    """Weigh the rate of AT2017gfo in each band against the rates of unrelated objects, widened by the errors."""
    if case.candidate.motion is not None:
        return unknown("it moves: its brightness is that of an asteroid", "its own detections")
    t0 = case.t0 or case.candidate.first_seen
    if t0 is None:
        return unknown("no detection says when")
    slopes = slopes_of(case.candidate.sightings, t0, known_t0=case.t0 is not None)
    told = [f"{s.band} {s.mag_d:+.2f} +- {s.err_mag_d:.2f} mag/d" for s in slopes]
    if not slopes:
        return unknown("not measured twice in one band, far enough apart")
    total = log_bayes_of(slopes)
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


def log_bayes_of(slopes: Sequence[Slope]) -> float:
    """Weigh the slopes of all bands together; a band in which no kilonova was measured says nothing.

    Notes
    -----
    An object that fades fast in one band does so in the others: a rate is the sum of a deviation that all bands
    share and a smaller one of its own, for a kilonova about AT2017gfo's rate in each band, for anything else about
    one rate for all bands. One band alone gives the plain normal distributions.
    """
    expected = [(s, kilonova_rate(s.band.partition(" ")[0], s.between_d)) for s in slopes]
    known = [(s, rate) for s, rate in expected if rate is not None]
    if not known:
        return 0.0
    signal = _log_density([s for s, _ in known], [rate for _, rate in known], KILONOVA_SHARED)
    others = [
        math.log(rate.share) + _log_density([s for s, _ in known], [rate] * len(known), UNRELATED_SHARED)
        for rate in UNRELATED
    ]
    top = max(others)
    background = top + math.log(math.fsum(math.exp(o - top) for o in others))
    return clip(signal - background, -CAP, CAP)


def _slope(band: str, points: Sequence[Mean], known_t0: bool) -> Slope | None:
    """Compare the first with the last mean of the first days; nights if there are two, else looks of an hour."""
    known = known_t0 and all(p.day > 0 for p in points)
    recent = sorted((p for p in points if p.day - min(q.day for q in points) <= WINDOW_D), key=lambda p: (p.day, p.mag))
    night_d = min(NIGHT_D, max(YOUNG_SHARE * recent[0].day, LOOK_D)) if known else NIGHT_D
    nights = _means(recent, night_d)
    means = nights if len(nights) > 1 else _means(recent, LOOK_D)
    first, last = means[0], means[-1]
    apart = last.day - first.day
    if apart < SHORTEST_D:
        return None
    err = math.sqrt(first.err**2 + last.err**2 + CALIBRATION_MAG**2) / apart
    ages = (first.day, last.day) if known else None
    return Slope(band, (last.mag - first.mag) / apart, err, ages)


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


def _log_density(slopes: Sequence[Slope], rates: Sequence[Rate], shared: float) -> float:
    """Log density of slopes whose deviations are partly one and the same: covariance diag(own) + common common^T."""
    common = [math.sqrt(shared) * r.sigma_mag_d for r in rates]
    own = [(1 - shared) * r.sigma_mag_d**2 + s.err_mag_d**2 for s, r in zip(slopes, rates, strict=True)]
    off = [s.mag_d - r.mean_mag_d for s, r in zip(slopes, rates, strict=True)]
    grown = 1.0 + math.fsum(c * c / o for c, o in zip(common, own, strict=True))
    along = math.fsum(c * x / o for c, x, o in zip(common, off, own, strict=True))
    chi2 = math.fsum(x * x / o for x, o in zip(off, own, strict=True)) - along * along / grown
    return -0.5 * (chi2 + math.fsum(math.log(o) for o in own) + math.log(grown))


CHECK = Check("fade", evaluate, group="photometry")
