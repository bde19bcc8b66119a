"""How well two sky maps agree, and what they say together.

Both work on the cells that maps have in common: of two nested cells that share sky one lies inside the other, so the
finer ones of both are the common partition, exact whatever the orders; nothing is laid out over the whole sky.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from coordinator.sky.cells import MAX_ORDER
from coordinator.sky.distances import marginal_distance
from coordinator.sky.regions import credible_areas
from coordinator.sky.skymap import MapFacts, SkyMap

EXCLUDING = 0.01
"""Maps whose overlap is below this exclude each other: the odds are a hundred to one against a common place."""

CREATOR = "Armillary"
Floats = NDArray[np.float64]
Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Common:
    """The cells that two maps share, along the nested curve, and the row of each map in which each lies."""

    order: NDArray[np.int64]
    ipix: NDArray[np.int64]
    first: Rows
    second: Rows

    @property
    def area_sr(self) -> Floats:
        """Area of each cell in steradians."""
        return np.asarray(np.pi / 3 / 4.0**self.order, np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Together:
    """What several maps say together.

    Attributes
    ----------
    sky : SkyMap
        Their normalised product; where they exclude each other, the one of them with the smallest 90 % area.
    overlap : float
        (4 pi)^(n-1) times the integral of the product of their n densities: 1 for a map and a uniform one.
    excluded : bool
        They exclude each other, so that one alone holds: a person must be told.
    """

    sky: SkyMap
    overlap: float
    excluded: bool


def common_cells(first: SkyMap, second: SkyMap) -> Common:
    """Find the coarsest partition of the sky of both in which each map has one density a cell."""
    low_1, high_1 = _span(first)
    low_2, high_2 = _span(second)
    in_2, of_1 = _holders(low_2, high_2, low_1, high_1)
    in_1, of_2 = _holders(low_1, high_1, low_2, high_2)
    finer = second.order[of_2] > first.order[in_1]  # equal cells came with the first map
    in_1, of_2 = in_1[finer], of_2[finer]
    rows_1, rows_2 = np.r_[of_1, in_1], np.r_[in_2, of_2]
    by = np.argsort(np.maximum(low_1[rows_1], low_2[rows_2]), kind="stable")
    rows_1, rows_2 = rows_1[by], rows_2[by]
    mine = first.order[rows_1] >= second.order[rows_2]
    order = np.where(mine, first.order[rows_1], second.order[rows_2])
    return Common(order, np.where(mine, first.ipix[rows_1], second.ipix[rows_2]), rows_1, rows_2)


def overlap_integral(first: SkyMap, second: SkyMap) -> float:
    """Say how well two maps agree: 1 as two unrelated ones on average, above for a common place, 0 for none.

    Returns
    -------
    float
        I = 4 pi * integral of p_1 p_2 over the sphere, densities per steradian.

    Notes
    -----
    The posterior overlap integral of Ashton et al. 2018 (ApJ 860, 6), over a uniform prior on the sphere; RAVEN has
    the same (``skymap_overlap_integral``).
    """
    common = common_cells(first, second)
    product = first.density_per_sr[common.first] * second.density_per_sr[common.second]
    return float(4 * np.pi * (product * common.area_sr).sum())


def together(maps: Sequence[SkyMap]) -> Together:
    """Combine maps of one source that were made independently of each other.

    Parameters
    ----------
    maps : sequence of SkyMap
        At least one; in whatever order, the result is the same.

    Notes
    -----
    Distances are conditional on the direction, so a cell keeps its DISTMU, DISTSIGMA and DISTNORM; they are those of
    the map that knows them, and of several of the map with the least spread.
    """
    ordered = sorted(maps, key=_rank)
    sky, overlap = reduce(_times, ordered[1:], (ordered[0], 1.0))
    if len(ordered) == 1:
        return Together(sky, overlap, excluded=False)
    if not overlap >= EXCLUDING:
        return Together(min(ordered, key=_area90), overlap, excluded=True)
    return Together(replace(sky, facts=_facts(sky, ordered)), overlap, excluded=False)


def _times(so_far: tuple[SkyMap, float], other: SkyMap) -> tuple[SkyMap, float]:
    """Multiply one more map in; a product of nothing stays where it was, with an overlap of 0."""
    sky, overlap = so_far
    common = common_cells(sky, other)
    product = sky.density_per_sr[common.first] * other.density_per_sr[common.second] * common.area_sr
    total = float(product.sum())
    if not total > 0 or overlap == 0:
        return sky, 0.0
    layers = [None if layer is None else layer[common.first] for layer in _layers(sky)]
    return SkyMap(common.order, common.ipix, product / total, sky.facts, *layers), overlap * 4 * np.pi * total


def _layers(sky: SkyMap) -> tuple[Floats | None, Floats | None, Floats | None]:
    return sky.dist_mu_mpc, sky.dist_sigma_mpc, sky.dist_norm


def _rank(sky: SkyMap) -> tuple[bool, float, str]:
    """Put first the map whose distances hold; for the rest any order that does not depend on who came first."""
    spread = sky.facts.distance_std_mpc
    return sky.dist_mu_mpc is None, np.inf if spread is None else spread, sky.facts.sha256


def _area90(sky: SkyMap) -> tuple[float, str]:
    return credible_areas(sky, (0.9,))[0], sky.facts.sha256


def _facts(sky: SkyMap, maps: Sequence[SkyMap]) -> MapFacts:
    """Say what is known of the product: times and names of the first map, instruments of all."""
    first = maps[0].facts
    mean, std = marginal_distance(sky) or (first.distance_mpc, first.distance_std_mpc)
    seen_by = dict.fromkeys(name for one in maps for name in one.facts.instruments)
    return MapFacts(
        sha256="",
        t0=first.t0,
        distance_mpc=mean,
        distance_std_mpc=std,
        object_id=first.object_id,
        instruments=tuple(sorted(seen_by)),
        creator=CREATOR,
    )


def _span(sky: SkyMap) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Each cell as a range of nested pixels of order 29."""
    shift = 2 * (MAX_ORDER - sky.order)
    low = sky.ipix << shift
    return low, low + (np.int64(1) << shift)


def _holders(
    low: NDArray[np.int64], high: NDArray[np.int64], inner_low: NDArray[np.int64], inner_high: NDArray[np.int64]
) -> tuple[Rows, Rows]:
    """Find which cells lie wholly in one of the others: rows of the holders, and of those that they hold."""
    row = np.searchsorted(low, inner_low, side="right") - 1
    held = (row >= 0) & (inner_high <= high[np.maximum(row, 0)])
    return row[held], np.flatnonzero(held)
