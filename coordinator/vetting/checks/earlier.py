"""Activity at its place long before the event."""

from coordinator.vetting.case import Case
from coordinator.vetting.checks.check import Check, Finding, unknown
from coordinator.vetting.sighting import DETECTED_SNR

OFTEN = -6.0
DETECTIONS = 3
NIGHT_H = 12.0


def evaluate(case: Case) -> Finding:
    """Three detections in more than one night before T0: a variable star, a nucleus, an older supernova."""
    if case.t0 is None:
        return unknown("the event's time is not known")
    t0 = case.t0
    times = [
        s.time
        for s in case.candidate.sightings
        if s.time is not None and s.time < t0 and s.significance >= DETECTED_SNR
    ]
    if not times:
        return unknown("not looked at: no detections from before the event were handed in")
    apart_h = (max(times) - min(times)).total_seconds() / 3600
    given, said = f"{len(times)} detections", f"{len(times)} detections before the event, over {apart_h / 24:.1f} d"
    if len(times) < DETECTIONS or apart_h < NIGHT_H:
        return Finding(0.0, None, given, "its own detections", f"{said}: too few to call it active")
    return Finding(OFTEN, False, given, "its own detections", said)


CHECK = Check("earlier activity", evaluate)
