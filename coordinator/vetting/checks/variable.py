"""Whether something is there that is known to vary: a variable star, a cataclysmic or a symbiotic one."""

from coordinator.vetting.case import Case
from coordinator.vetting.checks.check import Check, Finding
from coordinator.vetting.checks.persistent import GROUP, at_the_place, leans_of, nothing_there

LISTED = -4.0
ARCHIVED = -6.0
ARCHIVE = "archive"
"""Type of a variable that an archive of light curves shows, and not a list: it weighs as earlier activity."""

IS_VARIABLE = leans_of({"variable": 0.3, "agn": 0.05}, 0.0005)
"""Chances of a known variable within 2 arcsec (assumed): lists have a third of those that flare up."""


def evaluate(case: Case) -> Finding:
    """Take what weighs most of the variables at the place, then the nearest."""
    found = at_the_place(case.near.variables)
    if not found:
        return nothing_there(case.near.variables, "known variable", case.candidate)
    variable, answer = min(found, key=lambda both: not _archived(both[0].type))
    archived = _archived(variable.type)
    kind = f" ({variable.type.replace('_', ' ')})" if variable.type else ""
    given = f"{variable.name} at {variable.separation_arcsec:.2f} arcsec"
    said = f"variable {variable.name}{kind} lies {variable.separation_arcsec:.1f} arcsec away"
    log_bayes = ARCHIVED if archived else LISTED
    return Finding(log_bayes, False, given, answer.source, said, as_of=answer.as_of, leans=IS_VARIABLE)


def _archived(type: str) -> bool:
    return type.lower().startswith(ARCHIVE)


CHECK = Check("known variable", evaluate, group=GROUP)
