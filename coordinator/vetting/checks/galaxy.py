"""Whether it lies at a galaxy. Weak, since supernovae do too; but stars, asteroids and artefacts mostly do not."""

from coordinator.vetting.case import Case
from coordinator.vetting.checks.check import Check, Finding, unknown

AT_A_GALAXY = 0.5
NOWHERE = -1.0
FURTHEST_ARCSEC = 60.0


def evaluate(case: Case) -> Finding:
    """Take the nearest galaxy that a telescope's reduction named; silence counts only where it names others' hosts."""
    named = [s for s in case.candidate.sightings if s.host_separation_arcsec is not None]
    near = min(named, key=lambda s: (s.host_separation_arcsec or 0.0, s.id), default=None)
    if near is not None and near.host_separation_arcsec is not None:
        apart = near.host_separation_arcsec
        given = f"{apart:.1f} arcsec"
        if apart <= FURTHEST_ARCSEC:
            return Finding(AT_A_GALAXY, True, given, near.id, f"{apart:.1f} arcsec from a galaxy")
        return Finding(0.0, None, given, near.id, f"the nearest galaxy is {apart:.0f} arcsec away: too far to tell")
    if any(s.host_redshift is not None for s in case.candidate.sightings):
        return unknown("a host is named, but not how far off")
    if case.hosts_looked_for:
        return Finding(
            NOWHERE, False, "no galaxy", "the telescope's reduction", "at no galaxy that the reduction knows"
        )
    return unknown("no reduction looks for galaxies")


CHECK = Check("galaxy", evaluate)
