"""How often the sky is clear, by site and month; where nobody has measured it, a value that is marked as assumed."""

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

import numpy as np

from telescopes.description.telescope import Site

ASSUMED = 0.55
NEAR_KM = 100.0
EARTH_KM = 6371.0


@dataclass(frozen=True, slots=True)
class ClearSky:
    """Share of time that it is clear in each of the twelve months, and who says so; `assumed`: nobody does."""

    by_month: tuple[float, ...]
    source: str
    assumed: bool = False


def _level(share: float, source: str) -> ClearSky:
    return ClearSky((share,) * 12, source)


def _wave(january: float, june: float, source: str) -> ClearSky:
    """A yearly wave with its top in January through two months."""
    swing = (january - june) / (1.0 - cos(radians(150.0)))
    shares = january - swing * (1.0 - np.cos(np.radians(30.0 * np.arange(12))))
    return ClearSky(tuple(shares.tolist()), source)


FOUR_SITES = "arXiv:1211.1520"
MEASURED: tuple[tuple[str, float, float, ClearSky], ...] = (
    ("Izana", 28.301, -16.512, _level(0.686, FOUR_SITES)),
    ("San Pedro Martir", 31.044, -115.464, _level(0.760, FOUR_SITES)),
    ("El Leoncito", -31.799, -69.296, _level(0.706, FOUR_SITES)),
    ("San Antonio de los Cobres", -24.045, -66.236, _level(0.700, FOUR_SITES)),
    ("La Palma", 28.760, -17.882, _level(0.626, "Cavazzani et al., from the ground")),
    ("Mount Graham", 32.701, -109.892, _level(0.45, "Cavazzani et al.")),
    ("Cerro Tololo", -30.169, -70.806, _wave(7.7 / 8.5, 8.3 / 12.4, "the observatory's table 1965-89, usable hours")),
)
"""Name, latitude, longitude, share. Of Cerro Tololo two months are known, and a yearly wave joins them."""


def clear_sky_at(site: Site) -> ClearSky:
    """Return the nearest measured site within 100 km, else what is assumed."""
    away = [(_apart_km(site.latitude_deg, site.longitude_deg, lat, lon), its) for _, lat, lon, its in MEASURED]
    distance, nearest = min(away, key=lambda pair: pair[0])
    return nearest if distance < NEAR_KM else ClearSky((ASSUMED,) * 12, "assumed", assumed=True)


def apart_km(one: Site, other: Site) -> float:
    """Distance of two sites along the ground."""
    return _apart_km(one.latitude_deg, one.longitude_deg, other.latitude_deg, other.longitude_deg)


def _apart_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    up, across = radians(lat2 - lat1) / 2.0, radians(lon2 - lon1) / 2.0
    half = sin(up) ** 2 + cos(radians(lat1)) * cos(radians(lat2)) * sin(across) ** 2
    return 2.0 * EARTH_KM * asin(min(1.0, sqrt(half)))
