"""DISTMU, DISTSIGMA and DISTNORM from the mean and the mean square of a distance.

In a map ``p(d) ~ d^2 N(d; mu, sigma)`` (Singer et al. 2016, ApJL 829, L15). The ratio of its spread to its mean depends
on ``mu / sigma`` alone, and falls with it; so it is tabulated once and looked up.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_LEAST, _MOST, _STEPS, _NODES = -3.0, 40.0, 2000, 4000


def layer_of(mean_mpc: Array, square_mpc2: Array) -> tuple[Array, Array, Array]:
    """Return mu, sigma (Mpc) and norm (Mpc^-2) of lines of sight; all NaN where nothing is known of the distance.

    Parameters
    ----------
    mean_mpc, square_mpc2 : float64 arrays, shape (n,)
        Mean of the distance and of its square.
    """
    known = mean_mpc > 0.0
    mean = np.where(known, mean_mpc, 1.0)
    spread = np.sqrt(np.maximum(square_mpc2 / mean**2 - 1.0, 0.0))
    ratio, over_sigma, norm_sigma2, x = _table()
    mu_over_sigma = np.interp(spread, ratio, x)
    sigma = mean / np.interp(mu_over_sigma, x[::-1], over_sigma[::-1])
    norm = np.interp(mu_over_sigma, x[::-1], norm_sigma2[::-1]) / sigma**2
    return tuple(np.where(known, a, np.nan) for a in (mu_over_sigma * sigma, sigma, norm))  # type: ignore[return-value]


@cache
def _table() -> tuple[Array, Array, Array, Array]:
    """Spread over mean (rising), mean over sigma, norm times sigma^2, mu over sigma (falling)."""
    x = np.linspace(_MOST, _LEAST, _STEPS)
    d = np.linspace(0.0, _MOST + 8.0, _NODES)[1:]
    step = d[1] - d[0]
    normal = np.exp(-0.5 * (d - x[:, None]) ** 2) / np.sqrt(2.0 * np.pi)
    second, third, fourth = (((d**k) * normal).sum(axis=1) * step for k in (2, 3, 4))
    mean = third / second
    return np.sqrt(np.maximum(fourth / second / mean**2 - 1.0, 0.0)), mean, 1.0 / second, x
