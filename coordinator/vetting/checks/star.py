"""Whether a star is there that has always been there."""

from coordinator.vetting.case import Case
from coordinator.vetting.checks.check import Check, Finding
from coordinator.vetting.checks.persistent import GROUP, SAME_ARCSEC, at_the_place, leans_of, nothing_there

STAR = -6.0
GLARE = -2.0
BRIGHT_MAG = 15.0
GLARE_ARCSEC = 15.0
"""So far the halo and the spikes of a bright star leave artefacts in a difference image (as ZTFReST cuts)."""

IS_STAR = leans_of({"variable": 0.8, "artefact": 0.2}, 0.005)
"""Chances of a star within 2 arcsec (assumed): most variables have one, a bad subtraction often; else by accident."""

IN_GLARE = leans_of({"artefact": 0.1}, 0.005)
"""Chances of a bright star within 15 arcsec (assumed)."""


def evaluate(case: Case) -> Finding:
    """Take the nearest star at the place, else the brightest beside it."""
    answers = case.near.stars
    for star, answer in at_the_place(answers):
        bright = "" if star.mag is None else f" of {star.mag:.1f} mag"
        given = f"{star.name} at {star.separation_arcsec:.2f} arcsec"
        said = f"star {star.name}{bright} lies {star.separation_arcsec:.1f} arcsec away: within {SAME_ARCSEC:g}"
        return Finding(STAR, False, given, answer.source, said, as_of=answer.as_of, leans=IS_STAR)
    beside = at_the_place(answers, GLARE_ARCSEC)
    bright_ones = [(s.mag, s, a) for s, a in beside if s.mag is not None and s.mag < BRIGHT_MAG]
    if bright_ones:
        mag, star, answer = min(bright_ones, key=lambda one: one[0])
        given = f"{star.name} of {mag:.1f} mag at {star.separation_arcsec:.1f} arcsec"
        said = (
            f"star {star.name} of {mag:.1f} mag lies {star.separation_arcsec:.0f} arcsec away: its glare reaches here"
        )
        return Finding(GLARE, False, given, answer.source, said, as_of=answer.as_of, leans=IN_GLARE)
    return nothing_there(answers, "star", case.candidate)


CHECK = Check("star", evaluate, group=GROUP)
