"""Campaigns that are cheap enough to play in tests: three telescopes, two hours, near sources."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from builders.nights import five_telescopes
from coordinator.planning.plan import Plan
from coordinator.planning.request import PlanRequest
from coordinator.simulation.campaign.drawn_world import DrawnWorld, Setting, drawn_world
from coordinator.simulation.campaign.faults import FaultLaw
from coordinator.simulation.campaign.policies import Coordinated
from coordinator.simulation.planning_door import MakePlan, PlansMade
from telescopes.description.telescope import Telescope


def three_telescopes() -> tuple[Telescope, ...]:
    """Return three that see the same sky at the same time, with wide fields."""
    return tuple(t for t in five_telescopes() if t.id in ("nowt", "tca", "tre"))


def a_setting(telescopes: Sequence[Telescope] = (), hours: float = 3.0) -> Setting:
    """Return a short campaign's setting, faults and laws included."""
    return Setting(tuple(telescopes) or three_telescopes(), hours, faults=FaultLaw(link_h=6.0), watched=True)


@cache
def a_world(number: int = 0, seed: int = 5) -> DrawnWorld:
    """Draw a world of such a campaign."""
    return drawn_world(a_setting(), seed, number)


class Raises(Coordinated):
    """A policy with a mistake in it."""

    def planning(self) -> PlansMade:
        """Plan nothing."""
        return _fail


def _fail(request: PlanRequest, make: MakePlan) -> Plan:
    raise ZeroDivisionError("a mistake of the policy's own")


def quiet(world: DrawnWorld) -> DrawnWorld:
    """Return the same world without clouds."""
    return replace(world, sky=replace(world.sky, clouds={}))
