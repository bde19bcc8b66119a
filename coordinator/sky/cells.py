"""From what a reader found in a table to a sky map that can be trusted."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coordinator.sky.refusal import refusal
from coordinator.sky.skymap import MapFacts, SkyMap

MAX_ORDER = 29
SUM_TOLERANCE = 1e-3
MIN_SUM = 1e-2  # less is not a map of one event, nor were small differences kept when it was merged
UNSEEN = -1.6375e30  # healpy's number for a pixel without a value
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Cells in any order, as read; probabilities are finite and not negative, distances may be anything.

    `distance` is mu, sigma (Mpc) and norm (Mpc^-2), or None; `warnings` say what was mended.
    """

    order: NDArray[np.int64]
    ipix: NDArray[np.int64]
    probability: Floats
    distance: tuple[Floats, Floats, Floats] | None
    warnings: tuple[str, ...] = ()
    pixel_order: int | None = None


def mended_probability(values: Floats) -> tuple[Floats, int, int]:
    """Count what is not finite, or has no value, as zero; refuse what is negative.

    Returns
    -------
    values : float64 array
        Finite and not negative.
    not_finite, unseen : int
        How many values were NaN or infinite, and how many said that they have no value.
    """
    values = np.asarray(values, np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        least, total = values.min(initial=0.0), values.sum()
    if least >= 0 and np.isfinite(total):
        return values, 0, 0
    unseen = np.isclose(values, UNSEEN, rtol=1e-3)
    wrong = ~np.isfinite(values)
    negative = (values < 0) & ~unseen & ~wrong
    if negative.any():
        raise refusal(f"{int(negative.sum())} probabilities are negative, the least is {values[negative].min():.3g}")
    return np.where(unseen | wrong, 0.0, values), int(wrong.sum()), int(unseen.sum())


def mending_warnings(not_finite: int, unseen: int) -> tuple[str, ...]:
    """Say what `mended_probability` did."""
    said = []
    if not_finite:
        said.append(f"{not_finite} cells are not finite (NaN or infinite) and count as zero")
    if unseen:
        said.append(f"{unseen} pixels have no value and count as zero")
    return tuple(said)


def known_distance(mu: Floats, sigma: Floats, norm: Floats) -> NDArray[np.bool_]:
    """Say which cells have a distance: all three finite, sigma and norm positive (mu may be negative)."""
    finite = np.isfinite(mu) & np.isfinite(sigma) & np.isfinite(norm)
    return finite & (sigma > 0) & (norm > 0)


def sky_map(cells: Cells, facts: MapFacts) -> SkyMap:
    """Sort, check and normalise.

    Raises
    ------
    Refused
        If a cell lies inside another, or if there is next to no probability.
    """
    shift = 2 * (MAX_ORDER - cells.order)
    low = cells.ipix << shift
    if not (low[1:] >= low[:-1]).all():
        return sky_map(_sorted(cells, np.argsort(low, kind="stable")), facts)
    high = low + (np.int64(1) << shift)
    if (low[1:] < high[:-1]).any():
        raise refusal("a cell lies inside another: the same sky is counted twice")
    with np.errstate(over="ignore"):
        total = float(cells.probability.sum())
    if not total >= MIN_SUM or not np.isfinite(total):
        raise refusal(f"the probabilities sum to {total:g}: there is nothing to plan")
    covered = float((1 / (12 * 4.0**cells.order)).sum())
    warnings = (*facts.warnings, *cells.warnings, *_sum_warnings(total, covered))
    mu, sigma, norm = cells.distance or (None, None, None)
    if mu is not None and sigma is not None and norm is not None:
        known = known_distance(mu, sigma, norm)
        mu, sigma, norm = (np.where(known, x, np.nan) for x in (mu, sigma, norm))
    facts = replace(facts, warnings=warnings, pixel_order=cells.pixel_order)
    return SkyMap(cells.order, cells.ipix, cells.probability / total, facts, mu, sigma, norm)


def _sorted(cells: Cells, by: NDArray[np.intp]) -> Cells:
    distance = cells.distance
    if distance is not None:
        distance = (distance[0][by], distance[1][by], distance[2][by])
    return replace(
        cells, order=cells.order[by], ipix=cells.ipix[by], probability=cells.probability[by], distance=distance
    )


def _sum_warnings(total: float, covered: float) -> tuple[str, ...]:
    if abs(total - 1) <= SUM_TOLERANCE:
        return ()
    gap = f" ({100 * (1 - covered):.2g} % of the sky is missing)" if covered < 1 - 1e-9 else ""
    return (f"the probabilities sum to {total:.6g}{gap}: divided by the sum",)
