"""Credible regions: the smallest sky that holds a share of the probability."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import ArrayLike, NDArray

from coordinator.sky.cells import MAX_ORDER
from coordinator.sky.ranges import RANGE_ORDER, Ranges
from coordinator.sky.skymap import SkyMap

SR_DEG2 = (180 / np.pi) ** 2


def credible_areas(sky: SkyMap, levels: Sequence[float] = (0.5, 0.9)) -> tuple[float, ...]:
    """Area of each credible region in square degrees: cells by density, the crossing cell included.

    Of a cell that stands for many pixels of a flat map, only as many pixels as are needed are counted.
    """
    best = _best_first(sky)
    area_sr, total = sky.area_sr[best], _cumulative(sky, best)
    before = np.cumsum(area_sr) - area_sr
    crossing = [_crossing(total, level) for level in levels]
    return tuple(float((before[at] + _share(sky, best, total, at, level)) * SR_DEG2) for at, level in crossing)


def credible_ranges(sky: SkyMap, level: float) -> Ranges:
    """Sky of a credible region, to a pixel of order 12; the crossing cell as in `credible_areas`."""
    best = _best_first(sky)
    total = _cumulative(sky, best)
    at, level = _crossing(total, level)
    rows = best[: at + 1]
    low, high = _pixels(sky, rows)
    share = _share(sky, best, total, at, level) / float(sky.area_sr[rows[-1]])
    high[-1] = low[-1] + max(1, round((high[-1] - low[-1]) * share))
    return Ranges.of(low, high)


def peak(sky: SkyMap) -> tuple[float, float]:
    """RA and Dec in degrees of the centre of the densest cell; of equals, the one nearest to their middle."""
    import healpy  # not at the top: it brings matplotlib, and most maps do without

    density = sky.density_per_sr
    ties = np.flatnonzero(density >= density.max() * (1 - 1e-9))
    vectors = np.stack(healpy.pix2vec(1 << sky.order[ties], sky.ipix[ties], nest=True), axis=-1)
    middle = (vectors * sky.area_sr[ties, None]).sum(0)
    x, y, z = vectors[np.argmax(np.round(vectors @ middle, 12))]
    return float(np.degrees(np.arctan2(y, x)) % 360), float(np.degrees(np.arcsin(z)))


@dataclass(frozen=True, slots=True, eq=False)
class Lookup:
    """A sky map made ready for many questions about places.

    Attributes
    ----------
    low, high : int64 arrays, shape (n,)
        Each cell as a range of nested pixels of order 29.
    density_per_sr, credible_level : float64 arrays, shape (n,)
        Of each cell; the level is cumulative with the cell itself included, 0 best and 1 worst.
    """

    low: NDArray[np.int64]
    high: NDArray[np.int64]
    density_per_sr: NDArray[np.float64]
    credible_level: NDArray[np.float64]

    @classmethod
    def of(cls, sky: SkyMap) -> "Lookup":
        """Rank the cells once."""
        best = _best_first(sky)
        level = np.empty(best.size)
        level[best] = _cumulative(sky, best)
        shift = 2 * (MAX_ORDER - sky.order)
        low = sky.ipix << shift
        return cls(low, low + (np.int64(1) << shift), sky.density_per_sr, level)

    def at(
        self, ra_deg: ArrayLike, dec_deg: ArrayLike
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
        """Density per steradian, credible level and row at each place; outside the map 0, 1 and -1."""
        import healpy  # not at the top: it brings matplotlib, and most maps do without

        ra, dec = np.atleast_1d(np.asarray(ra_deg, np.float64)), np.atleast_1d(np.asarray(dec_deg, np.float64))
        pixel = healpy.ang2pix(1 << MAX_ORDER, ra, dec, nest=True, lonlat=True)
        row = np.searchsorted(self.low, pixel, side="right") - 1
        inside = (row >= 0) & (pixel < self.high[row])
        density = np.where(inside, self.density_per_sr[row], 0.0)
        return density, np.where(inside, self.credible_level[row], 1.0), np.where(inside, row, -1)


def density_at(
    sky: SkyMap, ra_deg: ArrayLike, dec_deg: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Density per steradian, credible level and row of the map at each place; see `Lookup`."""
    return Lookup.of(sky).at(ra_deg, dec_deg)


def _best_first(sky: SkyMap) -> NDArray[np.intp]:
    """Rows by density; equals in their order along the curve."""
    return np.argsort(-sky.density_per_sr, kind="stable")


def _cumulative(sky: SkyMap, best: NDArray[np.intp]) -> NDArray[np.float64]:
    total = np.cumsum(sky.probability[best])
    return np.asarray(total / total[-1], np.float64)


def _crossing(total: NDArray[np.float64], level: float) -> tuple[int, float]:
    """Place in the ranking of the cell with which the level is reached."""
    return min(int(np.searchsorted(total, level)), total.size - 1), level


def _share(sky: SkyMap, best: NDArray[np.intp], total: NDArray[np.float64], at: int, level: float) -> float:
    """Area in steradians that counts of the crossing cell."""
    row = best[at]
    area = float(sky.area_sr[row])
    finest = sky.facts.pixel_order
    own = float(sky.probability[row])
    if finest is None or sky.order[row] >= finest or own <= 0:
        return area
    pixels = 1 << (2 * (finest - int(sky.order[row])))
    before = float(total[at - 1]) if at else 0.0
    needed = (level - before) / own * pixels
    return area * min(max(ceil(round(needed, 6)), 1), pixels) / pixels


def _pixels(sky: SkyMap, rows: NDArray[np.intp]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Ranges of order-12 pixels that rows touch."""
    shift = 2 * (RANGE_ORDER - sky.order[rows])
    up, down = np.maximum(shift, 0), np.maximum(-shift, 0)
    low = (sky.ipix[rows] << up) >> down
    return low, low + (np.int64(1) << up)
