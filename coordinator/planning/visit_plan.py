"""One visit of one event: what stays from before, who takes part, the search, and the exact count."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from coordinator.planning.bench import Bench
from coordinator.planning.count import Counted, count_visit
from coordinator.planning.galaxy_reasons import catalogue_notes, galaxy_shares, next_galaxies
from coordinator.planning.galaxy_weights import GalaxyTargets
from coordinator.planning.idle import IdleReasons, not_chosen, rest
from coordinator.planning.looks import too_soon
from coordinator.planning.participants import Participants, participants
from coordinator.planning.plan import Note, PlannedPointing
from coordinator.planning.pointings import Purpose, pointings_of
from coordinator.planning.possible import take
from coordinator.planning.proof import Proof
from coordinator.planning.replan import worth_a_change
from coordinator.planning.search_state import Search
from coordinator.planning.stopwatch import Stopwatch
from coordinator.planning.visit_search import search_visit
from coordinator.planning.visit_task import VisitTask
from coordinator.planning.why import Reasons
from telescopes.description.ephemeris import Array


@dataclass(slots=True, eq=False)
class VisitPlan:
    """What a visit came to; `idle` says why, for telescopes that got nothing, `rest` why the others got no more.

    `short` says which telescopes that look do not look as deep as is wanted; `notes`, what a catalogue of galaxies
    was good for, and `kept`, how many pointings stay from the plan before.
    """

    pointings: list[PlannedPointing]
    counted: Counted
    idle: dict[str, str] = field(default_factory=dict)
    short: dict[str, str] = field(default_factory=dict)
    proof: Proof | None = None
    notes: tuple[Note, ...] = ()
    rest: dict[str, str] = field(default_factory=dict)
    kept: int = 0


NOT_LOOKED_INTO = "others look first; the plan of all hours, which follows, says why"


def plan_visit(task: VisitTask, watch: Stopwatch) -> VisitPlan:
    """Plan a visit and take the telescopes' time for it."""
    sky, timetables = task.sky, task.timetables
    with watch.stage("visibility_s"):
        who = participants(task.visit, sky.event, timetables, sky.aim, task.slack_s, task.had_its_look, sky.hosts)
    with watch.stage("allocate_s"):
        result = search_visit(task, who)
        found = result.search
        new = _late_enough(task, _new_pointings(task, found))
        counted = _counted(task, new, _woken_by_galaxies(task, found))
        left = {b.desk.id: not_chosen(b, found.ground) for b in found.benches}
        best = {b.desk.id: _next_best(b, left[b.desk.id], found, who.targets) for b in found.benches}
        pointings = Reasons(task, who, best, _galaxies_of(counted.pointings, who)).of(counted.pointings)
    kept_ids = {p.id for p in task.kept}
    take(timetables, (p for p in pointings if p.id not in kept_ids))
    working = {p.telescope for p in pointings}
    short = {name: said for name, said in who.short.items() if name in working}
    galaxies = () if sky.hosts is None else catalogue_notes(who.choices, who.targets)
    unused = who.away | _idle(task, found, pointings)
    resting = {b.desk.id: rest(b, left[b.desk.id], found.least_gain) for b in found.benches if b.desk.id in working}
    return VisitPlan(pointings, counted, unused, short, result.proof, galaxies, resting, len(task.kept))


def _new_pointings(task: VisitTask, found: Search) -> list[PlannedPointing]:
    """Describe what a search has found, unless it is too little for a plan of which everything stays."""
    if not task.standing.may_change(found.covered, {b.desk.id: _own(found, b) for b in found.benches}):
        return []
    return [p for bench in found.benches for p in _pointings(task, found, bench)]


def _own(found: Search, bench: Bench) -> float:
    """What a telescope's fields are worth by themselves."""
    return float(bench.value[[t.field for t in found.timed.get(bench.desk.id, [])]].sum())


def _woken_by_galaxies(task: VisitTask, found: Search) -> set[str]:
    """Telescopes without work whose galaxies are worth waking them; the sky in their fields never would be."""
    return task.standing.waking({b.desk.id: _own(found, b) for b in found.benches if b.guide is not None})


def _counted(task: VisitTask, new: list[PlannedPointing], woken: set[str]) -> Counted:
    """Count what stays and what is new, as far as that is worth a change or by those who are woken anyway."""
    if not new:
        return task.stays
    counted = count_visit([*task.kept, *new], task.looked_at, frozenset(p.id for p in task.kept), task.sky.value)
    stand = worth_a_change(counted, task.kept, task.standing) | {
        p.id for p in counted.pointings if p.telescope in woken
    }
    return counted if len(stand) == len(counted.pointings) else counted.only(stand)


def _late_enough(task: VisitTask, new: list[PlannedPointing]) -> list[PlannedPointing]:
    """Keep the visit's distance from the same sky's first look exactly; the search keeps it by cells."""
    others = [look for look in task.looks if look.visit != task.visit.name]
    if task.visit.min_gap_s <= 0 or not new or not others:
        return new
    soon = too_soon(new, others, task.visit.min_gap_s, task.sky.value)
    return [p for p in new if p.id not in soon]


def _pointings(task: VisitTask, found: Search, bench: Bench) -> list[PlannedPointing]:
    timed = found.timed.get(bench.desk.id, [])
    at = np.array([t.field for t in timed], np.int64)
    event = task.sky.event
    return pointings_of(
        bench.desk.timetable,
        bench.desk.work,
        Purpose(event.key, event.revision, task.visit.name, event.priority),
        bench.fields.ra_deg[at],
        bench.fields.dec_deg[at],
        np.array([t.start_s for t in timed]),
        bench.fields.angle_deg[at],
    )


def _next_best(bench: Bench, gains: Array, found: Search, targets: GalaxyTargets | None) -> float:
    """Most that any field of a telescope not chosen would bring."""
    if bench.guide is not None and targets is not None:
        return next_galaxies(bench, found.ground, targets, found.least_gain)
    best = float(gains.max(initial=0.0))
    return best if best >= found.least_gain else 0.0


def _galaxies_of(pointings: Sequence[PlannedPointing], who: Participants) -> dict[str, str]:
    """Say by pointing which galaxies telescopes that go to these have in their fields."""
    guided = {desk.id for desk in who.desks if who.guided(desk)}
    mine = [p for p in pointings if p.telescope in guided]
    if who.targets is None or not mine:
        return {}
    shares = galaxy_shares(who.targets, [p.ranges for p in mine])
    return {p.id: share.said for p, share in zip(mine, shares, strict=True)}


def _idle(task: VisitTask, found: Search, pointings: Sequence[PlannedPointing]) -> dict[str, str]:
    """Why telescopes that could take part got nothing; whoever waits for a plan does not wait for that."""
    working = {p.telescope for p in pointings}
    if task.effort == "quick":
        return {b.desk.id: NOT_LOOKED_INTO for b in found.benches if b.desk.id not in working}
    reasons = IdleReasons(found, [look for look in task.looks if look.visit == task.visit.name], pointings)
    return {bench.desk.id: reasons.of(bench) for bench in found.benches if bench.desk.id not in working}
