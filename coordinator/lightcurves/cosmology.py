"""Redshift and luminosity distance in the flat universe of Planck 2018, without astropy."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

SPEED_OF_LIGHT_KM_S = 299792.458
HUBBLE_KM_S_MPC = 67.66
MATTER = 0.30966
_Z_MAX = 3.0
_STEPS = 6000

_z = np.linspace(0.0, _Z_MAX, _STEPS + 1)
_rate = 1.0 / np.sqrt(MATTER * (1 + _z) ** 3 + 1 - MATTER)
_comoving = np.r_[0.0, np.cumsum(0.5 * (_rate[1:] + _rate[:-1]) * np.diff(_z))]
_luminosity_mpc = (1 + _z) * _comoving * SPEED_OF_LIGHT_KM_S / HUBBLE_KM_S_MPC


def luminosity_distance_mpc(redshift: ArrayLike) -> NDArray[np.float64]:
    """Luminosity distance, Mpc; good to 1e-3 for 0 <= z <= 3, NaN outside."""
    return np.asarray(
        np.interp(np.asarray(redshift, np.float64), _z, _luminosity_mpc, left=np.nan, right=np.nan), np.float64
    )


def redshift_at(distance_mpc: ArrayLike) -> NDArray[np.float64]:
    """Redshift of a luminosity distance in Mpc; NaN beyond z = 3."""
    return np.asarray(
        np.interp(np.asarray(distance_mpc, np.float64), _luminosity_mpc, _z, left=np.nan, right=np.nan), np.float64
    )


def distance_per_redshift_mpc(redshift: ArrayLike, distance_mpc: ArrayLike) -> NDArray[np.float64]:
    """Slope of the luminosity distance at redshifts and their distances, Mpc per unit of redshift."""
    z, distance = np.asarray(redshift, np.float64), np.asarray(distance_mpc, np.float64)
    rate = np.sqrt(MATTER * (1 + z) ** 3 + 1 - MATTER)
    return np.asarray(distance / (1 + z) + (1 + z) * SPEED_OF_LIGHT_KM_S / HUBBLE_KM_S_MPC / rate)
