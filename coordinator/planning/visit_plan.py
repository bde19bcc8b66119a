"""One visit of one event: what stays from before, who takes part, the search, and the exact count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from coordinator.planning.cells import Blocks, Cells
from coordinator.planning.count import count_visit
from coordinator.planning.desk import Desk
from coordinator.planning.explain import idle, next_best, why
from coordinator.planning.greedy import Bench, Tally
from coordinator.planning.looks import cells_inside, first_looks_s
from coordinator.planning.participants import Participants, participants
from coordinator.planning.plan import PlannedPointing
from coordinator.planning.pointings import Purpose, pointings_of
from coordinator.planning.replan import take, worth_a_change
from coordinator.planning.request import Effort, EventToPlan, Look, VisitSpec
from coordinator.planning.search import HALF_AND_MARGIN, Ground, Search, Settings, Task, search
from coordinator.planning.stopwatch import Stopwatch
from coordinator.planning.timetable import Timetable
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.ranges import Ranges
from telescopes.description.ephemeris import unix_s, utc_of

EFFORTS = (Settings(), Settings(shares=(0.75, HALF_AND_MARGIN)), Settings(shares=(0.9, 0.75, HALF_AND_MARGIN)))
"""What is tried with effort best; fast tries the first."""


@dataclass(frozen=True, slots=True, eq=False)
class EventSky:
    """An event and its map, made ready for planning."""

    event: EventToPlan
    curve: ProbabilityCurve
    coarse: Cells
    blocks: Blocks
    area50_deg2: float
    area90_deg2: float


@dataclass(frozen=True, slots=True, eq=False)
class VisitTask:
    """What a visit is planned from.

    `looks` are all of the event's, of any visit; `before` are the pointings that the plan before had for this
    visit, of which `kept` stay: their time is taken already.
    """

    sky: EventSky
    visit: VisitSpec
    timetables: Mapping[str, Timetable]
    looks: Sequence[Look]
    before: Sequence[PlannedPointing]
    kept: Sequence[PlannedPointing]
    slack_s: float
    effort: Effort

    @property
    def looked_at(self) -> list[Ranges]:
        """Sky that is owned or observed in this visit."""
        return [look.ranges for look in self.looks if look.visit == self.visit.name]


@dataclass(slots=True, eq=False)
class VisitPlan:
    """What a visit came to; `idle` says why, for telescopes that got nothing."""

    pointings: list[PlannedPointing] = field(default_factory=list)
    idle: dict[str, str] = field(default_factory=dict)
    desks: list[Desk] = field(default_factory=list)


def plan_visit(task: VisitTask, watch: Stopwatch) -> VisitPlan:
    """Plan a visit and take the telescopes' time for it."""
    sky, timetables, kept = task.sky, task.timetables, task.kept
    with watch.stage("visibility_s"):
        who = participants(task.visit, sky.event.purpose, timetables, sky.blocks, sky.area90_deg2, task.slack_s)
    with watch.stage("allocate_s"):
        found = _search(task, who)
        new = [p for bench in found.benches for p in _pointings(task, found, bench)]
        new = worth_a_change(new, kept, task.before, task.looked_at, sky.curve)
        kept_ids = frozenset(p.id for p in kept)
        counted = count_visit([*kept, *new], task.looked_at, kept_ids, sky.curve)
        pointings = _with_reasons(counted.pointings, found, timetables)
    for pointing in pointings:
        if pointing.id not in kept_ids:
            take(timetables[pointing.telescope], pointing)
    return VisitPlan(pointings, who.away | _idle(found, pointings), who.desks)


def _search(task: VisitTask, who: Participants) -> Search:
    kept = task.kept
    same = task.looked_at + [p.ranges for p in kept]
    others = [(look.ranges, unix_s(look.start)) for look in task.looks if look.visit != task.visit.name]
    gap_s = task.visit.min_gap_s

    def ground(cells: Cells) -> Ground:
        left = cells.probability.copy()
        for ranges in same:
            left[cells_inside(cells, ranges)] = 0.0
        if gap_s <= 0:
            return Ground(left)
        first = first_looks_s(cells, others)
        left[~np.isfinite(first)] = 0.0
        return Ground(left, first + gap_s)

    tally = Tally(sum(p.probability for p in kept), sum(p.new_probability for p in kept))
    base = Task(task.sky.coarse, task.sky.blocks, ground, who.desks, who.seen, tally, Settings())
    tried = EFFORTS if task.effort == "best" else EFFORTS[:1]
    found = [search(replace(base, settings=settings)) for settings in tried]
    return max(found, key=lambda f: round(f.covered, 7))  # of equals the first


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
    )


def _with_reasons(
    pointings: Sequence[PlannedPointing], found: Search, timetables: Mapping[str, Timetable]
) -> list[PlannedPointing]:
    best = {b.desk.id: next_best(b, found.left, found.settings.least_gain) for b in found.benches}
    return [
        replace(p, why=why(p, best.get(p.telescope, 0.0), utc_of(timetables[p.telescope].end_s))) for p in pointings
    ]


def _idle(found: Search, pointings: Sequence[PlannedPointing]) -> dict[str, str]:
    """Why telescopes that could take part got nothing."""
    working, least = {p.telescope for p in pointings}, found.settings.least_gain
    return {
        bench.desk.id: idle(bench, found.cells, seen, found.ground.left, least)
        for bench, seen in zip(found.benches, found.masks, strict=True)
        if bench.desk.id not in working
    }
