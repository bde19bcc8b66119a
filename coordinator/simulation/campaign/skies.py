"""What looks at an event are worth, by each map that it may be searched by: its own, and those with a partner."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

from coordinator.planning.value import SkyValue
from coordinator.services.planner import PlannerWork
from coordinator.simulation.campaign.drawn_world import DrawnWorld
from coordinator.simulation.campaign.happened import MapTold
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.read import read_skymap
from coordinator.sky.skymap import SkyMap


@dataclass(frozen=True, slots=True, eq=False)
class Skies:
    """What looks are worth by each map, by the sha256 of its file, and by the last one."""

    by_sha256: Mapping[str, SkyValue]
    last: SkyValue


def skies_of(world: DrawnWorld) -> Skies:
    """Value the sky of an event by each map that somebody may search it by.

    The common sky of an event and its partner is made by the planner's own work, of any two of their maps; by the last
    of them the sky counts, unless it excludes the partner.
    """
    happened = world.happened
    valued = {told.sha256: _value(told.sky) for told in happened.maps}
    last = valued[happened.maps[-1].sha256]
    valued |= {told.sha256: _value(told.sky) for told in happened.partner_maps}
    for one, other in product(happened.maps, happened.partner_maps):
        sky = _common(one, other)
        if sky is not None:
            valued[sky.facts.sha256] = _value(sky)
        if sky is not None and one is happened.maps[-1] and other is happened.partner_maps[-1]:
            last = valued[sky.facts.sha256]
    return Skies(valued, last)


def _value(sky: SkyMap) -> SkyValue:
    return SkyValue.of(ProbabilityCurve.of(sky), "detection")


def _common(one: MapTold, other: MapTold) -> SkyMap | None:
    """Combine two maps; None: they exclude each other."""
    files = {told.sha256: told.file for told in (one, other)}
    made = PlannerWork(files.__getitem__).combined(tuple(sorted(files)))
    return read_skymap(made.fits) if made.fits else None
