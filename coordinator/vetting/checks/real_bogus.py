"""Whether the reduction thinks that it is real."""

import math
from statistics import median

from coordinator.vetting.case import Case
from coordinator.vetting.checks.check import Check, Finding, clip, unknown
from coordinator.vetting.kinds import leans_of
from coordinator.vetting.sighting import detections

LOWEST, HIGHEST = -3.0, 2.2
BOGUS = 0.3

LIKE_BOGUS = leans_of({"artefact": 0.6}, others=0.01)
"""Share of each kind with a lower score (assumed; reductions are made to tell artefacts so)."""


def evaluate(case: Case) -> Finding:
    """Take the median score's odds against even ones."""
    scores = [s.real_bogus for s in detections(case.candidate.sightings) if s.real_bogus is not None]
    if not scores:
        return unknown("no detection has a real/bogus score")
    score = median(scores)
    given = f"{score:.2f}"
    said = f"median real/bogus score of {len(scores)} detections is {score:.2f}"
    if score < BOGUS:
        return Finding(LOWEST, False, given, "the telescope's reduction", said, leans=LIKE_BOGUS)
    odds = math.log(score / (1 - score)) if score < 1 else HIGHEST
    return Finding(clip(odds, LOWEST, HIGHEST), score >= 0.5, given, "the telescope's reduction", said)


CHECK = Check("real/bogus", evaluate, group="reality")
