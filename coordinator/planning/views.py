"""Which blocks of sky a telescope can look at when, remembered from plan to plan: a bit for each instant of a day."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from coordinator.planning.nights import almanac_over
from coordinator.sky.visibility import Stretch
from telescopes.description.ephemeris import DAY_S, Array
from telescopes.description.limits import allowed
from telescopes.description.telescope import Limits, Site, Telescope

Mask = NDArray[np.bool_]
Bits = NDArray[np.uint64]

STEP_S = 1440.0
STEPS = round(DAY_S / STEP_S)
"""Fewer than the bits of a word."""

ANY_SUN_DEG = 90.0


@dataclass(slots=True, eq=False)
class View:
    """One telescope's view of the blocks on one day; `known` says which instants have been worked out."""

    seen: Bits
    known: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """Views of the blocks of one map, by telescope, margin and day."""

    vectors: Array
    _views: dict[tuple[Site, str, float, int], View] = field(default_factory=dict)

    def seen(self, telescope: Telescope, stretches: Iterable[Stretch], margin_deg: float) -> Mask:
        """Blocks whose centre is within a telescope's limits at some instant of the stretches, which are dark.

        Instants lie 24 minutes apart; one within half of that of a stretch counts to it.
        """
        wanted: dict[int, int] = {}
        for begin, end in stretches:
            first, last = round(begin / STEP_S), round(end / STEP_S)
            for instant in range(first, last + 1):
                day, step = divmod(instant, STEPS)
                wanted[day] = wanted.get(day, 0) | (1 << step)
        found = np.zeros(len(self.vectors), bool)
        for day, bits in wanted.items():
            view = self._view(telescope, margin_deg, day, bits)
            found |= (view.seen & np.uint64(bits)) != 0
        return found

    def _view(self, telescope: Telescope, margin_deg: float, day: int, bits: int) -> View:
        key = (telescope.site, _without_sun(telescope.limits), margin_deg, day)
        view = self._views.setdefault(key, View(np.zeros(len(self.vectors), np.uint64)))
        missing = bits & ~view.known
        if missing:
            steps = np.array([k for k in range(STEPS) if missing >> k & 1])
            any_sun = replace(
                telescope,
                limits=replace(telescope.limits, max_sun_altitude_deg=ANY_SUN_DEG, max_sun_altitude_by_filter={}),
            )
            times_s = day * DAY_S + steps * STEP_S
            almanac = almanac_over(day * DAY_S, (day + 1) * DAY_S)
            good = allowed(any_sun, "", almanac, self.vectors, times_s, margin_deg)
            view.seen |= (good.astype(np.uint64) << steps.astype(np.uint64)).sum(axis=1, dtype=np.uint64)
            view.known |= missing
        return view


def _without_sun(limits: Limits) -> str:
    """Limits that decide what is seen at a dark instant, as a key."""
    return repr(replace(limits, max_sun_altitude_deg=ANY_SUN_DEG, max_sun_altitude_by_filter={}))
