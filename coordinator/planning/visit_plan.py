"""One visit of one event: what stays from before, who takes part, the search, and the exact count."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from coordinator.planning.cells import Blocks, Cells
from coordinator.planning.count import count_visit
from coordinator.planning.desk import Desk, Mask
from coordinator.planning.explain import idle, next_best, no_part, too_small, why
from coordinator.planning.greedy import Bench, Tally
from coordinator.planning.looks import cells_inside, first_looks_s
from coordinator.planning.plan import PlannedPointing
from coordinator.planning.pointings import Purpose, pointings_of
from coordinator.planning.replan import WORTH_A_CHANGE, as_of, still_possible
from coordinator.planning.request import EventToPlan, Look, VisitSpec
from coordinator.planning.search import Ground, Search, Settings, Task, search
from coordinator.planning.stopwatch import Stopwatch
from coordinator.planning.timetable import Timetable
from coordinator.planning.work import work_for
from coordinator.sky.curve import ProbabilityCurve
from telescopes.description.ephemeris import directions, unix_s, utc_of
from telescopes.description.geometry import area_deg2

TILES_FROM = 0.1
"""A telescope for galaxies tiles where it can cover this share of the 90 % area."""


@dataclass(frozen=True, slots=True, eq=False)
class EventSky:
    """An event and its map, made ready for planning."""

    event: EventToPlan
    curve: ProbabilityCurve
    coarse: Cells
    blocks: Blocks
    area50_deg2: float
    area90_deg2: float


@dataclass(slots=True, eq=False)
class VisitPlan:
    """What a visit came to; `idle` says why, for telescopes that got nothing."""

    pointings: list[PlannedPointing] = field(default_factory=list)
    idle: dict[str, str] = field(default_factory=dict)
    desks: list[Desk] = field(default_factory=list)


def plan_visit(
    sky: EventSky,
    visit: VisitSpec,
    timetables: dict[str, Timetable],
    looks: Sequence[Look],
    previous: Sequence[PlannedPointing],
    slack_s: float,
    watch: Stopwatch,
) -> VisitPlan:
    """Plan a visit and take the telescopes' time for it; `looks` are all of the event's, of any visit."""
    result = VisitPlan()
    mine = [look for look in looks if look.visit == visit.name]
    with watch.stage("visibility_s"):
        kept = _kept(sky, visit, timetables, mine, previous, slack_s)
        for pointing in kept:
            _take(timetables[pointing.telescope], pointing)
        desks, seen = _desks(sky, visit, timetables, slack_s, result.idle)
    result.desks = desks
    with watch.stage("allocate_s"):
        found = _search(sky, visit, desks, seen, looks, kept)
        new = [p for bench in found.benches for p in _pointings(sky, visit, found, bench)]
        new = _worth_it(new, kept, previous)
        counted = count_visit([*kept, *new], [look.ranges for look in mine], frozenset(p.id for p in kept), sky.curve)
        best = {b.desk.id: next_best(b, found.left, found.settings.least_gain) for b in found.benches}
        result.pointings = [
            replace(p, why=why(p, best.get(p.telescope, 0.0), utc_of(timetables[p.telescope].end_s)))
            for p in counted.pointings
        ]
    _say_idle(found, result)
    for pointing in result.pointings:
        if pointing.id not in {p.id for p in kept}:
            _take(timetables[pointing.telescope], pointing)
    return result


def _kept(
    sky: EventSky,
    visit: VisitSpec,
    timetables: dict[str, Timetable],
    looks: Sequence[Look],
    previous: Sequence[PlannedPointing],
    slack_s: float,
) -> list[PlannedPointing]:
    """Pointings of the plan before that hold at least half new on the newest map and can still be made."""
    same = [as_of(p, sky.event) for p in previous if p.event == sky.event.key and p.visit == visit.name]
    possible = still_possible(same, timetables, slack_s)
    if not possible:
        return []
    counted = count_visit(possible, [look.ranges for look in looks], frozenset(), sky.curve)
    return [p for p in counted.pointings if p.new_probability >= Settings().least_gain]


def _desks(
    sky: EventSky, visit: VisitSpec, timetables: dict[str, Timetable], slack_s: float, reasons: dict[str, str]
) -> tuple[list[Desk], list[Mask]]:
    """Telescopes that can take part and which blocks of sky they see; why the others cannot."""
    desks, seen = [], []
    for name, timetable in timetables.items():
        work = work_for(timetable.telescope, visit.filters, visit.depth_mag_ab)
        because = no_part(timetable, sky.event.purpose, work, visit.filters)
        if because is None and work is not None:
            footprint = timetable.telescope.instrument(work.instrument).footprint
            desk = Desk.of(timetable, work, footprint, slack_s)
            because = _no_use(desk, sky.area90_deg2)
            if because is None:
                desks.append(desk)
                seen.append(desk.sees(sky.blocks.vectors))
        if because is not None:
            reasons[name] = because
    return desks, seen


def _no_use(desk: Desk, area90_deg2: float) -> str | None:
    if desk.capacity == 0:
        return "no stretch of free time is long enough for one pointing"
    if desk.timetable.telescope.observing.strategy != "galaxies":
        return None
    if desk.capacity_deg2 >= TILES_FROM * area90_deg2:
        return None
    return too_small(area_deg2(desk.footprint), desk.capacity_deg2, area90_deg2)


def _search(
    sky: EventSky,
    visit: VisitSpec,
    desks: list[Desk],
    seen: list[Mask],
    looks: Sequence[Look],
    kept: Sequence[PlannedPointing],
) -> Search:
    same = [look.ranges for look in looks if look.visit == visit.name] + [p.ranges for p in kept]
    others = [(look.ranges, unix_s(look.start)) for look in looks if look.visit != visit.name]

    def ground(cells: Cells) -> Ground:
        left = cells.probability.copy()
        for ranges in same:
            left[cells_inside(cells, ranges)] = 0.0
        if visit.min_gap_s <= 0:
            return Ground(left)
        first = first_looks_s(cells, others)
        left[~np.isfinite(first)] = 0.0
        return Ground(left, first + visit.min_gap_s)

    tally = Tally(sum(p.probability for p in kept), sum(p.new_probability for p in kept))
    return search(Task(sky.coarse, sky.blocks, ground, desks, seen, tally, Settings()))


def _pointings(sky: EventSky, visit: VisitSpec, found: Search, bench: Bench) -> list[PlannedPointing]:
    timed = found.timed.get(bench.desk.id, [])
    at = np.array([t.field for t in timed], np.int64)
    purpose = Purpose(sky.event.key, sky.event.revision, visit.name, sky.event.priority)
    return pointings_of(
        bench.desk.timetable,
        bench.desk.work,
        purpose,
        bench.fields.ra_deg[at],
        bench.fields.dec_deg[at],
        np.array([t.start_s for t in timed]),
    )


def _worth_it(
    new: list[PlannedPointing], kept: Sequence[PlannedPointing], previous: Sequence[PlannedPointing]
) -> list[PlannedPointing]:
    """Leave a plan of which everything stays as it is, unless what is new brings 1 % or wakes a telescope."""
    if not kept or len(kept) < len(previous):
        return new
    working = {p.telescope for p in kept}
    waking = [p for p in new if p.telescope not in working]
    more = sum(p.ranges.pixels for p in new if p.telescope in working)
    return new if more > WORTH_A_CHANGE * sum(p.ranges.pixels for p in kept) else waking


def _say_idle(found: Search, result: VisitPlan) -> None:
    working = {p.telescope for p in result.pointings}
    for bench, seen in zip(found.benches, found.masks, strict=True):
        if bench.desk.id not in working:
            result.idle[bench.desk.id] = idle(bench, found.cells, seen, found.ground.left, found.settings.least_gain)


def _take(timetable: Timetable, pointing: PlannedPointing) -> None:
    vector = directions([pointing.ra_deg], [pointing.dec_deg])[0]
    timetable.take(unix_s(pointing.start), unix_s(pointing.end), vector, pointing.filter)
