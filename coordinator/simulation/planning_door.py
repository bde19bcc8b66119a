"""The planner's door in a simulation: who answers there decides how a network plans; all else stays as it is."""

from collections.abc import Callable

from coordinator.planning.plan import Plan
from coordinator.planning.request import PlanRequest

MakePlan = Callable[[PlanRequest], Plan]
"""The real planner."""

PlansMade = Callable[[PlanRequest, MakePlan], Plan]
"""Is handed what the scheduler asks for and the real planner, and returns the plan that the scheduler gets."""


def as_asked(request: PlanRequest, make: MakePlan) -> Plan:
    """Plan what was asked."""
    return make(request)
