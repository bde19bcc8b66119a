"""What dust of the Galaxy takes from a source, by band."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

_PER_REDDENING = {
    "u": 4.239,
    "g": 3.303,
    "r": 2.285,
    "i": 1.698,
    "z": 1.263,
    "y": 1.088,
    "U": 4.334,
    "B": 3.626,
    "V": 2.742,
    "R": 2.169,
    "I": 1.505,
    "J": 0.709,
    "H": 0.449,
    "K": 0.302,
}
"""Magnitudes per magnitude of E(B-V) on the scale of Schlegel, Finkbeiner and Davis (1998), R_V = 3.1: Schlafly and
Finkbeiner (2011, ApJ 737, 103), table 6: SDSS ugriz, LSST y, Landolt UBVRI, UKIRT JHK."""


def dust_mag(band: str, reddening_mag: ArrayLike) -> NDArray[np.float64]:
    """Extinction in a band.

    Parameters
    ----------
    band : str
        Plain name of the band (`bands.band_of`); one that is not known, an open detector first of all, is taken as r.
    reddening_mag : float or array, shape (n,)
        E(B-V) of the map of Schlegel, Finkbeiner and Davis, or of one on its scale.
    """
    return _PER_REDDENING.get(band, _PER_REDDENING["r"]) * np.asarray(reddening_mag, np.float64)
