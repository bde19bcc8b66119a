"""Whether it was first seen when a counterpart would be."""

import math

from coordinator.vetting.case import Case
from coordinator.vetting.checks.check import Check, Finding, clip, unknown
from coordinator.vetting.sighting import DETECTED_SNR, detections

KILONOVA_SCALE_D = 1.5
SEARCHED_D = 10.0
BEFORE = -7.0
TOO_LATE = -2.0
CAP = 2.0


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
    log_bayes = math.log(SEARCHED_D / KILONOVA_SCALE_D) - days / KILONOVA_SCALE_D
    return Finding(clip(log_bayes, -CAP, CAP), True, given, first.id, f"first seen {days:.2f} d after the event")


def _before(significance: float, days: float, given: str, source: str) -> Finding:
    said = f"seen {-days:.2f} d before the event at signal to noise {significance:.1f}"
    if significance >= DETECTED_SNR:
        return Finding(BEFORE, False, given, source, said)
    return Finding(0.0, None, given, source, f"{said}: too faint to count")


CHECK = Check("time", evaluate)
