"""The injected kilonova: AT2017gfo moved to a place and distance drawn from the map, and made bright enough."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coordinator.lightcurves.bands import band_of
from coordinator.lightcurves.cosmology import redshift_at
from coordinator.lightcurves.kilonova import KILONOVA_BANDS, distance_modulus, kilonova_abs_mag
from coordinator.simulation.world.contaminants import SPECTROSCOPIC_ERR, arcsec_of, real_score
from telescopes.drivers.world import SkySource

ABOVE_LIMIT_MAG = 1.0
UNKNOWN_DISTANCE_MPC = 100.0
"""Where the map knows no distance."""


@dataclass(frozen=True, slots=True)
class Injected:
    """The truth of a simulation, for its summary; the vetter never sees it.

    `mag_ab` is what it shines with in r when the search begins, `brightened_mag` by how much it was made brighter
    than AT2017gfo at its distance. `reachable` False: the map has no probability that the network can reach.
    """

    source_id: str
    ra_deg: float
    dec_deg: float
    distance_mpc: float
    mag_ab: float
    brightened_mag: float
    reachable: bool


def kilonova(
    rng: np.random.Generator,
    id: str,
    place: tuple[float, float],
    distance_mpc: float,
    hours: NDArray[np.float64],
    age_h: float,
    brightened_mag: float,
) -> SkySource:
    """Make the source.

    Parameters
    ----------
    hours : array, shape (n,)
        Hours since the search began for which the light curve is made.
    age_h : float
        Hours from the merger to the beginning of the search.
    brightened_mag : float
        Magnitudes by which it is made brighter.
    """
    redshift = float(redshift_at(distance_mpc))
    shines = hours + age_h > 0
    nodes = hours[shines]
    days = (nodes + age_h) / 24.0 / (1.0 + redshift)
    dimmer = distance_modulus(distance_mpc) - brightened_mag
    light_curve = {
        band: tuple(zip(nodes.tolist(), (kilonova_abs_mag(band, days) + dimmer).tolist(), strict=True))
        for band in KILONOVA_BANDS
    }
    return SkySource(
        id,
        "kilonova",
        *place,
        light_curve,
        real_bogus=real_score(rng),
        host_separation_arcsec=arcsec_of(rng.uniform(1.0, 6.0), distance_mpc),
        host_redshift=redshift,
        host_redshift_err=SPECTROSCOPIC_ERR,
    )


def brightening(limits: list[tuple[str, float]], distance_mpc: float, age_h: float, hours: float) -> float:
    """Say by how much it must be brighter to stand a magnitude above the deepest limit for the whole search.

    Parameters
    ----------
    limits : list of (filter, limiting magnitude)
        Of every telescope that can see the place; empty: nothing is known, and nothing is changed.
    """
    if not limits:
        return 0.0
    t = np.linspace(max(age_h, 0.5), max(age_h, 0.5) + hours, 25) / 24.0
    modulus = distance_modulus(distance_mpc)
    margin = max(limit - float(np.max(kilonova_abs_mag(band_of(name), t))) - modulus for name, limit in limits)
    return max(0.0, ABOVE_LIMIT_MAG - margin)
