"""Everything that shines and is not the counterpart: one function per kind, each draws one source."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coordinator.lightcurves.kilonova import distance_modulus
from coordinator.lightcurves.transients import (
    SUPERNOVAE,
    cataclysmic_mag,
    flare_mag,
    supernova_abs_mag,
    variable_star_mag,
)
from coordinator.simulation.world.hosts import (
    SPECTROSCOPIC_ERR,
    HostLaw,
    arcsec_of,
    known_redshift,
    unrelated_distance_mpc,
)
from telescopes.drivers.world import SkySource

Curve = dict[str, tuple[tuple[float, float], ...]]

_COLOURS = {  # Magnitudes to add to r.
    "supernova": {"g": 0.1, "i": 0.1, "z": 0.2},
    "asteroid": {"g": 0.5, "i": -0.2, "z": -0.2},
    "blue": {"g": -0.15, "i": 0.1, "z": 0.2},
    "red": {"g": 0.9, "i": -0.6, "z": -1.0},
    "none": {"g": 0.0, "i": 0.0, "z": 0.0},
}
_TYPES, _SHARES = ("SN Ia", "SN II", "SN Ibc"), (0.4375, 0.4375, 0.125)
_TRIES = 60
_OLDEST_D = 30.0
_NUCLEUS_MAG, _NUCLEUS_DAYS = 0.25, 200.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all sources of a world share: hours of light curve to make, depth, and how well hosts are known.

    `hosts` None: a share `host_known` of them has a redshift from a spectrum, whatever their distance.
    """

    from_h: float
    to_h: float
    limit_mag: float
    host_scale_mpc: float
    host_known: float
    hosts: HostLaw | None = None


def supernova(rng: np.random.Generator, id: str, ra_deg: float, dec_deg: float, world: Surroundings) -> SkySource:
    """Draw a supernova that the search can see, at a distance by the law of unrelated hosts.

    That law is of those that were found, so the distance is drawn once: drawn anew for each that is too faint, they
    would be selected twice, and lie nearer than any found ones do.
    """
    hours = np.arange(world.from_h, world.to_h + 6.0, 6.0)
    distance, mags = unrelated_distance_mpc(rng, world.host_scale_mpc), np.full(hours.size, np.inf)
    for _ in range(_TRIES):
        law = SUPERNOVAE[str(rng.choice(_TYPES, p=_SHARES))]
        age_d = rng.uniform(1.0, _OLDEST_D)
        scatter = rng.normal(0.0, law.scatter_mag)
        mags = supernova_abs_mag(law, age_d + hours / 24.0) + scatter + distance_modulus(distance)
        if mags.min() < world.limit_mag:
            break
    redshift = known_redshift(rng, distance, world.host_known, world.hosts)
    separation_kpc = rng.exponential(4.0)
    return SkySource(
        id,
        "supernova",
        ra_deg,
        dec_deg,
        curves(hours, mags, "supernova"),
        real_bogus=real_score(rng),
        host_separation_arcsec=arcsec_of(separation_kpc, distance),
        host_redshift=redshift[0],
        host_redshift_err=redshift[1],
    )


def asteroid(rng: np.random.Generator, id: str, ra_deg: float, dec_deg: float, world: Surroundings) -> SkySource:
    """Draw an asteroid of the main belt near opposition: 20 to 40 arcsec an hour, mostly along the ecliptic."""
    rate = rng.uniform(20.0, 40.0)
    # At RA 0 the ecliptic climbs eastwards by 23 degrees: what drifts west goes south there. Orbits are inclined to it.
    angle = np.radians(270.0 + rng.normal(0.0, 15.0) - 23.4 * np.cos(np.radians(ra_deg)))
    hours = np.array([world.from_h, world.to_h])
    return SkySource(
        id,
        "asteroid",
        ra_deg,
        dec_deg,
        curves(hours, np.full(2, _magnitude(rng, world.limit_mag, 0.4)), "asteroid"),
        ra_rate_arcsec_h=float(rate * np.sin(angle)),
        dec_rate_arcsec_h=float(rate * np.cos(angle)),
        real_bogus=real_score(rng),
    )


def cataclysmic(rng: np.random.Generator, id: str, ra_deg: float, dec_deg: float, world: Surroundings) -> SkySource:
    """Draw an outburst of a cataclysmic variable that began within the last ten days."""
    hours = np.arange(world.from_h, world.to_h + 1.0, 1.0)
    mags = cataclysmic_mag(
        rng.uniform(0.0, 10.0) + hours / 24.0,
        _magnitude(rng, world.limit_mag, 0.3),
        rng.uniform(2.0, 6.0),
        rng.uniform(0.1, 0.3),
    )
    return SkySource(
        id, "cataclysmic variable", ra_deg, dec_deg, curves(hours, mags, "blue"), real_bogus=real_score(rng)
    )


def variable_star(rng: np.random.Generator, id: str, ra_deg: float, dec_deg: float, world: Surroundings) -> SkySource:
    """Draw a star that swings with a period of hours to days."""
    period_h = float(np.exp(rng.uniform(np.log(3.0), np.log(300.0))))
    hours = np.arange(world.from_h, world.to_h + 1.0, max(period_h / 12.0, 0.5))
    mags = variable_star_mag(
        hours, _magnitude(rng, world.limit_mag, 0.3), rng.uniform(0.1, 0.8), period_h, rng.random()
    )
    return SkySource(id, "variable star", ra_deg, dec_deg, curves(hours, mags, "none"), real_bogus=real_score(rng))


def active_nucleus(rng: np.random.Generator, id: str, ra_deg: float, dec_deg: float, world: Surroundings) -> SkySource:
    """Draw an active nucleus, a random walk that forgets: 0.25 mag about its mean within 200 days.

    Middle figures of MacLeod et al. (2010, ApJ 721, 1014): less than 0.05 mag a day.
    """
    hours = np.arange(world.from_h, world.to_h + 6.0, 6.0)
    kept = np.exp(-6.0 / (24.0 * _NUCLEUS_DAYS))
    steps = rng.normal(0.0, _NUCLEUS_MAG * np.sqrt(1.0 - kept**2), hours.size)
    walk = [rng.normal(0.0, _NUCLEUS_MAG)]
    for step in steps[1:]:
        walk.append(kept * walk[-1] + step)
    mean, redshift = _magnitude(rng, world.limit_mag, 0.5), rng.gamma(2.0, 0.3)
    known = rng.random() < world.host_known
    return SkySource(
        id,
        "active nucleus",
        ra_deg,
        dec_deg,
        curves(hours, mean + np.array(walk), "blue"),
        real_bogus=real_score(rng),
        host_separation_arcsec=float(abs(rng.normal(0.0, 0.3))),
        host_redshift=float(redshift) if known else None,
        host_redshift_err=SPECTROSCOPIC_ERR if known else None,
    )


def flare(rng: np.random.Generator, id: str, ra_deg: float, dec_deg: float, world: Surroundings) -> SkySource:
    """Draw the flare of a red dwarf at some time of the search."""
    decay_h = rng.uniform(0.2, 2.0)
    since = np.linspace(0.0, 4.0 * decay_h, 25)
    begins = rng.uniform(min(0.0, world.to_h), world.to_h)
    mags = flare_mag(since, _magnitude(rng, world.limit_mag, 0.3), decay_h)
    return SkySource(id, "flare", ra_deg, dec_deg, curves(begins + since, mags, "blue"), real_bogus=real_score(rng))


def artefact(rng: np.random.Generator, id: str, ra_deg: float, dec_deg: float, world: Surroundings) -> SkySource:
    """Draw a bad subtraction that comes back at its place, and that the reduction half suspects."""
    hours = np.array([world.from_h, world.to_h])
    mags = np.full(2, _magnitude(rng, world.limit_mag, 0.2))
    return SkySource(id, "artefact", ra_deg, dec_deg, curves(hours, mags, "none"), real_bogus=float(rng.beta(2.0, 5.0)))


Maker = Callable[[np.random.Generator, str, float, float, Surroundings], SkySource]
MAKERS: dict[str, Maker] = {
    "asteroid": asteroid,
    "supernova": supernova,
    "cataclysmic variable": cataclysmic,
    "flare": flare,
    "variable star": variable_star,
    "artefact": artefact,
    "active nucleus": active_nucleus,
}


def curves(hours: NDArray[np.float64], r_mags: NDArray[np.float64], colour: str) -> Curve:
    """Lay a light curve out for all bands; nodes that do not shine are left out."""
    shines = np.isfinite(r_mags)
    nodes = list(zip(hours[shines].tolist(), r_mags[shines].tolist(), strict=True))
    offsets = {"r": 0.0} | _COLOURS[colour]
    return {band: tuple((h, m + add) for h, m in nodes) for band, add in offsets.items()}


def real_score(rng: np.random.Generator) -> float:
    """Draw the real/bogus score that a real source gets."""
    return float(rng.beta(14.0, 1.8))


def _magnitude(rng: np.random.Generator, limit_mag: float, growth: float) -> float:
    """Draw a magnitude from counts that grow as 10^(growth m), from 0.3 mag beyond the limit to 4 mag above it."""
    return float(max(limit_mag + 0.3 + np.log10(rng.random()) / growth, limit_mag - 4.0))
