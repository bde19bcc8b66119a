"""What looks at a sky are worth: the probability that they cover, or the chance that they see the source.

A deeper look is worth at least as much as a shallower one at every place, so what several looks are worth together
is at every place what the deepest of them is.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from coordinator.lightcurves.detection import LIMIT_STEP_MAG, Distances, detection_weight
from coordinator.planning.request import Objective
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.ranges import Ranges
from telescopes.description.ephemeris import Array

Ints = NDArray[np.int64]
Valued = Literal["probability", "detection"]

NOTHING = -1
"""Depth of a look whose limit nobody knows: it is worth nothing where depth counts."""

ANY = 0
"""Depth of every look where depth does not count."""


LEAST_SHARE = 3e-5
"""Below 0.003 % of all value a telescope's time is not worth taking."""


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
    def of(cls, curve: ProbabilityCurve, objective: Objective) -> "SkyValue":
        """Value a sky by an objective; auto: by detection where the map knows a distance."""
        if objective == "probability" or curve.dist_mu_mpc is None or curve.dist_sigma_mpc is None:
            return cls(curve, None)
        return cls(curve, Distances.of(curve.dist_mu_mpc, curve.dist_sigma_mpc))

    @property
    def objective(self) -> Valued:
        """What is made most of."""
        return "probability" if self.distances is None else "detection"

    def depth(self, limit_mag_ab: float | None) -> int:
        """Depth of a look: larger is worth more; limits are told apart by 0.05 mag."""
        if self.distances is None:
            return ANY
        return NOTHING if limit_mag_ab is None else max(ANY, round(limit_mag_ab / LIMIT_STEP_MAG))

    def places(self, pixel: Ints) -> Places:
        """Find pixel edges on the curve."""
        edge = self.curve.edge
        strip = np.minimum(np.maximum(edge.searchsorted(pixel, side="right") - 1, 0), edge.size - 2)
        share = (pixel - edge[strip]) / (edge[strip + 1] - edge[strip])
        return Places(strip, np.minimum(np.maximum(share, 0.0), 1.0))

    def total(self, depth: int, places: Places) -> Array:
        """Value of all sky before each place, for looks of one depth."""
        total = self._at_edges(depth)
        low = total[places.strip]
        return np.asarray(low + (total[places.strip + 1] - low) * places.share)

    def least_gain(self, depths: Iterable[int], share: float = LEAST_SHARE) -> float:
        """Least new value that a telescope's time is taken for: a share of what all sky is worth to the deepest look.

        Parameters
        ----------
        depths : of looks that the network can take; none: 0
        """
        deepest = max(depths, default=NOTHING)
        return 0.0 if deepest == NOTHING else share * float(self._at_edges(deepest)[-1])

    def value(self, ranges: Ranges, depth: int) -> float:
        """Value of a look of some depth."""
        return self._between(self.places(ranges.low), self.places(ranges.high), depth)

    def new_value(self, ranges: Ranges, depth: int, looks: Iterable[tuple[Ranges, int]]) -> float:
        """What a look of some depth brings beside others, of their depths."""
        touching = [(other.touching(ranges), its) for other, its in looks]
        low, high = ranges.cut_at(other for other, _ in touching)
        best = np.full(low.size, NOTHING, np.int64)
        for other, its in touching:
            inside = other.contains(low)
            best[inside] = np.maximum(best[inside], its)
        new = 0.0
        for held in np.unique(best[best < depth]):
            those = best == held
            begin, end = self.places(low[those]), self.places(high[those])
            new += self._between(begin, end, depth) - self._between(begin, end, int(held))
        return new

    def _between(self, begin: Places, end: Places, depth: int) -> float:
        return 0.0 if depth == NOTHING else float((self.total(depth, end) - self.total(depth, begin)).sum())

    def _at_edges(self, depth: int) -> Array:
        if self.distances is None:
            return self.curve.total
        if depth not in self._totals:
            weight = detection_weight(depth * LIMIT_STEP_MAG, self.distances) if depth != NOTHING else 0.0
            self._totals[depth] = np.r_[0.0, np.cumsum(np.diff(self.curve.total) * weight)]
        return self._totals[depth]
