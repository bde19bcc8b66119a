"""The order of a telescope's night, and when each pointing starts: best first, setting fields in time."""

from dataclasses import dataclass

import numpy as np

from coordinator.planning.bench import Bench
from coordinator.planning.slews import slew_s
from coordinator.planning.slots import NOBODY, Ints
from coordinator.planning.timetable import is_quick
from coordinator.sky.visibility import visible_throughout
from telescopes.description.ephemeris import Array

LATE = 0.5
"""Share of a pointing that may lie behind the last slot in which its field was asked for; it is checked at the end."""

FIELD, VALUE, OPENS, CLOSES, VECTOR = range(5)
"""Columns of a row that waits; the direction is the last three."""


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
    rows : float64 array, shape (n, 7)
        Number of the field, its value, the ends of the unbroken time in which it may be observed, and its unit vector:
        together, because rows go one by one.
    places : float64 array, shape (at least n,)
        1, 2, 3 and so on.
    """

    rows: Array
    places: Array

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
        fields = fields[by]
        columns = [fields, np.round(bench.value[fields], 9), times.start_s[first[by]], times.end_s[last[by]]]
        rows = np.column_stack([*columns, bench.fields.vectors[fields]])
        return cls(np.asarray(rows, np.float64), np.arange(1.0, fields.size + 1.0))

    def next(self, clock_s: float, slot_s: float, where: Array | None) -> int:
        """Choose who comes now: the best or nearest of those before whom no other could come without making one late.

        Parameters
        ----------
        slot_s : what each field takes with a usual move
        where : where the telescope looks, if the way counts for more than the value
        """
        opens_s, closes_s = self.rows[:, OPENS], self.rows[:, CLOSES]
        may = (opens_s <= clock_s).nonzero()[0]
        if not may.size:
            return int(opens_s.argmin())
        tight = (closes_s - clock_s - slot_s * self.places[: len(closes_s)] < slot_s).nonzero()[0]
        if tight.size and may[0] <= tight[0]:
            may = may[may <= tight[0]]
        rank = self.rows[may, VALUE] if where is None else np.round(self.rows[may, VECTOR:] @ where, 9)
        return int(may[rank.argmax()])

    def take(self, number: int) -> tuple[int, float, Array]:
        """Let one go; return its field, when it opens, and its direction."""
        row = self.rows[number]
        self.rows = np.concatenate((self.rows[:number], self.rows[number + 1 :]))
        return int(row[FIELD]), float(row[OPENS]), row[VECTOR:]

    def drop_before(self, closes_s: float) -> None:
        """Let those go that set too early."""
        if len(self.rows) and self.rows[0, CLOSES] <= closes_s:
            self.rows = self.rows[np.searchsorted(self.rows[:, CLOSES], closes_s, side="right") :]


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
    clock, where = begin, None
    timed: list[Timed] = []
    while True:
        waiting.drop_before(clock + (1.0 - LATE) * duration_s)
        if not len(waiting.rows):
            return timed
        field, opens, vector = waiting.take(waiting.next(clock, desk.slot_s, None if quick else where))
        if where is None:
            here = desk.timetable.arrival_s(begin, vector, desk.work.filter)
        else:
            here = clock + slew_s(timing, site, where, vector, leaves_s=clock)
        start = max(here, opens)
        if start + duration_s > desk.timetable.must_leave_by_s(end, vector, desk.work.filter):
            continue
        timed.append(Timed(field, start, start + duration_s))
        clock, where = start + duration_s, vector
