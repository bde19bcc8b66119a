"""Colours of black bodies, for things whose colour was measured in other bands."""

import math
from functools import lru_cache

from coordinator.lightcurves.bands import wavelength_nm

_SECOND_RADIATION_NM_K = 1.438777e7
"""h c / k."""

COLDEST_K, HOTTEST_K = 1000.0, 200000.0


def colour_mag(blue: str, red: str, temperature_k: float) -> float:
    """Return the difference of AB magnitudes of a black body between the middles of two bands."""
    return _mag(blue, temperature_k) - _mag(red, temperature_k)


@lru_cache(maxsize=64)
def temperature_of(g_r_mag: float) -> float:
    """Return how hot a black body of this g - r is, kelvin, by halving."""
    low, high = COLDEST_K, HOTTEST_K
    for _ in range(60):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if colour_mag("g", "r", middle) > g_r_mag else (low, middle)
    return math.sqrt(low * high)


def _mag(band: str, temperature_k: float) -> float:
    """-2.5 log10 of Planck's law per hertz, but for a constant."""
    nm = wavelength_nm(band)
    return -2.5 * (-3.0 * math.log10(nm) - math.log10(math.expm1(_SECOND_RADIATION_NM_K / (nm * temperature_k))))
