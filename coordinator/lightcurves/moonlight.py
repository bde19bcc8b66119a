"""How much the Moon brightens the sky, and what depth that costs.

The model of Krisciunas and Schaefer (1991, PASP 103, 1033) is for V, where its authors find it good to 8 to 23 %. In
other bands the extinction is the band's own, which says how much is scattered, and the colour is that of sunlight.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

NL_AT_ZERO_MAG = 34.08 * np.exp(20.7233)
"""Surface brightness of V = 0 per square arcsecond in nanolamberts (their equation 1)."""

MAGS_PER_E = 0.92104


@dataclass(frozen=True, slots=True)
class NightSky:
    """The sky in a band.

    Attributes
    ----------
    extinction_mag : float
        Per airmass.
    dark_mag_ab : float
        Per square arcsecond at the zenith without the Moon.
    fainter_than_v_mag : float
        How much fainter sunlight is in it than in V, AB.
    """

    extinction_mag: float
    dark_mag_ab: float
    fainter_than_v_mag: float


NIGHT_SKY = {
    "u": NightSky(0.49, 22.95, 1.58),
    "g": NightSky(0.21, 22.24, 0.31),
    "r": NightSky(0.13, 21.20, -0.15),
    "i": NightSky(0.10, 20.47, -0.27),
    "z": NightSky(0.07, 19.60, -0.30),
    "y": NightSky(0.17, 18.63, -0.30),
    "U": NightSky(0.55, 23.1, 1.53),
    "B": NightSky(0.25, 22.5, 0.51),
    "V": NightSky(0.15, 21.6, 0.0),
    "R": NightSky(0.11, 21.1, -0.20),
    "I": NightSky(0.08, 20.15, -0.29),
    "clear": NightSky(0.15, 21.4, -0.05),
}
"""Dark skies: ugrizy of Cerro Pachon (Rubin's SMTN-002), UBVRI of Paranal (Patat 2003, A&A 400, 1183) turned to AB;
colours of the Sun: Willmer (2018, ApJS 236, 47), rounded; an open detector lies between V and r."""

OUTSHONE = ("J", "H", "K")
"""Bands in which the sky's own glow outshines moonlight."""


@dataclass(frozen=True, slots=True)
class Moon:
    """The Moon at an instant: its phase angle, 0 full to 180 new, and its altitude, degrees."""

    phase_deg: float
    altitude_deg: float

    @classmethod
    def lit(cls, illuminated: float, altitude_deg: float) -> "Moon":
        """Describe a Moon of which this share of the disc is lit, 0 to 1."""
        return cls(float(np.degrees(np.arccos(np.clip(2.0 * illuminated - 1.0, -1.0, 1.0)))), altitude_deg)


def scattering_airmass(zenith_deg: ArrayLike) -> Array:
    """Airmass for moonlight and airglow: ``(1 - 0.96 sin^2 Z)^-1/2`` (their equation 3)."""
    return np.asarray((1.0 - 0.96 * np.sin(np.radians(zenith_deg)) ** 2) ** -0.5, np.float64)


def moonlight_nl(moon: Moon, separation_deg: ArrayLike, zenith_deg: float, extinction_mag: float) -> Array:
    """Surface brightness of scattered moonlight in V, nanolamberts (their equations 15, 20, 21); 0: it is not up.

    Parameters
    ----------
    separation_deg : float or array, shape (n,)
        From the Moon to the places looked at.
    zenith_deg : float
        How far these are from the zenith.
    extinction_mag : float
        Per airmass.
    """
    away = np.asarray(separation_deg, np.float64)
    if moon.altitude_deg <= 0.0:
        return np.zeros_like(away)
    phase = abs(moon.phase_deg)
    brightness = 10.0 ** (-0.4 * (3.84 + 0.026 * phase + 4e-9 * phase**4))
    scattered = 10.0**5.36 * (1.06 + np.cos(np.radians(away)) ** 2) + 10.0 ** (6.15 - away / 40.0)
    arrives = 10.0 ** (-0.4 * extinction_mag * scattering_airmass(90.0 - moon.altitude_deg))
    is_scattered = 1.0 - 10.0 ** (-0.4 * extinction_mag * scattering_airmass(zenith_deg))
    return np.asarray(scattered * brightness * arrives * is_scattered)


def nl_of_mag(mag: ArrayLike) -> Array:
    """Turn V per square arcsecond into nanolamberts (their equation 1)."""
    return np.asarray(NL_AT_ZERO_MAG * np.exp(-MAGS_PER_E * np.asarray(mag, np.float64)))


def sky_brighter_by(band: str, moon: Moon, separation_deg: ArrayLike, zenith_deg: float) -> Array:
    """How many times as bright as without the Moon the sky is, 1 and more, at each separation.

    The dark sky brightens towards the horizon as ``X 10^(-0.4 k (X - 1))`` (their equation 2).
    """
    if band in OUTSHONE:
        return np.ones_like(np.asarray(separation_deg, np.float64))
    sky = NIGHT_SKY.get(band, NIGHT_SKY["r"])
    airmass = scattering_airmass(zenith_deg)
    dark = nl_of_mag(sky.dark_mag_ab) * airmass * 10.0 ** (-0.4 * sky.extinction_mag * (airmass - 1.0))
    moonlight = moonlight_nl(moon, separation_deg, zenith_deg, sky.extinction_mag)
    return np.asarray(1.0 + moonlight * 10.0 ** (-0.4 * sky.fainter_than_v_mag) / dark)


def depth_lost_mag(brighter_by: ArrayLike) -> Array:
    """Depth that a sky so many times as bright costs, where the sky makes the noise: half of its magnitudes."""
    return np.asarray(1.25 * np.log10(np.asarray(brighter_by, np.float64)))
