"""What is forecast for a telescope's sky: how likely it is clear, when it is not worth trying, and who says so."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coordinator.planning.request import Forecast
from coordinator.sky.visibility import Stretch
from telescopes.description.ephemeris import Array, unix_s, utc_of

Ints = NDArray[np.int64]

CLOUDED = 0.05
"""Where the sky is less likely clear than this, nothing is planned."""

CLEAR = 1.0
"""What counts where nobody forecasts."""

NO_WORD = -1


@dataclass(frozen=True, slots=True, eq=False)
class Weather:
    """Forecasts of one site, cut so that of several for one time the newest holds; nothing known counts as clear.

    Attributes
    ----------
    forecasts : tuple of Forecast
    edge_s : float64 array, shape (n + 1,)
        Where stretches begin and end, seconds since 1970.
    holds : int64 array, shape (n,)
        Which forecast holds in each stretch; NO_WORD: none, or one that takes back what was said and knows nothing.
    clear : float64 array, shape (n,)
        How likely the sky is clear in each stretch.
    """

    forecasts: tuple[Forecast, ...]
    edge_s: Array
    holds: Ints
    clear: Array

    @classmethod
    def of(cls, forecasts: Sequence[Forecast]) -> "Weather":
        """Lay forecasts out along time."""
        oldest_first = tuple(sorted((f for f in forecasts if f.end > f.start), key=_issued_s))
        edge_s = np.unique([unix_s(when) for f in oldest_first for when in (f.start, f.end)])
        holds = np.full(max(0, edge_s.size - 1), NO_WORD)
        for number, one in enumerate(oldest_first):
            begin, end = np.searchsorted(edge_s, [unix_s(one.start), unix_s(one.end)])
            holds[begin:end] = NO_WORD if one.probability_clear is None else number
        chances = np.array([_chance(f) for f in oldest_first] + [CLEAR])
        return cls(oldest_first, edge_s, holds, chances[holds])

    def __bool__(self) -> bool:
        """Whether anybody forecasts anything."""
        return bool(self.forecasts) and bool((self.holds != NO_WORD).any())

    @property
    def clouded(self) -> list[Stretch]:
        """Stretches of time that are not used."""
        return [
            (float(self.edge_s[i]), float(self.edge_s[i + 1])) for i in np.flatnonzero(self.clear < CLOUDED).tolist()
        ]

    def chance(self, start_s: Array, end_s: Array) -> Array:
        """How likely it is clear in stretches of time, on the average over each, shape (n,)."""
        start_s, end_s = np.asarray(start_s, np.float64), np.asarray(end_s, np.float64)
        if not self:
            return np.full(start_s.shape, CLEAR)
        cloud_s = np.r_[0.0, np.cumsum((CLEAR - self.clear) * np.diff(self.edge_s))]
        lost_s = np.interp(end_s, self.edge_s, cloud_s) - np.interp(start_s, self.edge_s, cloud_s)
        return np.asarray(np.clip(CLEAR - lost_s / np.maximum(end_s - start_s, 1e-9), 0.0, 1.0))

    def clouds_until(self, start_s: float, now_s: float) -> str:
        """Say until when it is clouded from an instant on, by whom, and how old that word is; empty: it is not."""
        at = int(np.searchsorted(self.edge_s, start_s, side="right")) - 1
        if not 0 <= at < self.clear.size or self.clear[at] >= CLOUDED:
            return ""
        last = at
        while last + 1 < self.clear.size and self.clear[last + 1] < CLOUDED:
            last += 1
        return f"forecast clouds until {utc_of(self.edge_s[last + 1]):%H:%M} ({self._whose(at, now_s)})"

    def said(self, start_s: float, now_s: float) -> str:
        """Say whose word about an instant it is, and how old; empty: nobody's."""
        at = int(np.searchsorted(self.edge_s, start_s, side="right")) - 1
        return self._whose(at, now_s) if 0 <= at < self.holds.size and self.holds[at] != NO_WORD else ""

    def _whose(self, stretch: int, now_s: float) -> str:
        one = self.forecasts[int(self.holds[stretch])]
        source = one.source or "source unknown"
        if one.issued is None:
            return f"{source}, age unknown"
        return f"{source}, {_age(now_s - unix_s(one.issued))} old"


def _chance(one: Forecast) -> float:
    return CLEAR if one.probability_clear is None else one.probability_clear


def _issued_s(one: Forecast) -> float:
    return -np.inf if one.issued is None else unix_s(one.issued)


def _age(seconds: float) -> str:
    return f"{max(0.0, seconds) / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
