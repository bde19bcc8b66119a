"""The kilonova AT2017gfo as a table: absolute AB magnitudes by band and days after the merger.

The nodes are our own smoothing, by eye and rounded to 0.05 mag, of the published photometry at 40 Mpc (not
corrected for dust); what lies before the first measurement (0.47 d) is an assumed rise.
"""

import math
from bisect import bisect_right

import numpy as np
from numpy.typing import ArrayLike, NDArray

DISTANCE_MODULUS_40_MPC = 33.0103
FIRST_MEASURED_D = 0.47
LAST_NODE_D = 10.0

_DAYS = np.array([0.02, 0.05, 0.2, 0.5, 0.9, 1.45, 2.45, 3.45, 4.45, 5.5, 7.5, 10.0])
_AT_40_MPC = {
    "g": (19.4, 18.20, 17.50, 17.40, 17.50, 18.45, 20.05, 21.00, 21.60, 21.95, 22.90, 23.80),
    "r": (19.4, 18.20, 17.55, 17.45, 17.45, 17.98, 19.05, 19.80, 20.45, 20.80, 21.35, 22.35),
    "i": (19.5, 18.30, 17.60, 17.42, 17.42, 17.83, 18.50, 19.00, 19.50, 19.75, 20.50, 21.80),
    "z": (19.6, 18.40, 17.70, 17.50, 17.40, 17.72, 18.30, 18.72, 19.07, 19.30, 19.95, 21.60),
    "y": (19.6, 18.40, 17.70, 17.45, 17.38, 17.42, 17.78, 18.07, 18.37, 18.80, 19.45, 21.20),
    "J": (20.1, 18.90, 18.20, 17.85, 17.60, 17.55, 17.72, 17.93, 18.17, 18.45, 19.20, 20.70),
    "H": (20.4, 19.20, 18.60, 18.20, 17.80, 17.63, 17.62, 17.70, 17.95, 18.20, 18.75, 19.90),
    "K": (20.8, 19.60, 19.00, 18.60, 18.15, 17.87, 17.70, 17.66, 17.67, 17.75, 18.25, 18.55),
}
_MAGS = {band: np.array(mags) - DISTANCE_MODULUS_40_MPC for band, mags in _AT_40_MPC.items()}
_DAY_LIST: list[float] = _DAYS.tolist()
_LISTED: dict[str, list[float]] = {band: mags.tolist() for band, mags in _MAGS.items()}
KILONOVA_BANDS = tuple(_MAGS)


def kilonova_abs_mag(band: str, days: ArrayLike) -> NDArray[np.float64]:
    """Absolute AB magnitude of AT2017gfo.

    Parameters
    ----------
    band : str
        One of `KILONOVA_BANDS`; anything else (an unfiltered camera first of all) is taken as r.
    days : float or array, shape (n,)
        Days after the merger, in the source's frame.

    Returns
    -------
    float64 array of the shape of `days`
        Straight lines between the nodes; after the last node the last slope goes on; inf before the merger.
    """
    t = np.asarray(days, np.float64)
    mags = _MAGS.get(band, _MAGS["r"])
    last_slope = (mags[-1] - mags[-2]) / (_DAYS[-1] - _DAYS[-2])
    inside = np.interp(t, _DAYS, mags) + last_slope * np.maximum(t - LAST_NODE_D, 0.0)
    return np.where(t > 0.0, inside, np.inf)


def kilonova_abs_mag_at(band: str, day: float) -> float:
    """Return `kilonova_abs_mag` of one day without arrays: checks ask this of every candidate."""
    if day <= 0.0:
        return math.inf
    mags = _LISTED.get(band, _LISTED["r"])
    i = min(max(bisect_right(_DAY_LIST, day) - 1, 0), len(mags) - 2)
    share = (max(day, _DAY_LIST[0]) - _DAY_LIST[i]) / (_DAY_LIST[i + 1] - _DAY_LIST[i])
    return mags[i] + share * (mags[i + 1] - mags[i])


def distance_modulus(distance_mpc: float) -> float:
    """Magnitudes that a distance costs: m - M."""
    return float(5.0 * np.log10(distance_mpc) + 25.0)
