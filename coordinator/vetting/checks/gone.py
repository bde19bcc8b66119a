"""Whether its place was looked at before or soon after, deep enough, and it was not there: asteroids are not.

A kilonova only fades once it has risen, so every look since the event should have shown it, the brighter the earlier.
Two looks half an hour apart are what surveys make to tell asteroids from what stays; a source that was found in the
second of them alone is as suspect as one that was found in the first alone. Looks of later nights count where they
reached below all that a kilonova may have lost by then.
"""

from datetime import datetime, timedelta

from coordinator.lightcurves.bands import band_of
from coordinator.lightcurves.declines import kilonova_rate
from coordinator.lightcurves.kilonova import kilonova_abs_mag_at
from coordinator.vetting.candidate import Candidate
from coordinator.vetting.case import Case
from coordinator.vetting.checks.check import Check, Finding, unknown
from coordinator.vetting.kinds import leans_of
from coordinator.vetting.limits import saw
from coordinator.vetting.looks import Look
from coordinator.vetting.sighting import Sighting, detections

GONE = -2.0
MOST = -5.0
APART = timedelta(minutes=15)
FADES_NOT = timedelta(hours=12)
"""In this time even a kilonova changes little, once it has risen."""

FADES_AT_MOST_SIGMA = 2.0
"""Then it has faded by its rate (`lightcurves.declines`) and at most so many deviations of it: 1 in 44 is faster."""

LATEST = timedelta(days=6)
"""Rates were measured so long (`vetting.slopes`)."""

MARGIN_MAG = 0.5
UNSURE_MARGIN_MAG = 1.0
"""Where the brightness at the look is less well known: in another band, long before, and while a kilonova may rise."""

RISES = timedelta(hours=6)

NOT_THERE = leans_of({"asteroid": 0.95, "artefact": 0.9, "variable": 0.2}, others=0.05)
"""Of each kind the share that a look misses soon after, deep enough: asteroids have moved on, most artefacts never come
back, flares are over; others lie behind a bright star or a gap (assumed)."""


def evaluate(case: Case) -> Finding:
    """Count the looks that should have seen it against those that did."""
    candidate = case.candidate
    if candidate.motion is not None:
        return unknown("it moves", "its own detections")
    later = [look for look in case.looks if _seen_after(candidate, look, case.t0)]
    fair = [look for look in case.looks if _seen_before(candidate, look, case.t0)] + later
    if not fair:
        return unknown("nobody looked there before or soon after, deep enough")
    missed = [look for look in fair if not saw(candidate, look)]
    given = f"{len(fair)} looks that should have"
    if not missed:
        return Finding(0.0, True, given, "observed pointings", f"seen in each of {given}")
    log_bayes = max(GONE * len(missed) / (1 + len(fair) - len(missed)), MOST)
    by = ", ".join(sorted({look.telescope for look in missed}))
    before = "" if len(later) == len(fair) else ", before its first sighting too"
    said = f"not seen in {len(missed)} of {given} (by {by}){before}"
    leans = NOT_THERE if len(missed) == len(fair) else None
    return Finding(log_bayes, False, given, "observed pointings", said, leans=leans)


def _bright(candidate: Candidate) -> list[tuple[datetime, float, Sighting]]:
    seen = detections(candidate.sightings)
    return [(s.time, s.mag_ab, s) for s in seen if s.time is not None and s.mag_ab is not None]


def _seen_after(candidate: Candidate, look: Look, t0: datetime | None) -> bool:
    """Say whether a look came after the first sighting, and reached well below what it may have faded to."""
    before = [one for one in _bright(candidate) if one[0] < look.start]
    if not before or look.start < before[0][0] + APART:
        return False
    last, mag_ab, sighting = before[-1]
    lost = 0.0 if look.end <= last + FADES_NOT else _most_lost_mag(sighting, last, look, t0)
    return lost is not None and look.limit_mag_ab >= mag_ab + lost + _margin_mag(sighting, look)


def _most_lost_mag(sighting: Sighting, last: datetime, look: Look, t0: datetime | None) -> float | None:
    """Say how many magnitudes a kilonova loses at most in the look's band until then; None: nobody knows."""
    if t0 is None or last <= t0 or look.end > last + LATEST:
        return None
    ages = _days(t0, last), _days(t0, look.end)
    rates = [kilonova_rate(band_of(name), ages) for name in {sighting.filter or "", look.filter}]
    lost = [(r.mean_mag_d + FADES_AT_MOST_SIGMA * r.sigma_mag_d) * (ages[1] - ages[0]) for r in rates if r is not None]
    return max(*lost, 0.0) if len(lost) == len(rates) else None


def _seen_before(candidate: Candidate, look: Look, t0: datetime | None) -> bool:
    """Say whether a look between event and first sighting would have shown a kilonova of that brightness later."""
    bright = _bright(candidate)
    if not bright or t0 is None or look.start <= t0:
        return False
    first, mag_ab, sighting = bright[0]
    if look.end + APART > (candidate.first_seen or first):  # it was seen then, if not measured
        return False
    band = band_of(sighting.filter or "")
    rise = kilonova_abs_mag_at(band, _days(t0, look.start)) - kilonova_abs_mag_at(band, _days(t0, first))
    steady = look.start >= t0 + RISES and first <= look.start + FADES_NOT
    margin = _margin_mag(sighting, look) if steady else UNSURE_MARGIN_MAG
    return look.limit_mag_ab >= mag_ab + rise + margin


def _margin_mag(sighting: Sighting, look: Look) -> float:
    same = sighting.filter is not None and band_of(sighting.filter) == band_of(look.filter)
    return MARGIN_MAG if same else UNSURE_MARGIN_MAG


def _days(since: datetime, at: datetime) -> float:
    return (at - since).total_seconds() / 86400


CHECK = Check("seen again", evaluate, group="reality")
