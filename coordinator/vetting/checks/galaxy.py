"""Whether it lies at a galaxy. Weak, since supernovae do too; but stars, asteroids and artefacts mostly do not."""

import math
from collections.abc import Mapping
from datetime import datetime

from coordinator.vetting.case import Case
from coordinator.vetting.chance import share_of_hosts_held
from coordinator.vetting.checks.check import Check, Finding, unknown
from coordinator.vetting.hosts import CERTAIN_CHANCE, Host, galaxies_near
from coordinator.vetting.how_far import how_far_by_map
from coordinator.vetting.kinds import Unrelated, leans_of

AT_A_GALAXY = 0.5
NOWHERE = -1.0
TELLING_SHARE = 0.5
"""A catalogue that holds less of all starlight tells by its silence nothing of the kinds."""

FURTHEST_ARCSEC = 60.0
"""A galaxy that a reduction names without its brightness counts to here."""

SHARE_AT_A_GALAXY: Mapping[Unrelated, float] = {
    "supernova": 0.6,
    "agn": 0.9,
    "variable": 0.1,
    "asteroid": 0.1,
    "artefact": 0.3,
    "other": 0.3,
}
"""Share of each kind that lies at a galaxy of chance below 0.05 (assumed): of supernovae those whose host is bright
enough to be known, of artefacts those that a galaxy's bright middle makes, of stars and asteroids accidents."""

AT, APART = leans_of(SHARE_AT_A_GALAXY), leans_of({kind: 1.0 - p for kind, p in SHARE_AT_A_GALAXY.items()})


def evaluate(case: Case) -> Finding:
    """Ask catalogues first, which know how bright the galaxy is, then the reductions of telescopes.

    Silence counts only where it tells: of a catalogue as far as it is complete at the distance that the map says, of
    a reduction where it names the hosts of others. Galaxies that lie there as accidents do are silence, too: a host has
    a chance above 0.05 once in forty times (`chance.HOST_CHANCE`).
    """
    near = galaxies_near(case)
    if near and near[0].chance < CERTAIN_CHANCE:
        best = near[0]
        said = f"{best.name} is {_apart(best)} away, by accident with {best.chance:.2g}"
        return Finding(AT_A_GALAXY, True, _apart(best), best.source, said, as_of=best.as_of, leans=AT)
    named = [s for s in case.candidate.sightings if s.host_separation_arcsec is not None]
    nearest = min(named, key=lambda s: (s.host_separation_arcsec or 0.0, s.id), default=None)
    if nearest is not None and nearest.host_separation_arcsec is not None:
        return _by_reduction(nearest.host_separation_arcsec, nearest.id)
    return _silence(case, near)


def _by_reduction(apart: float, source: str) -> Finding:
    given = f"{apart:.1f} arcsec"
    if apart <= FURTHEST_ARCSEC:
        return Finding(AT_A_GALAXY, True, given, source, f"{apart:.1f} arcsec from a galaxy", leans=AT)
    return Finding(0.0, None, given, source, f"the nearest galaxy is {apart:.0f} arcsec away: too far to tell")


def _silence(case: Case, near: tuple[Host, ...]) -> Finding:
    """Weigh that no galaxy is there: a catalogue that holds a share c of all hosts is silent of 1 - c of them anyway.

    Notes
    -----
    With all hosts in the catalogue silence is worth `NOWHERE`; ``ln(1 - c + c exp(NOWHERE))`` is that between.
    """
    if any(s.host_redshift is not None for s in case.candidate.sightings):
        return unknown("a host is named, but not how far off")
    if case.hosts_looked_for:
        said = "at no galaxy that the reduction knows"
        return Finding(NOWHERE, False, "no galaxy", "the telescope's reduction", said, leans=APART)
    source, limit, as_of = _deepest(case)
    if limit is None:
        return unknown(*_nobody_told(case, source))
    far = how_far_by_map(case.place, case.map_source)
    if far is None:
        return unknown("no galaxy there, but the map says no distance: nobody knows how many are missing", source)
    held = float(share_of_hosts_held(limit, far.modulus_mag))
    log_bayes = math.log1p(held * math.expm1(NOWHERE))
    given = f"{len(near)} galaxies by accident" if near else "no galaxy"
    said = f"at no galaxy of a catalogue that holds {held:.0%} of all starlight at {far.said}"
    told = held >= TELLING_SHARE
    return Finding(log_bayes, False if told else None, given, source, said, as_of=as_of, leans=APART if told else None)


def _deepest(case: Case) -> tuple[str, float | None, datetime | None]:
    """Return source, limit and age of the answer that is complete to the faintest galaxies."""
    gave = [a for a in case.near.galaxies if a.silent_because is None]
    told = [a for a in gave if a.complete_to_mag is not None]
    best = max(told, key=lambda a: (a.complete_to_mag or 0.0, a.source), default=None)
    if best is not None:
        return best.source, best.complete_to_mag, best.as_of
    return (gave[0].source if gave else "nothing"), None, None


def _nobody_told(case: Case, source: str) -> tuple[str, str]:
    silent = next((a for a in case.near.galaxies if a.silent_because is not None), None)
    if source != "nothing":
        return "no galaxy there, but the catalogue does not say how complete it is", source
    if silent is not None:
        return f"source did not answer: {silent.silent_because}", silent.source
    return "no catalogue and no reduction looks for galaxies", source


def _apart(host: Host) -> str:
    return f"{host.separation_arcsec or 0.0:.1f} arcsec"


CHECK = Check("galaxy", evaluate)
