"""Whether an active nucleus or a quasar is there, which flickers by itself."""

from coordinator.vetting.case import Case
from coordinator.vetting.checks.check import Check, Finding
from coordinator.vetting.checks.persistent import GROUP, at_the_place, leans_of, nothing_there

NUCLEUS = -4.0

IS_NUCLEUS = leans_of({"agn": 0.5}, 0.005)
"""Chances of a known nucleus within 2 arcsec (assumed): catalogues have half of those that flicker."""


def evaluate(case: Case) -> Finding:
    """Take the nearest nucleus at the place."""
    for nucleus, answer in at_the_place(case.near.nuclei):
        far = "" if nucleus.redshift is None else f" at redshift {nucleus.redshift:.3f}"
        given = f"{nucleus.name} at {nucleus.separation_arcsec:.2f} arcsec"
        said = f"active nucleus {nucleus.name}{far} lies {nucleus.separation_arcsec:.1f} arcsec away"
        return Finding(NUCLEUS, False, given, answer.source, said, as_of=answer.as_of, leans=IS_NUCLEUS)
    return nothing_there(case.near.nuclei, "active nucleus", case.candidate)


CHECK = Check("active nucleus", evaluate, group=GROUP)
