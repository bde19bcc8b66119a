"""A sky map as cumulative probability along the nested curve: all that a lean process needs of it.

The probability of any set of ranges is a sum of differences of this curve, exact for cells of any order
coarser than 12 and to a pixel for finer ones.
"""

import io
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from coordinator.sky.distances import distance_moments
from coordinator.sky.ranges import RANGE_ORDER, Ranges
from coordinator.sky.skymap import SkyMap


@dataclass(frozen=True, slots=True, eq=False)
class ProbabilityCurve:
    """Cumulative probability `total` at the pixel `edge`s of order 12; linear in between.

    Attributes
    ----------
    edge : int64 array, shape (n,)
        Increasing nested pixel numbers of order 12.
    total : float64 array, shape (n,)
        Probability of all sky before the edge, 0 to 1.
    dist_mu_mpc, dist_sigma_mpc : float64 arrays, shape (n - 1,), or None
        Location and scale of the distance between two edges; None: the map knows no distance.
    """

    edge: NDArray[np.int64]
    total: NDArray[np.float64]
    dist_mu_mpc: NDArray[np.float64] | None = None
    dist_sigma_mpc: NDArray[np.float64] | None = None

    @classmethod
    def of(cls, sky: SkyMap) -> "ProbabilityCurve":
        """Lay a sky map out along the curve."""
        shift = 2 * (RANGE_ORDER - sky.order)
        coarse = shift >= 0
        down = np.where(coarse, 0, -shift)
        low = np.where(coarse, sky.ipix << np.maximum(shift, 0), sky.ipix >> down)
        high = np.where(coarse, (sky.ipix + 1) << np.maximum(shift, 0), low + 1)
        steps = np.concatenate([low, high])
        rate = sky.probability / (high - low)
        slope = np.concatenate([rate, -rate])
        edge, where = np.unique(steps, return_inverse=True)
        density = np.cumsum(np.bincount(where, weights=slope, minlength=edge.size))
        total = np.r_[0.0, np.cumsum(density[:-1] * np.diff(edge))]
        total = np.clip(total / total[-1], 0.0, 1.0)
        moments = distance_moments(sky)
        if moments is None:
            return cls(edge, total)
        # cells do not overlap, so each lies between one edge and the next
        strip = where[: low.size]
        return cls(edge, total, *(_per_strip(m, sky.probability, strip, edge.size - 1) for m in moments))

    def probability(self, ranges: Ranges) -> float:
        """Probability inside the ranges, 0 to 1."""
        if ranges.low.size == 0:
            return 0.0
        first, end = np.searchsorted(self.edge, (ranges.low[0], ranges.high[-1]))
        some = slice(max(0, first - 1), end + 1)  # all others are too far away to matter
        edge, total = self.edge[some].astype(np.float64), self.total[some]  # order 12 has 2e8 pixels: exact in a double
        inside = np.interp(ranges.high, edge, total) - np.interp(ranges.low, edge, total)
        return float(inside.sum())

    def to_bytes(self) -> bytes:
        """Write for the content-addressed folder."""
        out = io.BytesIO()
        arrays = {f.name: getattr(self, f.name) for f in fields(self)}
        np.savez_compressed(out, allow_pickle=False, **{k: a for k, a in arrays.items() if a is not None})
        return out.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> "ProbabilityCurve":
        """Read what `to_bytes` wrote."""
        with np.load(io.BytesIO(data)) as arrays:
            return cls(**arrays)


def _per_strip(
    moment: NDArray[np.float64], probability: NDArray[np.float64], strip: NDArray[np.int64], strips: int
) -> NDArray[np.float64]:
    """Mean of a moment over the cells of each strip, by probability: cells finer than a pixel share one."""
    weight = np.maximum(probability, 1e-300)
    sums = np.bincount(strip, weights=weight * moment, minlength=strips)
    weights = np.bincount(strip, weights=weight, minlength=strips)
    everywhere = np.full(strips, np.average(moment, weights=weight))
    return np.asarray(np.divide(sums, weights, out=everywhere, where=weights > 0))
