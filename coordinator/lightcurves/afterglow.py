"""The afterglow of a gamma-ray burst that points at us: one power law in time and in frequency.

``F ~ t**-1.1 nu**-0.8``, the middle of what is seen before the jet breaks (decay 0.8 to 1.4, g - r of 0.2 to 0.4).
A break makes it fainter some days later than this; what it is seen as from the side is another thing, not modelled.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from coordinator.lightcurves.bands import wavelength_nm

DECAY = 1.1
SLOPE = 0.8
FROM_VEGA_MAG = 0.21
"""R in the AB system less R in that of Vega."""

SHORT_ABS_MAG = -19.2
SHORT_AT_D = 0.5
"""Afterglow of a short burst, R, AB, 12 hours after it.

Long ones gather at ``log10 L = 30.65 erg/s/Hz`` in R at 12 hours in their own frame (Nardini et al. 2006, A&A 451,
821), which is -25.0 mag; those of mergers are fainter by 5.8 mag in the mean (Kann et al. 2011, ApJ 734, 96). Single
ones differ by two magnitudes and more.
"""

SPREAD_MAG = 2.0
"""By so much they differ from one another (Kann et al. 2011, about)."""

USUAL_MAG = 19.5 + FROM_VEGA_MAG
USUAL_AT_D = 1000.0 / 86400.0
"""Where nothing is known of the distance: the peak of the apparent magnitudes, R, 1000 s after the bursts that Swift
found (Akerlof and Swan 2007, ApJ 671, 1868)."""

EARLIEST_D = 100.0 / 86400.0
"""Before this the light of the burst itself and the rise of its afterglow differ from burst to burst."""


def afterglow_abs_mag(band: str, days: ArrayLike) -> NDArray[np.float64]:
    """Absolute AB magnitude of the afterglow of a short burst seen along its jet.

    Parameters
    ----------
    band : str
        Plain name of the band (`bands.band_of`); one that is not known is taken as r.
    days : float or array, shape (n,)
        Days after the burst, in the source's frame.

    Returns
    -------
    float64 array of the shape of `days`
        inf before the burst; the first 100 s as at their end.
    """
    return SHORT_ABS_MAG + _fainter(band, days, SHORT_AT_D)


def afterglow_mag(band: str, days: ArrayLike) -> NDArray[np.float64]:
    """Apparent AB magnitude of the most usual afterglow of a burst of unknown distance; days of the observer."""
    return USUAL_MAG + _fainter(band, days, USUAL_AT_D)


def _fainter(band: str, days: ArrayLike, since_d: float) -> NDArray[np.float64]:
    """Magnitudes by which it is fainter in a band than in R at another time."""
    t = np.asarray(days, np.float64)
    colour = 2.5 * SLOPE * np.log10(wavelength_nm("R") / wavelength_nm(band))
    faded = 2.5 * DECAY * np.log10(np.maximum(t, EARLIEST_D) / since_d)
    return np.where(t > 0.0, colour + faded, np.inf)
