"""The galaxies that may be a candidate's host, and how the belief is shared among them."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from coordinator.lightcurves.cosmology import distance_per_redshift_mpc, luminosity_distance_mpc
from coordinator.vetting.case import Case
from coordinator.vetting.chance import chance_coincidence, odds_of_host, share_of_hosts_held
from coordinator.vetting.neighbours import Answer, Galaxy, Reported
from coordinator.vetting.sighting import Sighting

PECULIAR_Z = 0.001
"""300 km/s: no redshift tells a distance better."""

ASSUMED_ERR = 0.02
"""Least error, over 1 + z, of a redshift from colours, and the error of one that comes without any."""

FURTHEST_Z = 2.5
"""A redshift beyond, or of 0 and less, tells no distance."""

SAME_REPORT_ARCSEC = 3.0
SAME_GALAXY_ARCSEC = 1.5
FURTHEST_ARCSEC = 3600.0
BRIGHTEST_MAG, FAINTEST_MAG = -2.0, 40.0
"""What a catalogue says beyond is no galaxy, but a filler or a mistake."""

CERTAIN_CHANCE = 0.05
"""A galaxy that is near by accident more rarely than this is taken as the host where one has to be named."""

MOST_HELD = 0.9
"""Of hosts no catalogue holds more: some are torn in two, hidden, or too far off their merger (assumed)."""


@dataclass(frozen=True, slots=True)
class Host:
    """A galaxy that may be the host.

    Attributes
    ----------
    name : str
    source : str
        Whose word it is.
    share : float
        Belief that it is the host and none of the others.
    chance : float
        That one as bright is as near by accident; 0 where somebody named it as the host.
    separation_arcsec : float or None
    redshift, redshift_err : float or None
        The error with its floor; None: it tells no distance.
    assumed_err : bool
        Nobody gave the error.
    as_of : datetime or None
        How old that knowledge is.
    mag : float or None
        Its brightness, where a catalogue lists it.
    """

    name: str
    source: str
    share: float = 1.0
    chance: float = 0.0
    separation_arcsec: float | None = None
    redshift: float | None = None
    redshift_err: float | None = None
    assumed_err: bool = False
    as_of: datetime | None = None
    mag: float | None = None


def hosts_of(case: Case) -> tuple[Host, ...]:
    """Return the likely hosts, best first: the one that was named with a redshift, else those of catalogues.

    A named host whose redshift has no error steps back behind a catalogue's galaxy that is certain and agrees with it:
    that is the same galaxy, better known.
    """
    named = _named(case)
    if named is None:
        return galaxies_near(case)
    if not named.assumed_err:
        return (named,)
    near = galaxies_near(case)
    return near if near and near[0].chance < CERTAIN_CHANCE and _agree(named, near[0]) else (named,)


def galaxies_near(case: Case) -> tuple[Host, ...]:
    """Return the galaxies that catalogues know, the least accidental first, with their shares.

    Notes
    -----
    With f the share of counterparts whose host a catalogue holds and R_j how many times as often a galaxy of chance P_j
    is a true host as one by accident (`chance.odds_of_host`), galaxy j has ``f R_j / (1 - f + f sum R_k)`` and a host
    that no catalogue knows has the rest. So many galaxies that all may be there by accident leave the belief that it
    is none of them as it was. A galaxy without magnitude has no chance, and no share.
    """
    if not case.near.galaxies:
        return ()
    least = case.candidate.pos_err_arcsec
    found = [
        (chance_coincidence(max(g.separation_arcsec, least), g.mag or 0.0), g.separation_arcsec, g.name, a.source, a, g)
        for a, g in _distinct(case.near.galaxies)
    ]
    found.sort(key=lambda one: one[:4])
    held = _held(case)
    odds = [held * odds_of_host(chance) for chance, *_ in found]
    every = 1.0 - held + math.fsum(odds)
    shared = []
    for (chance, apart, name, source, answer, galaxy), its in zip(found, odds, strict=True):
        z, err, assumed = _redshift(galaxy.redshift, galaxy.redshift_err, galaxy.redshift_kind)
        shared.append(Host(name, source, its / every, chance, apart, z, err, assumed, answer.as_of, galaxy.mag))
    return tuple(shared)


def _held(case: Case) -> float:
    """Return the share of counterparts whose host the deepest catalogue holds, at the distance that the map says."""
    limits = (a.complete_to_mag for a in case.near.galaxies if a.silent_because is None)
    limit = max((m for m in limits if m is not None), default=None)
    if limit is None or case.place is None or case.place.dist_mean_mpc is None:
        return MOST_HELD
    return MOST_HELD * float(share_of_hosts_held(limit, 5.0 * math.log10(case.place.dist_mean_mpc) + 25.0))


def no_host_share(hosts: Sequence[Host]) -> float:
    """Return the belief that none of them is the host."""
    return max(1.0 - math.fsum(h.share for h in hosts), 0.0)


def distance_of(host: Host) -> tuple[float, float]:
    """Return distance and error of a host that has a redshift, Mpc."""
    if host.redshift is None or host.redshift_err is None:
        raise ValueError(f"{host.name} has no redshift")
    distance = float(luminosity_distance_mpc(host.redshift))
    return distance, float(distance_per_redshift_mpc(host.redshift, distance)) * host.redshift_err


def reports_near(case: Case) -> list[tuple[Answer[Reported], Reported]]:
    """Return what others report of the same object, nearest first."""
    every = [(a, r) for a in case.near.reported for r in a.found if 0 <= r.separation_arcsec <= SAME_REPORT_ARCSEC]
    return sorted(every, key=lambda one: (one[1].separation_arcsec, one[1].name, one[0].source))


def host_redshift(sightings: Iterable[Sighting]) -> Sighting | None:
    """Return the sighting whose host redshift counts: where they differ the commonest, then the smallest."""
    given = [s for s in sightings if s.host_redshift is not None]
    if not given:
        return None
    counts = Counter(s.host_redshift for s in given)
    best = min(counts, key=lambda z: (-counts[z], z))
    return next(s for s in given if s.host_redshift == best)


def _named(case: Case) -> Host | None:
    """Return the host that a report or else a detection names with a redshift."""
    for answer, report in reports_near(case):
        z, err, assumed = _redshift(report.redshift, None, "spec")
        if z is not None:
            return Host(report.name, answer.source, redshift=z, redshift_err=err, as_of=answer.as_of)
    seen = host_redshift(case.candidate.sightings)
    if seen is None:
        return None
    z, err, assumed = _redshift(seen.host_redshift, seen.host_redshift_err, "")
    if z is None:
        return None
    return Host("host", seen.id, 1.0, 0.0, seen.host_separation_arcsec, z, err, assumed)


def _redshift(z: float | None, err: float | None, kind: str) -> tuple[float | None, float | None, bool]:
    """Return redshift, error and whether the error is assumed; nothing where it tells no distance."""
    if z is None or not 0 < z < FURTHEST_Z:
        return None, None, False
    stated = err if err is not None and 0.0 <= err < FURTHEST_Z else None
    if kind == "spec":
        return z, max(stated or 0.0, PECULIAR_Z), False
    if kind == "photo" or stated is None:
        return z, max(stated or 0.0, ASSUMED_ERR * (1.0 + z)), stated is None
    return z, max(stated, PECULIAR_Z), False


def _distinct(answers: Sequence[Answer[Galaxy]]) -> list[tuple[Answer[Galaxy], Galaxy]]:
    """Return galaxies with place and magnitude; of one that several catalogues hold, the best known redshift."""
    every = [(a, g) for a in answers for g in a.found if _believed(g)]
    if len(answers) == 1:
        return every
    every.sort(key=lambda one: (_poorness(one[1]), one[1].separation_arcsec, one[1].name, one[0].source))
    kept: list[tuple[Answer[Galaxy], Galaxy]] = []
    for answer, galaxy in every:
        if not any(a is not answer and _same(galaxy, g) for a, g in kept):
            kept.append((answer, galaxy))
    return kept


def _same(a: Galaxy, b: Galaxy) -> bool:
    return abs(a.separation_arcsec - b.separation_arcsec) <= SAME_GALAXY_ARCSEC


def _poorness(galaxy: Galaxy) -> float:
    """Sort by the error of the redshift; without redshift last."""
    _, err, _ = _redshift(galaxy.redshift, galaxy.redshift_err, galaxy.redshift_kind)
    return math.inf if err is None else err


def _believed(galaxy: Galaxy) -> bool:
    there = 0.0 <= galaxy.separation_arcsec <= FURTHEST_ARCSEC
    return there and galaxy.mag is not None and BRIGHTEST_MAG < galaxy.mag < FAINTEST_MAG


def _agree(a: Host, b: Host) -> bool:
    if a.redshift is None or b.redshift is None or a.redshift_err is None or b.redshift_err is None:
        return False
    return abs(a.redshift - b.redshift) <= math.hypot(a.redshift_err, b.redshift_err)
