"""How much of the universe's starlight a catalogue holds, by distance."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from coordinator.planning.luminosity import B_BAND, K_BAND, Schechter
from coordinator.planning.moments import Moments
from telescopes.description.ephemeris import Array

BANDS = {band.band: band for band in (B_BAND, K_BAND)}
FURTHEST_MPC = 10_000.0
_STEPS = 200
_NODES = np.linspace(-3.5, 3.5, 15)


@dataclass(frozen=True, slots=True)
class Completeness:
    """Share of all starlight that is in the catalogue, linear between distances and level beyond them.

    `kind` says in a few words where the figures come from.
    """

    distance_mpc: tuple[float, ...]
    share: tuple[float, ...]
    kind: str

    @classmethod
    def to_limit(cls, band: Schechter, limit_mag: float) -> "Completeness":
        """Describe a catalogue that holds every galaxy down to an apparent magnitude.

        Notes
        -----
        ``c(d) = Gamma(a + 2, L_lim(d) / L*) / Gamma(a + 2)``: the light of the brighter galaxies of a Schechter
        function over all of it (arXiv 1508.03608, 1804.05709).
        """
        from scipy.special import gammaincc  # not at the top: most plans do without galaxies

        distance = np.geomspace(1.0, FURTHEST_MPC, _STEPS)
        faintest = 10.0 ** (-0.4 * (limit_mag - 5.0 * np.log10(distance) - 25.0 - band.characteristic_mag))
        share = gammaincc(band.slope + 2.0, faintest)
        said = f"all galaxies to {band.band} {limit_mag:.4g} mag"
        return cls(tuple(map(float, distance)), tuple(map(float, share)), said)

    def at(self, distance_mpc: ArrayLike) -> Array:
        """Share at distances."""
        return np.asarray(np.interp(np.asarray(distance_mpc, np.float64), self.distance_mpc, self.share), np.float64)

    def over(self, moments: Moments) -> Array:
        """Share of the starlight that is held along lines of sight: the mean of c(d) over ``p(d) ~ d**2 N(d)``."""
        distance = moments.mu_mpc[:, None] + moments.sigma_mpc[:, None] * _NODES
        weight = np.where(distance > 0, distance, 0.0) ** 2 * np.exp(-0.5 * _NODES**2)
        total = weight.sum(axis=1)
        held = (weight * self.at(distance)).sum(axis=1)
        near = self.at(np.zeros(total.size))  # all of the line of sight's weight is at distances near 0
        return np.where(total > 0, held / np.where(total > 0, total, 1.0), near)


def expected_starlight(band: Schechter, near_mpc: float, far_mpc: float, share_of_sky: float) -> float:
    """All starlight of a shell of the universe, in units of the characteristic galaxy; below 500 Mpc."""
    from scipy.special import gamma

    volume = 4.0 / 3.0 * np.pi * (far_mpc**3 - near_mpc**3) * share_of_sky
    return float(band.density_per_mpc3 * gamma(band.slope + 2.0) * volume)


def table_of(pairs: Sequence[tuple[float, float]], kind: str) -> Completeness:
    """Make a table of (distance in Mpc, share); distances must increase, shares lie within 0 and 1."""
    distances, shares = zip(*pairs, strict=True)
    rising = all(a < b for a, b in pairwise(distances))
    if not rising or min(distances) < 0 or not all(0 <= s <= 1 for s in shares):
        raise ValueError("distances must increase from 0, and shares lie within 0 and 1")
    return Completeness(tuple(distances), tuple(shares), kind)
