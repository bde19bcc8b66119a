"""What shines where a burst or a neutrino came from, as nature would have it.

A burst
    has an afterglow: apparent magnitudes gather at `lightcurves.afterglow` and differ by 2 mag (`SPREAD_MAG`), its
    light breaks as `afterglows.drawn_jet` says. How far it is plays no part, and no catalogue knows its host.
A single neutrino
    that is from space comes with such an afterglow in one case of five, of a jet whose gamma rays nobody saw; else
    nothing new shines (assumed: from where they come is not known).
Neutrinos of a collapsing star
    come before its light: the star shines 12 minutes to 30 hours later (assumed, even as logarithms), as supernovae of
    type II do, behind the dust of the Galaxy.
"""

from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from coordinator.lightcurves.afterglow import SPREAD_MAG, afterglow_mag
from coordinator.lightcurves.dust import dust_mag
from coordinator.lightcurves.kilonova import KILONOVA_BANDS, distance_modulus
from coordinator.lightcurves.transients import SUPERNOVAE, supernova_abs_mag
from coordinator.simulation.world.afterglows import bend_mag, drawn_jet
from coordinator.simulation.world.cones import ConeEvent
from coordinator.simulation.world.contaminants import real_score
from coordinator.simulation.world.galaxy import Star, reddening_mag
from telescopes.drivers.world import SkySource

Array = NDArray[np.float64]

UNSEEN_JETS = 0.2
"""Share of the neutrinos from space that come with an afterglow."""

BREAKS_OUT_H = (0.2, 30.0)
FIRST_H = 0.02
_NODES = 80


def light_of(rng: np.random.Generator, event: ConeEvent, start: datetime, beyond_h: float) -> SkySource | None:
    """Draw what shines; its light curve counts from `start` and ends so many hours after it. None: nothing does."""
    if not event.is_real:
        return None
    age_h = (start - event.t0).total_seconds() / 3600.0
    since_h = np.geomspace(FIRST_H, beyond_h + age_h, _NODES)
    if event.distance_kpc is not None:
        star = Star(event.ra_deg, event.dec_deg, event.distance_kpc)
        return _source(rng, event, "supernova", _supernova(rng, star, since_h), since_h - age_h)
    if event.p_astro is not None and rng.random() >= UNSEEN_JETS:
        return None
    return _source(rng, event, "afterglow", _afterglow(rng, since_h), since_h - age_h)


def _afterglow(rng: np.random.Generator, since_h: Array) -> dict[str, Array]:
    """Apparent magnitudes at hours since the burst, by band."""
    jet, days = drawn_jet(rng), since_h / 24.0
    fainter = float(rng.normal(0.0, SPREAD_MAG))
    return {band: afterglow_mag(band, days) + bend_mag(jet, days) + fainter for band in KILONOVA_BANDS}


def _supernova(rng: np.random.Generator, star: Star, since_h: Array) -> dict[str, Array]:
    law, late_h = SUPERNOVAE["SN II"], float(np.exp(rng.uniform(*np.log(BREAKS_OUT_H))))
    scatter, reddening = float(rng.normal(0.0, law.scatter_mag)), reddening_mag(star)
    bare = supernova_abs_mag(law, (since_h - late_h) / 24.0) + distance_modulus(star.distance_kpc / 1000.0) + scatter
    return {band: np.asarray(bare + dust_mag(band, reddening)) for band in KILONOVA_BANDS}


def _source(rng: np.random.Generator, event: ConeEvent, kind: str, mags: dict[str, Array], hours: Array) -> SkySource:
    """Put a light at the event's place; nodes that do not shine are left out."""
    curve = {
        band: tuple((h, m) for h, m in zip(hours.tolist(), its.tolist(), strict=True) if np.isfinite(m))
        for band, its in mags.items()
    }
    return SkySource("counterpart", kind, event.ra_deg, event.dec_deg, curve, real_bogus=real_score(rng))
