"""Whether it moves, as an asteroid does."""

from coordinator.vetting.case import Case
from coordinator.vetting.checks.check import Check, Finding, unknown
from coordinator.vetting.kinds import leans_of

MOVES = -8.0
TWO_POINTS = -4.0
"""Two points, each seen once, may be two things: worth less than three on one line."""

MOVES_LEANS = leans_of({"asteroid": 0.5}, others=0.001)
TWO_POINTS_LEANS = leans_of({"asteroid": 0.5, "artefact": 0.05}, others=0.01)
"""Assumed: half of all asteroids are seen to move; artefacts line up by chance, and two neighbours look like a step."""


def evaluate(case: Case) -> Finding:
    """Motion over the sky speaks against it; that it stays is the check of repeats' to say."""
    motion = case.candidate.motion
    if motion is None:
        return unknown("no motion seen", "its own detections")
    said = (
        f"moved {motion.moved_arcsec:.1f} arcsec in {motion.over_h:.2f} h: {motion.rate_arcsec_h:.1f} arcsec/h towards "
        f"position angle {motion.position_angle_deg:.0f}, seen {motion.epochs} times"
    )
    log_bayes, leans = (MOVES, MOVES_LEANS) if motion.epochs > 2 else (TWO_POINTS, TWO_POINTS_LEANS)
    given = f"{motion.rate_arcsec_h:.1f} arcsec/h"
    return Finding(log_bayes, False, given, "its own detections", said, leans=leans)


CHECK = Check("moving object", evaluate)
