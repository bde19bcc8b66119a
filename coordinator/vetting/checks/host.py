"""Whether its host galaxy lies at the distance that the map says for this line of sight."""

import math
from collections import Counter

import numpy as np
from numpy.typing import NDArray

from coordinator.lightcurves.cosmology import distance_per_redshift_mpc, luminosity_distance_mpc
from coordinator.vetting.case import Case, Place
from coordinator.vetting.checks.check import Check, Finding, clip, unknown
from coordinator.vetting.sighting import Sighting

CAP = 8.0
PECULIAR_Z = 0.001
"""300 km/s: no redshift tells a distance better."""

ASSUMED_ERR = 0.02
"""Error, over 1 + z, of a redshift that comes without one: it may be from colours alone."""

REFERENCE_LIMIT_MAG = 20.5
REFERENCE_SCALE_MPC = 500.0
"""Unrelated hosts of a search to 20.5 mag: p(D) ~ D^2 exp(-(D / 500 Mpc)^2), from 50 spectra of S190814bv."""

_FURTHEST_Z = 2.5
_STEPS = 241


def evaluate(case: Case) -> Finding:
    """Weigh the host's distance under the map at this pixel against that of an unrelated transient's host."""
    place, found = case.place, host_redshift(case.candidate.sightings)
    if place is None or place.dist_mu_mpc is None:
        return unknown("the map says no distance here", case.map_source)
    if found is None:
        return unknown("no host redshift")
    redshift, error, source = found
    if not 0 < redshift < _FURTHEST_Z:
        return unknown(f"redshift {redshift:.4f} tells no distance", source)
    sigma_z = max(ASSUMED_ERR * (1.0 + redshift) if error is None else error, PECULIAR_Z)
    scale = background_scale_mpc(limiting_mag(case.candidate.sightings))
    distance, sigma = _host_distance(redshift, sigma_z)
    log_bayes = log_bayes_of(place, distance, sigma, scale)
    said = (
        f"host at z {redshift:.4f} is {distance:.0f} +- {sigma:.0f} Mpc, the map says {place.dist_mu_mpc:.0f} +- "
        f"{place.dist_sigma_mpc:.0f} here; unrelated hosts lie within about {scale:.0f} Mpc"
    )
    given = f"z {redshift:.5f} +- {sigma_z:.5f}{' (assumed)' if error is None else ''}"
    return Finding(log_bayes, log_bayes > -3.0, given, source, said)


def host_redshift(sightings: tuple[Sighting, ...]) -> tuple[float, float | None, str] | None:
    """Return redshift, error and whose word it is; where detections differ the commonest, then the smallest."""
    given = [(s.host_redshift, s.host_redshift_err, s.id) for s in sightings if s.host_redshift is not None]
    if not given:
        return None
    counts = Counter(z for z, _, _ in given)
    best = min(counts, key=lambda z: (-counts[z], z))
    return next(item for item in given if item[0] == best)


def limiting_mag(sightings: tuple[Sighting, ...]) -> float | None:
    """Return the deepest limit of the images it was found in; None: nobody says."""
    return max((s.limiting_mag_ab for s in sightings if s.limiting_mag_ab is not None), default=None)


def background_scale_mpc(limit_mag: float | None) -> float:
    """Say how far unrelated transients lie in a search to this depth."""
    depth = REFERENCE_LIMIT_MAG if limit_mag is None else limit_mag
    return REFERENCE_SCALE_MPC * 10 ** (0.2 * (depth - REFERENCE_LIMIT_MAG))


def log_bayes_of(place: Place, distance_mpc: float, sigma_mpc: float, scale_mpc: float) -> float:
    """Return the capped log of both integrals' ratio over the host's distance."""
    d = np.linspace(max(distance_mpc - 6 * sigma_mpc, 1e-3), distance_mpc + 6 * sigma_mpc, _STEPS)
    host = np.exp(-0.5 * ((d - distance_mpc) / sigma_mpc) ** 2)
    signal = float(np.sum(host * _map_density(place, d)))
    background = float(np.sum(host * _background_density(d, scale_mpc)))
    if signal <= 0.0:
        return -CAP
    if background <= 0.0:
        return CAP
    return clip(math.log(signal / background), -CAP, CAP)


def _host_distance(redshift: float, sigma_z: float) -> tuple[float, float]:
    return float(luminosity_distance_mpc(redshift)), distance_per_redshift_mpc(redshift) * sigma_z


def _map_density(place: Place, d: NDArray[np.float64]) -> NDArray[np.float64]:
    mu, sigma, norm = place.dist_mu_mpc, place.dist_sigma_mpc, place.dist_norm
    if mu is None or sigma is None or norm is None:
        return np.zeros_like(d)
    normal = np.exp(-0.5 * ((d - mu) / sigma) ** 2) / (sigma * math.sqrt(2 * math.pi))
    return np.asarray(norm * d * d * normal)


def _background_density(d: NDArray[np.float64], scale: float) -> NDArray[np.float64]:
    return np.asarray(4 / math.sqrt(math.pi) / scale**3 * d * d * np.exp(-((d / scale) ** 2)))


CHECK = Check("host distance", evaluate)
