"""Whether a later limit says that it faded, where no later brightness does.

A limit bounds the rate from below: what counts is the chance of at least so fast a fade, for a counterpart and for
unrelated objects. What was seen in a single visit may have been no object at all.
"""

import math

from coordinator.lightcurves.bands import CLEAR
from coordinator.lightcurves.declines import UNRELATED, Rate, afterglow_rates, kilonova_rates
from coordinator.vetting.case import Case
from coordinator.vetting.checks.check import Check, Finding, clip, unknown
from coordinator.vetting.checks.repeat import APART_H
from coordinator.vetting.kinds import SHARES_ONCE
from coordinator.vetting.limits import limits_of
from coordinator.vetting.sighting import detections
from coordinator.vetting.slopes import CALIBRATION_MAG, NIGHT_D, WINDOW_D, Mean, Slope, plain, points_of, slopes_of

CAP = 3.0
GOES_AWAY = SHARES_ONCE["asteroid"] + SHARES_ONCE["artefact"]
"""Of what was seen in one visit so much is not there the next night, whatever it was."""


def evaluate(case: Case) -> Finding:
    """Take the limit that asks for the fastest fade, at least half a day after the last detection in its band."""
    candidate = case.candidate
    start = case.t0 or candidate.first_seen
    if candidate.motion is not None or start is None:
        return unknown("no detection says when")
    bounds = _bounds(case)
    if not bounds:
        return unknown("no later limit in a band in which it was seen")
    known = case.t0 is not None
    if slopes_of(candidate.sightings, start, known_t0=known):
        return unknown("its rate is measured", "its own detections")
    bound, source = max(bounds, key=lambda pair: (pair[0].mag_d, pair[0].band, pair[1]))
    given = f"{bound.band}: more than {bound.mag_d:.2f} mag/d"
    if bound.mag_d <= 0.0:
        return Finding(0.0, None, given, source, "the later limits are not deep enough to tell")
    signal = _chance_of_counterpart(bound, case.afterglow_share)
    if signal is None:
        return unknown(f"no kilonova was measured in {bound.band}")
    goes_away = 0.0 if _confirmed(case) else GOES_AWAY
    background = goes_away + (1.0 - goes_away) * math.fsum(r.share * _faster(bound, r) for r in UNRELATED)
    log_bayes = clip(math.log(max(signal, 1e-6) / background), -CAP, CAP)
    said = f"not seen in {bound.band} {bound.days[1]:.1f} d on: it fades by more than {bound.mag_d:.2f} mag/d"
    return Finding(log_bayes, log_bayes >= 0.0, given, source, said)


def _bounds(case: Case) -> list[tuple[Slope, str]]:
    """Return what each later limit says at least of the rate, and whose it is."""
    start = case.t0 or case.candidate.first_seen
    limits = limits_of(case)
    if start is None or not limits:
        return []
    found = []
    for band, points in points_of(case.candidate.sightings, start).items():
        last = max(points, key=lambda p: (p.day, p.mag))
        for limit in limits:
            day = (limit.time - start).total_seconds() / 86400
            whole = f"{limit.band} of {limit.source}" if limit.band == CLEAR else limit.band
            if whole == band and last.day + NIGHT_D <= day <= last.day + WINDOW_D:
                found.append((_bound(band, last, (day, limit.mag_ab), case.t0 is not None), limit.source))
    return found


def _bound(band: str, last: Mean, limit: tuple[float, float], known_t0: bool) -> Slope:
    day, mag = limit
    apart = day - last.day
    err = math.hypot(last.err, CALIBRATION_MAG) / apart
    return Slope(band, (mag - last.mag) / apart, err, (last.day, day), known_t0 and last.day > 0)


def _chance_of_counterpart(bound: Slope, afterglow_share: float) -> float | None:
    rates = kilonova_rates(plain(bound.band), bound.between_d)
    if rates is None:
        return None
    kilonova = math.fsum(rate.share * _faster(bound, rate) for rate in rates)
    ways = afterglow_rates(bound.days, None if bound.age_known else bound.days[0])
    afterglow = math.fsum(way.share * _faster(bound, way) for way in ways)
    return (1.0 - afterglow_share) * kilonova + afterglow_share * afterglow


def _faster(bound: Slope, rate: Rate) -> float:
    """Return the chance that something of such rates fades at least as fast as the bound."""
    sigma = math.hypot(rate.sigma_mag_d, bound.err_mag_d)
    return 0.5 * math.erfc((bound.mag_d - rate.mean_mag_d) / (sigma * math.sqrt(2.0)))


def _confirmed(case: Case) -> bool:
    times = [s.time for s in detections(case.candidate.sightings) if s.time is not None]
    return len(times) > 1 and (max(times) - min(times)).total_seconds() >= APART_H * 3600


CHECK = Check("faded below", evaluate, group="photometry")
