"""The order of a telescope's night, and when each pointing starts: best first, setting fields in time."""

from dataclasses import dataclass

import numpy as np

from coordinator.planning.greedy import Bench
from coordinator.planning.slews import slew_s
from coordinator.planning.slots import NOBODY, Ints, Mask
from coordinator.planning.timetable import is_quick
from coordinator.sky.visibility import visible_throughout


@dataclass(frozen=True, slots=True)
class Timed:
    """A field and its time."""

    field: int
    start_s: float
    end_s: float


def order_night(bench: Bench) -> None:
    """Swap fields between slots: the better one first, or the nearer one where the mount is slow."""
    slots, timing = bench.slots, bench.desk.timetable.telescope.timing
    quick = is_quick(timing, bench.desk.work)
    before, value = None, np.round(bench.value, 9)
    for slot in range(slots.holder.size):
        here = int(slots.holder[slot])
        later = np.flatnonzero(slots.holder[slot:] != NOBODY) + slot
        if not later.size:
            break
        fields = slots.holder[later]
        fits = slots.visible[fields, slot] & ((later == slot) | _may_go(bench, here, later))
        later, fields = later[fits], fields[fits]
        if later.size:
            if quick or before is None:
                best = int(np.argmax(value[fields]))
            else:
                best = int(np.argmax(np.round(bench.fields.vectors[fields] @ bench.fields.vectors[before], 9)))
            _swap(bench, slot, int(later[best]))
        before = int(slots.holder[slot]) if slots.holder[slot] != NOBODY else before


def start_times(bench: Bench) -> tuple[list[Timed], list[int]]:
    """Let each stretch of time run as soon as it can; fields that would miss a limit are named as lost."""
    timed: list[Timed] = []
    desk, slots = bench.desk, bench.slots
    for number, (begin, end) in enumerate(desk.times.stretches):
        mine = np.flatnonzero((desk.times.stretch == number) & (slots.holder != NOBODY))
        timed += _run(bench, mine, begin, end)
    fields = np.array([t.field for t in timed], np.int64)
    start = np.array([t.start_s for t in timed])
    stop = np.array([t.end_s for t in timed]) + desk.slack_s
    good = visible_throughout(
        desk.timetable.telescope, desk.work.filter, desk.timetable.almanac, bench.fields.vectors[fields], start, stop
    )
    kept = [t for t, ok in zip(timed, good, strict=True) if ok]
    held = {t.field for t in kept}
    return kept, [f for f in bench.placed() if f not in held]


def _run(bench: Bench, mine: Ints, begin: float, end: float) -> list[Timed]:
    desk, slots, telescope = bench.desk, bench.slots, bench.desk.timetable.telescope
    timing, site = telescope.timing, telescope.site
    clock, where, timed = begin, None, []
    for slot in mine:
        f = int(slots.holder[slot])
        vector = bench.fields.vectors[f]
        if where is None:
            here = desk.timetable.arrival_s(begin, vector, desk.work.filter)
        else:
            here = clock + slew_s(timing, site, where, vector, leaves_s=clock)
        start = max(here, _visible_from(bench, f, int(slot)))
        if start + desk.work.duration_s > desk.timetable.must_leave_by_s(end, vector, desk.work.filter):
            continue
        timed.append(Timed(f, start, start + desk.work.duration_s))
        clock, where = start + desk.work.duration_s, vector
    return timed


def _visible_from(bench: Bench, f: int, slot: int) -> float:
    """Start of the first slot of the unbroken run of visible slots that ends in this one."""
    earlier = bench.slots.visible[f, : slot + 1]
    breaks = np.flatnonzero(~earlier)
    return float(bench.desk.times.start_s[breaks[-1] + 1 if breaks.size else 0])


def _may_go(bench: Bench, here: int, slots: Ints) -> Mask:
    """Say to which slots the field that is here may move; an empty place may become anything."""
    if here == NOBODY:
        return np.full(slots.shape, bench.slots.unlimited)
    return np.asarray(bench.slots.visible[here, slots])


def _swap(bench: Bench, a: int, b: int) -> None:
    holder = bench.slots.holder
    holder[a], holder[b] = holder[b], holder[a]
