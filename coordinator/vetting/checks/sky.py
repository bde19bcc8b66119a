"""Whether it is where the map says: the density at its place, against the same candidate anywhere on the sky."""

import math

from coordinator.vetting.case import Case
from coordinator.vetting.checks.check import Check, Finding, unknown

FLOOR = -10.0
OUTSIDE_LEVEL = 0.95
VETO_LEVEL = 0.9999


def evaluate(case: Case) -> Finding:
    """Return ln(4 pi density); the credible level is shown and vetoes far outside, but carries no weight of its own."""
    place = case.place
    if place is None:
        return unknown("the event has no sky map", case.map_source)
    density = 4 * math.pi * place.density_per_sr
    log_bayes = max(math.log(density), FLOOR) if density > 0 else FLOOR
    level = place.credible_level
    said = f"{density:.3g} times the density of an even sky, credible level {level:.3f}"
    return Finding(
        log_bayes,
        level <= OUTSIDE_LEVEL,
        f"{case.candidate.ra_deg:.5f} {case.candidate.dec_deg:+.5f}",
        case.map_source,
        f"outside the {VETO_LEVEL:.2%} region: {said}" if level > VETO_LEVEL else said,
        veto=level > VETO_LEVEL,
    )


CHECK = Check("sky", evaluate)
