"""Made-up asteroids: a main belt, and a few near-Earth ones."""

import numpy as np

from coordinator.catalogues.minor_planets.elements import Elements, motion_of, perihelion

EPOCH_MJD = 61000.0
"""2025-11-21."""


def asteroids(count: int, *, seed: int = 1, epoch_mjd: float = EPOCH_MJD) -> Elements:
    """So many bodies, named S0, S1...; one in forty comes near the Earth's orbit."""
    rng = np.random.default_rng(seed)
    a, e = rng.uniform(2.1, 3.3, count), rng.rayleigh(0.12, count).clip(0, 0.9)
    near = rng.random(count) < 0.025
    a[near], e[near] = rng.uniform(0.7, 3.0, near.sum()), rng.uniform(0.1, 0.9, near.sum())
    return Elements.of(
        np.char.add(b"S", np.arange(count).astype("S8")),
        epoch_mjd=epoch_mjd,
        q_au=a * (1 - e),
        e=e,
        incl_deg=rng.rayleigh(7, count),
        node_deg=rng.uniform(0, 360, count),
        peri_deg=rng.uniform(0, 360, count),
        tp_mjd=perihelion(epoch_mjd, rng.uniform(0, 360, count), motion_of(a)),
        h_mag=rng.normal(17, 1.5, count),
        slope=0.15,
    )
