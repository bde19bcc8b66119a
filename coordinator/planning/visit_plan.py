"""One visit of one event: what stays from before, who takes part, the search, and the exact count."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from coordinator.planning.cells import Cells, Ints
from coordinator.planning.count import Counted, count_visit, sight
from coordinator.planning.explain import idle, next_best, why
from coordinator.planning.greedy import Bench, Tally
from coordinator.planning.ground import Ground, cell_worth
from coordinator.planning.looks import cells_inside, first_looks_s, too_soon
from coordinator.planning.participants import Participants, participants
from coordinator.planning.plan import PlannedPointing
from coordinator.planning.pointings import Purpose, pointings_of
from coordinator.planning.prepared import PreparedSky
from coordinator.planning.recipe import group_of
from coordinator.planning.recount import Sight
from coordinator.planning.replan import take, worth_a_change
from coordinator.planning.request import Effort, EventToPlan, Look, VisitSpec
from coordinator.planning.search import HALF_AND_MARGIN, Search, Settings, Task, search
from coordinator.planning.stopwatch import Stopwatch
from coordinator.planning.timetable import Timetable
from coordinator.planning.value import NOTHING, SkyValue
from coordinator.planning.wanted_depth import Aim
from coordinator.sky.dust_map import DustMap
from telescopes.description.ephemeris import Array, unix_s, utc_of

LEAST_WATCHED = 0.02
"""Least share of all value that a look at a watched region is for: what one telescope leaves of it is no look for
another, which has a visit of its own."""

EFFORTS = (Settings(), Settings(shares=(0.75, HALF_AND_MARGIN)), Settings(shares=(0.9, 0.75, HALF_AND_MARGIN)))
"""What is tried with effort best; fast tries the first."""


@dataclass(frozen=True, slots=True, eq=False)
class EventSky:
    """An event, its map made ready for planning, and what looks at it are worth."""

    event: EventToPlan
    map: PreparedSky
    value: SkyValue
    dust: DustMap | None = None

    @property
    def aim(self) -> Aim:
        """What its source may be like."""
        t0 = self.event.t0
        return Aim(None if t0 is None else unix_s(t0), self.map, self.dust)


@dataclass(frozen=True, slots=True, eq=False)
class VisitTask:
    """What a visit is planned from.

    `looks` are all of the event's, of any visit; `before` are the pointings that the plan before had for this
    visit, of which `kept` stay: their time is taken already. `had_its_look`: telescopes that stay away from this visit.
    """

    sky: EventSky
    visit: VisitSpec
    timetables: Mapping[str, Timetable]
    looks: Sequence[Look]
    before: Sequence[PlannedPointing]
    kept: Sequence[PlannedPointing]
    slack_s: float
    effort: Effort
    had_its_look: frozenset[str] = frozenset()

    @property
    def looked_at(self) -> list[Sight]:
        """Sky that is owned or observed in this visit."""
        depth = self.sky.value.depth
        return [Sight(k.ranges, depth(k.limit_mag_ab)) for k in self.looks if k.visit == self.visit.name]


@dataclass(slots=True, eq=False)
class VisitPlan:
    """What a visit came to; `idle` says why, for telescopes that got nothing.

    `short` says which telescopes that look do not look as deep as is wanted.
    """

    pointings: list[PlannedPointing]
    counted: Counted
    idle: dict[str, str] = field(default_factory=dict)
    short: dict[str, str] = field(default_factory=dict)


def plan_visit(task: VisitTask, watch: Stopwatch) -> VisitPlan:
    """Plan a visit and take the telescopes' time for it."""
    sky, timetables, kept = task.sky, task.timetables, task.kept
    with watch.stage("visibility_s"):
        who = participants(task.visit, sky.event.purpose, timetables, sky.aim, task.slack_s, task.had_its_look)
    with watch.stage("allocate_s"):
        found = _search(task, who)
        new = [p for bench in found.benches for p in _pointings(task, found, bench)]
        new = _late_enough(task, new)
        new = worth_a_change(new, kept, task.before, task.looked_at, sky.value)
        kept_ids = frozenset(p.id for p in kept)
        counted = count_visit([*kept, *new], task.looked_at, kept_ids, sky.value)
        pointings = _with_reasons(counted.pointings, found, timetables)
    for pointing in pointings:
        if pointing.id not in kept_ids:
            take(timetables[pointing.telescope], pointing)
    working = {p.telescope for p in pointings}
    short = {name: said for name, said in who.short.items() if name in working}
    return VisitPlan(pointings, counted, who.away | _idle(found, pointings), short)


def _late_enough(task: VisitTask, new: list[PlannedPointing]) -> list[PlannedPointing]:
    """Keep the visit's distance from the same sky's first look exactly; the search keeps it by cells."""
    others = [look for look in task.looks if look.visit != task.visit.name]
    if task.visit.min_gap_s <= 0 or not new or not others:
        return new
    soon = too_soon(new, others, task.visit.min_gap_s, task.sky.value)
    return [p for p in new if p.id not in soon]


def _search(task: VisitTask, who: Participants) -> Search:
    value, kept = task.sky.value, task.kept
    by_depth = value.distances is not None
    depth_of = [value.depth(desk.limit_mag_ab) for desk in who.desks]
    depths = sorted(set(depth_of))
    tally = Tally(sum(p.value for p in kept), sum(p.new_value for p in kept))
    rows = [depths.index(depth) for depth in depth_of]
    ground = _ground(task, depths)
    base = Task(
        task.sky.map.coarse, task.sky.map.blocks, ground, who.desks, rows, who.seen, tally, by_depth, Settings()
    )
    tries = _tries(task.effort, by_depth)
    if group_of(task.visit.name) is not None:
        tries = [replace(one, least_gain=LEAST_WATCHED) for one in tries]
    found = [search(replace(base, settings=settings)) for settings in tries]
    return max(found, key=lambda f: round(f.covered, 7))  # of equals the first


def _tries(effort: Effort, by_depth: bool) -> list[Settings]:
    """What is tried. Where depth counts the deepest choose first, because a wide shallow look bars deeper ones."""
    if effort == "fast":
        return [replace(EFFORTS[0], deep_first=by_depth)]
    return [replace(one, deep_first=deep) for one in EFFORTS for deep in ((True, False) if by_depth else (False,))]


def _ground(task: VisitTask, depths: Sequence[int]) -> Callable[[Cells, Ints | None], Ground]:
    """What looks of these depths are worth beside earlier ones, for any cells that coarse ones were split into."""
    value = task.sky.value
    same = task.looked_at + [sight(p, value) for p in task.kept]
    others = [(look.ranges, unix_s(look.start)) for look in task.looks if look.visit != task.visit.name]
    gap_s = task.visit.min_gap_s

    def ground(cells: Cells, parent: Ints | None) -> Ground:
        worth = _worth(task, depths, cells, parent)
        held = _held(task, cells, parent, same)
        if gap_s <= 0:
            return Ground(worth, held)
        first = first_looks_s(cells, others)
        held[~np.isfinite(first)] = np.inf
        return Ground(worth, held, first + gap_s)

    return ground


def _worth(task: VisitTask, depths: Sequence[int], cells: Cells, parent: Ints | None) -> Array:
    if task.sky.value.distances is None:
        return cell_worth(cells, None)
    # where nobody takes part there is no depth, and a plan that says why
    weights = np.stack([task.sky.map.weights(depth) for depth in depths or [NOTHING]])
    return cell_worth(cells, weights if parent is None else weights[:, parent])


def _held(task: VisitTask, cells: Cells, parent: Ints | None, sights: Sequence[Sight]) -> Array:
    """Value that is there already in each cell."""
    deepest = np.full(cells.probability.size, NOTHING, np.int64)
    for one in sights:
        inside = cells_inside(cells, one.ranges)
        deepest[inside] = np.maximum(deepest[inside], one.depth)
    held = np.zeros(cells.probability.size)
    for depth in np.unique(deepest[deepest > NOTHING]):
        those = deepest == depth
        held[those] = _worth(task, [int(depth)], cells, parent)[0, those]
    return held


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


def _with_reasons(
    pointings: Sequence[PlannedPointing], found: Search, timetables: Mapping[str, Timetable]
) -> list[PlannedPointing]:
    best = {b.desk.id: next_best(b, found.ground, found.least_gain) for b in found.benches}
    return [
        replace(p, why=why(p, best.get(p.telescope, 0.0), utc_of(timetables[p.telescope].end_s))) for p in pointings
    ]


def _idle(found: Search, pointings: Sequence[PlannedPointing]) -> dict[str, str]:
    """Why telescopes that could take part got nothing."""
    working = {p.telescope for p in pointings}
    return {
        bench.desk.id: idle(bench, found.cells, found.start, found.least_gain)
        for bench in found.benches
        if bench.desk.id not in working
    }
