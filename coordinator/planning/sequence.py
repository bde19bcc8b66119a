"""The order of a telescope's night, and when each pointing starts: best first, setting fields in time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coordinator.planning.bench import Bench
from coordinator.planning.slews import slew_s
from coordinator.planning.slots import NOBODY, Ints
from coordinator.planning.timetable import is_quick
from coordinator.planning.tour import MOST_FIELDS, Tour, ways_s
from coordinator.sky.visibility import visible_throughout
from telescopes.description.ephemeris import Array

LATE = 0.5
"""Share of a pointing that may lie behind the last slot in which its field was asked for; it is checked at the end."""

PARTS = 8
"""Of a slot: so finely it is told when a field rises and sets."""

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


def start_times(bench: Bench, shorten: bool = False) -> tuple[list[Timed], list[int]]:
    """Let each stretch of time run as soon as it can; fields that would miss a limit are named as lost.

    Parameters
    ----------
    bench : Bench
    shorten : bool
        Look for an order with shorter ways where fields would be lost.
    """
    timed: list[Timed] = []
    desk, slots = bench.desk, bench.slots
    for number, (begin, end) in enumerate(desk.times.stretches):
        mine = np.flatnonzero((desk.times.stretch == number) & (slots.holder != NOBODY))
        if mine.size:
            timed += _run(bench, Waiting.of(bench, mine), begin, end)
    kept = _within_limits(bench, timed)
    if shorten and len(kept) < slots.placed().size:
        kept = [t for number in range(len(desk.times.stretches)) for t in _shortened(bench, number, kept)]
    held = {t.field for t in kept}
    return kept, [f for f in bench.placed() if f not in held]


def _within_limits(bench: Bench, timed: list[Timed]) -> list[Timed]:
    """Those that may be observed from their start to their end."""
    desk = bench.desk
    fields = np.array([t.field for t in timed], np.int64)
    start = np.array([t.start_s for t in timed])
    stop = np.array([t.end_s for t in timed]) + desk.slack_s
    good = visible_throughout(
        desk.timetable.telescope, desk.work.filter, desk.timetable.almanac, bench.fields.vectors[fields], start, stop
    )
    return [t for t, ok in zip(timed, good, strict=True) if ok]


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


def _shortened(bench: Bench, number: int, timed: list[Timed]) -> list[Timed]:
    """Order a stretch of time anew, so that more of its fields find time; what has a time keeps some."""
    desk, timing = bench.desk, bench.desk.timetable.telescope.timing
    mine = np.flatnonzero((desk.times.stretch == number) & (bench.slots.holder != NOBODY))
    placed = set(bench.slots.holder[mine].tolist())
    before = [t for t in timed if t.field in placed]
    if len(before) == mine.size or mine.size > MOST_FIELDS or timing.meridian_flip_s:
        return before
    rows = Waiting.of(bench, mine).rows
    fields, vectors = rows[:, FIELD].astype(np.int64).tolist(), rows[:, VECTOR:]
    at = {f: i for i, f in enumerate(fields)}
    (begin_s, end_s), used = desk.times.stretches[number], desk.work.filter
    opens_s, closes_s = _to_the_limits(bench, rows, begin_s)
    for one in before:
        opens_s[at[one.field]] = min(opens_s[at[one.field]], one.start_s)
        closes_s[at[one.field]] = max(closes_s[at[one.field]], one.end_s)
    first_s = np.array([desk.timetable.arrival_s(begin_s, vector, used) for vector in vectors])
    leave_s = np.array([desk.timetable.must_leave_by_s(end_s, vector, used) for vector in vectors])
    last_s = np.minimum(closes_s, leave_s)
    tour = Tour(ways_s(timing, vectors), first_s, opens_s, last_s, desk.work.duration_s)
    order = [at[one.field] for one in before]
    timed_already = set(order)
    lost = [i for i in np.argsort(-rows[:, VALUE], kind="stable").tolist() if i not in timed_already]
    order = tour.with_more(order, lost)
    starts = tour.starts(order) or []
    found = [Timed(fields[i], start, start + desk.work.duration_s) for i, start in zip(order, starts, strict=True)]
    return found if len(found) > len(before) and len(_within_limits(bench, found)) == len(found) else before


def _to_the_limits(bench: Bench, rows: Array, begin_s: float) -> tuple[Array, Array]:
    """How far beyond its slots each field may still be observed: it rises and sets between two of them."""
    desk = bench.desk
    opens_s, closes_s = rows[:, OPENS].copy(), rows[:, CLOSES].copy()
    step_s, length_s = desk.slot_s / PARTS, desk.work.duration_s
    for part in range(1, PARTS + 1):
        sooner, later = rows[:, OPENS] - part * step_s, rows[:, CLOSES] + part * step_s
        rises = _visible(bench, rows, sooner, sooner + length_s) & (sooner >= begin_s)
        opens_s[rises] = np.minimum(opens_s, sooner)[rises]
        sets = _visible(bench, rows, later - length_s, later)
        closes_s[sets] = np.maximum(closes_s, later)[sets]
    return opens_s, closes_s


def _visible(bench: Bench, rows: Array, start_s: Array, end_s: Array) -> NDArray[np.bool_]:
    desk = bench.desk
    telescope, almanac = desk.timetable.telescope, desk.timetable.almanac
    return visible_throughout(telescope, desk.work.filter, almanac, rows[:, VECTOR:], start_s, end_s + desk.slack_s)
