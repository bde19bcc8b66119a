"""Stars of the Galaxy that collapse: where they are, how far, and how much dust lies before them.

Both lie in discs that thin out with the distance from the middle and from the plane: stars with scales of 2.6 and 0.1
kpc, dust with 2.6 and 0.12 kpc and 0.7 magnitudes of V in each kpc here; the Sun is 8.2 kpc from the middle, in the
plane. All of these are assumed, rounded from what is common; arms, the bulge and single clouds are left out.
"""

from dataclasses import dataclass

import erfa
import numpy as np

SUN_KPC = 8.2
DISC_KPC, STARS_HIGH_KPC, DUST_HIGH_KPC = 2.6, 0.1, 0.12
USUAL_KPC = 10.0
DUST_V_MAG_PER_KPC = 0.7
V_PER_REDDENING = 3.1
NEAREST_KPC = 0.1
_STEPS = 400


@dataclass(frozen=True, slots=True)
class Star:
    """A place in the Galaxy, seen from here."""

    ra_deg: float
    dec_deg: float
    distance_kpc: float


def drawn_star(rng: np.random.Generator) -> Star:
    """Draw a star: `R exp(-R / scale)` from the middle, `exp(-|z| / scale)` from the plane."""
    while True:
        away, round_rad = DISC_KPC * rng.gamma(2.0), rng.uniform(0.0, 2.0 * np.pi)
        place = np.array([away * np.cos(round_rad) + SUN_KPC, away * np.sin(round_rad), rng.laplace() * STARS_HIGH_KPC])
        distance = float(np.linalg.norm(place))
        if distance > NEAREST_KPC:
            break
    longitude, latitude = np.arctan2(place[1], place[0]), np.arcsin(place[2] / distance)
    ra, dec = erfa.g2icrs(longitude, latitude)
    return Star(float(np.degrees(ra)) % 360.0, float(np.degrees(dec)), distance)


def reddening_mag(star: Star) -> float:
    """Say how much dust reddens a star, E(B-V)."""
    longitude, latitude = erfa.icrs2g(np.radians(star.ra_deg), np.radians(star.dec_deg))
    along = (np.arange(_STEPS) + 0.5) / _STEPS * star.distance_kpc
    x = SUN_KPC - along * np.cos(latitude) * np.cos(longitude)
    y, z = along * np.cos(latitude) * np.sin(longitude), along * np.sin(latitude)
    dust = np.exp(-(np.hypot(x, y) - SUN_KPC) / DISC_KPC - np.abs(z) / DUST_HIGH_KPC)
    return float(DUST_V_MAG_PER_KPC / V_PER_REDDENING * dust.mean() * star.distance_kpc)
