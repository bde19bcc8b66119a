"""Whether it was seen again at the same place: asteroids and most artefacts are not."""

from coordinator.vetting.case import Case
from coordinator.vetting.checks.check import Check, Finding, unknown
from coordinator.vetting.sighting import detections

AGAIN = 1.5
AGAIN_ELSEWHERE = 2.5
APART_H = 0.25
"""A main-belt asteroid moves 7 arcsec in this time."""


def evaluate(case: Case) -> Finding:
    """Two detections a quarter of an hour apart; by two telescopes no artefact of one camera either."""
    candidate = case.candidate
    seen = detections(candidate.sightings)
    times = [s.time for s in seen if s.time is not None]
    telescopes = sorted({s.telescope for s in seen if s.telescope is not None})
    if candidate.motion is not None:
        return unknown("it moves", "its own detections")
    if len(times) < 2:
        return unknown("seen once")
    apart_h = (times[-1] - times[0]).total_seconds() / 3600
    given = f"{len(times)} detections over {apart_h:.2f} h by {len(telescopes) or 'unnamed'} telescopes"
    if apart_h < APART_H:
        return Finding(0.0, None, given, "its own detections", f"{given}: too close in time to tell")
    log_bayes = AGAIN_ELSEWHERE if len(telescopes) > 1 else AGAIN
    return Finding(log_bayes, True, given, "its own detections", f"stayed within an arcsecond: {given}")


CHECK = Check("repeat detection", evaluate, group="reality")
