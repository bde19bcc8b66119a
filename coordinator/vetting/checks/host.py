"""Whether its host galaxy lies at the distance that the map says for this line of sight."""

import math
from collections.abc import Iterable

from coordinator.vetting.case import Case, Place
from coordinator.vetting.chance import field_scale_mpc, share_by_accident
from coordinator.vetting.checks.check import Check, Finding, clip, unknown
from coordinator.vetting.hosts import Host, distance_of, hosts_of, no_host_share
from coordinator.vetting.overlap import log_background_overlap, log_map_overlap
from coordinator.vetting.sighting import Sighting

CAP = 8.0

REFERENCE_LIMIT_MAG = 20.5
REFERENCE_SCALE_MPC = 500.0
"""Unrelated hosts of a search to 20.5 mag: p(D) ~ D^2 exp(-(D / 500 Mpc)^2), from 50 spectra of S190814bv."""


def evaluate(case: Case) -> Finding:
    """Compare the map's distance here with the host's; several galaxies share what is believed of the host.

    Notes
    -----
    ``B = a_0 + sum a_j B_j``: a_j is the share of galaxy j, a_0 that of a host nobody knows, which says nothing, nor
    does a galaxy without redshift. B_j is the integral of p(D | map) p(D | galaxy) over that of
    p(D | unrelated) p(D | galaxy). Unrelated things are partly not in the galaxy at all (`chance.share_by_accident`):
    then p(D) is that of galaxies as bright, wherever they lie.
    """
    place = case.place
    if place is None or place.dist_mu_mpc is None:
        return unknown("the map says no distance here", case.map_source)
    hosts = hosts_of(case)
    known = [host for host in hosts if host.redshift is not None]
    if not known:
        return unknown("no host redshift that tells a distance", hosts[0].source if hosts else "nothing")
    scale = background_scale_mpc(limiting_mag(case.candidate.sightings))
    silent = no_host_share(hosts) + math.fsum(h.share for h in hosts if h.redshift is None)
    odds = silent + math.fsum(h.share * math.exp(log_bayes_of_host(place, h, scale)) for h in known)
    log_bayes = clip(math.log(odds), -CAP, CAP) if odds > 0 else -CAP
    main = max(known, key=lambda h: h.share)
    given = f"z {main.redshift:.5f} +- {main.redshift_err:.5f}{' (assumed)' if main.assumed_err else ''}"
    said = _because(place, hosts, main, scale)
    return Finding(log_bayes, log_bayes > -3.0, given, main.source, said, as_of=main.as_of)


def limiting_mag(sightings: Iterable[Sighting]) -> float | None:
    """Return the deepest limit of the images it was found in; None: nobody says."""
    return max((s.limiting_mag_ab for s in sightings if s.limiting_mag_ab is not None), default=None)


def background_scale_mpc(limit_mag: float | None) -> float:
    """Say how far unrelated transients lie in a search to this depth."""
    depth = REFERENCE_LIMIT_MAG if limit_mag is None else limit_mag
    return REFERENCE_SCALE_MPC * 10 ** (0.2 * (depth - REFERENCE_LIMIT_MAG))


def share_if_counterpart(case: Case, host: Host) -> float:
    """Say how likely a galaxy is the host if the candidate is the counterpart: a wrong distance is another galaxy's.

    With the shares of all galaxies, ``a_j B_j / (a_0 + sum a_k B_k)``; B is 1 where no redshift tells a distance.
    """
    place = case.place
    if place is None or place.dist_mu_mpc is None or host.redshift is None:
        return host.share
    scale, hosts = background_scale_mpc(limiting_mag(case.candidate.sightings)), hosts_of(case)
    odds = {h: 0.0 if h.redshift is None else log_bayes_of_host(place, h, scale) for h in hosts}
    every = no_host_share(hosts) + math.fsum(h.share * math.exp(one) for h, one in odds.items())
    return host.share * math.exp(odds[host]) / every if host in odds and every > 0.0 else host.share


def log_bayes_of_host(place: Place, host: Host, scale_mpc: float) -> float:
    """Weigh a galaxy that a catalogue lists against hosts of others and against galaxies that lie there by accident."""
    distance, sigma = distance_of(host)
    accident = share_by_accident(host.chance)
    if host.mag is None or accident <= 0.0:
        return log_bayes_of(place, distance, sigma, scale_mpc)
    others = (1.0 - accident) * math.exp(log_background_overlap(scale_mpc, distance, sigma))
    field = accident * math.exp(log_background_overlap(field_scale_mpc(host.mag), distance, sigma))
    background = others + field
    return CAP if background <= 0.0 else clip(log_map_overlap(place, distance, sigma) - math.log(background), -CAP, CAP)


def log_bayes_of(place: Place, distance_mpc: float, sigma_mpc: float, scale_mpc: float) -> float:
    """Return the capped log of both integrals' ratio over the host's distance."""
    background = log_background_overlap(scale_mpc, distance_mpc, sigma_mpc)
    if background == -math.inf:
        return CAP
    return clip(log_map_overlap(place, distance_mpc, sigma_mpc) - background, -CAP, CAP)


def _because(place: Place, hosts: tuple[Host, ...], main: Host, scale: float) -> str:
    distance, sigma = distance_of(main)
    said = (
        f"host at z {main.redshift:.4f} is {distance:.0f} +- {sigma:.0f} Mpc, the map says {place.dist_mu_mpc:.0f} +- "
        f"{place.dist_sigma_mpc:.0f} here; unrelated hosts lie within about {scale:.0f} Mpc"
    )
    if len(hosts) == 1 and main.chance == 0.0:
        return said
    return (
        f"{said}; {main.name} is the host with {main.share:.0%}, none of {len(hosts)} with {no_host_share(hosts):.0%}"
    )


CHECK = Check("host distance", evaluate)
