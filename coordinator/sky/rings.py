"""Triangulation annuli of the interplanetary network: rings on the sky, and where several of them meet."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from coordinator.sky.errors_on_sky import Floats, angle_between, vectors
from coordinator.sky.refusal import refusal

CELLS = 2.0
"""How many cells lie along one sigma across a ring: more would be millions."""

NEGLIGIBLE = 7.0
"""Sigma away from a ring where there is nothing."""


@dataclass(frozen=True, slots=True)
class Ring:
    """A ring about a centre: its radius, and half its width, both in degrees.

    `sigmas` says how many standard deviations the half width is; the network states three (Hurley et al. 2013, ApJS
    207, 39).
    """

    ra_deg: float
    dec_deg: float
    radius_deg: float
    half_width_deg: float
    sigmas: float = 3.0

    @property
    def sigma_rad(self) -> float:
        """Standard deviation across the ring."""
        return float(np.radians(self.half_width_deg / self.sigmas))

    def off(self, places: Floats) -> Floats:
        """Return how many radians places lie outside or inside the middle of the ring."""
        from_centre = angle_between(places, vectors(self.ra_deg, self.dec_deg)[0])
        return np.asarray(from_centre - np.radians(self.radius_deg), np.float64)


@dataclass(frozen=True, slots=True)
class Rings:
    """The sky on which some rings agree: the product of all."""

    rings: tuple[Ring, ...]

    @property
    def samples(self) -> int:
        """Orders by which a cell is sampled finer than it is."""
        return 1

    def density(self, places: Floats) -> Floats:
        """Return the product of Gaussians across the rings."""
        squares = [(ring.off(places) / ring.sigma_rad) ** 2 for ring in self.rings]
        return np.asarray(np.exp(-0.5 * np.add.reduce(squares)), np.float64)

    def wanted_rad(self, places: Floats, reach_rad: float) -> Floats:
        """Return how large a cell may be: fine where it may touch every ring."""
        away = [np.maximum(np.abs(ring.off(places)) - reach_rad, 0.0) / ring.sigma_rad for ring in self.rings]
        touched = np.maximum.reduce(away) < NEGLIGIBLE
        return np.where(touched, min(ring.sigma_rad for ring in self.rings) / CELLS, np.pi)


def rings(found: Sequence[Ring]) -> Rings:
    """Make the error region of one ring or several.

    Raises
    ------
    Refused
        No ring, or one without a width.
    """
    if not found or not all(r.half_width_deg > 0 and 0 <= r.radius_deg <= 180 and r.sigmas > 0 for r in found):
        raise refusal("a ring has no width or radius", "give radius and half width of every ring in degrees")
    return Rings(tuple(found))
