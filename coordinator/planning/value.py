"""What looks at a sky are worth: the probability that they cover, or the chance that they see the source.

A deeper look is worth at least as much as a shallower one at every place, so what several looks are worth together
is at every place what the deepest of them is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from coordinator.lightcurves.detection import LIMIT_STEP_MAG, Distances, detection_weight
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.ranges import Ranges
from telescopes.description.ephemeris import Array

Ints = NDArray[np.int64]
Valued = Literal["probability", "detection"]

NOTHING = -1
"""Depth of a look whose limit nobody knows: it is worth nothing where depth counts."""

ANY = 0
"""Depth of every look where depth does not count."""


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Pixel edges on a curve: behind which edge of the curve each lies, and how far on to the next, 0 to 1."""

    strip: Ints
    share: Array

    def __getitem__(self, which: Ints) -> "Places":
        """Some of them."""
        return Places(self.strip[which], self.share[which])


@dataclass(frozen=True, slots=True, eq=False)
class SkyValue:
    """Value of the sky of one event by depth, as cumulative sums along the nested curve.

    `distances` None: depth does not count, because the objective is probability or the map knows no distance.
    """

    curve: ProbabilityCurve
    distances: Distances | None
    _totals: dict[int, Array] = field(default_factory=dict)

    @classmethod
    def of(cls, curve: ProbabilityCurve, objective: Valued) -> "SkyValue":
        """Value a sky by an objective."""
        if objective == "probability" or curve.dist_mu_mpc is None or curve.dist_sigma_mpc is None:
            return cls(curve, None)
        return cls(curve, Distances.of(curve.dist_mu_mpc, curve.dist_sigma_mpc))

    def depth(self, limit_mag_ab: float | None) -> int:
        """Depth of a look: larger is worth more; limits are told apart by 0.05 mag."""
        if self.distances is None:
            return ANY
        return NOTHING if limit_mag_ab is None else max(ANY, round(limit_mag_ab / LIMIT_STEP_MAG))

    def places(self, pixel: Ints) -> Places:
        """Find pixel edges on the curve."""
        edge = self.curve.edge
        strip = np.clip(np.searchsorted(edge, pixel, side="right") - 1, 0, edge.size - 2)
        share = (pixel - edge[strip]) / (edge[strip + 1] - edge[strip])
        return Places(strip, np.clip(share, 0.0, 1.0))

    def total(self, depth: int, places: Places) -> Array:
        """Value of all sky before each place, for looks of one depth."""
        total = self._at_edges(depth)
        low = total[places.strip]
        return np.asarray(low + (total[places.strip + 1] - low) * places.share)

    def value(self, ranges: Ranges, depth: int) -> float:
        """Value of a look of some depth."""
        if ranges.low.size == 0 or depth == NOTHING:
            return 0.0
        return float((self.total(depth, self.places(ranges.high)) - self.total(depth, self.places(ranges.low))).sum())

    def new_value(self, ranges: Ranges, depth: int, looks: Iterable[tuple[Ranges, int]]) -> float:
        """What a look of some depth brings beside others, of their depths."""
        left, new = ranges, 0.0
        for other in self._deepest_first(looks):
            if other[1] >= depth:
                left = left.minus(other[0])
                continue
            beside = left.minus(other[0])
            both = left.minus(beside)
            new += self.value(both, depth) - self.value(both, other[1])
            left = beside
        return new + self.value(left, depth)

    @staticmethod
    def _deepest_first(looks: Iterable[tuple[Ranges, int]]) -> Sequence[tuple[Ranges, int]]:
        """Join the looks of each depth."""
        by_depth: dict[int, list[Ranges]] = {}
        for ranges, depth in looks:
            by_depth.setdefault(depth, []).append(ranges)
        return [(Ranges.union_of(by_depth[depth]), depth) for depth in sorted(by_depth, reverse=True)]

    def _at_edges(self, depth: int) -> Array:
        if self.distances is None:
            return self.curve.total
        if depth not in self._totals:
            weight = detection_weight(depth * LIMIT_STEP_MAG, self.distances) if depth != NOTHING else 0.0
            self._totals[depth] = np.r_[0.0, np.cumsum(np.diff(self.curve.total) * weight)]
        return self._totals[depth]
