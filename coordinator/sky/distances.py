"""How far away a map says the source is, along every line of sight."""

import numpy as np
from numpy.typing import NDArray

from coordinator.sky.skymap import SkyMap

Array = NDArray[np.float64]


def distance_moments(sky: SkyMap) -> tuple[Array, Array] | None:
    """Location and scale of the distance in each cell, Mpc, shape (cells,) each; None: the map knows no distance.

    A cell without moments of its own has the map's mean and spread; where the file does not give these either,
    those of the other cells.
    """
    nothing = np.full(sky.probability.size, np.nan)
    mu = nothing if sky.dist_mu_mpc is None else sky.dist_mu_mpc
    sigma = nothing if sky.dist_sigma_mpc is None else sky.dist_sigma_mpc
    known = np.isfinite(mu) & np.isfinite(sigma) & (np.nan_to_num(sigma) > 0)
    mean, spread = sky.facts.distance_mpc, sky.facts.distance_std_mpc
    if mean is None or not spread:
        weight = np.where(known, sky.probability, 0.0)
        if weight.sum() <= 0:
            return None
        mean, spread = (float(np.average(x[known], weights=weight[known])) for x in (mu, sigma))
    return np.where(known, mu, mean), np.where(known, sigma, spread)
