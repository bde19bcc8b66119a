"""Small offsets on the sky about one place; good everywhere, the poles included."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

ARCSEC = np.pi / 180.0 / 3600.0


def unit_vectors(ra_deg: ArrayLike, dec_deg: ArrayLike) -> NDArray[np.float64]:
    """Return unit vectors of places in degrees; shape (n, 3)."""
    ra, dec = np.radians(np.asarray(ra_deg, np.float64)), np.radians(np.asarray(dec_deg, np.float64))
    return np.stack([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)], axis=-1)


def east_north(ra_deg: float, dec_deg: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the unit vectors that point east and north at a place."""
    ra, dec = np.radians(ra_deg), np.radians(dec_deg)
    east = np.array([-np.sin(ra), np.cos(ra), 0.0])
    north = np.array([-np.sin(dec) * np.cos(ra), -np.sin(dec) * np.sin(ra), np.cos(dec)])
    return east, north


def offsets_arcsec(
    ra_deg: float, dec_deg: float, to_ra_deg: ArrayLike, to_dec_deg: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the offsets east and north from one place to others, arcsec."""
    there = unit_vectors(to_ra_deg, to_dec_deg)
    east, north = east_north(ra_deg, dec_deg)
    return there @ east / ARCSEC, there @ north / ARCSEC


def shifted(ra_deg: float, dec_deg: float, east_arcsec: float, north_arcsec: float) -> tuple[float, float]:
    """Move a little from a place; degrees."""
    east, north = east_north(ra_deg, dec_deg)
    there = unit_vectors(ra_deg, dec_deg) + ARCSEC * (east_arcsec * east + north_arcsec * north)
    x, y, z = there / np.linalg.norm(there)
    return whole_turn(float(np.degrees(np.arctan2(y, x)))), float(np.degrees(np.arcsin(np.clip(z, -1.0, 1.0))))


def whole_turn(ra_deg: float) -> float:
    """Return a right ascension in 0 <= ra < 360; the first remainder of a hair below 0 is 360 itself."""
    return ra_deg % 360.0 % 360.0
