"""Weather that the wind carries: what comes over one site comes over its neighbours, downwind later, and not always.

The air is cut into regions anew at every step, by great circles that lie anyhow; a region has one random number, and
a site takes that of the air which is over it. The number of circles is a Poisson one, so two sites a distance d apart
take the same number with the chance ``exp(-d / L)``, d counted at the wind's lag: on a sphere of radius R a circle
parts them with the chance ``d / (pi R)``, and there are ``pi R / L`` in the mean. A wind w brings the number of a place
x after ``x.w / w^2`` hours (Taylor's hypothesis of frozen flow), so a site's own numbers stay independent from step to
step: a chain that takes them is as it would be alone.

That correlations of clouds fall exponentially with distance, and with time, is what Jones found (1992, J. Appl.
Meteor. 31, 732); that they reach farther where the lag of the wind is allowed for, Ranalli (IEEE PVSC, "Correlations in
spatial variability when accounting for cloud advection"). L, and speeds and directions of winds, are assumed: about 10
m/s, from the west beyond 30 degrees of latitude and from the east within, as the circulation goes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coordinator.simulation.world.clear_skies import EARTH_KM
from telescopes.description.geometry import field_axes, unit_vectors
from telescopes.description.telescope import Site

Array = NDArray[np.float64]

TRADES_DEG = 30.0
USUAL_KMH, SPEED_SCATTER, LEAST_KMH = 36.0, 0.4, 15.0
TURN_DEG = 40.0


@dataclass(frozen=True, slots=True)
class Wind:
    """Where the air goes, degrees from north through east, and how fast."""

    towards_deg: float
    speed_kmh: float


def drawn_wind(rng: np.random.Generator, latitude_deg: float) -> Wind:
    """Draw the wind of a few days at a latitude."""
    usual_deg = 90.0 if abs(latitude_deg) > TRADES_DEG else 270.0
    towards_deg = (usual_deg + float(rng.normal(0.0, TURN_DEG))) % 360.0
    return Wind(towards_deg, max(LEAST_KMH, float(USUAL_KMH * np.exp(rng.normal(0.0, SPEED_SCATTER)))))


def middle_latitude_deg(sites: Sequence[Site]) -> float:
    """Return the latitude of the middle of some sites."""
    return _middle_deg(_places(sites))[1]


def lags_h(sites: Sequence[Site], wind: Wind) -> Array:
    """Return how long after the first of them what the wind carries is over each site, shape (sites,)."""
    places, turned = _places(sites), np.radians(wind.towards_deg)
    east, north, _ = field_axes(*_middle_deg(places), 0.0)
    along_km = EARTH_KM * (places @ (np.sin(turned) * east + np.cos(turned) * north))
    return np.asarray((along_km - along_km.min()) / wind.speed_kmh)


def carried_numbers(
    rng: np.random.Generator, sites: Sequence[Site], lag_steps: Sequence[int], steps: int, length_km: float
) -> Array:
    """Draw the numbers, even between 0 and 1, that sites take at each step.

    Parameters
    ----------
    lag_steps : sequence of int
        After how many steps each site has what the first one had.
    length_km : float
        L: so far apart two sites take the same number with a chance of 1/e.

    Returns
    -------
    float64 array, shape (sites, steps)
    """
    lags = np.asarray(lag_steps, np.int64)
    spare = int(lags.max(initial=0))
    air = _numbers_of_air(rng, _places(sites), steps + spare, length_km)
    return np.array([air[spare - lag : spare - lag + steps, n] for n, lag in enumerate(lags)])


def _numbers_of_air(rng: np.random.Generator, places: Array, steps: int, length_km: float) -> Array:
    """Draw the numbers of the air that comes over each place, shape (steps, places)."""
    circles = int(rng.poisson(np.pi * EARTH_KM / length_km * steps))
    at, normals = rng.integers(0, steps, circles), rng.normal(size=(circles, 3))
    # On which side of all circles of its step a place lies, as a sum of the circles' own codes: equal in one region.
    codes = rng.integers(0, 2**63, circles, np.uint64)
    sides = np.zeros((steps, places.shape[0]), np.uint64)
    np.add.at(sides, at, (normals @ places.T > 0.0) * codes[:, None])
    first_there = (sides[:, :, None] == sides[:, None, :]).argmax(axis=2)
    return np.take_along_axis(rng.random(sides.shape), first_there, axis=1)


def _places(sites: Sequence[Site]) -> Array:
    return unit_vectors(np.array([s.longitude_deg for s in sites]), np.array([s.latitude_deg for s in sites]))


def _middle_deg(places: Array) -> tuple[float, float]:
    """Longitude and latitude of the middle of places."""
    x, y, z = places.sum(axis=0)
    return float(np.degrees(np.arctan2(y, x))), float(np.degrees(np.arctan2(z, np.hypot(x, y))))
