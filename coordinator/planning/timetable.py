"""A telescope's time: what one pointing takes, what is free, and when a night is full."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from coordinator.planning.nights import dark_between
from coordinator.planning.request import Busy, TelescopeToPlan
from coordinator.planning.slews import slew_s, slowest_deg_s
from coordinator.planning.weather import Weather
from telescopes.description.ephemeris import Almanac, Array, directions, unix_s
from telescopes.description.limits import max_sun_altitude_deg
from telescopes.description.telescope import Telescope, Timing

Stretch = tuple[float, float]

NO_LIMIT = 1 << 30
ROUNDED_S = 0.005
"""Times of pointings are whole milliseconds."""

TOUCHING_S = 1e-3
"""What ends and begins within this comes one right after the other."""

JUMP_DEG = 25.0
"""A usual way across the sky from one good field to the next."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a telescope does at one field: `count` exposures of `exposure_s` in one filter."""

    instrument: str
    filter: str
    exposure_s: float
    count: int
    readout_s: float

    @property
    def duration_s(self) -> float:
        """From the opening of the first shutter to the end of the last readout."""
        return self.count * (self.exposure_s + self.readout_s)

    @property
    def open_s(self) -> float:
        """Total exposure."""
        return self.count * self.exposure_s


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """A stretch of time that is taken, and where the telescope then looks; the way there comes before it."""

    start_s: float
    end_s: float
    vector: Array
    filter: str


@dataclass(slots=True)
class Timetable:
    """A telescope and what is taken of its time; planning one event after the other fills it.

    `taken` is in order of start; `done` is time in which it has observed already. Time for which clouds are forecast
    is not free.
    """

    telescope: Telescope
    start_s: float
    end_s: float
    closed_because: str | None
    almanac: Almanac
    taken: list[Taken] = field(default_factory=list)
    done: list[Stretch] = field(default_factory=list)
    weather: Weather = field(default_factory=lambda: Weather.of(()))
    not_for: Mapping[str, str] = field(default_factory=dict)
    _by_end: list[Taken] = field(init=False)
    _dark: dict[str, list[Stretch]] = field(default_factory=dict)
    _free: dict[str, list[Stretch]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.taken.sort(key=_start)
        self._by_end = sorted(self.taken, key=_end)

    @classmethod
    def of(cls, to_plan: TelescopeToPlan, start_s: float, end_s: float, almanac: Almanac) -> "Timetable":
        """Open a telescope's timetable over the window, from when it is free."""
        start_s = max(start_s, unix_s(to_plan.free_from))
        taken = [_taken(b) for b in to_plan.busy]
        done = [(unix_s(d.start), unix_s(d.end)) for d in to_plan.done]
        weather = Weather.of(to_plan.clear)
        because, not_for = to_plan.closed_because, to_plan.not_for
        return cls(to_plan.telescope, start_s, end_s, because, almanac, taken, done, weather, not_for)

    def with_end(self, end_s: float) -> "Timetable":
        """Return one of its own that ends then; what is dark or free is looked up anew."""
        return replace(self, end_s=end_s, taken=list(self.taken), _dark={}, _free={})

    def takes_part(self, purpose: str, event: str) -> bool:
        """Say whether the site is open, has agreed to observe for such events, and nobody vetoed this one."""
        return self.closed_because is None and purpose in self.telescope.policy.accepts and event not in self.not_for

    def dark(self, filter_name: str) -> list[Stretch]:
        """Stretches of the window that are dark enough, whatever is taken of them."""
        if filter_name not in self._dark:
            highest = max_sun_altitude_deg(self.telescope.limits, filter_name)
            self._dark[filter_name] = dark_between(self.telescope.site, highest, self.start_s, self.end_s)
        return self._dark[filter_name]

    def allowed(self, filter_name: str) -> list[Stretch]:
        """Dark stretches that the site allows, whatever is taken of them."""
        observing = self.telescope.observing
        stretches = self.dark(filter_name)
        if observing.allocation:
            stretches = common(stretches, [(unix_s(a), unix_s(b)) for a, b in observing.allocation])
        blocked = [(unix_s(a), unix_s(b)) for a, b in observing.blocked]
        return without(stretches, blocked)

    def free(self, filter_name: str) -> list[Stretch]:
        """Dark stretches that the site allows, that nothing else takes, and for which no clouds are forecast."""
        if filter_name not in self._free:
            holes = [*self.weather.clouded, *((t.start_s, t.end_s) for t in self.taken)]
            self._free[filter_name] = without(self.allowed(filter_name), holes)
        return self._free[filter_name]

    def before(self, when_s: float) -> Taken | None:
        """What the telescope does last before an instant."""
        earlier = bisect_right(self._by_end, when_s + TOUCHING_S, key=_end)
        return self._by_end[earlier - 1] if earlier else None

    def after(self, when_s: float) -> Taken | None:
        """What the telescope does first after an instant."""
        later = bisect_left(self.taken, when_s - TOUCHING_S, key=_start)
        return self.taken[later] if later < len(self.taken) else None

    def must_leave_by_s(self, end_s: float, vector: Array, filter_name: str) -> float:
        """When a pointing at a field must have ended in a stretch that ends then: what comes next may need a move."""
        following = self.after(end_s)
        if following is None:
            return end_s
        way_s = self.way_s(following, vector, filter_name, arrives_s=following.start_s)
        return min(end_s, following.start_s - way_s)

    def arrival_s(self, begin_s: float, vector: Array, filter_name: str) -> float:
        """When a field can be looked at first in a stretch that begins then: the telescope comes from elsewhere."""
        previous = self.before(begin_s)
        if previous is None:
            return begin_s + slew_s(self.telescope.timing, self.telescope.site, None, vector)
        return begin_s + self.way_s(previous, vector, filter_name, leaves_s=begin_s)

    def leaves_time_to_move(self, start_s: float, end_s: float, vector: Array, filter_name: str) -> bool:
        """Say whether a pointing can be reached from what is taken before it, and left for what comes after it."""
        previous, following = self.before(start_s), self.after(end_s)
        return (previous is None or self.has_way(previous, vector, filter_name, previous.end_s, start_s)) and (
            following is None or self.has_way(following, vector, filter_name, end_s, following.start_s)
        )

    def has_way(self, neighbour: Taken, vector: Array, filter_name: str, leaves_s: float, arrives_s: float) -> bool:
        """Say whether there is time between a field and what is taken before or after it."""
        gap_s = arrives_s - leaves_s + ROUNDED_S
        return gap_s >= self.longest_way_s or gap_s >= self.way_s(neighbour, vector, filter_name, leaves_s, arrives_s)

    @property
    def longest_way_s(self) -> float:
        """No move takes longer."""
        timing = self.telescope.timing
        moving_s = 180.0 / slowest_deg_s(timing)
        return moving_s + timing.meridian_flip_s + timing.settle_s + timing.filter_change_s

    def way_s(
        self,
        neighbour: Taken,
        vector: Array,
        filter_name: str,
        leaves_s: float | None = None,
        arrives_s: float | None = None,
    ) -> float:
        """Time from a field to what is taken next, or from what was taken before to the field."""
        timing, site = self.telescope.timing, self.telescope.site
        change_s = timing.filter_change_s if neighbour.filter != filter_name else 0.0
        return slew_s(timing, site, neighbour.vector, vector, leaves_s, arrives_s, change_s)

    def night_of(self, when_s: float | Array) -> Array:
        """Number of the night, from local noon to local noon by longitude."""
        return np.floor(np.asarray(when_s) / 3600.0 / 24.0 + (self.telescope.site.longitude_deg / 15.0 - 12.0) / 24.0)

    def held_by_night(self, busy_s: float) -> dict[int, int]:
        """How many of a night's pointings of this occupation are used up by what it holds and has done."""
        spent: dict[int, list[float]] = {}
        for start_s, end_s in [*self.done, *((t.start_s, t.end_s) for t in self.taken)]:
            spent.setdefault(int(self.night_of(start_s)), []).append(end_s - start_s)
        allowed = self.pointings_per_night(busy_s)
        return {n: allowed - self._still_allowed(len(used), sum(used), busy_s) for n, used in spent.items()}

    def has_room(self, start_s: Array, busy_s: float) -> NDArray[np.bool_]:
        """Say whether the night of each start may hold one more pointing of this occupation."""
        allowed = self.pointings_per_night(busy_s)
        full = [n for n, held in self.held_by_night(busy_s).items() if held >= allowed]
        return ~np.isin(self.night_of(start_s), full)

    def take_all(self, more: Iterable[Taken]) -> None:
        """Take time for pointings; who comes before one must leave time to move there."""
        for taken in more:
            insort(self.taken, taken, key=_start)
            insort(self._by_end, taken, key=_end)
        self._free.clear()

    def give_back(self, stretches: Iterable[Stretch]) -> None:
        """Free time again that was taken for pointings, by their starts and ends."""
        gone = set(stretches)
        for mine in (self.taken, self._by_end):
            mine[:] = [t for t in mine if (t.start_s, t.end_s) not in gone]
        self._free.clear()

    def again(self) -> "Timetable":
        """Return the same time anew, to be taken otherwise."""
        return replace(self, taken=list(self.taken), _free=dict(self._free))

    def pointings_per_night(self, busy_s: float) -> int:
        """How many pointings of this occupation a night may hold; a large number when nothing limits it."""
        return self._still_allowed(0, 0.0, busy_s)

    def _still_allowed(self, pointings: int, used_s: float, busy_s: float) -> int:
        hours = self.telescope.policy.max_hours_per_day
        by_hours = int((hours * 3600.0 - used_s) // busy_s) if hours < 24.0 else NO_LIMIT
        by_number = (self.telescope.observing.max_pointings_per_night or NO_LIMIT) - pointings
        return max(0, min(by_number, by_hours))


def typical_slew_s(timing: Timing, field_deg: float, work: Work) -> float:
    """What a slot holds for moving: a field and a half, or more where the mount does it in 1 % of the time."""
    rate = slowest_deg_s(timing)
    if not np.isfinite(rate):
        return timing.settle_s
    return max(1.5 * field_deg, min(JUMP_DEG, 0.01 * work.duration_s * rate)) / rate + timing.settle_s


def is_quick(timing: Timing, work: Work) -> bool:
    """Say whether the mount goes anywhere in so little time that the order of fields need not spare it."""
    return JUMP_DEG / slowest_deg_s(timing) + timing.meridian_flip_s <= 0.01 * work.duration_s


def common(some: Iterable[Stretch], others: Sequence[Stretch]) -> list[Stretch]:
    """Time that lies in both sets of stretches."""
    return sorted((max(a, c), min(b, d)) for a, b in some for c, d in others if min(b, d) > max(a, c))


def without(stretches: Iterable[Stretch], holes: Iterable[Stretch]) -> list[Stretch]:
    """Take the holes out of the stretches."""
    ordered, left = sorted(holes), []
    for begin, end in sorted(stretches):
        at = begin
        for hole_begin, hole_end in ordered:
            if hole_begin >= end:
                break
            if hole_begin > at:
                left.append((at, hole_begin))
            at = max(at, hole_end)
        if at < end:
            left.append((at, end))
    return left


def _start(taken: Taken) -> float:
    return taken.start_s


def _end(taken: Taken) -> float:
    return taken.end_s


def _taken(busy: Busy) -> Taken:
    vector = directions([busy.ra_deg], [busy.dec_deg])[0]
    return Taken(unix_s(busy.start), unix_s(busy.end), vector, busy.filter)
