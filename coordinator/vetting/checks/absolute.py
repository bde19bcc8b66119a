"""Whether it would be as bright as a kilonova, at its distance."""

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from coordinator.lightcurves import afterglow
from coordinator.lightcurves.bands import band_of
from coordinator.lightcurves.dust import dust_mag
from coordinator.lightcurves.kilonova import KILONOVA_BANDS, kilonova_abs_mag
from coordinator.vetting.case import AFTERGLOW_SHARE, Case
from coordinator.vetting.checks.check import Check, Finding, clip, unknown
from coordinator.vetting.checks.fade import laws_of
from coordinator.vetting.checks.host import limiting_mag, share_if_counterpart
from coordinator.vetting.how_far import HowFar, how_far, how_far_by_map
from coordinator.vetting.kinds import Unrelated, leans_of
from coordinator.vetting.sighting import Sighting
from coordinator.vetting.slopes import slopes_of

PEAK_MAG, SPREAD_MAG = -15.8, 0.9
PEAK_D = 0.5
_TO_PEAK = PEAK_MAG - float(kilonova_abs_mag("r", PEAK_D))

SPREAD_MAG_D = 0.35
"""Kilonovae differ by so much more for each day after the first: their rates do."""

LATEST_D = 10.0
STEP_D = 0.01
EXPECTED: dict[str, list[float]] = {
    band: (kilonova_abs_mag(band, np.arange(1e-9, LATEST_D + STEP_D, STEP_D)) + _TO_PEAK).tolist()
    for band in KILONOVA_BANDS
}
"""A table, since every candidate asks; a step is nowhere worth more than a part of the spread."""

RATHER_AFTERGLOW = 0.5
"""Without a burst its rates must make it an afterglow rather than a kilonova, and its brightness speaks for nothing:
the real list of S190814bv has one that fades so, 2019aabz."""

BEYOND_MAG = 0.5
"""What is fainter than a limit by more was not found in that image: its limit says nothing then."""

TOO_BRIGHT_MAG = -18.0
LOWEST, HIGHEST = -4.0, 1.0
ASSUMED_ERR_MAG = 0.2

AT_HOSTS = ((0.7, -18.3, 1.1), (0.3, -16.5, 1.5))
"""Unrelated transients at the distance of their hosts: share, mean, spread. Searches to a limit of brightness find
supernovae of type Ia (-19.3) and II (-16.8) from before to after their peaks (assumed)."""

ANYWHERE_MAG = 6.0
"""At the map's distance an unrelated thing may be anything within so many magnitudes, where no limit is known."""

COUNTS = 0.3 * math.log(10.0)
"""Unrelated things grow as 10^(0.3 m), so that a search finds most of them within two magnitudes of its limit: variable
stars and many asteroids do, sources that fill space evenly grow by 0.6, artefacts by less."""

SHARE_TOO_BRIGHT: Mapping[Unrelated, float] = {
    "supernova": 0.6,
    "agn": 0.4,
    "variable": 0.15,
    "asteroid": 0.15,
    "artefact": 0.15,
    "other": 0.3,
}
"""Share of each kind that would shine above -18 at its host (assumed): what only lies before a galaxy rarely does."""

BRIGHT = leans_of(SHARE_TOO_BRIGHT)


def evaluate(case: Case) -> Finding:
    """Take the brightest sighting against AT2017gfo at the same age and band, and against what else shines there.

    Notes
    -----
    ``M = m - 5 log10(D / 10 pc) - A``. Counterpart: normal about -15.8 at the peak, 0.9 wide. Unrelated: `AT_HOSTS`
    where a host gives the distance, else as counts grow towards the limit of the images. Counterpart and hosts are
    widened by the errors of magnitude and distance. Brighter than -18 beyond the error is no kilonova: an afterglow is
    left, with the share that the rates leave it, where a burst was seen or the rates are rather an afterglow's; else it
    is worth `LOWEST`, for almost all are supernovae.
    """
    seen = [s for s in case.candidate.sightings if s.mag_ab is not None and math.isfinite(s.mag_ab)]
    if not seen:
        return unknown("no detection says how bright it is")
    if case.candidate.motion is not None:
        return unknown("it moves: its brightness is that of an asteroid", "its own detections")
    if case.place is None or case.place.dist_mu_mpc is None:
        return unknown("the map says no distance: an afterglow may be as bright as it likes", case.map_source)
    far = how_far(case)
    if far is None:
        return unknown("nobody knows how far it is", case.map_source)
    found = _at(case, seen, far)
    return found if far.host is None or far.host.chance <= 0.0 else _or_elsewhere(case, seen, far, found)


def _or_elsewhere(case: Case, seen: list[Sighting], far: HowFar, there: Finding) -> Finding:
    """Weigh that the galaxy may not be its host: then the counterpart is at the map's distance.

    Notes
    -----
    ``B = a' B_host + (1 - a') B_map``, a' the galaxy's share if this is the counterpart. The check of the distance has
    charged a wrong galaxy already; that it makes everything else too bright is the same mistake.
    """
    elsewhere = how_far_by_map(case.place, case.map_source)
    if elsewhere is None or far.host is None:
        return there
    share = share_if_counterpart(case, far.host)
    other = _at(case, seen, elsewhere)
    both = share * math.exp(there.log_bayes) + (1.0 - share) * math.exp(other.log_bayes)
    log_bayes = clip(math.log(both), LOWEST, HIGHEST)
    said = f"{there.because}; its host with {share:.0%} if it is the counterpart, else {other.because}"
    return replace(there, log_bayes=log_bayes, passed=None if there.passed is None else log_bayes > -3.0, because=said)


def _at(case: Case, seen: list[Sighting], far: HowFar) -> Finding:
    """Weigh the brightest sighting at a distance."""
    brightest = min(seen, key=lambda s: (s.mag_ab or 0.0, s.order))
    dust = _dust_mag(case, brightest)
    mag = (brightest.mag_ab or 0.0) - far.modulus_mag - (dust or 0.0)
    err = math.hypot(ASSUMED_ERR_MAG if brightest.mag_err is None else brightest.mag_err, far.modulus_err_mag)
    given = f"M {mag:+.2f} +- {err:.2f}"
    said = f"as bright as {mag:.1f} in {brightest.filter or 'no known filter'}, at {far.said}"
    said = f"{said}; dust is not known" if dust is None else said
    others = None if far.by_host else others_density(brightest.mag_ab or 0.0, limiting_mag(seen))
    return _weighed(case, brightest, far, mag, err, given, said, others)


def others_density(mag_ab: float, limit_mag_ab: float | None) -> float:
    """Say how many unrelated things a magnitude holds, of all that a search finds; apparent magnitudes.

    Parameters
    ----------
    mag_ab : float
        How bright.
    limit_mag_ab : float or None
        Of the deepest image that it was found in. None, or brighter than it could have been found with: nobody says, so
        it is even over `ANYWHERE_MAG`.
    """
    if limit_mag_ab is None or not math.isfinite(limit_mag_ab) or mag_ab > limit_mag_ab + BEYOND_MAG:
        return 1.0 / ANYWHERE_MAG
    return COUNTS * math.exp(-COUNTS * max(limit_mag_ab - mag_ab, 0.0))


def _weighed(
    case: Case, seen: Sighting, far: HowFar, mag: float, err: float, given: str, said: str, others: float | None
) -> Finding:
    if mag + err < TOO_BRIGHT_MAG:
        leans = BRIGHT if far.by_host else None
        log_bayes = _of_afterglow(case, seen, mag, err, others)
        because = f"{said}: too bright for a kilonova{', not for an afterglow' if log_bayes > LOWEST else ''}"
        return Finding(log_bayes, log_bayes > -3.0, given, far.source, because, leans=leans)
    days = _age_d(case, seen)
    if days is None or not 0.0 < days <= LATEST_D:
        return Finding(0.0, None, given, far.source, f"{said}: how bright a kilonova is at that age is not known")
    expected = expected_mag(band_of(seen.filter or ""), days)
    log_bayes = clip(log_bayes_of(mag, err, expected, days, others), LOWEST, HIGHEST)
    return Finding(log_bayes, log_bayes > -3.0, given, far.source, f"{said}; a kilonova has {expected:.1f} then")


def expected_mag(band: str, days: float) -> float:
    """Absolute magnitude of a kilonova, 0 to 10 days old: AT2017gfo's light curve, put at -15.8 at its peak in r."""
    return EXPECTED.get(band, EXPECTED["r"])[round(days / STEP_D)]


def log_bayes_of(mag: float, err_mag: float, expected: float, days: float, others: float | None) -> float:
    """Return the uncapped logarithm of both densities' ratio.

    Parameters
    ----------
    mag, err_mag : float
        Absolute magnitude and its error.
    expected : float
        What a kilonova has then.
    days : float
        After the event.
    others : float or None
        Density of unrelated things at that brightness, per magnitude; None: the distance is a host's, who has its own.
    """
    spread = math.hypot(SPREAD_MAG, SPREAD_MAG_D * max(days - 1.0, 0.0))
    return _ratio(_normal(mag, expected, math.hypot(spread, err_mag)), mag, err_mag, others)


def _ratio(signal: float, mag: float, err_mag: float, others: float | None) -> float:
    """Return the logarithm of a density over that of what else shines there."""
    at_hosts = [share * _normal(mag, mean, math.hypot(own, err_mag)) for share, mean, own in AT_HOSTS]
    background = math.fsum(at_hosts) if others is None else others
    if signal <= 0.0:
        return LOWEST
    return math.log(signal / background) if background > 0.0 else HIGHEST


def _of_afterglow(case: Case, seen: Sighting, mag: float, err_mag: float, others: float | None) -> float:
    """Weigh what no kilonova is bright enough for as an afterglow.

    Notes
    -----
    ``p(M | rates) = sum of p(model | rates) p(M | model)``: with the share that the rates leave to afterglows this and
    the check of fading together are as if both had been asked at once.
    """
    days = _age_d(case, seen)
    share = _afterglow_share(case)
    alone = case.afterglow_share <= AFTERGLOW_SHARE
    if alone and share <= RATHER_AFTERGLOW:
        return LOWEST
    if days is None or not 0.0 < days <= LATEST_D:
        return LOWEST
    expected = float(afterglow.afterglow_abs_mag(band_of(seen.filter or "r"), days))
    signal = share * _normal(mag, expected, math.hypot(afterglow.SPREAD_MAG, err_mag))
    return clip(_ratio(signal, mag, err_mag, others), LOWEST, 0.0 if alone else HIGHEST)


def _afterglow_share(case: Case) -> float:
    """Say how much of the counterpart may be an afterglow, once its rates are known by these."""
    share = case.afterglow_share
    slopes = [] if case.t0 is None else slopes_of(case.candidate.sightings, case.t0, known_t0=True)
    laws = laws_of(slopes)
    if laws is None or share >= 1.0:
        return share
    odds = math.log(share / (1.0 - share)) + laws.afterglow - laws.kilonova
    return 1.0 / (1.0 + math.exp(min(-odds, 700.0)))


def _age_d(case: Case, seen: Sighting) -> float | None:
    if case.t0 is None or seen.time is None:
        return None
    return (seen.time - case.t0).total_seconds() / 86400


def _dust_mag(case: Case, seen: Sighting) -> float | None:
    reddening = case.near.reddening_mag
    if reddening is None or not math.isfinite(reddening):
        return None
    return float(dust_mag(band_of(seen.filter or ""), max(reddening, 0.0)))


def _normal(x: float, mean: float, sigma: float) -> float:
    off = (x - mean) / sigma
    return math.exp(-0.5 * off * off) / (sigma * math.sqrt(2 * math.pi))


CHECK = Check("absolute magnitude", evaluate, group="photometry")
