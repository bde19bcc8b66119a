"""How a simulated kilonova shines: AT2017gfo, but with other masses, other speeds and seen from another side.

Behind `glow_abs_mag` alone: another model of kilonovae changes this file and no other. Here the table of AT2017gfo is
scaled. With a heating that falls as t^-1.3 a light curve of mass M and speed v comes to its peak at ``t ~ (M / v)^0.5``
with ``L ~ M^0.35 v^0.65`` (Grossman et al. 2014, MNRAS 439, 757, with their 1.3). Mass scatters by 0.3 dex and speed by
20 %; seen from the side the blue is up to 1 mag fainter (vetting-science, section 5), which AT2017gfo, seen at some 20
degrees from its axis, was not.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from coordinator.lightcurves.kilonova import kilonova_abs_mag

Array = NDArray[np.float64]

MASS_SCATTER_DEX = 0.3
SPEED_SCATTER = 0.2
BLUE_DIMMED_MAG = 1.0
FACE_ON_DEG = 20.0

_BLUE = {"u": 1.0, "B": 1.0, "g": 1.0, "V": 0.8, "r": 0.6, "R": 0.6, "clear": 0.7, "i": 0.35, "I": 0.3, "z": 0.2}
"""Share of the blue part's dimming that a band has; assumed. Bands beyond z have none."""


@dataclass(frozen=True, slots=True)
class Glow:
    """One kilonova beside AT2017gfo: its mass, its speed, and the angle that it is seen at, degrees from its axis."""

    mass: float = 1.0
    speed: float = 1.0
    seen_deg: float = FACE_ON_DEG


AS_AT2017GFO = Glow()


def drawn_glow(rng: np.random.Generator, inclination_deg: float) -> Glow:
    """Draw a kilonova of a binary of this inclination, 0 to 180 degrees; both its poles are alike."""
    mass = 10.0 ** rng.normal(0.0, MASS_SCATTER_DEX)
    speed = float(np.clip(rng.normal(1.0, SPEED_SCATTER), 0.4, 1.6))
    return Glow(float(mass), speed, min(inclination_deg, 180.0 - inclination_deg))


def glow_abs_mag(glow: Glow, band: str, days: ArrayLike) -> Array:
    """Absolute AB magnitude.

    Parameters
    ----------
    band : str
        Plain name of the band (`bands.band_of`).
    days : float or array, shape (n,)
        Days after the merger, in the source's frame.

    Returns
    -------
    float64 array of the shape of `days`
        inf before the merger.
    """
    slower = np.sqrt(glow.mass / glow.speed)
    brighter = 2.5 * np.log10(glow.mass**0.35 * glow.speed**0.65)
    return np.asarray(
        kilonova_abs_mag(band, np.asarray(days, np.float64) / slower) - brighter + _from_the_side(glow, band)
    )


def _from_the_side(glow: Glow, band: str) -> float:
    """Dimming with the cosine of the angle, none up to that of AT2017gfo."""
    face_on = np.cos(np.radians(FACE_ON_DEG))
    share = np.clip((face_on - np.cos(np.radians(glow.seen_deg))) / face_on, 0.0, 1.0)
    return float(BLUE_DIMMED_MAG * _BLUE.get(band, 0.0) * share)
