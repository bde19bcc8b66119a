"""The plan of one event: its visits one after the other, then its figures."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from coordinator.planning.bound import EVERYTHING, Bound
from coordinator.planning.catalogue import HostGalaxies
from coordinator.planning.ceiling import ceiling
from coordinator.planning.count import Counted, sight
from coordinator.planning.draft import Before, best_draft
from coordinator.planning.notes import notes
from coordinator.planning.plan import EventPlan, Figures, PlannedPointing, TelescopeSummary
from coordinator.planning.pointings import in_order
from coordinator.planning.prepared import prepared
from coordinator.planning.recount import Pieces, best_value, covered_probability
from coordinator.planning.replan import changes
from coordinator.planning.request import EventToPlan, PlanRequest, VisitSpec
from coordinator.planning.stopwatch import Stopwatch
from coordinator.planning.timetable import Timetable
from coordinator.planning.value import Valued
from coordinator.planning.visit_plan import VisitPlan
from coordinator.planning.visit_task import EventSky
from coordinator.planning.wanted_depth import at_their_ends
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.skymap import SkyMap

LEAST_REST_S, LEAST_REST = 1800.0, 0.2
"""Time left over is spoken of where it is so much, and such a share of the dark hours."""

ROUNDING = 1e-9
"""By so much sums of probability may differ from one another."""


def plan_event(
    event: EventToPlan,
    sky: SkyMap,
    timetables: dict[str, Timetable],
    request: PlanRequest,
    watch: Stopwatch,
    hosts: HostGalaxies | None = None,
) -> EventPlan:
    """Plan all visits of an event and take the telescopes' time for them."""
    with watch.stage("tiles_s"):
        map_ = prepared(sky)
        objective = objective_of(event, map_.curve)
        ready = EventSky(event, map_, map_.value(objective), request.dust, hosts)
    before = Before.of(ready, request)
    draft = best_draft(before, timetables, watch)
    timetables.update(draft.timetables)
    done, pointings = draft.visits, in_order(draft.pointings)
    with watch.stage("visibility_s"):
        # what a wish comes to depends on free time, and a bound must hold whatever is taken
        asked = replace(event, visits=at_their_ends(event.visits))
        bound = EVERYTHING if request.effort == "quick" else ceiling(asked, map_, objective, timetables)
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
        figures=_figures(_counted(done, pointings, ready), bound, ready, done),
        changes=changes(before.previous, pointings),
        telescopes=tuple(_summary(timetable, pointings, done) for timetable in timetables.values()),
        pointings=tuple(pointings),
        curve=map_.curve,
        notes=(
            *notes(event.visits, [result.short for result in done], request.dust),
            *dict.fromkeys(note for result in done for note in result.notes),
        ),
    )


def _described(visit: VisitSpec) -> dict[str, Any]:
    """Say what a visit was in the words of the contract."""
    said = {
        "name": visit.name,
        "min_gap_s": visit.min_gap_s,
        "filters": list(visit.filters),
        "depth_mag_ab": visit.depth_mag_ab,
    }
    longer = {} if visit.times == 1 else {"times": visit.times}
    return said | longer if visit.source is None else said | longer | {"source": visit.source}


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
    return Counted(pointings, pieces, list(range(len(pointings))), 0)


def _of_candidates(reached: float, done: Sequence[VisitPlan]) -> float | None:
    """Most that the candidates of the only visit could reach; None: it was not asked for, or something is kept.

    The programme is solved on the search's cells; its distance to the optimum is taken over to the exact figures.
    """
    proof = done[0].proof if len(done) == 1 else None
    if proof is None or proof.ratio <= 0 or done[0].kept:
        return None
    return reached / proof.ratio


def _figures(counted: Counted, bound: Bound, ready: EventSky, done: Sequence[VisitPlan]) -> Figures:
    pointings, pieces, numbers = counted.pointings, counted.pieces, counted.numbers
    value, new = sum(p.value for p in pointings), sum(p.new_value for p in pointings)
    planned = covered_probability(pieces, numbers)
    by_depth = ready.map.value("detection")
    limits = {n: p.limit_mag_ab for n, p in zip(numbers, pointings, strict=True)}
    detection = best_value(pieces.valued(by_depth, limits), numbers)
    reached = planned if ready.value.distances is None else detection

    def at_least(what: float, limit: float) -> float:
        return what if limit < what <= limit + ROUNDING else limit

    return Figures(
        observable=None if bound.observable is None else at_least(planned, bound.observable),
        planned=planned,
        detection=None if by_depth.distances is None else detection,
        bound=at_least(reached, bound.value),
        bound_kind=bound.kind,
        bound_candidates=_of_candidates(reached, done),
        redundancy=value / new - 1.0 if new > 0 else 0.0,
        duplicates=sum(p.new_value < 0.5 * p.value for p in pointings),
    )


def _summary(timetable: Timetable, pointings: Iterable[PlannedPointing], done: Sequence[VisitPlan]) -> TelescopeSummary:
    name = timetable.telescope.id
    mine = [p for p in pointings if p.telescope == name]
    reasons = [result.idle[name] for result in done if name in result.idle]
    return TelescopeSummary(
        id=name,
        pointings=len(mine),
        probability=sum(p.new_probability for p in mine),
        first_start=mine[0].start if mine else None,
        time_used_s=sum((p.end - p.start).total_seconds() for p in mine),
        idle_because=None if mine else (reasons[0] if reasons else "nothing was asked of it"),
        rest=_rest(timetable, mine[-1].filter, done) if mine else None,
    )


def _rest(timetable: Timetable, filter_name: str, done: Sequence[VisitPlan]) -> str | None:
    """Say how much dark time a telescope that works has left, and why; None: little."""
    dark_s, free_s = (sum(b - a for a, b in some(filter_name)) for some in (timetable.dark, timetable.free))
    name = timetable.telescope.id
    if free_s < max(LEAST_REST_S, LEAST_REST * dark_s):
        return None
    because = next((result.rest[name] for result in done if name in result.rest), "nothing more was asked of it")
    return f"free for {free_s / 3600:.1f} of {dark_s / 3600:.1f} dark hours: {because}"
