"""Error regions as probability on the sphere: round and elliptical Gaussians, polygons, rings; none is a map yet.

Each says how dense the probability is at places (to a common factor) and how fine cells must be there.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from coordinator.sky.refusal import refusal

Floats = NDArray[np.float64]

R68 = 0.68
STATE_AN_ERROR = "ask the sender how large the error is"
LEAST_DEG = 1e-7
"""Smaller errors are widened to it: the smallest cells of a map are no smaller."""

THINNEST = 200.0
"""Axes of an ellipse to each other: a thinner one is widened, for it would slip between the cells."""

RESOLUTION = 8.0
"""How many cells lie along one sigma, at least: so the probability inside a circle is right to some 0.1 %."""


class ErrorRegion(Protocol):
    """Where a source is thought to be; a cell's density is the mean of `4**samples` places in it."""

    @property
    def samples(self) -> int:
        """Orders by which a cell is sampled finer than it is."""
        ...

    def density(self, places: Floats) -> Floats:
        """Return the probability per steradian, to a common factor, at unit vectors of shape (n, 3)."""
        ...

    def wanted_rad(self, places: Floats, reach_rad: float) -> Floats:
        """Return how large a cell may be that lies within `reach_rad` of each place."""
        ...


@dataclass(frozen=True, slots=True)
class Gaussian:
    """A two-dimensional Gaussian on the sphere, round (then it is Fisher's distribution) or elliptical.

    Attributes
    ----------
    ra_deg, dec_deg : float
        Its centre, ICRS.
    sigma_rad : tuple of float
        Its widths along and across, as chords.
    angle_deg : float
        Position angle of the first width, from north through east.
    weight : float
        Its share where it is one of several.

    Notes
    -----
    In Lambert's equal-area plane about the centre (a place at angle t lies at its chord, 2 sin(t/2)) it is the plane's
    Gaussian, cut off at the antipode. If round, that is Fisher's distribution (Fisher 1953, Proc. R. Soc. A 217, 295)
    with kappa = 1/sigma^2.
    """

    ra_deg: float
    dec_deg: float
    sigma_rad: tuple[float, float]
    angle_deg: float = 0.0
    weight: float = 1.0

    @property
    def samples(self) -> int:
        """Orders by which a cell is sampled finer than it is."""
        return 1

    def density(self, places: Floats) -> Floats:
        """Return the probability per steradian."""
        along, across = self._plane(places)
        first, second = self.sigma_rad
        squares = (along / first) ** 2 + (across / second) ** 2
        return np.asarray(self.weight * np.exp(-0.5 * squares) / (2 * np.pi * first * second), np.float64)

    def wanted_rad(self, places: Floats, reach_rad: float) -> Floats:
        """Return how large a cell may be: fine within three sigma, then in proportion to the distance."""
        along, across = self._plane(places)
        first, second = self.sigma_rad
        nearest = np.maximum(np.hypot(along / first, across / second) - reach_rad / min(self.sigma_rad), 0.0)
        return np.asarray(min(self.sigma_rad) * (1.0 / RESOLUTION + np.maximum(nearest - 3.0, 0.0) / 3.0), np.float64)

    def _plane(self, places: Floats) -> tuple[Floats, Floats]:
        """Chords along the two axes, exact for tiny angles."""
        centre, east, north = frame_at(self.ra_deg, self.dec_deg)
        apart = places - centre
        x, y = apart @ east, apart @ north
        # sin t -> 2 sin(t/2): by 1 / cos(t/2), and cos(t/2)^2 = 1 - chord^2 / 4
        stretch = 1 / np.sqrt(np.maximum(1 - np.einsum("ij,ij->i", apart, apart) / 4, 1e-12))
        angle = np.radians(self.angle_deg)
        along = (x * np.sin(angle) + y * np.cos(angle)) * stretch
        return along, (x * np.cos(angle) - y * np.sin(angle)) * stretch


@dataclass(frozen=True, slots=True)
class Sum:
    """Several possibilities, each with its weight."""

    parts: tuple[Gaussian, ...]

    @property
    def samples(self) -> int:
        """Orders by which a cell is sampled finer than it is."""
        return 1

    def density(self, places: Floats) -> Floats:
        """Return the probability per steradian."""
        return np.asarray(sum(part.density(places) for part in self.parts), np.float64)

    def wanted_rad(self, places: Floats, reach_rad: float) -> Floats:
        """Return the finest that any part wants."""
        return np.asarray(np.min([part.wanted_rad(places, reach_rad) for part in self.parts], axis=0), np.float64)


@dataclass(frozen=True, slots=True)
class Systematic:
    """A systematic error as a core with a tail: 68 % radii in degrees, and the share of the core."""

    core_deg: float
    core_share: float = 1.0
    tail_deg: float | None = None


FERMI_GBM = Systematic(core_deg=3.71, core_share=0.90, tail_deg=14.3)
"""Of 203 bursts with known places, 90 % in a Gaussian core of 3.7 degrees, the rest in a tail of some 14 degrees:
Connaughton et al. 2015, ApJS 216, 32. Goldstein et al. 2020, ApJ 895, 40 find less for today's final ground positions;
notices do not say by which algorithm theirs was made, so the wider model is taken for all."""


def cone(
    ra_deg: float, dec_deg: float, radius_deg: float, containment: float, systematic: Systematic | None = None
) -> ErrorRegion:
    """Make a round error region that holds `containment` of the probability within `radius_deg`.

    A systematic error is added in quadrature, 68 % radius to 68 % radius.

    Raises
    ------
    Refused
        No such distribution: a radius or containment out of range, or flatter than the uniform sphere.
    """
    _check(ra_deg, dec_deg, containment, radius_deg)
    sigma = _width(radius_deg, containment)
    if systematic is None:
        return Gaussian(ra_deg, dec_deg, (sigma, sigma))
    parts = [(systematic.core_deg, systematic.core_share)]
    if systematic.tail_deg is not None:
        parts.append((systematic.tail_deg, 1 - systematic.core_share))
    widths = [(float(np.hypot(sigma, sigma_of(np.radians(deg), R68))), share) for deg, share in parts]
    return Sum(tuple(Gaussian(ra_deg, dec_deg, (width, width), weight=share) for width, share in widths))


def ellipse(
    ra_deg: float, dec_deg: float, half_axes_deg: tuple[float, float], position_angle_deg: float, containment: float
) -> Gaussian:
    """Make an elliptical error region; the angle is that of the first axis, from north through east.

    Raises
    ------
    Refused
        An axis or the containment is out of range.
    """
    _check(ra_deg, dec_deg, containment, *half_axes_deg)
    if not np.isfinite(position_angle_deg):
        raise refusal("the ellipse has no position angle", STATE_AN_ERROR)
    thinnest_deg = max(half_axes_deg) / THINNEST
    first, second = (_width(max(axis, thinnest_deg), containment) for axis in half_axes_deg)
    return Gaussian(ra_deg, dec_deg, (first, second), position_angle_deg)


def _width(radius_deg: float, containment: float) -> float:
    return sigma_of(np.radians(max(radius_deg, LEAST_DEG)), containment)


def sigma_of(radius_rad: float, containment: float) -> float:
    """Return the width of the round Gaussian that holds so much within a radius; both as on the sphere."""
    half_square = 1 - np.cos(radius_rad) if radius_rad > 1e-3 else radius_rad**2 / 2 - radius_rad**4 / 24
    if containment <= half_square / 2:
        raise refusal("the error region is as wide as the sky", STATE_AN_ERROR)
    kappa = -np.log1p(-containment) / half_square
    for _ in range(200):  # what a plane's Gaussian has beyond the antipode is not on the sphere
        kappa = -np.log1p(-containment * -np.expm1(-2 * kappa)) / half_square
    return float(1 / np.sqrt(kappa))


def frame_at(ra_deg: float, dec_deg: float) -> tuple[Floats, Floats, Floats]:
    """Return unit vectors to a place, and from there to the east and to the north."""
    ra, dec = np.radians(ra_deg), np.radians(dec_deg)
    centre = np.array([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)])
    east = np.array([-np.sin(ra), np.cos(ra), 0.0])
    return centre, east, np.array([-np.sin(dec) * np.cos(ra), -np.sin(dec) * np.sin(ra), np.cos(dec)])


def angle_between(a: Floats, b: Floats) -> Floats:
    """Return the angle between unit vectors in radians, exact for tiny ones."""
    return np.asarray(2 * np.arcsin(np.minimum(np.linalg.norm(a - b, axis=-1) / 2, 1.0)), np.float64)


def vectors(ra_deg: ArrayLike, dec_deg: ArrayLike) -> Floats:
    """Return unit vectors, shape (n, 3), to places in degrees."""
    ra, dec = np.radians(np.atleast_1d(ra_deg)), np.radians(np.atleast_1d(dec_deg))
    return np.stack([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)], axis=-1)


def _check(ra_deg: float, dec_deg: float, containment: float, *radii_deg: float) -> None:
    if not (np.isfinite(ra_deg) and -90 <= dec_deg <= 90):
        raise refusal(f"there is no place at RA {ra_deg:g}, Dec {dec_deg:g}", "ask the sender for the position")
    if not 0 < containment < 1:
        raise refusal(f"an error region cannot hold {containment:g} of the probability", STATE_AN_ERROR)
    if not all(0 < radius <= 180 for radius in radii_deg):
        raise refusal(f"an error of {', '.join(f'{r:g}' for r in radii_deg)} deg is none", STATE_AN_ERROR)
