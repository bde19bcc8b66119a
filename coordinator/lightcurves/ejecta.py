"""A kilonova from its ejecta: one zone each, heated by decay, seen as a black body; for simulations.

The table of AT2017gfo (`kilonova.py`) is what was seen of one; this is how others may look. Against its photometry,
g to K, to 5 d: rms 0.2 to 0.45 mag, 0.1 to 0.3 mag too bright.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from coordinator.lightcurves.bands import wavelength_nm

Array = NDArray[np.float64]

SUN_G = 1.98847e33
LIGHT_CM_S = 2.99792458e10
DAY_S = 86400.0
PARSEC_CM = 3.0856776e18
PLANCK_ERG_S = 6.62607015e-27
BOLTZMANN_ERG_K = 1.380649e-16
STEFAN_CGS = 5.670374e-5

HEATING_ERG_S_G = 4e18
"""Korobkin et al. (2012, MNRAS 426, 1940) have 2e18; with it AT2017gfo comes out 0.4 to 1.1 mag too faint."""

PASSBAND_NM = {"g": 481.0, "r": 617.0, "i": 752.0, "z": 866.0, "y": 962.0}
"""Where Pan-STARRS1 sees on the average (Tonry et al. 2012, ApJ 750, 99); 40 nm count in a black body's steep blue."""

_FIRST_D = 1e-4
_HEATED_FROM_D, _STEPS = 1e-6, 600
"""The first second gives 3 % of the heat that is left at half a day."""


@dataclass(frozen=True, slots=True)
class Ejecta:
    """One component; `thermal` are a, b, d of Barnes et al. (2016, ApJ 829, 110), `fainter_mag` what hides of it."""

    mass_msun: float
    velocity_c: float
    opacity_cm2_g: float
    floor_k: float
    thermal: tuple[float, float, float]
    fainter_mag: float = 0.0


AT2017GFO: tuple[Ejecta, ...] = (
    Ejecta(0.020, 0.266, 0.5, 674.0, (0.44, 0.25, 1.12)),
    Ejecta(0.047, 0.152, 3.0, 1308.0, (0.56, 0.17, 0.74)),
    Ejecta(0.011, 0.137, 10.0, 3745.0, (0.56, 0.17, 0.74)),
)
"""Blue, purple and red: Villar et al. (2017, ApJ 851, L21)."""

MASS_DEX, VELOCITY_SHARE, HIDDEN_MAG = 0.3, 0.2, 1.0


def scattered(
    rng: np.random.Generator, inclination_rad: float, components: Sequence[Ejecta] = AT2017GFO
) -> tuple[Ejecta, ...]:
    """Draw another kilonova: masses by 0.3 dex, velocities by 20 %, and the first (blue) fainter towards its equator.

    Parameters
    ----------
    rng : numpy.random.Generator
        Chance.
    inclination_rad : float
        Between the line of sight and the pole; 0 and pi see the blue component whole, pi/2 one magnitude fainter.
    components : sequence of Ejecta
        What the draws scatter about; the blue one first.
    """
    hidden = HIDDEN_MAG * (1.0 - abs(float(np.cos(inclination_rad))))
    drawn = [
        replace(
            one,
            mass_msun=one.mass_msun * 10 ** float(rng.normal(0.0, MASS_DEX)),
            velocity_c=one.velocity_c * float(np.clip(1.0 + rng.normal(0.0, VELOCITY_SHARE), 0.4, 1.6)),
        )
        for one in components
    ]
    return tuple(replace(one, fainter_mag=hidden if i == 0 else 0.0) for i, one in enumerate(drawn))


def ejecta_abs_mag(
    band: str, days: ArrayLike, components: Sequence[Ejecta] = AT2017GFO, redshift: float = 0.0
) -> Array:
    """Magnitude, AB, that a kilonova has at 10 pc.

    Parameters
    ----------
    band : str
        Plain name of the band (`bands.band_of`); one that is not known is taken as r.
    days : float or array, shape (n,)
        Days after the merger, of the observer.
    components : sequence of Ejecta
        What was thrown out.
    redshift : float
        Stretches time, reddens the light and adds ``-2.5 log10(1 + z)``; the distance is the luminosity distance.

    Returns
    -------
    float64 array of the shape of `days`
        inf until 9 s after the merger.

    Notes
    -----
    Heating and luminosity as `luminosity_erg_s`. The photosphere moves with the ejecta, ``R = v t``,
    ``T = (L / 4 pi sigma R^2)^(1/4)``; once T falls to `floor_k` it stays there and R shrinks. Black bodies are added.
    """
    t = np.asarray(days, np.float64) / (1.0 + redshift)
    shone = np.maximum(t, _FIRST_D)
    hertz = LIGHT_CM_S / (PASSBAND_NM.get(band, wavelength_nm(band)) * 1e-7) * (1.0 + redshift)
    flux = sum((_flux(one, shone, hertz) for one in components), np.zeros_like(shone)) * (1.0 + redshift)
    with np.errstate(divide="ignore"):
        mag = -2.5 * np.log10(flux) - 48.6
    return np.where(t > _FIRST_D, mag, np.inf)


def luminosity_erg_s(component: Ejecta, days: ArrayLike) -> Array:
    """Luminosity of a component, erg/s, at days in its own frame; shape of `days`.

    Notes
    -----
    ``L = e^(-u) int L_in(s) e^(u') du'`` with ``u = t^2 / tau^2``, ``tau^2 = 2 kappa M / (13.7 v c)`` (Arnett 1982),
    as a recursion over steps in which L_in is a straight line of u, so that no e^u overflows.
    """
    t = np.atleast_1d(np.asarray(days, np.float64))
    grid = np.geomspace(_HEATED_FROM_D, max(float(t.max(initial=0.0)), 2 * _FIRST_D), _STEPS)
    mass_g, speed = component.mass_msun * SUN_G, component.velocity_c * LIGHT_CM_S
    tau2_s2 = 2.0 * component.opacity_cm2_g * mass_g / (13.7 * speed * LIGHT_CM_S)
    u, heat = (grid * DAY_S) ** 2 / tau2_s2, _heating_erg_s(component, grid)
    du = np.diff(u)
    kept = np.exp(-du)
    lost = -np.expm1(-du)
    gained = heat[:-1] * lost + np.diff(heat) * (1.0 - lost / du)
    light = np.empty_like(grid)
    light[0] = heat[0] * -np.expm1(-u[0])
    for k in range(du.size):
        light[k + 1] = kept[k] * light[k] + gained[k]
    return np.asarray(np.interp(t, grid, light).reshape(np.shape(days)), np.float64)


def _heating_erg_s(component: Ejecta, days: Array) -> Array:
    a, b, d = component.thermal
    x = 2.0 * b * days**d
    thermal = 0.36 * (np.exp(-a * days) + np.log1p(x) / x)
    decay = (0.5 - np.arctan((days * DAY_S - 1.3) / 0.11) / np.pi) ** 1.3
    return np.asarray(HEATING_ERG_S_G * component.mass_msun * SUN_G * decay * thermal, np.float64)


def _flux(component: Ejecta, days: Array, hertz: float) -> Array:
    """Spectral flux at 10 pc, erg/s/cm2/Hz."""
    light = luminosity_erg_s(component, days)
    radius = component.velocity_c * LIGHT_CM_S * days * DAY_S
    kelvin = (light / (4.0 * np.pi * STEFAN_CGS * radius**2)) ** 0.25
    cool = kelvin < component.floor_k
    kelvin = np.where(cool, component.floor_k, kelvin)
    radius = np.where(cool, np.sqrt(light / (4.0 * np.pi * STEFAN_CGS * component.floor_k**4)), radius)
    x = PLANCK_ERG_S * hertz / (BOLTZMANN_ERG_K * kelvin)
    black = 2.0 * PLANCK_ERG_S * hertz**3 / LIGHT_CM_S**2 / np.expm1(np.minimum(x, 700.0))
    hidden = 10 ** (-0.4 * component.fainter_mag)
    return np.asarray(np.pi * black * (radius / (10.0 * PARSEC_CM)) ** 2 * hidden, np.float64)
