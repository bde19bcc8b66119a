"""What a catalogue of galaxies holds around places: hosts as far as it knows them, and others that lie there by chance.

Hosts are bright by starlight (`world.hosts`), others as counts of galaxies are; of both the catalogue has all to one
magnitude, and redshifts by `HostLaw`. The vetter is told neither which is which nor what is left out.
"""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from coordinator.lightcurves.cosmology import luminosity_distance_mpc, redshift_at
from coordinator.planning.luminosity import B_BAND
from coordinator.simulation.world.hosts import PHOTOMETRIC_ERR, SPECTROSCOPIC_ERR, HostLaw, host_b_mag
from coordinator.vetting.chance import MOST_BY_ACCIDENT, RADIUS_ARCSEC, chance_coincidence
from coordinator.vetting.neighbours import Galaxy
from telescopes.drivers.world import SkySource

Array = NDArray[np.float64]

B_LESS_R = 1.1
"""Of a spiral galaxy, B in the system of Vega and r in that of AB (Fukugita et al. 1995, PASP 107, 945)."""

BRIGHTEST_B, STEP_MAG = 11.0, 0.1
_TRIES = 200


@dataclass(frozen=True, slots=True)
class Listed:
    """A galaxy of the catalogue: where it is, degrees, how bright in r, and its redshift with error and kind."""

    ra_deg: float
    dec_deg: float
    mag: float
    redshift: float | None
    redshift_err: float | None
    kind: str


def host_listed(rng: np.random.Generator, source: SkySource, law: HostLaw) -> Listed | None:
    """Return the host of a source as the catalogue has it; None: it has no host, or one too faint for the catalogue."""
    z, err, apart = source.host_redshift, source.host_redshift_err, source.host_separation_arcsec
    if z is None or err is None or apart is None:
        return None
    spectrum = err <= 2.0 * SPECTROSCOPIC_ERR
    mag = _host_mag(rng, float(luminosity_distance_mpc(min(max(z, 1e-4), 2.9))), law, spectrum=spectrum)
    bearing = rng.uniform(0.0, 2.0 * math.pi)
    dec = source.dec_deg + apart * math.cos(bearing) / 3600.0
    ra = source.ra_deg + apart * math.sin(bearing) / 3600.0 / max(math.cos(math.radians(source.dec_deg)), 1e-6)
    return Listed(ra % 360.0, float(np.clip(dec, -90, 90)), mag - B_LESS_R, z, err, "spec" if spectrum else "photo")


def _host_mag(rng: np.random.Generator, distance_mpc: float, law: HostLaw, *, spectrum: bool) -> float:
    """Draw B of a host at a distance that fits to how its redshift is known."""
    faintest = law.spectra_to_mag if spectrum else law.colours_to_mag
    for _ in range(_TRIES):
        mag = float(host_b_mag(rng, distance_mpc))
        if mag < faintest and (spectrum or mag > law.spectra_to_mag or rng.random() > law.spectra_share):
            return mag
    return faintest - float(rng.uniform(0.0, 0.5))


def by_chance(rng: np.random.Generator, law: HostLaw) -> tuple[Galaxy, ...]:
    """Draw the galaxies by a place that lie there by chance, as far as a catalogue tells of them."""
    mags = _drawn_mags(rng, law.colours_to_mag)
    apart = RADIUS_ARCSEC * np.sqrt(rng.random(mags.size))
    told = [is_told(r, mag - B_LESS_R) for mag, r in zip(mags.tolist(), apart.tolist(), strict=True)]
    mags, apart = mags[told], apart[told]
    found = []
    for n, (mag, r) in enumerate(zip(mags.tolist(), apart.tolist(), strict=True)):
        z = float(redshift_at(_drawn_distance(rng, mag)))
        spectrum = mag < law.spectra_to_mag and rng.random() < law.spectra_share
        err = SPECTROSCOPIC_ERR if spectrum else PHOTOMETRIC_ERR * (1.0 + z)
        kind = "spec" if spectrum else "photo"
        z = max(z + float(rng.normal(0.0, err)), 1e-4)
        found.append(Galaxy(f"field {n}", r, mag - B_LESS_R, z, err, kind))
    return tuple(found)


def is_told(separation_arcsec: float, r_mag: float) -> bool:
    """Say whether the running vetter's catalogues tell of a galaxy that is so far off, and so faint."""
    return separation_arcsec <= RADIUS_ARCSEC and chance_coincidence(separation_arcsec, r_mag) <= MOST_BY_ACCIDENT


def per_arcsec2(r_mag: float) -> float:
    """Return how many galaxies to a magnitude a square arcsecond has; the counts of `vetting.chance`."""
    return float(10.0 ** (0.33 * (r_mag - 24.0) - 2.44) / (0.33 * math.log(10.0)))


def _drawn_mags(rng: np.random.Generator, to_b_mag: float) -> Array:
    """Draw B of as many as lie around: counts grow as 10^(0.33 m)."""
    mean = per_arcsec2(to_b_mag - B_LESS_R) * math.pi * RADIUS_ARCSEC**2
    drawn = to_b_mag + np.log10(rng.random(int(rng.poisson(mean)))) / 0.33
    return np.asarray(np.maximum(drawn, BRIGHTEST_B))


def _drawn_distance(rng: np.random.Generator, b_mag: float) -> float:
    """Draw how far a galaxy of the field is: ``p(D | m) ~ D^2 phi(m - mu(D))``, phi by number."""
    distance, totals = _distances()
    row = totals[min(round((b_mag - BRIGHTEST_B) / STEP_MAG), len(totals) - 1)]
    return float(np.interp(rng.random() * row[-1], row, distance))


@cache
def _distances() -> tuple[Array, Array]:
    """Distances in Mpc, shape (n,), and the sums of p(D | m), shape (magnitudes, n)."""
    distance = np.geomspace(1.0, 3000.0, 300)
    mags = np.arange(BRIGHTEST_B, 23.0, STEP_MAG)
    relative = 10.0 ** (-0.4 * (mags[:, None] - 5.0 * np.log10(distance) - 25.0 - B_BAND.characteristic_mag))
    # By logarithm of distance: one more power of it; by magnitude: one more of luminosity.
    chance = distance**3 * relative ** (B_BAND.slope + 1.0) * np.exp(-np.minimum(relative, 700.0))
    return distance, np.cumsum(np.maximum(chance, 1e-300), axis=1)
