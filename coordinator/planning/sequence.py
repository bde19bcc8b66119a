"""The order of a telescope's night, and when each pointing starts: best first, setting fields in time."""

from dataclasses import dataclass

import numpy as np

from coordinator.planning.greedy import Bench
from coordinator.planning.slews import slew_s
from coordinator.planning.slots import NOBODY, Ints, Mask
from coordinator.planning.timetable import is_quick
from coordinator.sky.visibility import visible_throughout
from telescopes.description.ephemeris import Array

LATE = 0.5
"""Share of a pointing that may lie behind the last slot in which its field was asked for; it is checked at the end."""


@dataclass(frozen=True, slots=True)
class Timed:
    """A field and its time."""

    field: int
    start_s: float
    end_s: float


@dataclass(slots=True, eq=False)
class Waiting:
    """Fields of one stretch of time that still wait for their turn, in order of when they set.

    Attributes
    ----------
    field : int64 array, shape (n,)
    vectors : float64 array, shape (n, 3)
    value : float64 array, shape (n,)
    opens_s, closes_s : float64 arrays, shape (n,)
        Ends of the unbroken time in which each may be observed.
    """

    field: Ints
    vectors: Array
    value: Array
    opens_s: Array
    closes_s: Array

    @classmethod
    def of(cls, bench: Bench, mine: Ints) -> "Waiting":
        """Queue the fields in some slots of one stretch."""
        fields, times = bench.slots.holder[mine], bench.desk.times
        hidden = ~bench.slots.visible[fields] | (times.stretch != times.stretch[mine[0]])[None, :]
        if bench.slots.clear is not None:  # it keeps to the clear time that it was given
            hidden |= bench.slots.clear[None, :] < bench.slots.clear[mine][:, None]
        number = np.arange(hidden.shape[1])
        first = np.where(hidden & (number < mine[:, None]), number, -1).max(axis=1) + 1
        last = np.where(hidden & (number > mine[:, None]), number, number.size).min(axis=1) - 1
        by = np.lexsort((mine, times.end_s[last]))
        return cls(
            fields[by],
            bench.fields.vectors[fields[by]],
            np.round(bench.value[fields[by]], 9),
            times.start_s[first[by]],
            times.end_s[last[by]],
        )

    def next(self, clock_s: float, slot_s: float, where: Array | None) -> int:
        """Choose who comes now: the best or nearest of those before whom no other could come without making one late.

        Parameters
        ----------
        slot_s : what each field takes with a usual move
        where : where the telescope looks, if the way counts for more than the value
        """
        may = np.flatnonzero(self.opens_s <= clock_s)
        if not may.size:
            return int(np.argmin(self.opens_s))
        spare_s = self.closes_s - clock_s - slot_s * (1.0 + np.arange(self.field.size))
        tight = np.flatnonzero(spare_s < slot_s)
        if tight.size and may[0] <= tight[0]:
            may = may[may <= tight[0]]
        rank = self.value[may] if where is None else np.round(self.vectors[may] @ where, 9)
        return int(may[np.argmax(rank)])

    def only(self, keep: Mask) -> "Waiting":
        """Let the others go."""
        if keep.all():
            return self
        return Waiting(self.field[keep], self.vectors[keep], self.value[keep], self.opens_s[keep], self.closes_s[keep])

    def without(self, number: int) -> "Waiting":
        """Let one go."""
        return self.only(np.arange(self.field.size) != number)


def start_times(bench: Bench) -> tuple[list[Timed], list[int]]:
    """Let each stretch of time run as soon as it can; fields that would miss a limit are named as lost."""
    timed: list[Timed] = []
    desk, slots = bench.desk, bench.slots
    for number, (begin, end) in enumerate(desk.times.stretches):
        mine = np.flatnonzero((desk.times.stretch == number) & (slots.holder != NOBODY))
        if mine.size:
            timed += _run(bench, Waiting.of(bench, mine), begin, end)
    fields = np.array([t.field for t in timed], np.int64)
    start = np.array([t.start_s for t in timed])
    stop = np.array([t.end_s for t in timed]) + desk.slack_s
    good = visible_throughout(
        desk.timetable.telescope, desk.work.filter, desk.timetable.almanac, bench.fields.vectors[fields], start, stop
    )
    kept = [t for t, ok in zip(timed, good, strict=True) if ok]
    held = {t.field for t in kept}
    return kept, [f for f in bench.placed() if f not in held]


def _run(bench: Bench, waiting: Waiting, begin: float, end: float) -> list[Timed]:
    desk, telescope = bench.desk, bench.desk.timetable.telescope
    timing, site = telescope.timing, telescope.site
    quick, duration_s = is_quick(timing, desk.work), desk.work.duration_s
    clock, where, timed = begin, None, []
    while (waiting := waiting.only(waiting.closes_s > clock + (1.0 - LATE) * duration_s)).field.size:
        n = waiting.next(clock, desk.slot_s, None if quick else where)
        field, vector, opens = int(waiting.field[n]), waiting.vectors[n], float(waiting.opens_s[n])
        waiting = waiting.without(n)
        if where is None:
            here = desk.timetable.arrival_s(begin, vector, desk.work.filter)
        else:
            here = clock + slew_s(timing, site, where, vector, leaves_s=clock)
        start = max(here, opens)
        if start + duration_s > desk.timetable.must_leave_by_s(end, vector, desk.work.filter):
            continue
        timed.append(Timed(field, start, start + duration_s))
        clock, where = start + duration_s, vector
    return timed
