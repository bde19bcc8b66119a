"""Whether it moves, as an asteroid does."""

from coordinator.vetting.case import Case
from coordinator.vetting.checks.check import Check, Finding, unknown

MOVES = -8.0
TWO_POINTS = -4.0
"""Two points, each seen once, may be two things: worth less than three on one line."""


def evaluate(case: Case) -> Finding:
    """Motion over the sky speaks against it; that it stays is the check of repeats' to say."""
    motion = case.candidate.motion
    if motion is None:
        return unknown("no motion seen", "its own detections")
    said = (
        f"moved {motion.moved_arcsec:.1f} arcsec in {motion.over_h:.2f} h: {motion.rate_arcsec_h:.1f} arcsec/h towards "
        f"position angle {motion.position_angle_deg:.0f}, seen {motion.epochs} times"
    )
    log_bayes = MOVES if motion.epochs > 2 else TWO_POINTS
    return Finding(log_bayes, False, f"{motion.rate_arcsec_h:.1f} arcsec/h", "its own detections", said)


CHECK = Check("moving object", evaluate)
