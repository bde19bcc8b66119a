"""What a map says of the distance in each of its cells, and with how much density in space."""

from dataclasses import dataclass

import numpy as np

from coordinator.sky.distances import distance_moments
from coordinator.sky.skymap import SkyMap
from telescopes.description.ephemeris import Array


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Parameters of ``p(d) = norm d**2 N(d; mu, sigma)`` of each cell, shape (n,): Mpc, Mpc, Mpc**-2."""

    mu_mpc: Array
    sigma_mpc: Array
    norm: Array


def moments_of(sky: SkyMap) -> Moments | None:
    """Moments of every cell of a map; None: it knows no distance.

    A cell without moments has the mean and spread of the whole map in their place, and the norm that belongs to them.
    """
    found = distance_moments(sky)
    if found is None:
        return None
    mu, sigma = found
    # the mean of d**2 under N(d; mu, sigma), but for its part below 0
    usual = 1.0 / (mu**2 + sigma**2)
    given = np.nan if sky.dist_norm is None else sky.dist_norm
    return Moments(mu, sigma, np.where(np.isfinite(given), given, usual))
