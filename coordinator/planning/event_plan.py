"""The plan of one event: its visits one after the other, then its figures."""

from collections.abc import Iterable, Sequence
from typing import Any

from coordinator.planning.bound import Bound
from coordinator.planning.ceiling import ceiling
from coordinator.planning.count import Counted, count_visit, sight
from coordinator.planning.notes import notes
from coordinator.planning.plan import EventPlan, Figures, PlannedPointing, TelescopeSummary
from coordinator.planning.pointings import in_order
from coordinator.planning.prepared import prepared
from coordinator.planning.recipe import had_its_look
from coordinator.planning.recount import Pieces, Sight, best_value, covered_probability
from coordinator.planning.replan import as_of, changes, still_possible, take, worth_keeping
from coordinator.planning.request import EventToPlan, Look, PlanRequest, VisitSpec
from coordinator.planning.search import Settings
from coordinator.planning.stopwatch import Stopwatch
from coordinator.planning.timetable import Timetable
from coordinator.planning.value import Valued
from coordinator.planning.visit_plan import EventSky, VisitPlan, VisitTask, plan_visit
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.skymap import SkyMap

ROUNDING = 1e-9
"""By so much sums of probability may differ from one another."""


def plan_event(
    event: EventToPlan, sky: SkyMap, timetables: dict[str, Timetable], request: PlanRequest, watch: Stopwatch
) -> EventPlan:
    """Plan all visits of an event and take the telescopes' time for them."""
    with watch.stage("tiles_s"):
        map_ = prepared(sky)
        objective = objective_of(event, map_.curve)
        ready = EventSky(event, map_, map_.value(objective), request.dust)
    looks = [look for look in request.looks if look.event == event.key]
    previous = [p for p in request.previous if p.event == event.key and p.visit in {v.name for v in event.visits}]
    done: list[VisitPlan] = []
    # what stays takes its time before anything new is placed in any visit
    kept: dict[str, list[PlannedPointing]] = {}
    for visit in event.visits:
        kept[visit.name] = _kept(ready, visit.name, timetables, looks, previous, request)
        for pointing in kept[visit.name]:
            take(timetables[pointing.telescope], pointing)
    for visit in event.visits:
        before = [p for p in previous if p.visit == visit.name]
        had = had_its_look(visit.name, looks, kept)
        task = VisitTask(
            ready, visit, timetables, looks, before, kept[visit.name], request.slack_s, request.effort, had
        )
        result = plan_visit(task, watch)
        looks = looks + [_look(p) for p in result.pointings]
        done.append(result)
    pointings = in_order([p for result in done for p in result.pointings])
    with watch.stage("visibility_s"):
        bound = ceiling(event, map_, timetables)
    return EventPlan(
        key=event.key,
        revision=event.revision,
        objective=objective,
        t0=event.t0,
        skymap_sha256=event.skymap_sha256,
        area50_deg2=map_.area50_deg2,
        area90_deg2=map_.area90_deg2,
        distance_mpc=sky.facts.distance_mpc,
        visits=tuple(_described(v) for v in event.visits),
        figures=_figures(_counted(done, pointings, ready), bound, ready),
        changes=changes(previous, pointings),
        telescopes=tuple(_summary(name, pointings, done) for name in timetables),
        pointings=tuple(pointings),
        curve=map_.curve,
        notes=notes(event.visits, [result.short for result in done], request.dust),
    )


def _look(p: PlannedPointing) -> Look:
    return Look(p.event, p.visit, p.ranges, p.start, p.limit_mag_ab, p.filter, p.telescope)


def _kept(
    sky: EventSky,
    visit: str,
    timetables: dict[str, Timetable],
    looks: Sequence[Look],
    previous: Sequence[PlannedPointing],
    request: PlanRequest,
) -> list[PlannedPointing]:
    """Pointings of the plan before that hold at least half new on the newest map and can still be made."""
    before = [p for p in previous if p.visit == visit]
    possible = still_possible([as_of(p, sky.event) for p in before], timetables, request.slack_s)
    if not possible:
        return []
    promised = {p.id: p for p in before}
    value = sky.value
    same = [Sight(k.ranges, value.depth(k.limit_mag_ab)) for k in looks if k.visit == visit]
    counted = count_visit(possible, same, frozenset(), value)
    least = Settings().least_gain * (0.1 if value.distances is not None else 1.0)
    return [p for p in counted.pointings if worth_keeping(p, promised[p.id], sky.event, least)]


def _described(visit: VisitSpec) -> dict[str, Any]:
    """Say what a visit was in the words of the contract."""
    said = {
        "name": visit.name,
        "min_gap_s": visit.min_gap_s,
        "filters": list(visit.filters),
        "depth_mag_ab": visit.depth_mag_ab,
    }
    return said if visit.source is None else said | {"source": visit.source}


def objective_of(event: EventToPlan, curve: ProbabilityCurve) -> Valued:
    """What to make most of: detection where the map knows a distance, unless it was said."""
    if event.objective != "auto":
        return event.objective
    return "probability" if curve.dist_mu_mpc is None else "detection"


def _counted(done: Sequence[VisitPlan], pointings: list[PlannedPointing], ready: EventSky) -> Counted:
    """All pointings on common pieces of sky: those of the only visit, or anew over all visits."""
    if len(done) == 1:
        return done[0].counted
    pieces = Pieces.of([sight(p, ready.value) for p in pointings], ready.value)
    return Counted(pointings, pieces, list(range(len(pointings))))


def _figures(counted: Counted, bound: Bound, ready: EventSky) -> Figures:
    pointings, pieces, numbers = counted.pointings, counted.pieces, counted.numbers
    value, new = sum(p.value for p in pointings), sum(p.new_value for p in pointings)
    planned = covered_probability(pieces, numbers)
    by_depth = ready.map.value("detection")
    limits = {n: p.limit_mag_ab for n, p in zip(numbers, pointings, strict=True)}
    detection = best_value(pieces.valued(by_depth, limits), numbers)

    def at_least_planned(limit: float) -> float:
        return planned if limit < planned <= limit + ROUNDING else limit

    return Figures(
        observable=at_least_planned(bound.observable),
        planned=planned,
        detection=None if by_depth.distances is None else detection,
        bound=at_least_planned(bound.value),
        bound_kind=bound.kind,
        bound_candidates=None,
        redundancy=value / new - 1.0 if new > 0 else 0.0,
        duplicates=sum(p.new_value < 0.5 * p.value for p in pointings),
    )


def _summary(name: str, pointings: Iterable[PlannedPointing], done: Sequence[VisitPlan]) -> TelescopeSummary:
    mine = [p for p in pointings if p.telescope == name]
    reasons = [result.idle[name] for result in done if name in result.idle]
    return TelescopeSummary(
        id=name,
        pointings=len(mine),
        probability=sum(p.new_probability for p in mine),
        first_start=mine[0].start if mine else None,
        time_used_s=sum((p.end - p.start).total_seconds() for p in mine),
        idle_because=None if mine else (reasons[0] if reasons else "nothing was asked of it"),
    )
