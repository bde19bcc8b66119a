"""How much of where the counterpart may be was searched, and how likely it was bright enough for those looks.

A look counts by the sky that it held and by how deep it saw at its time: a kilonova is fainter by the hour. What was
seen twice counts once, by the look that would have seen the fainter source.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from coordinator.events.event import Event
from coordinator.lightcurves.afterglow import SPREAD_MAG, afterglow_abs_mag, afterglow_mag
from coordinator.lightcurves.bands import band_of
from coordinator.lightcurves.detection import SOURCE_MAG_AB, Distances, chance_brighter, normal
from coordinator.lightcurves.kilonova import kilonova_abs_mag_at
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.ranges import Ranges
from coordinator.vetting.burst import afterglow_share
from coordinator.vetting.case import Atlas
from coordinator.vetting.looks import Look

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SHINES_D = 10.0
"""So many days a counterpart is looked for; what was observed before the event or later than this does not count."""

MAG_PER_WIDTH = 5.0 / math.log(10.0)
"""Spread of the distance modulus by that of the distance over itself."""


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """What our own looks reach of where the counterpart may be.

    Attributes
    ----------
    covered : float
        Probability of the map in what was looked at while a counterpart shines.
    brighter : float or None
        Chance that a counterpart in that sky is brighter than what was reached there; None: nobody knows how bright
        it would be.
    light : str
        What light was reckoned with, for people.
    searched : Ranges
        All sky that was looked at, whenever.
    limit_mag_ab : float or None
        The middle of the looks' limits.
    telescopes : set of str
        Who took the looks whose depth is known.
    """

    covered: float
    brighter: float | None
    light: str
    searched: Ranges
    limit_mag_ab: float | None = None
    telescopes: frozenset[str] = frozenset()


def reach_of(
    atlas: Atlas | None, event: Event, looks: Sequence[Look], searched: Ranges | None = None, *, unknown: float = 0.5
) -> Reach | None:
    """Reckon what was reached on an event's newest map; None: it has no map, or nobody looked.

    Parameters
    ----------
    atlas : Atlas, optional
        The event's sky.
    event : Event
        Its time and what else was seen of it say what light to expect.
    looks : sequence of Look
        Our own observations, whose depth is known.
    searched : Ranges, optional
        All sky that was looked at, also to an unknown depth; None: that of the looks.
    unknown : float
        Chance that it was bright enough, where the depth is not known.
    """
    every = Ranges.union_of(look.ranges for look in looks)
    whole = every if searched is None else every.union(searched)
    if atlas is None or whole.low.size == 0:
        return None
    limit = float(np.median([look.limit_mag_ab for look in looks])) if looks else None
    telescopes = frozenset(look.telescope for look in looks)
    t0 = event.t0 or atlas.sky.facts.t0
    shining = [look for look in looks if look.ranges.low.size and (t0 is None or 0.0 < _day(look, t0) <= SHINES_D)]
    dim = atlas.curve.probability(whole.minus(every))
    pieces = _pieces(atlas.curve, shining, every if len(shining) == len(looks) else None)
    sure = float(pieces.probability.sum())
    covered = sure + dim
    light, chance = _light(event, t0, atlas.strip_distances, shining, pieces)
    if chance is None or covered <= 0.0:
        return Reach(min(covered, 1.0), None, light, whole, limit, telescopes)
    seen = float((pieces.probability * chance).sum()) + unknown * dim
    return Reach(min(covered, 1.0), min(seen / covered, 1.0), light, whole, limit, telescopes)


@dataclass(frozen=True, slots=True, eq=False)
class _Pieces:
    """Sky that was looked at, cut so that each piece lies in one cell of the map and in the whole of each look.

    `strip` is the cell of each piece on the curve; look `look[i]` held piece `held[i]`.
    """

    probability: Floats
    strip: Ints
    held: Ints
    look: Ints

    def deepest(self, reached: Sequence[float]) -> Floats:
        """Return for each piece the most of what the looks that held it have reached."""
        best = np.full(self.strip.size, -np.inf)
        np.maximum.at(best, self.held, np.asarray(reached, np.float64)[self.look])
        return best


def _pieces(curve: ProbabilityCurve, looks: Sequence[Look], union: Ranges | None = None) -> _Pieces:
    begins, ends = (
        np.concatenate([np.empty(0, np.int64), *(getattr(look.ranges, side) for look in looks)])
        for side in ("low", "high")
    )
    union = Ranges.of(begins, ends) if union is None else union
    cells = curve.edge[union.contains(curve.edge)]
    edges = np.concatenate([begins, ends, cells])
    edges.sort(kind="stable")  # Runs that are sorted already are only merged so.
    union_edges = np.zeros(edges.size, np.int64)
    union_edges[np.searchsorted(edges, union.low)] = 1
    union_edges[np.searchsorted(edges, union.high)] = -1
    within = np.diff(np.interp(edges, curve.edge.astype(np.float64), curve.total))
    some = (within > 0.0) & (np.cumsum(union_edges[:-1]) > 0)
    low, probability = edges[:-1][some], within[some]
    strip = np.clip(np.searchsorted(curve.edge, low, side="right") - 1, 0, curve.edge.size - 2)
    first, last = np.searchsorted(low, begins), np.searchsorted(low, ends)
    counts = last - first
    held = np.repeat(first - np.r_[0, np.cumsum(counts)[:-1]], counts) + np.arange(int(counts.sum()))
    owner = np.repeat(np.arange(len(looks)), [look.ranges.low.size for look in looks])
    return _Pieces(probability, strip, held, np.repeat(owner, counts))


def _light(
    event: Event, t0: datetime | None, known: Distances | None, looks: Sequence[Look], pieces: _Pieces
) -> tuple[str, Floats | None]:
    """Say what light is expected, and the chance that it is brighter than what was reached at each piece."""
    if t0 is None:
        return "a counterpart of unknown age", None
    share, bands = afterglow_share(event), [band_of(look.filter) for look in looks]
    days = [_day(look, t0) for look in looks]
    its = list(zip(looks, bands, days, strict=True))
    if known is None:
        if event.messenger != "EM":
            return "a counterpart at an unknown distance", None
        deepest = pieces.deepest([k.limit_mag_ab - float(afterglow_mag(b, d)) for k, b, d in its])
        return "an afterglow, its distance unknown,", normal(deepest / SPREAD_MAG)
    distances = known[pieces.strip]
    moduli = pieces.deepest([k.limit_mag_ab - _abs_mags(b, d)[0] for k, b, d in its])
    kilonova = chance_brighter(moduli + SOURCE_MAG_AB, distances)
    moduli = pieces.deepest([k.limit_mag_ab - _abs_mags(b, d)[1] for k, b, d in its])
    spread = np.hypot(SPREAD_MAG, MAG_PER_WIDTH * distances.width)
    afterglow = normal((moduli - distances.modulus_mag) / spread)
    both = "a kilonova" if share <= 0.1 else "a kilonova or an afterglow"
    return f"{both} at the map's distance", (1.0 - share) * kilonova + share * afterglow


@lru_cache(maxsize=4096)
def _abs_mags(band: str, day: float) -> tuple[float, float]:
    """Return how bright a kilonova and an afterglow are: a search asks for each of its looks whenever odds are made."""
    return kilonova_abs_mag_at(band, day), float(afterglow_abs_mag(band, day))


def _day(look: Look, t0: datetime) -> float:
    """Days from the event to the middle of a look."""
    return ((look.start - t0) + (look.end - look.start) / 2).total_seconds() / 86400.0
