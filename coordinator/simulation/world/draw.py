"""Random places and distances: drawn from a sky map, or evenly over a piece of sky."""

import healpy
import numpy as np
from numpy.typing import NDArray

from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.ranges import RANGE_ORDER, Ranges
from coordinator.sky.regions import density_at
from coordinator.sky.skymap import SkyMap

FINEST_ORDER = 29
_SUB = 1 << (2 * (FINEST_ORDER - RANGE_ORDER))
_GRID = 4000


def place_from_map(rng: np.random.Generator, sky: SkyMap, within: Ranges) -> tuple[float, float] | None:
    """Draw a place by the map's probability inside a piece of sky; None: the map has none there.

    Returns
    -------
    tuple of float, or None
        RA and Dec, degrees.
    """
    curve = ProbabilityCurve.of(sky)
    low, high = _cut(within, curve.edge)
    if low.size == 0:
        return None
    edge = curve.edge.astype(np.float64)
    mass = np.interp(high, edge, curve.total) - np.interp(low, edge, curve.total)
    total = float(mass.sum())
    if total <= 0.0:
        return None
    # Inside a piece the density is even, to a pixel.
    piece = int(np.searchsorted(np.cumsum(mass), rng.random() * total, side="right").clip(0, mass.size - 1))
    pixel = np.array([rng.integers(low[piece], high[piece])], np.int64)
    ra, dec = _inside(rng, pixel)
    return float(ra[0]), float(dec[0])


def cell_of_map(rng: np.random.Generator, sky: SkyMap) -> tuple[float, float, int]:
    """Draw a place anywhere by the map's probability; RA and Dec, degrees, and the row of the map in which it lies."""
    total = np.cumsum(sky.probability)
    row = min(int(np.searchsorted(total, rng.random() * total[-1], side="right")), total.size - 1)
    finer = 1 << (2 * (FINEST_ORDER - int(sky.order[row])))
    fine = int(sky.ipix[row]) * finer + int(rng.integers(0, finer))
    ra, dec = healpy.pix2ang(1 << FINEST_ORDER, fine, nest=True, lonlat=True)
    return float(ra), float(dec), row


def places_in(rng: np.random.Generator, within: Ranges, n: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw `n` places evenly over a piece of sky; RA and Dec, degrees."""
    if n == 0 or within.low.size == 0:
        return np.empty(0), np.empty(0)
    ends = np.cumsum(within.high - within.low)
    at = rng.integers(0, ends[-1], n)
    piece = np.searchsorted(ends, at, side="right")
    return _inside(rng, np.asarray(within.high[piece] - (ends[piece] - at), np.int64))


def distance_from_map(rng: np.random.Generator, sky: SkyMap, ra_deg: float, dec_deg: float) -> float | None:
    """Draw a distance in Mpc from p(D) ~ D^2 N(D; mu, sigma) of the cell there, or of the whole map; None: unknown."""
    _, _, rows = density_at(sky, ra_deg, dec_deg)
    return distance_in_cell(rng, sky, int(rows[0]))


def distance_in_cell(rng: np.random.Generator, sky: SkyMap, row: int) -> float | None:
    """Draw a distance in Mpc of the cell in a row of the map, as `distance_from_map` does; row -1: there is none."""
    mu, sigma = sky.facts.distance_mpc, sky.facts.distance_std_mpc
    if row >= 0 and sky.dist_mu_mpc is not None and sky.dist_sigma_mpc is not None:
        its_mu, its_sigma = float(sky.dist_mu_mpc[row]), float(sky.dist_sigma_mpc[row])
        if np.isfinite([its_mu, its_sigma]).all() and its_sigma > 0:
            mu, sigma = its_mu, its_sigma
    if mu is None or not sigma:
        return mu
    d = np.linspace(max(mu - 6 * sigma, 0.0), max(mu + 6 * sigma, sigma), _GRID)[1:]
    total = np.cumsum(d * d * np.exp(-0.5 * ((d - mu) / sigma) ** 2))
    return float(np.interp(rng.random() * total[-1], total, d))


def _cut(ranges: Ranges, edges: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Cut ranges at the edges of the map's cells."""
    points = np.unique(np.concatenate([ranges.low, ranges.high, edges]))
    low, high = points[:-1], points[1:]
    at = np.searchsorted(ranges.low, low, side="right") - 1
    inside = (at >= 0) & (low < ranges.high[np.maximum(at, 0)]) if ranges.low.size else np.zeros(low.size, bool)
    return low[inside], high[inside]


def _inside(rng: np.random.Generator, pixel: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw an even place inside each pixel of order 12."""
    fine = pixel * _SUB + rng.integers(0, _SUB, pixel.size)
    ra, dec = healpy.pix2ang(1 << FINEST_ORDER, fine, nest=True, lonlat=True)
    return np.asarray(ra, np.float64), np.asarray(dec, np.float64)
