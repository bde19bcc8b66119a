"""Whether it was seen again at the same place: asteroids and most artefacts are not."""

import math
from dataclasses import replace

from coordinator.vetting.case import Case
from coordinator.vetting.checks.check import Check, Finding, unknown
from coordinator.vetting.kinds import SHARES, SHARES_ONCE, UNRELATED, leans_of
from coordinator.vetting.sighting import detections

AGAIN = 1.5
AGAIN_ELSEWHERE = 2.5
APART_H = 0.25
"""A main-belt asteroid moves 7 arcsec in this time."""

ONCE_LEANS = {kind: math.log(SHARES_ONCE[kind] / SHARES[kind]) for kind in UNRELATED}
AGAIN_LEANS = leans_of({"asteroid": 0.02, "artefact": 0.1}, others=0.6)
"""Share of each kind that is seen again at its place (assumed): artefacts of bright stars come back."""


def evaluate(case: Case) -> Finding:
    """Two detections a quarter of an hour apart; by two telescopes no artefact of one camera either."""
    candidate = case.candidate
    seen = detections(candidate.sightings)
    times = [s.time for s in seen if s.time is not None]
    telescopes = sorted({s.telescope for s in seen if s.telescope is not None})
    if candidate.motion is not None:
        return unknown("it moves", "its own detections")
    if len(times) < 2:
        return replace(unknown("seen once"), leans=ONCE_LEANS)
    apart_h = (times[-1] - times[0]).total_seconds() / 3600
    given = f"{len(times)} detections over {apart_h:.2f} h by {len(telescopes) or 'unnamed'} telescopes"
    if apart_h < APART_H:
        return Finding(0.0, None, given, "its own detections", f"{given}: too close in time to tell")
    log_bayes = AGAIN_ELSEWHERE if len(telescopes) > 1 else AGAIN
    said = f"stayed within an arcsecond: {given}"
    return Finding(log_bayes, True, given, "its own detections", said, leans=AGAIN_LEANS)


CHECK = Check("repeat detection", evaluate, group="reality")
