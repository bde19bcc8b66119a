"""Which pointings of the plan before can still be made: the telescope is open, its time free, the field in limits."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coordinator.planning.plan import PlannedPointing
from coordinator.planning.pointings import in_order
from coordinator.planning.timetable import NO_LIMIT, Stretch, Taken, Timetable
from coordinator.sky.visibility import visible_throughout
from telescopes.description.ephemeris import Array, directions, unix_s

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Promised:
    """Pointings of one telescope in order of start, and their times and directions as arrays."""

    pointings: list[PlannedPointing]
    start_s: Array
    end_s: Array
    vectors: Array

    @classmethod
    def of(cls, pointings: Iterable[PlannedPointing]) -> "Promised":
        """Sort them and lay them out."""
        some = in_order(list(pointings))
        start_s, end_s = np.array([unix_s(p.start) for p in some]), np.array([unix_s(p.end) for p in some])
        return cls(some, start_s, end_s, directions([p.ra_deg for p in some], [p.dec_deg for p in some]))

    def only(self, good: Mask) -> "Promised":
        """Those of them that are good."""
        stay = [p for p, ok in zip(self.pointings, good, strict=True) if ok]
        return Promised(stay, self.start_s[good], self.end_s[good], self.vectors[good])

    def taken(self, i: int) -> Taken:
        """Time that one of them takes."""
        return Taken(float(self.start_s[i]), float(self.end_s[i]), self.vectors[i], self.pointings[i].filter)


def still_possible(
    previous: Iterable[PlannedPointing], timetables: Mapping[str, Timetable], slack_s: float, purpose: str
) -> list[PlannedPointing]:
    """Pointings that can still be made, by telescope and start; of two in each other's way the earlier stays.

    What an event is may have become known only since: a telescope keeps no pointing for a purpose that it did not
    agree to (law 6), nor one that people veto.
    """
    possible: list[PlannedPointing] = []
    for name, mine in sorted(_by_telescope(previous).items()):
        timetable = timetables.get(name)
        if timetable is None:
            continue
        wanted = [p for p in mine if timetable.takes_part(purpose, p.event)]
        if wanted:
            possible += _possible(timetable, Promised.of(wanted), slack_s)
    return possible


def take(timetables: Mapping[str, Timetable], pointings: Iterable[PlannedPointing]) -> None:
    """Take the telescopes' time for pointings."""
    for name, mine in _by_telescope(pointings).items():
        promised = Promised.of(mine)
        timetables[name].take_all(promised.taken(i) for i in range(len(promised.pointings)))


def give_back(timetables: Mapping[str, Timetable], pointings: Iterable[PlannedPointing]) -> None:
    """Free the telescopes' time again that was taken for pointings."""
    for name, mine in _by_telescope(pointings).items():
        timetables[name].give_back((unix_s(p.start), unix_s(p.end)) for p in mine)


def _by_telescope(pointings: Iterable[PlannedPointing]) -> dict[str, list[PlannedPointing]]:
    found: dict[str, list[PlannedPointing]] = {}
    for pointing in pointings:
        found.setdefault(pointing.telescope, []).append(pointing)
    return found


def _possible(timetable: Timetable, mine: Promised, slack_s: float) -> list[PlannedPointing]:
    good = np.zeros(len(mine.pointings), bool)
    names = np.array([p.filter for p in mine.pointings])
    for name in np.unique(names):
        same = (names == name) & _within(timetable.free(str(name)), mine)
        good[same] = visible_throughout(
            timetable.telescope,
            str(name),
            timetable.almanac,
            mine.vectors[same],
            mine.start_s[same],
            mine.end_s[same] + slack_s,
        )
    return _within_the_nights(timetable, _one_after_the_other(timetable, mine.only(good)))


def _within(stretches: Sequence[Stretch], mine: Promised) -> Mask:
    """Say which lie within a stretch of time."""
    if not stretches:
        return np.zeros(len(mine.pointings), bool)
    begin, end = np.array(stretches).T
    at = np.searchsorted(begin, mine.start_s, side="right") - 1
    return np.asarray((at >= 0) & (mine.end_s <= end[np.maximum(at, 0)]))


def _one_after_the_other(timetable: Timetable, mine: Promised) -> Promised:
    """Leave out what cannot be reached from what stays before it, or from what is taken already."""
    stay = np.zeros(len(mine.pointings), bool)
    last: Taken | None = None
    for i in range(stay.size):
        this = mine.taken(i)
        if last is not None and not _room_between(timetable, last, this):
            continue
        stay[i] = timetable.leaves_time_to_move(this.start_s, this.end_s, this.vector, this.filter)
        last = this if stay[i] else last
    return mine.only(stay)


def _room_between(timetable: Timetable, one: Taken, next_one: Taken) -> bool:
    return timetable.has_way(one, next_one.vector, next_one.filter, one.end_s, next_one.start_s)


def _within_the_nights(timetable: Timetable, mine: Promised) -> list[PlannedPointing]:
    """Take from each night the first pointings, as many as it may still hold."""
    nights = timetable.night_of(mine.start_s)
    stay: list[PlannedPointing] = []
    more: Counter[int] = Counter()
    for p, length_s, night in zip(mine.pointings, mine.end_s - mine.start_s, nights.astype(int), strict=True):
        most = timetable.pointings_per_night(length_s)
        if most == NO_LIMIT or timetable.held_by_night(length_s).get(night, 0) + more[night] < most:
            more[night] += 1
            stay.append(p)
    return stay
