"""Whether it was first seen when a counterpart would be.

That tells something where somebody looks all the time. Where our own looks are known, they say when anything that
shines is seen first: a supernova of last week and a kilonova are both there at the first look of a place.
"""

import math
from datetime import datetime

from coordinator.vetting.case import Case
from coordinator.vetting.checks.check import Check, Finding, clip, unknown
from coordinator.vetting.limits import saw
from coordinator.vetting.sighting import DETECTED_SNR, Sighting, detections

KILONOVA_SCALE_D = 1.5
SEARCHED_D = 10.0
BEFORE = -7.0
TOO_LATE = -2.0
CAP = 2.0
DEEPER_MAG = 0.5
"""A look that was so much deeper than it was bright would have seen it."""


def evaluate(case: Case) -> Finding:
    """Compare an exponential of 1.5 d with an even chance over ten days; before the event nothing may shine.

    What is too faint to count before the event is passed over: what counts is the first that is certain there,
    else the first after the event.
    """
    if case.t0 is None:
        return unknown("the event's time is not known")
    seen = [(s.time, s) for s in detections(case.candidate.sightings) if s.time is not None]
    if not seen:
        return unknown("no detection says when")
    counts = [(at, s) for at, s in seen if at >= case.t0 or s.significance >= DETECTED_SNR]
    at, first = (counts or seen)[0]
    days = (at - case.t0).total_seconds() / 86400
    given = f"first seen {at:%Y-%m-%dT%H:%M:%S}"
    if days < 0:
        return _before(first.significance, days, given, first.id)
    if days > SEARCHED_D:
        return Finding(TOO_LATE, False, given, first.id, f"first seen {days:.1f} d after the event: late")
    log_bayes = clip(math.log(SEARCHED_D / KILONOVA_SCALE_D) - days / KILONOVA_SCALE_D, -CAP, CAP)
    said = f"first seen {days:.2f} d after the event"
    if not any(saw(case.candidate, look) for look in case.looks):
        return Finding(log_bayes, True, given, first.id, said)
    if _looked_before(case, case.t0, at, first):
        said = f"{said}, though the place was looked at earlier, deep enough to see it"
        return Finding(min(log_bayes, 0.0), True, given, first.id, said)
    return Finding(0.0, True, given, first.id, f"{said}, when its place was first looked at: it may be older")


def _looked_before(case: Case, t0: datetime, at: datetime, first: Sighting) -> bool:
    """Say whether a look between the event and the first sighting should have seen it."""
    earlier = [look for look in case.looks if t0 <= look.start and look.end < at]
    return any(first.mag_ab is None or look.limit_mag_ab >= first.mag_ab + DEEPER_MAG for look in earlier)


def _before(significance: float, days: float, given: str, source: str) -> Finding:
    said = f"seen {-days:.2f} d before the event at signal to noise {significance:.1f}"
    if significance >= DETECTED_SNR:
        return Finding(BEFORE, False, given, source, said)
    return Finding(0.0, None, given, source, f"{said}: too faint to count")


CHECK = Check("time", evaluate)
