"""How much starlight a galaxy has, in units of the characteristic galaxy, from whatever its catalogue knows.

Stellar mass if known, else B, else K: each over its own characteristic value, so that galaxies measured in unlike
ways can be compared. Magnitudes are Vega, as GLADE+ has them; no K-correction (below 300 Mpc it is small).
"""

from dataclasses import dataclass

import numpy as np

from coordinator.planning.galaxies import Galaxies
from telescopes.description.ephemeris import Array

HUBBLE = 0.7
CHARACTERISTIC_MASS_MSUN = 10**10.66
"""Baldry et al. 2012 (arXiv 1111.5707), for this Hubble constant."""

UNKNOWN_LUMINOSITY = 0.5
"""A galaxy without mass and magnitude: half of all starlight is in galaxies brighter than about this."""

BRIGHTEST = 30.0
"""A galaxy of more than this many characteristic ones is a wrong value or distance, and counts as this: the brightest
galaxies of clusters have some 20, and one bad magnitude would otherwise outweigh a whole catalogue."""


@dataclass(frozen=True, slots=True)
class Schechter:
    """A luminosity function: galaxies per Mpc**3 and luminosity ``density (L/L*)**slope exp(-L/L*)``."""

    band: str
    characteristic_mag: float
    slope: float
    density_per_mpc3: float


B_BAND = Schechter("B", -19.7 + 5 * np.log10(HUBBLE), -1.07, 0.016 * HUBBLE**3)
"""Gehrels et al. 2016 (arXiv 1508.03608), as GLADE (1804.05709) and HOGWARTs use it."""

K_BAND = Schechter("K", -23.39 + 5 * np.log10(HUBBLE), -1.09, 0.0116 * HUBBLE**3)
"""Kochanek et al. 2001 (astro-ph/0011456), all types."""


@dataclass(frozen=True, slots=True, eq=False)
class Starlight:
    """Luminosities over the characteristic one, shape (n,), how many came from what, and how many are cut down."""

    relative: Array
    from_mass: int
    from_b: int
    from_k: int
    unknown: int
    cut_down: int


def starlight(galaxies: Galaxies) -> Starlight:
    """Give every galaxy its luminosity: by stellar mass, else B, else K, else a usual one; none above `BRIGHTEST`."""
    relative = galaxies.mass_msun / CHARACTERISTIC_MASS_MSUN
    from_mass, by_band = int(np.isfinite(relative).sum()), []
    for band, magnitude in ((B_BAND, galaxies.b_mag), (K_BAND, galaxies.k_mag)):
        gaps = np.flatnonzero(np.isnan(relative) & np.isfinite(magnitude))
        relative[gaps] = in_band(band, magnitude[gaps], galaxies.distance_mpc[gaps])
        by_band.append(int(gaps.size))
    nothing = np.isnan(relative)
    relative[nothing] = UNKNOWN_LUMINOSITY
    cut_down = int((relative > BRIGHTEST).sum())
    return Starlight(np.minimum(relative, BRIGHTEST), from_mass, by_band[0], by_band[1], int(nothing.sum()), cut_down)


def in_band(band: Schechter, magnitude: Array, distance_mpc: Array) -> Array:
    """Luminosity over the characteristic one, from an apparent magnitude and a distance."""
    modulus = 5.0 * np.log10(distance_mpc) + 25.0
    return np.asarray(10.0 ** (-0.4 * (magnitude - modulus - band.characteristic_mag)))
