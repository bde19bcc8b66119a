"""The injected kilonova: AT2017gfo moved to a place and distance drawn from the map, and made bright enough."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coordinator.lightcurves.bands import band_of
from coordinator.lightcurves.cosmology import redshift_at
from coordinator.lightcurves.kilonova import KILONOVA_BANDS, distance_modulus, kilonova_abs_mag
from coordinator.simulation.world.afterglows import Jet, jet_abs_mag
from coordinator.simulation.world.contaminants import real_score
from coordinator.simulation.world.glow import AS_AT2017GFO, Glow, glow_abs_mag
from coordinator.simulation.world.hosts import HostLaw, arcsec_of, known_redshift, offset_kpc
from telescopes.drivers.world import SkySource

ABOVE_LIMIT_MAG = 1.0
RISEN_H = 2.0
"""A kilonova is still 1.3 mag fainter half an hour after the merger than now: to be bright enough then it would have to
be brighter for days than any kilonova is, and whoever vets it would be right to say so."""
UNKNOWN_DISTANCE_MPC = 100.0
"""Where the map knows no distance."""


@dataclass(frozen=True, slots=True)
class Injected:
    """The truth of a simulation, for its summary; the vetter never sees it.

    `mag_ab` is what it shines with in r when the search begins, `brightened_mag` by how much it was made brighter
    than AT2017gfo at its distance; `distance_mpc` None: it has no part in how bright it is. `reachable` False: the map
    has no probability that the network can reach.
    """

    source_id: str
    ra_deg: float
    dec_deg: float
    distance_mpc: float | None
    mag_ab: float
    brightened_mag: float
    reachable: bool


@dataclass(frozen=True, slots=True)
class Shine:
    """How a counterpart shines: at what distance, how long after the merger it is searched, and as what.

    `age_h` are hours from the merger to the beginning of the search, `brightened_mag` magnitudes by which it is made
    brighter, `jet` an afterglow beside the kilonova; `host_known` and `hosts` as in `contaminants.Surroundings`.
    """

    distance_mpc: float
    age_h: float
    brightened_mag: float = 0.0
    glow: Glow = AS_AT2017GFO
    jet: Jet | None = None
    host_known: float = 1.0
    hosts: HostLaw | None = None

    def mags(self, band: str, hours: NDArray[np.float64]) -> NDArray[np.float64]:
        """Apparent AB magnitude at hours since the search began; inf before the merger."""
        redshift = float(redshift_at(self.distance_mpc))
        days = (hours + self.age_h) / 24.0 / (1.0 + redshift)
        absolute = glow_abs_mag(self.glow, band, days)
        if self.jet is not None and self.jet.is_seen_at(self.glow.seen_deg):
            absolute = _together(absolute, jet_abs_mag(self.jet, band, days))
        return np.asarray(absolute + distance_modulus(self.distance_mpc) - self.brightened_mag)


def kilonova(
    rng: np.random.Generator, id: str, place: tuple[float, float], shine: Shine, hours: NDArray[np.float64]
) -> SkySource:
    """Make the source, with a light curve for hours, shape (n,), since the search began."""
    nodes = hours[hours + shine.age_h > 0]
    light_curve = {
        band: tuple(zip(nodes.tolist(), shine.mags(band, nodes).tolist(), strict=True)) for band in KILONOVA_BANDS
    }
    score = real_score(rng)
    separation = arcsec_of(rng.uniform(1.0, 6.0) if shine.hosts is None else offset_kpc(rng), shine.distance_mpc)
    redshift = known_redshift(rng, shine.distance_mpc, shine.host_known, shine.hosts)
    return SkySource(
        id,
        "kilonova",
        *place,
        light_curve,
        real_bogus=score,
        host_separation_arcsec=separation,
        host_redshift=redshift[0],
        host_redshift_err=redshift[1],
    )


def _together(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Magnitude of two lights at one place."""
    with np.errstate(divide="ignore"):
        return np.asarray(-2.5 * np.log10(10.0 ** (-0.4 * one) + 10.0 ** (-0.4 * other)))


def brightening(limits: list[tuple[str, float]], distance_mpc: float, age_h: float, hours: float) -> float:
    """Say by how much it must be brighter to stand a magnitude above the deepest limit while it is searched.

    Parameters
    ----------
    limits : list of (filter, limiting magnitude)
        Of every telescope that can see the place; empty: nothing is known, and nothing is changed.
    """
    if not limits:
        return 0.0
    start = max(age_h, min(RISEN_H, age_h + 0.5 * hours))  # a short search is over before it has risen
    t = np.linspace(start, start + hours, 25) / 24.0
    modulus = distance_modulus(distance_mpc)
    margin = max(limit - float(np.max(kilonova_abs_mag(band_of(name), t))) - modulus for name, limit in limits)
    return max(0.0, ABOVE_LIMIT_MAG - margin)
