"""Who takes part in a demonstration: telescopes of several continents, of which those that share sky see the source.

The injected source shines as AT2017gfo would at its distance, brightened until it stands a magnitude above the
deepest limit that reaches its place once it has risen. A telescope much shallower than that would search and find
nothing, so a group is chosen in which everybody who reaches the last map's sky can see it; the others watch elsewhere,
or wait.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from coordinator.lightcurves.kilonova import distance_modulus, kilonova_abs_mag
from coordinator.simulation.reach import reachable
from coordinator.simulation.world.counterpart import ABOVE_LIMIT_MAG
from coordinator.simulation.world.depth import limits_at
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.ranges import Ranges
from coordinator.sky.regions import credible_areas, credible_ranges, peak
from coordinator.sky.skymap import SkyMap
from telescopes.description.geometry import area_deg2
from telescopes.description.telescope import Telescope

SEES_BY_MAG = 0.3
"""A telescope sees the source for certain where its limit is this much fainter."""

SEARCH_H = 3.0
SEARCHED = 0.9
"""The source is drawn from the region of this level, as far as it can be reached: that is what is searched."""
LEAST_WORTH = 0.02
LEAST_TILED = 0.1
FADED_D = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """A telescope, the sky of the last map that it can reach, how deep it sees there, and what it can contribute."""

    telescope: Telescope
    reach: Ranges
    depth_mag: float | None
    worth: float


@dataclass(frozen=True, slots=True, eq=False)
class Cast:
    """The telescopes that take part, and the sky of the last map that each can reach in the demonstration."""

    telescopes: tuple[Telescope, ...]
    reach: Mapping[str, Ranges]


def choose(
    network: Sequence[Telescope], first: SkyMap, last: SkyMap, start: datetime, hours: float, count: int
) -> Cast:
    """Choose `count` telescopes for a sequence of sky maps; the same input gives the same cast."""
    members = [_member(t, last, start, hours) for t in sorted(network, key=lambda t: t.id)]
    natural = _natural_mag(last)
    groups = [_group(members, top, natural) for top in members if top.depth_mag is not None]
    group = max(groups, key=lambda g: sum(m.worth for m in g), default=[])
    chosen = sorted(group, key=lambda m: (-m.worth, m.telescope.id))[:count]
    idle = [m for m in members if m.reach.pixels == 0]
    elsewhere = {m.telescope.id: _reach_probability(m.telescope, first, start, hours) for m in idle}
    chosen += sorted(idle, key=lambda m: (-elsewhere[m.telescope.id], m.telescope.id))[: count - len(chosen)]
    rest = [m for m in members if m not in chosen and m not in idle]
    chosen += sorted(rest, key=lambda m: (m.worth, m.telescope.id))[: count - len(chosen)]
    return Cast(tuple(m.telescope for m in chosen), {m.telescope.id: m.reach for m in chosen if m.reach.pixels > 0})


def _member(telescope: Telescope, sky: SkyMap, start: datetime, hours: float) -> Member:
    reach = reachable(telescope, credible_ranges(sky, SEARCHED), start, hours)
    _, dec_deg = peak(sky)
    depth = max((limit for _, limit in limits_at([telescope], 0.0, dec_deg)), default=None)
    return Member(telescope, reach, depth, _worth(telescope, reach, sky))


def _worth(telescope: Telescope, reach: Ranges, sky: SkyMap) -> float:
    """Reachable probability, less where the field is too small to tile the region in a few hours.

    A telescope that visits galaxies where it cannot tile a tenth of the region stays idle without a catalogue.
    """
    observing, timing = telescope.observing, telescope.timing
    each_s = observing.count * (observing.exposure_s + timing.readout_s) + timing.settle_s
    tiled_deg2 = area_deg2(telescope.instruments[0].footprint) * SEARCH_H * 3600.0 / each_s
    (area90_deg2,) = credible_areas(sky, (0.9,))
    share = min(1.0, tiled_deg2 / max(area90_deg2, 1e-3))
    if observing.strategy != "tiles" and share < LEAST_TILED:
        return 0.0
    return ProbabilityCurve.of(sky).probability(reach) * share


def _group(members: Sequence[Member], top: Member, natural_mag: float) -> list[Member]:
    """Everybody who can take part where `top` is the deepest."""
    deepest = top.depth_mag or 0.0
    source_mag = min(natural_mag, deepest - ABOVE_LIMIT_MAG)
    return [
        m
        for m in members
        if m.depth_mag is not None and source_mag + SEES_BY_MAG <= m.depth_mag <= deepest and m.worth >= LEAST_WORTH
    ]


def _natural_mag(sky: SkyMap) -> float:
    """What the source would shine with at the far end of the map's distance, after a day."""
    mean, std = sky.facts.distance_mpc, sky.facts.distance_std_mpc or 0.0
    if mean is None:
        return float("inf")
    faintest = float(kilonova_abs_mag("r", np.array([FADED_D]))[0])
    return faintest + float(distance_modulus(mean + 2.0 * std))


def _reach_probability(telescope: Telescope, sky: SkyMap, start: datetime, hours: float) -> float:
    reach = reachable(telescope, credible_ranges(sky, 0.9), start, hours)
    return ProbabilityCurve.of(sky).probability(reach)
