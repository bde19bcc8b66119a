"""What looks are worth, worked out apart from the rules: by the formula itself, piece of sky by piece of sky.

Whoever checks the rules weighs with this, so that a mistake in what they weigh with is seen. For a limit m and the
distances of a direction the chance to see the source is
``w = 0.9 <Phi((m - (-16 + 5 log10 d + 25)) / 0.8)> + 0.1 clip((m - 14) / 8, 0, 1)``,
the mean over ``p(d) ~ d**2 N(d; mu, sigma)``, d > 0, in Mpc. Limits are rounded to 0.05 mag; an unknown one gives 0.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from coordinator.dispatch.assignment import Assignment
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.ranges import Ranges
from telescopes.description.states import PointingState

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Look = tuple[Ranges, float | None]
"""Sky, and the limit to which it is looked at, AB magnitudes; None: unknown."""

STEPS = 400
WIDTHS = 8.0


@dataclass(frozen=True, slots=True)
class Weight:
    """A look's own value, and what others leave of it."""

    own: float
    new: float


@dataclass(frozen=True, slots=True, eq=False)
class Scales:
    """Weighs looks at one sky, by distance where `by_distance` and the map knows one, else by probability."""

    curve: ProbabilityCurve
    by_distance: bool
    _known: dict[int, Array] = field(default_factory=dict)

    def weigh(self, look: Look, others: Iterable[Look]) -> Weight:
        """Weigh a look beside others: at every place that counts which is more than the best of them gives."""
        if not self._counts(look) or look[0].low.size == 0:
            return Weight(0.0, 0.0)
        beside = [other for other in others if self._counts(other) and _meet(look[0], other[0])]
        low, high = self._pieces(look[0], [ranges for ranges, _ in beside])
        p = np.interp(high, self.curve.edge, self.curve.total) - np.interp(low, self.curve.edge, self.curve.total)
        mine, best = self._chance(look[1], low), np.zeros(low.size)
        for ranges, limit in beside:
            there = _inside(ranges, low)
            best[there] = np.maximum(best[there], self._chance(limit, low[there]))
        return Weight(float(p @ mine), float(p @ np.maximum(0.0, mine - best)))

    def _counts(self, look: Look) -> bool:
        return look[1] is not None or not self._by_depth

    @property
    def _by_depth(self) -> bool:
        return self.by_distance and self.curve.dist_mu_mpc is not None

    def _pieces(self, mine: Ranges, others: list[Ranges]) -> tuple[Ints, Ints]:
        """Cut a sky at every edge of the others and of the map."""
        first, last = mine.low[0], mine.high[-1]
        cuts = [self.curve.edge, *(e for r in (mine, *others) for e in (r.low, r.high))]
        edges = np.unique(np.concatenate([one[(one >= first) & (one <= last)] for one in cuts]))
        inside = _inside(mine, edges[:-1])
        return edges[:-1][inside], edges[1:][inside]

    def _chance(self, limit_mag_ab: float | None, pixel: Ints) -> Array:
        """Chance that a look sees the source in each piece, which begins at a pixel."""
        mu, sigma = self.curve.dist_mu_mpc, self.curve.dist_sigma_mpc
        if not self._by_depth or mu is None or sigma is None:
            return np.ones(pixel.size)
        assert limit_mag_ab is not None
        step = round(limit_mag_ab / 0.05)
        known = self._known.setdefault(step, np.full(mu.size, np.nan))
        strip = np.clip(np.searchsorted(self.curve.edge, pixel, side="right") - 1, 0, mu.size - 1)
        missing = np.unique(strip[np.isnan(known[strip])])
        pairs, which = np.unique(mu[missing] + 1j * sigma[missing], return_inverse=True)
        known[missing] = chance_to_see(0.05 * step, pairs.real, pairs.imag)[which]
        return known[strip]


def chance_to_see(limit_mag_ab: float, mu_mpc: Array, sigma_mpc: Array) -> Array:
    """Sum the formula over distances around the most likely one, for each direction."""
    mu, sigma = mu_mpc[:, None], sigma_mpc[:, None]
    peak = 0.5 * (mu + np.hypot(mu, math.sqrt(8.0) * sigma))
    width = (2.0 / peak**2 + 1.0 / sigma**2) ** -0.5
    near, far = np.maximum(0.0, peak - WIDTHS * width), peak + WIDTHS * width
    d = near + (far - near) * (np.arange(STEPS) + 0.5) / STEPS
    log = 2.0 * np.log(d / peak) - 0.5 * ((d - mu) / sigma) ** 2
    p = np.exp(log - log.max(axis=1, keepdims=True))
    seen = ndtr((limit_mag_ab - (-16.0 + 5.0 * np.log10(d) + 25.0)) / 0.8)
    steady = min(1.0, max(0.0, (limit_mag_ab - 14.0) / 8.0))
    return np.asarray(0.9 * (p * seen).sum(axis=1) / p.sum(axis=1) + 0.1 * steady)


def limit_of(one: Assignment) -> float | None:
    """How faint a pointing sees: promised while it is held, reported when it is over.

    Less where it ended early and reports no limit.
    """
    promised, done = one.offered.pointing.limit_mag_ab, one.fraction_done
    if promised is not None and one.live:
        return promised
    if one.limit_mag_ab is not None:
        return one.limit_mag_ab
    if one.state is not PointingState.PARTIAL or promised is None:
        return promised
    return None if not done else promised + 2.5 * math.log10(math.sqrt(min(done, 1.0)))


def _meet(one: Ranges, other: Ranges) -> bool:
    """Say whether two skies share any."""
    if other.low.size == 0 or one.low[0] >= other.high[-1] or one.high[-1] <= other.low[0]:
        return False
    begun, ended = np.searchsorted(one.low, other.high, "left"), np.searchsorted(one.high, other.low, "right")
    return bool((begun > ended).any())


def _inside(ranges: Ranges, pixel: Ints) -> NDArray[np.bool_]:
    """Count edges: inside, one more range has begun than has ended."""
    begun = np.searchsorted(ranges.low, pixel, side="right")
    return np.asarray(begun > np.searchsorted(ranges.high, pixel, side="right"))
