"""Whether it fades or rises as a kilonova or an afterglow does, band by band, and which unrelated thing does so."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from coordinator.lightcurves.declines import UNRELATED, Rate, afterglow_rates, kilonova_rates
from coordinator.vetting.behaviours import SHARES_OF_RATES, leans_of
from coordinator.vetting.case import Case
from coordinator.vetting.checks.check import Check, Finding, clip, unknown
from coordinator.vetting.slopes import Slope, plain, slopes_of

CAP = 8.0
KILONOVA_SHARED, UNRELATED_SHARED, AFTERGLOW_SHARED = 0.5, 0.9, 0.95
"""Share of the variance of rates that is the same in all bands (assumed); an afterglow keeps its colour."""


def evaluate(case: Case) -> Finding:
    """Weigh the rates of kilonovae and afterglows against those of unrelated objects, widened by the errors."""
    if case.candidate.motion is not None:
        return unknown("it moves: its brightness is that of an asteroid", "its own detections")
    t0 = case.t0 or case.candidate.first_seen
    if t0 is None:
        return unknown("no detection says when")
    slopes = slopes_of(case.candidate.sightings, t0, known_t0=case.t0 is not None)
    if not slopes:
        return unknown("not measured twice in one band, far enough apart")
    told = ", ".join(f"{s.band} {s.mag_d:+.2f} +- {s.err_mag_d:.2f} mag/d" for s in slopes)
    laws = laws_of(slopes)
    total = 0.0 if laws is None else laws.log_bayes(case.afterglow_share)
    said = f"{told}; + is fading{_like(laws) if laws is not None and total > 0.0 else ''}"
    leans = None if laws is None else leans_of(laws.unrelated, [r.share for r in UNRELATED], SHARES_OF_RATES)
    return Finding(total, total > -3.0, told, "its own detections", said, leans=leans)


@dataclass(frozen=True, slots=True)
class Laws:
    """ln p(slopes) as a kilonova, as an afterglow, and under each of the rates of unrelated things."""

    kilonova: float
    afterglow: float
    unrelated: tuple[float, ...]
    rates: tuple[Rate, ...] = UNRELATED

    def log_bayes(self, afterglow_share: float) -> float:
        """Weigh the counterpart against everything unrelated, inside the cap."""
        signal = _log_sum(
            [_log(1.0 - afterglow_share) + self.kilonova, _log(afterglow_share) + self.afterglow],
        )
        background = _log_sum([_log(r.share) + one for r, one in zip(self.rates, self.unrelated, strict=True)])
        return clip(signal - background, -CAP, CAP)


def laws_of(slopes: Sequence[Slope], unrelated: tuple[Rate, ...] = UNRELATED) -> Laws | None:
    """Ask every law about the slopes of all bands together; None: in none of them a kilonova was measured.

    Parameters
    ----------
    slopes : sequence of Slope
        One a band.
    unrelated : tuple of Rate
        How fast unrelated things change; their shares sum to 1.

    Notes
    -----
    An object that fades fast in one band does so in the others: a rate is the sum of a deviation that all bands
    share and a smaller one of its own, for a kilonova about AT2017gfo's rate in each band at one of several paces, for
    an afterglow about one power of time, for anything else about one rate for all bands. One band alone gives the
    plain normal distributions. A band in which no kilonova was measured says nothing.
    """
    asked = [(s, kilonova_rates(plain(s.band), s.between_d)) for s in slopes]
    expected = [(s, rates) for s, rates in asked if rates is not None]
    if not expected:
        return None
    known = [s for s, _ in expected]
    return Laws(
        _of_ways(known, [rates for _, rates in expected], KILONOVA_SHARED),
        _afterglow(known),
        tuple(_log_density(known, [rate] * len(known), UNRELATED_SHARED) for rate in unrelated),
        unrelated,
    )


def log_bayes_of(
    slopes: Sequence[Slope], afterglow_share: float = 0.0, unrelated: tuple[Rate, ...] = UNRELATED
) -> float:
    """Weigh slopes; 0 where no law knows their bands. `afterglow_share`: of what a counterpart may be, 0 to 1."""
    laws = laws_of(slopes, unrelated)
    return 0.0 if laws is None else laws.log_bayes(afterglow_share)


def _like(laws: Laws) -> str:
    """Say in words which counterpart the slopes look like, where one of them is ten times as likely."""
    apart = laws.kilonova - laws.afterglow
    if abs(apart) < math.log(10.0):
        return ""
    return f"; more like {'a kilonova than an afterglow' if apart > 0 else 'an afterglow than a kilonova'}"


def _afterglow(slopes: Sequence[Slope]) -> float:
    """Add up the ways an afterglow may go: before or after its break and, where its age is not known, at several.

    What was seen in one band before the event is of unknown age in all of them.
    """
    start = None if all(s.age_known for s in slopes) else min(s.days[0] for s in slopes)
    return _of_ways(slopes, [afterglow_rates(s.days, start) for s in slopes], AFTERGLOW_SHARED)


def _of_ways(slopes: Sequence[Slope], rates: Sequence[Sequence[Rate]], shared: float) -> float:
    """Add up ways that go through all bands: the first of each band is one way, the second another."""
    ways = zip(*rates, strict=True)
    return _log_sum([math.log(way[0].share) + _log_density(slopes, way, shared) for way in ways])


def _log(share: float) -> float:
    return math.log(share) if share > 0.0 else -math.inf


def _log_sum(logs: Iterable[float]) -> float:
    every = list(logs)
    top = max(every)
    return top + math.log(math.fsum(math.exp(one - top) for one in every))


def _log_density(slopes: Sequence[Slope], rates: Sequence[Rate], shared: float) -> float:
    """Log density of slopes whose deviations are partly one and the same: covariance diag(own) + common common^T."""
    if len(slopes) == 1:  # nothing is shared: a plain normal distribution
        (slope,), (rate,) = slopes, rates
        variance = rate.sigma_mag_d**2 + slope.err_mag_d**2
        return -0.5 * ((slope.mag_d - rate.mean_mag_d) ** 2 / variance + math.log(variance))
    common = [math.sqrt(shared) * r.sigma_mag_d for r in rates]
    own = [(1 - shared) * r.sigma_mag_d**2 + s.err_mag_d**2 for s, r in zip(slopes, rates, strict=True)]
    off = [s.mag_d - r.mean_mag_d for s, r in zip(slopes, rates, strict=True)]
    grown = 1.0 + math.fsum(c * c / o for c, o in zip(common, own, strict=True))
    along = math.fsum(c * x / o for c, x, o in zip(common, off, own, strict=True))
    chi2 = math.fsum(x * x / o for x, o in zip(off, own, strict=True)) - along * along / grown
    return -0.5 * (chi2 + math.fsum(math.log(o) for o in own) + math.log(grown))


CHECK = Check("fade", evaluate, group="photometry")
