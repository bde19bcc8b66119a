"""Measured completeness: the starlight that a catalogue of the whole sky holds, over what the universe has."""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from coordinator.catalogues.spill import Records
from coordinator.planning.completeness import Completeness, expected_starlight, table_of
from coordinator.planning.luminosity import B_BAND, BRIGHTEST, K_BAND, Schechter, in_band
from coordinator.sky.nested import MAX_ORDER
from telescopes.description.ephemeris import Array

EDGES_MPC = (0.0, 25.0, 50.0, 75.0, 100.0, 150.0, 200.0, 250.0, 300.0, 400.0, 500.0)
AREA_ORDER = 3
LEAST_SKY = 0.5
LEAST_GALAXIES = 100_000
"""A smaller catalogue, or of less sky, may be an extract chosen for its galaxies: then nothing is measured."""

MEASURED = ((B_BAND, "b_mag"), (K_BAND, "k_mag"))


@dataclass(slots=True)
class StarlightHeld:
    """Sums while a catalogue is read: starlight by band and shell of distance, and the sky that has galaxies."""

    light: Array = field(default_factory=lambda: np.zeros((len(MEASURED), len(EDGES_MPC) - 1)))
    sky: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(12 * 4**AREA_ORDER, bool))
    galaxies: int = 0

    def add(self, records: Records) -> None:
        """Count more galaxies."""
        self.galaxies += records.size
        self.sky[records["key"] >> 2 * (MAX_ORDER - AREA_ORDER)] = True
        near = records[(records["distance_mpc"] < EDGES_MPC[-1])]
        distance = near["distance_mpc"].astype(np.float64)
        for i, (band, column) in enumerate(MEASURED):
            known = np.isfinite(near[column])
            light = np.minimum(in_band(band, near[column][known].astype(np.float64), distance[known]), BRIGHTEST)
            self.light[i] += np.histogram(distance[known], EDGES_MPC, weights=light)[0]

    def completeness(self) -> Completeness | None:
        """Share of the starlight by distance in the band that is held best; None: not enough sky to tell."""
        share_of_sky = float(self.sky.mean())
        if share_of_sky < LEAST_SKY or self.galaxies < LEAST_GALAXIES:
            return None
        shares = [self._shares(band, i, share_of_sky) for i, (band, _) in enumerate(MEASURED)]
        best = max(range(len(MEASURED)), key=lambda i: float(shares[i].sum()))
        middles = [(a + b) / 2.0 for a, b in pairwise(EDGES_MPC)]
        said = (
            f"measured: {MEASURED[best][0].band} light held over light expected, {100 * share_of_sky:.0f} % of the sky"
        )
        pairs = [(round(d, 1), round(float(s), 4)) for d, s in zip(middles, shares[best], strict=True)]
        return table_of(pairs, said)

    def _shares(self, band: Schechter, at: int, share_of_sky: float) -> Array:
        shells = pairwise(EDGES_MPC)
        expected = np.array([expected_starlight(band, near, far, share_of_sky) for near, far in shells])
        return np.asarray(np.minimum(self.light[at] / expected, 1.0))
