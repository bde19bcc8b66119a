"""How likely a galaxy is near by accident, and how many galaxies a catalogue holds that could be hosts."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

HUBBLE = 0.7
CHARACTERISTIC_MAG = -20.44 + 5 * math.log10(HUBBLE)
"""Of galaxies in r: Blanton et al. 2003 (ApJ 592, 819)."""


def chance_coincidence(separation_arcsec: float, mag: float) -> float:
    """Chance that a galaxy at least as bright lies at least as near by accident, 0 to 1.

    Parameters
    ----------
    separation_arcsec : float
        How far from the galaxy's middle.
    mag : float
        Apparent magnitude of the galaxy, AB; in r, which others resemble to a magnitude.

    Notes
    -----
    ``1 - exp(-pi r^2 sigma(<= m))`` with ``sigma = 10^(0.33 (m - 24) - 2.44) / (0.33 ln 10)`` galaxies per square
    arcsecond (Bloom et al. 2002, AJ 123, 1111; counts of Hogg et al. 1997).
    """
    per_arcsec2 = 10.0 ** (0.33 * (mag - 24.0) - 2.44) / (0.33 * math.log(10))
    return -math.expm1(-math.pi * separation_arcsec**2 * per_arcsec2)


def share_of_hosts_held(complete_to_mag: ArrayLike, modulus_mag: ArrayLike) -> NDArray[np.float64]:
    """Share of the starlight at a distance that is in galaxies above a catalogue's limit, 0 to 1.

    Parameters
    ----------
    complete_to_mag : float or array
        All galaxies to this apparent magnitude are in the catalogue, AB, r.
    modulus_mag : float or array
        Distance modulus.

    Notes
    -----
    A Schechter function whose slope is rounded from -1.05 to -1: light above L is then ``exp(-L / L*)``.
    """
    faintest = 0.4 * (
        CHARACTERISTIC_MAG + np.asarray(modulus_mag, np.float64) - np.asarray(complete_to_mag, np.float64)
    )
    return np.asarray(np.exp(-(10.0 ** np.minimum(faintest, 3.0))), np.float64)
