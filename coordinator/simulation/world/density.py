"""How many unrelated points of light a square degree holds, and how that grows with depth."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from coordinator.simulation.world.hosts import HostLaw

REFERENCE_MAG = 20.0
OBLIQUITY_DEG = 23.4393
ACTIVE_NUCLEI_DEG2 = 0.02
"""Assumed, at 20 mag: a sixth of the supernovae that are found in ten days."""

MANY_SOURCES = 20_000


@dataclass(frozen=True, slots=True)
class WorldDensity:
    """Numbers per square degree that a search to 20 mag finds; `factor` scales all of them.

    Attributes
    ----------
    asteroids_ecliptic, asteroids_pole : float
        Moving points, on the ecliptic and far from it.
    supernovae : float
        New within about three days; older ones are known from the surveys. So for outbursts (`cataclysmic`); of
        `variable_stars` only those that no catalogue of stars knows.
    at_least : int
        Of each kind, so that a small map has something in it.
    most_sources : int
        Of all kinds; above it every density is lowered alike.
    bogus_per_image : float
        Artefacts that differ from image to image, for the camera to make up.
    host_known : float
        Share of galaxies with a measured redshift.
    active_nuclei : float
        That have risen enough to be seen in a subtraction.
    hosts : HostLaw, optional
        What catalogues know of hosts by their brightness, instead of `host_known` for all.
    """

    asteroids_ecliptic: float = 20.0
    asteroids_pole: float = 2.0
    supernovae: float = 0.04
    cataclysmic: float = 0.02
    flares: float = 0.01
    variable_stars: float = 0.05
    artefacts: float = 0.1
    factor: float = 1.0
    at_least: int = 1
    most_sources: int = 300
    bogus_per_image: float = 0.3
    host_known: float = 0.7
    active_nuclei: float = 0.0
    hosts: HostLaw | None = None

    @classmethod
    def of_transients(cls, rng: np.random.Generator, per_deg2_at_20: float = 0.15) -> "WorldDensity":
        """Describe a campaign's sky by its new transients per square degree that a search to 20 mag finds in ten days.

        Of them 0.8 are supernovae, 0.15 outbursts, 0.05 flares; 0.05 to 0.3 is what shallow networks see, and 0.5 to
        5 bogus ones an image (vetting-science, sections 2 and 6). Nothing is added to what is drawn or left out of it.
        """
        return cls(
            supernovae=0.8 * per_deg2_at_20,
            cataclysmic=0.15 * per_deg2_at_20,
            flares=0.05 * per_deg2_at_20,
            active_nuclei=ACTIVE_NUCLEI_DEG2,
            at_least=0,
            most_sources=MANY_SOURCES,
            bogus_per_image=float(np.exp(rng.uniform(np.log(0.5), np.log(5.0)))),
            hosts=HostLaw(),
        )


def per_deg2(density: WorldDensity, limit_mag: float, ecliptic_latitude_deg: ArrayLike) -> dict[str, float]:
    """Return the mean number per square degree of each kind, for a search to `limit_mag` over these latitudes.

    Distant sources grow as 10^(0.6 m), asteroids as 10^(0.4 m), stars as 10^(0.3 m), nuclei as
    10^(0.5 m); artefacts do not.
    """
    deeper = limit_mag - REFERENCE_MAG
    latitude = np.asarray(ecliptic_latitude_deg, np.float64)
    belt = np.exp(-((latitude / 15.0) ** 2))
    span = density.asteroids_ecliptic - density.asteroids_pole
    asteroids = float(np.mean(density.asteroids_pole + span * belt))
    return {
        "asteroid": density.factor * asteroids * 10 ** (0.4 * deeper),
        "supernova": density.factor * density.supernovae * 10 ** (0.6 * deeper),
        "cataclysmic variable": density.factor * density.cataclysmic * 10 ** (0.3 * deeper),
        "flare": density.factor * density.flares * 10 ** (0.3 * deeper),
        "variable star": density.factor * density.variable_stars * 10 ** (0.3 * deeper),
        "artefact": density.factor * density.artefacts,
        "active nucleus": density.factor * density.active_nuclei * 10 ** (0.5 * deeper),
    }


def counts(
    rng: np.random.Generator, means_deg2: dict[str, float], area_deg2: float, law: WorldDensity
) -> dict[str, int]:
    """Draw how many there are of each kind."""
    expected = sum(means_deg2.values()) * area_deg2
    scale = min(1.0, law.most_sources / expected) if expected > 0 else 1.0
    return {
        kind: max(int(rng.poisson(mean * area_deg2 * scale)), law.at_least if mean > 0 else 0)
        for kind, mean in means_deg2.items()
    }


def ecliptic_latitude_deg(ra_deg: ArrayLike, dec_deg: ArrayLike) -> NDArray[np.float64]:
    """Return ecliptic latitudes, degrees."""
    ra, dec = np.radians(np.asarray(ra_deg, np.float64)), np.radians(np.asarray(dec_deg, np.float64))
    tilt = np.radians(OBLIQUITY_DEG)
    sine = np.sin(dec) * np.cos(tilt) - np.cos(dec) * np.sin(tilt) * np.sin(ra)
    return np.asarray(np.degrees(np.arcsin(np.clip(sine, -1.0, 1.0))))
