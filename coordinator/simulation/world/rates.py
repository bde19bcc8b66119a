"""How often things merge: instants of mergers in a piece of the universe."""

from datetime import datetime, timedelta

import numpy as np

BNS_PER_GPC3_YR = 90.0
"""Of pairs of neutron stars; GWTC-4 allows 7.6 to 250, and this is assumed: about twice their geometric mean."""

_YEAR_D = 365.25


def merger_times(
    rng: np.random.Generator, start: datetime, days: float, within_mpc: float, per_gpc3_yr: float = BNS_PER_GPC3_YR
) -> list[datetime]:
    """Draw when things merge within a distance (Euclidean volume), in order of time."""
    gpc3 = 4.0 / 3.0 * np.pi * (within_mpc / 1000.0) ** 3
    n = int(rng.poisson(per_gpc3_yr * gpc3 * days / _YEAR_D))
    return [start + timedelta(days=float(d)) for d in np.sort(rng.uniform(0.0, days, n))]
