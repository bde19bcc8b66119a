"""A star that the black hole in the middle of a galaxy tears apart: blue, slow, and as hot for months.

Numbers rounded from van Velzen et al. 2021 (ApJ 908, 4: 33 events) and Hammerstein et al. 2023 (ApJ 942, 9: 30).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from coordinator.lightcurves.black_body import colour_mag

_MAG_PER_E = 2.5 / math.log(10.0)


@dataclass(frozen=True, slots=True)
class TidalLaw:
    """One event: a Gaussian rise, an exponential fall; `peak_abs_mag` in g, the black body keeps its temperature."""

    peak_abs_mag: float = -19.8
    rise_sigma_d: float = 15.0
    fade_e_d: float = 60.0
    temperature_k: float = 20_000.0


TYPICAL = TidalLaw()
FASTEST_FADE_D = 25.0


def tidal_abs_mag(band: str, days: ArrayLike, law: TidalLaw = TYPICAL) -> NDArray[np.float64]:
    """Absolute AB magnitude.

    Parameters
    ----------
    band : str
        Plain name of the band (`bands.band_of`).
    days : float or array, shape (n,)
        From the peak on, in the source's frame.
    law : TidalLaw
        Which event.

    Returns
    -------
    float64 array of the shape of `days`
    """
    t = np.asarray(days, np.float64)
    rise = 0.5 * (np.minimum(t, 0.0) / law.rise_sigma_d) ** 2
    fall = np.maximum(t, 0.0) / law.fade_e_d
    redder = 0.0 if band == "g" else colour_mag("g", band, law.temperature_k)
    return np.asarray(law.peak_abs_mag - redder + _MAG_PER_E * (rise + fall))


STEEPEST_RISE_MAG_D = _MAG_PER_E * 3.0 / TYPICAL.rise_sigma_d
"""Three sigma before the peak, 5 mag below it: sooner nobody sees it."""

STEEPEST_FALL_MAG_D = _MAG_PER_E / FASTEST_FADE_D
