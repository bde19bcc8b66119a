"""The search of half a window, gone on with over all of it.

More time makes other fields seem best, and the grid that is laid for them may leave less: a greedy choice that could
have had a plan comes to a worse one. So where it costs little the plan of less time is tried as well.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from coordinator.planning.bench import Bench
from coordinator.planning.desk import Desk
from coordinator.planning.hours import Hours, hours_of
from coordinator.planning.search import search, settled
from coordinator.planning.search_state import Search, Settings, Task
from coordinator.planning.seats import fine_enough
from coordinator.planning.slots import NOBODY
from coordinator.planning.views import Views
from telescopes.description.limits import MARGIN_DEG


def half_first(task: Task, views: Views, settings: Sequence[Settings]) -> list[Search]:
    """Search the first half of the window in several ways, and go on with what each comes to."""
    desks = [desk.until(0.5 * (desk.timetable.start_s + desk.timetable.end_s)) for desk in task.desks]
    if any(guide is not None for guide in task.guides) or not any(len(desk.times) for desk in desks):
        return []
    seen = [views.seen(desk.timetable.telescope, desk.times.stretches, MARGIN_DEG) for desk in desks]
    half = replace(task, desks=desks, seen=seen)
    return [_gone_on(search(replace(half, settings=its)), replace(task, settings=its)) for its in settings]


def _gone_on(found: Search, task: Task) -> Search:
    """Fill what a search of less time leaves of all time."""
    index = task.blocks.of_cells(found.cells)
    whole = {desk.id: (desk, seen) for desk, seen in zip(task.desks, task.seen, strict=True)}
    hours = hours_of(task, found.cells, index, found.start)
    benches = []
    for bench in found.benches:
        desk, seen = whole[bench.desk.id]
        sees = fine_enough(found.cells, desk, seen[index])
        benches.append(_with_all_slots(replace(bench, seen=seen, sees=sees, refused=set()), desk, hours))
    return settled(replace(found, task=task, benches=benches, ground=found.start.again(), timed={}))


def _with_all_slots(bench: Bench, desk: Desk, hours: Hours) -> Bench:
    """Let a telescope's fields be where they are, in its slots of the whole window."""
    again = replace(
        bench,
        desk=desk,
        slots=desk.slots(),
        clear=None,
        sooner=hours.worth(desk),
        soonest=np.empty(0),
    )
    again.add_slots(desk.visible(bench.fields.vectors))
    holder = np.full(len(desk.times), NOBODY)
    holder[: bench.slots.holder.size] = bench.slots.holder
    again.slots = again.slots.holding(holder, desk.held_by_night)
    return again
