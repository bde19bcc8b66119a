"""The search of one visit: what is worth a look beside earlier ones, and what is tried."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from coordinator.planning.cells import Cells, Ints
from coordinator.planning.compare import best_of
from coordinator.planning.count import sight
from coordinator.planning.greedy import Tally
from coordinator.planning.ground import Ground, cell_worth
from coordinator.planning.guide import Guide, galaxy_ground, guide_for, seen_galaxies
from coordinator.planning.looks import cells_inside, first_looks_s, long_ago_as_one
from coordinator.planning.participants import Participants
from coordinator.planning.proof import Proof, guided, patched, proof_of, relaxed
from coordinator.planning.recipe import group_of, times_deeper
from coordinator.planning.recount import Sight
from coordinator.planning.search import search, swapped
from coordinator.planning.search_state import Search, Task
from coordinator.planning.shorter import half_first
from coordinator.planning.tries import first_tries, have_little_to_do, more_tries
from coordinator.planning.value import NOTHING
from coordinator.planning.visit_task import VisitTask
from coordinator.sky.ranges import Ranges
from telescopes.description.ephemeris import Array, unix_s

LEAST_WATCHED = 0.02
"""Least share of all value that a look at a watched region is for: what one telescope leaves of it is no look for
another, which has a visit of its own."""

LEAST_WHERE_ALL_STAYS = 3e-4
"""Least share of all value that a field is for where the plan before stays whole: what is added to it must bring a
hundredth, or wake a telescope, so crumbs are not looked for, nor what is left when times are given."""

LEAST_DEEPER = 0.1
"""Share of what a look would see that all looks before have missed, from which it counts as deeper."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The best search of a visit, and if it was asked for its proof."""

    search: Search
    proof: Proof | None


def search_visit(task: VisitTask, who: Participants) -> Found:
    """Search a visit for the telescopes that take part: once, or with effort best in several ways."""
    value, kept = task.sky.value, task.kept
    by_depth = value.distances is not None
    depth_of = [value.depth(desk.limit_mag_ab) for desk in who.desks]
    depths = sorted(set(depth_of))
    tally = Tally(sum(p.value for p in kept), sum(p.new_value for p in kept))
    rows = [depths.index(depth) for depth in depth_of]
    galaxies = _galaxies(task, who, depths)
    ground, guides = _ground(task, depths, galaxies), _guides(task, who, rows, galaxies)
    tries = first_tries(task.effort, by_depth, len(who.desks))
    asked = task.prove or task.effort == "best"
    if asked:
        tries = [replace(one, everywhere=True) for one in tries]
    if group_of(task.visit.name) is not None:
        tries = [replace(one, least_share=LEAST_WATCHED) for one in tries]
    if task.standing.whole:
        tries = [replace(one, least_share=max(one.least_share, LEAST_WHERE_ALL_STAYS), rounds=0) for one in tries]
    least = value.least_gain(depths, tries[0].least_share)
    base = Task(
        task.sky.map.coarse,
        task.sky.map.blocks,
        ground,
        who.desks,
        rows,
        who.seen,
        tally,
        by_depth,
        tries[0],
        least,
        guides,
    )
    best = partial(best_of, sky=value, depths=depths, earlier=_same_visit(task))
    found = best([search(replace(base, settings=settings)) for settings in tries])
    if task.effort != "quick" and not task.standing.whole:
        others = more_tries(found, tries[0])
        little = have_little_to_do(found) and found.start.ready_s is None  # what waits for a first look waits anyway
        halves = half_first(base, task.sky.map.views, [tries[0], *others]) if little else []
        found = best([found, *(search(replace(base, settings=settings)) for settings in others), *halves])
    if task.effort == "best":
        bound = relaxed(found)
        found = best([found, *guided(found, bound)])
        found = best([found, swapped(found)])
        anew = patched(found, bound)
        if anew:
            better = best(anew)
            found = best([found, better, swapped(better)])
    provable = galaxies is None  # the programme knows nothing of fields that are chosen by galaxies
    return Found(found, proof_of(found) if asked and provable else None)


def _same_visit(task: VisitTask) -> list[Sight]:
    """Looks of the visit that there are already."""
    return task.looked_at + [sight(p, task.sky.value) for p in task.kept]


def _first_looks(task: VisitTask) -> list[tuple[Ranges, float]]:
    """Looks of the event's other visits, and when; what is old enough for this visit already is as one."""
    others = ((look.ranges, unix_s(look.start)) for look in task.looks if look.visit != task.visit.name)
    begins_s = min((t.start_s for t in task.timetables.values()), default=-np.inf)
    return long_ago_as_one(others, begins_s - task.visit.min_gap_s)


def _galaxies(task: VisitTask, who: Participants, depths: Sequence[int]) -> Ground | None:
    """What galaxies are worth beside earlier looks; None: nobody goes from galaxy to galaxy."""
    if who.targets is None or not any(who.guided(desk) for desk in who.desks):
        return None
    same, others = _same_visit(task), _first_looks(task)
    by_depth = task.sky.value.distances is not None
    return galaxy_ground(who.targets, depths, by_depth, same, others, task.visit.min_gap_s)


def _guides(task: VisitTask, who: Participants, rows: Sequence[int], galaxies: Ground | None) -> list[Guide | None]:
    """Candidate fields of those that go from galaxy to galaxy; enough for when all others take the best ones."""
    if galaxies is None or who.targets is None:
        return [None] * len(who.desks)
    together = sum(desk.capacity for desk in who.desks if who.guided(desk))
    blocks, targets = task.sky.map.blocks, who.targets
    return [
        guide_for(desk, seen_galaxies(targets.galaxies, blocks, seen), targets, galaxies, row, desk.capacity + together)
        if who.guided(desk)
        else None
        for desk, seen, row in zip(who.desks, who.seen, rows, strict=True)
    ]


def _ground(task: VisitTask, depths: Sequence[int], galaxies: Ground | None) -> Callable[[Cells, Ints | None], Ground]:
    """What looks of these depths are worth beside earlier ones, for any cells that coarse ones were split into."""
    same, others = _same_visit(task), _first_looks(task)
    gap_s = task.visit.min_gap_s
    before = [] if times_deeper(task.visit.name) is None else _other_visits(task)

    def ground(cells: Cells, parent: Ints | None) -> Ground:
        worth = _worth(task, depths, cells, parent)
        held = _held(task, cells, parent, same)
        if before:
            worth, held = _beyond(_held(task, cells, parent, before), worth, held)
        if gap_s <= 0:
            return Ground(worth, held, galaxies=galaxies)
        first = first_looks_s(cells, others)
        held[~np.isfinite(first)] = np.inf
        return Ground(worth, held, first + gap_s, galaxies)

    return ground


def _other_visits(task: VisitTask) -> list[Sight]:
    """Looks of the event's other visits."""
    depth = task.sky.value.depth
    return [Sight(look.ranges, depth(look.limit_mag_ab)) for look in task.looks if look.visit != task.visit.name]


def _beyond(seen: Array, worth: Array, held: Array) -> tuple[Array, Array]:
    """Count of looks, of shape (depths, cells), and of what is held only what lies beyond what was seen in each cell.

    A look counts only where that is enough to call it deeper.
    """
    more = worth - seen
    return np.where(more >= LEAST_DEEPER * worth, more, 0.0), np.maximum(held - seen, 0.0)


def _worth(task: VisitTask, depths: Sequence[int], cells: Cells, parent: Ints | None) -> Array:
    if task.sky.value.distances is None:
        return cell_worth(cells, None)
    # where nobody takes part there is no depth, and a plan that says why
    weights = np.stack([task.sky.map.weights(depth) for depth in depths or [NOTHING]])
    return cell_worth(cells, weights if parent is None else weights.take(parent, axis=1))  # each row in one piece


def _held(task: VisitTask, cells: Cells, parent: Ints | None, sights: Sequence[Sight]) -> Array:
    """Value that is there already in each cell."""
    deepest, held = np.full(cells.probability.size, NOTHING, np.int64), np.zeros(cells.probability.size)
    by_depth: dict[int, list[Ranges]] = {}
    for one in sights:
        by_depth.setdefault(one.depth, []).append(one.ranges)
    for its in sorted(by_depth):  # the deepest are written last
        deepest[cells_inside(cells, Ranges.union_of(by_depth[its]))] = its
    looked = np.flatnonzero(deepest > NOTHING)
    if task.sky.value.distances is None:
        held[looked] = cells.probability[looked]
        return held
    for depth in np.unique(deepest[looked]):
        those = looked[deepest[looked] == depth]
        weights = task.sky.map.weights(int(depth))
        held[those] = cells.probability[those] * weights[those if parent is None else parent[those]]
    return held
