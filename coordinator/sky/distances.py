"""How far away a map says the source is, along every line of sight."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

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


def mean_and_spread(mu_mpc: ArrayLike, sigma_mpc: ArrayLike) -> tuple[Array, Array]:
    """Mean and standard deviation of the distance along lines of sight, Mpc, shape (n,) each.

    Parameters
    ----------
    mu_mpc, sigma_mpc : float or arrays, shape (n,)
        DISTMU and DISTSIGMA of the cells: parameters of p(r) ~ r^2 N(r; mu, sigma), not its mean and deviation, from
        which they differ by a tenth. Where they say next to nothing (mu below -5 sigma) both are NaN.
    """
    first, second = _mean_and_square(np.asarray(mu_mpc, np.float64), np.asarray(sigma_mpc, np.float64))
    return first, np.sqrt(np.maximum(0.0, second - first * first))


def marginal_distance(sky: SkyMap) -> tuple[float, float] | None:
    """Mean and standard deviation of the distance over the whole sky, Mpc; None: no cell says anything."""
    if sky.dist_mu_mpc is None or sky.dist_sigma_mpc is None:
        return None
    known = np.isfinite(sky.dist_mu_mpc) & np.isfinite(sky.dist_sigma_mpc) & (sky.probability > 0)
    first, second = _mean_and_square(sky.dist_mu_mpc[known], sky.dist_sigma_mpc[known])
    sound = np.isfinite(first)
    if not sound.any():
        return None
    weight = sky.probability[known][sound]
    weight = weight / weight.sum()
    mean = float((weight * first[sound]).sum())
    square = float((weight * second[sound]).sum())
    return mean, float(np.sqrt(max(0.0, square - mean * mean)))


def _mean_and_square(mu: Array, sigma: Array) -> tuple[Array, Array]:
    """Mean and mean square of the distance in cells; NaN where a cell says next to nothing.

    Notes
    -----
    In a cell p(r) is proportional to r^2 N(r; mu, sigma) for r > 0 (Singer et al. 2016, ApJL 829, L15). With
    I_k = integral of r^k N over r > 0: I_0 = Phi(mu/sigma), I_1 = mu I_0 + sigma phi(mu/sigma),
    I_k = mu I_(k-1) + (k-1) sigma^2 I_(k-2); the mean is I_3/I_2 and the mean square I_4/I_2.
    """
    from scipy.special import ndtr

    x = mu / sigma
    moments = [ndtr(x), mu * ndtr(x) + sigma * np.exp(-0.5 * x * x) / np.sqrt(2 * np.pi)]
    for k in (2, 3, 4):
        moments.append(mu * moments[k - 1] + (k - 1) * sigma**2 * moments[k - 2])
    # Far below zero the sums cancel; such a cell says next to nothing about distance.
    sound = (x > -5) & (moments[2] > 0)
    over = np.where(sound, moments[2], np.nan)
    return moments[3] / over, moments[4] / over
