"""The policies that are compared: Armillary's own, and the three ways in which networks work without it.

All of them plan with the same planner and the same effort, so that what differs is who knows what of whom.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from coordinator.planning.plan import EventPlan, Plan, PlannedPointing
from coordinator.planning.request import Look, PlanRequest
from coordinator.simulation.campaign.words import HeardWord
from coordinator.simulation.planning_door import MakePlan, PlansMade
from coordinator.sky.ranges import Ranges
from telescopes.description.telescope import Telescope

Teams = tuple[tuple[Telescope, ...], ...]


def quickly(request: PlanRequest, make: MakePlan) -> Plan:
    """Plan what was asked by one search, whoever waits for it: a campaign has thousands of plans."""
    return make(replace(request, effort="quick"))


class Coordinated:
    """One coordinator for all, which plans anew whenever something is new: Armillary as it is."""

    def teams(self, telescopes: Sequence[Telescope]) -> Teams:
        """Let all work together."""
        return (tuple(telescopes),)

    def hears(self, words: Sequence[HeardWord]) -> tuple[HeardWord, ...]:
        """Hear every word."""
        return tuple(words)

    def planning(self) -> PlansMade:
        """Plan for all at once."""
        return quickly


class Independent(Coordinated):
    """Each telescope plans for itself as well as it can, hears every word, and knows nothing of the others."""

    def teams(self, telescopes: Sequence[Telescope]) -> Teams:
        """Let each work alone."""
        return tuple((one,) for one in telescopes)


class Static(Coordinated):
    """A plan for all is made once, on the first map that is no early warning, and worked off whatever happens.

    A retraction ends it, as it would end any search. The first hours are planned in a hurry and the later ones once
    after it, as everywhere; then nothing is planned any more.
    """

    def hears(self, words: Sequence[HeardWord]) -> tuple[HeardWord, ...]:
        """Hear the first map after the merger, and the retraction."""
        maps = [w for w in words if w.stage in ("preliminary", "update")]
        ends = [w for w in words if w.stage == "retraction"]
        return (*maps[:1], *ends)

    def planning(self) -> PlansMade:
        """Plan all hours once."""
        return _Once()


class Sequential(Coordinated):
    """One coordinator, but telescopes plan one after another, each around what those before it have taken."""

    def planning(self) -> PlansMade:
        """Plan for one telescope after another."""
        return one_after_another


@dataclass
class _Once:
    """Remembers the plan of all hours, and gives what is left of it from then on."""

    whole: Plan | None = field(default=None)
    hours: float = 0.0

    def __call__(self, request: PlanRequest, make: MakePlan) -> Plan:
        """Plan, or return what is left."""
        hours = (request.end - request.start).total_seconds() / 3600.0
        if self.whole is None or (hours > self.hours and not request.targets):
            self.whole, self.hours = quickly(replace(request, targets=()), make), hours
        return _left_of(self.whole, request)


def _left_of(plan: Plan, request: PlanRequest) -> Plan:
    open_now = {e.key for e in request.events}
    events = tuple(
        replace(e, pointings=tuple(p for p in e.pointings if p.start >= request.start))
        for e in plan.events
        if e.key in open_now
    )
    return replace(plan, start=request.start, events=events, follow_up=())


def one_after_another(request: PlanRequest, make: MakePlan) -> Plan:
    """Plan for each telescope alone, in order of id, around the looks that those before it were given."""
    looks, parts = list(request.looks), []
    targets = request.targets
    for one in sorted(request.telescopes, key=lambda t: t.telescope.id):
        mine = tuple(p for p in request.previous if p.telescope == one.telescope.id)
        part = quickly(replace(request, telescopes=(one,), looks=tuple(looks), targets=targets, previous=mine), make)
        looks += [_look(p) for e in part.events for p in e.pointings]
        taken = {(p.event, p.visit) for p in part.follow_up}
        targets = tuple(t for t in targets if (t.event, t.visit) not in taken)
        parts.append(part)
    return _together(parts, make, request)


def _look(p: PlannedPointing) -> Look:
    return Look(p.event, p.visit, p.ranges, p.start, p.limit_mag_ab, p.filter, p.telescope)


def _together(parts: Sequence[Plan], make: MakePlan, request: PlanRequest) -> Plan:
    if not parts:
        return quickly(request, make)
    columns = zip(*(part.events for part in parts), strict=True)
    return replace(
        parts[0],
        events=tuple(_one_event(plans) for plans in columns),
        follow_up=tuple(p for part in parts for p in part.follow_up),
        unplanned=tuple(dict.fromkeys(said for part in parts for said in part.unplanned)),
    )


def _one_event(plans: Sequence[EventPlan]) -> EventPlan:
    """Put the telescopes' plans of one event together; of its figures the planned probability is that of all."""
    pointings = tuple(p for plan in plans for p in plan.pointings)
    planned = plans[0].curve.probability(Ranges.union_of(p.ranges for p in pointings))
    return replace(
        plans[0],
        pointings=pointings,
        figures=replace(plans[0].figures, planned=planned),
        telescopes=tuple(t for plan in plans for t in plan.telescopes),
        notes=tuple(dict.fromkeys(n for plan in plans for n in plan.notes)),
    )
