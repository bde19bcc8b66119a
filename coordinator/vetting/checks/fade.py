"""Whether it fades or rises as a kilonova or an afterglow does, band by band, and which unrelated thing does so."""

import math
from collections.abc import Iterable, Sequence

from coordinator.lightcurves.declines import UNRELATED, Rate, afterglow_rates, kilonova_rate
from coordinator.vetting.behaviours import SHARES_OF_RATES, leans_of
from coordinator.vetting.case import Case
from coordinator.vetting.checks.check import Check, Finding, clip, unknown
from coordinator.vetting.kinds import Leans
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
    total, like = log_bayes_of(slopes, case.afterglow_share), _liken(slopes, case.afterglow_share)
    said = f"{told}; + is fading{like}"
    return Finding(total, total > -3.0, told, "its own detections", said, leans=_leans(slopes))


def log_bayes_of(slopes: Sequence[Slope], afterglow_share: float = 0.0) -> float:
    """Weigh the slopes of all bands together; a band in which no kilonova was measured says nothing.

    Parameters
    ----------
    slopes : sequence of Slope
        One for each band at most.
    afterglow_share : float
        How much of what a counterpart may be is an afterglow, 0 to 1.

    Notes
    -----
    An object that fades fast in one band does so in the others: a rate is the sum of a deviation that all bands
    share and a smaller one of its own, for a kilonova about AT2017gfo's rate in each band, for an afterglow about one
    power of time, for anything else about one rate for all bands. One band alone gives the plain normal distributions.
    """
    known = _known(slopes)
    if not known:
        return 0.0
    kilonova, afterglow = _kilonova(known), _afterglow(known)
    signal = _log_sum([_share(1 - afterglow_share) + kilonova, _share(afterglow_share) + afterglow])
    background = _log_sum([math.log(r.share) + one for r, one in zip(UNRELATED, _unrelated(known), strict=True)])
    return clip(signal - background, -CAP, CAP)


def _liken(slopes: Sequence[Slope], afterglow_share: float) -> str:
    """Say in words which counterpart the slopes look like, where one of them is ten times as likely."""
    known = _known(slopes)
    if not known or log_bayes_of(slopes, afterglow_share) <= 0.0:
        return ""
    apart = _kilonova(known) - _afterglow(known)
    if abs(apart) < math.log(10.0):
        return ""
    return f"; more like {'a kilonova than an afterglow' if apart > 0 else 'an afterglow than a kilonova'}"


def _leans(slopes: Sequence[Slope]) -> Leans | None:
    known = _known(slopes)
    return leans_of(_unrelated(known), [r.share for r in UNRELATED], SHARES_OF_RATES) if known else None


def _known(slopes: Sequence[Slope]) -> list[Slope]:
    return [s for s in slopes if kilonova_rate(plain(s.band), s.between_d) is not None]


def _kilonova(slopes: Sequence[Slope]) -> float:
    rates = [rate for s in slopes if (rate := kilonova_rate(plain(s.band), s.between_d)) is not None]
    return _log_density(slopes, rates, KILONOVA_SHARED)


def _afterglow(slopes: Sequence[Slope]) -> float:
    """Add up the ways an afterglow may go: before or after its break and, where its age is not known, at several."""
    start = min(s.days[0] for s in slopes)
    ways = zip(*(afterglow_rates(s.days, None if s.age_known else start) for s in slopes), strict=True)
    return _log_sum([math.log(way[0].share) + _log_density(slopes, way, AFTERGLOW_SHARED) for way in ways])


def _unrelated(slopes: Sequence[Slope]) -> list[float]:
    return [_log_density(slopes, [rate] * len(slopes), UNRELATED_SHARED) for rate in UNRELATED]


def _share(share: float) -> float:
    return math.log(share) if share > 0.0 else -math.inf


def _log_sum(logs: Iterable[float]) -> float:
    every = list(logs)
    top = max(every)
    return top + math.log(math.fsum(math.exp(one - top) for one in every))


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
