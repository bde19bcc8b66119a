"""How well two distances agree: a map's, or that of unrelated transients, with a host's."""

import math

from coordinator.vetting.case import Place


def log_map_overlap(place: Place, distance_mpc: float, sigma_mpc: float) -> float:
    """Return ln of the integral of p_GW(D) N(D; host) dD, p_GW(D) = DISTNORM D^2 N(D; DISTMU, DISTSIGMA)."""
    mu, sigma, norm = place.dist_mu_mpc, place.dist_sigma_mpc, place.dist_norm
    if mu is None or sigma is None or norm is None:
        return -math.inf
    return math.log(norm) + _log_integral(mu, sigma, distance_mpc, sigma_mpc)


def log_background_overlap(scale_mpc: float, distance_mpc: float, sigma_mpc: float) -> float:
    """Return the same for unrelated transients, p(D) = 4 / (sqrt(pi) scale^3) D^2 exp(-(D / scale)^2).

    That is DISTMU 0, DISTSIGMA scale / sqrt(2) and DISTNORM 4 / scale^2.
    """
    return math.log(4.0 / scale_mpc**2) + _log_integral(0.0, scale_mpc / math.sqrt(2), distance_mpc, sigma_mpc)


def _log_integral(mu: float, sigma: float, distance: float, error: float) -> float:
    """Return ln of the integral over D > 0 of D^2 N(D; mu, sigma) N(D; distance, error); -inf: nothing is there.

    Notes
    -----
    The product of the normal distributions is ``N(distance; mu, s) N(D; m, w)`` with ``s^2 = sigma^2 + error^2``,
    ``m = (mu error^2 + distance sigma^2) / s^2`` and ``w = sigma error / s``; the second moment of what is left of
    N(D; m, w) over D > 0 is ``(m^2 + w^2) Phi(m / w) + m w phi(m / w)``.
    """
    s = math.hypot(sigma, error)
    m = (mu * error**2 + distance * sigma**2) / s**2
    w = sigma * error / s
    x = m / w
    below = 0.5 * math.erfc(-x / math.sqrt(2))
    density = math.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)
    second = (m * m + w * w) * below + m * w * density
    if second <= 0.0:
        return -math.inf
    return math.log(second) - 0.5 * ((distance - mu) / s) ** 2 - math.log(s * math.sqrt(2 * math.pi))
