"""Why a pointing was chosen, who else could have seen its field, and why it is made when it is: in numbers."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coordinator.planning.cells import BLOCK_ORDER, Blocks
from coordinator.planning.desk import Desk
from coordinator.planning.participants import Participants
from coordinator.planning.plan import PlannedPointing
from coordinator.planning.timetable import Timetable
from coordinator.planning.visit_task import VisitTask
from coordinator.sky.nested import pixel_at
from coordinator.sky.ranges import RANGE_ORDER
from telescopes.description.ephemeris import directions, unix_s, utc_of
from telescopes.description.limits import allowed_pairs

MOST_NAMES = 3
WAITS_S = 300.0
"""A longer pause before a pointing than this is a wait for something."""

BEFORE_S = 120.0
LAST_CHANCE_S = 1800.0
ROUNDED = 9

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Reasons:
    """What the sentences of a visit are made from.

    `next_best` is what the best field not chosen of each telescope would bring, `galaxies` what a pointing has of them.
    """

    task: VisitTask
    who: Participants
    next_best: Mapping[str, float]
    galaxies: Mapping[str, str]

    def of(self, pointings: Sequence[PlannedPointing]) -> list[PlannedPointing]:
        """Give each pointing of the visit its reason."""
        ranks, see = _ranks(pointings), _who_sees(self.task.sky.map.blocks, self.who, pointings)
        when = {**_moments(self.task, pointings), **self._after_first_looks(pointings)}
        return [
            p.because("; ".join(self._parts(p, rank, names, when[p.id])))
            for p, rank, names in zip(pointings, ranks, see, strict=True)
        ]

    def _parts(self, p: PlannedPointing, rank: str, others: str, when: str) -> Iterator[str]:
        if p.id in self.galaxies:
            yield self.galaxies[p.id]
        if self.task.sky.value.distances is not None:
            yield f"{percent(p.value)} chance to see the source, {percent(p.new_value)} new"
        yield f"{percent(p.probability)} of the probability, {percent(p.new_probability)} new"
        yield from self._weather(p)
        yield rank
        best = self.next_best.get(p.telescope, 0.0)
        yield f"next best for this telescope {percent(best)}" if best > 0 else "nothing else is left for it"
        yield others
        yield when

    def _weather(self, p: PlannedPointing) -> Iterator[str]:
        """Say what is to be expected where the weather is forecast."""
        timetable = self.task.timetables[p.telescope]
        if not timetable.weather:
            return
        start_s = unix_s(p.start)
        chance = float(timetable.weather.chance(np.array([start_s]), np.array([unix_s(p.end)]))[0])
        said = timetable.weather.said(start_s, timetable.start_s)
        if said:
            yield f"{100 * chance:.0f} % clear by forecast ({said}), so {percent(chance * p.new_value)} is expected"

    def _after_first_looks(self, pointings: Sequence[PlannedPointing]) -> dict[str, str]:
        """Say whose first look at a field a later visit follows."""
        gap_s = self.task.visit.min_gap_s
        if gap_s <= 0 or not pointings:
            return {}
        centres = pixel_at(RANGE_ORDER, [p.ra_deg for p in pointings], [p.dec_deg for p in pointings])
        first = np.full(len(pointings), -1)
        others = sorted((k for k in self.task.looks if k.visit != self.task.visit.name), key=lambda k: k.start)
        for number in reversed(range(len(others))):  # the earliest is written last
            first[others[number].ranges.contains(centres)] = number
        said = {}
        for p, number in zip(pointings, first.tolist(), strict=True):
            if number >= 0:
                look = others[number]
                whose = f"its first look by {look.telescope}" if look.telescope else "its first look"
                said[p.id] = f"{gap_s / 3600:.3g} h or more after {whose} at {look.start:%H:%M}; {_until(self.task, p)}"
        return said


def percent(share: float) -> str:
    """Write a share as a percentage of two digits."""
    return f"{100 * share:.2g} %"


def _ranks(pointings: Sequence[PlannedPointing]) -> list[str]:
    """Say how good each is among its telescope's and among all, by what it brings."""
    many, seen = Counter(p.telescope for p in pointings), Counter[str]()
    said: dict[str, str] = {}
    best_first = sorted(pointings, key=lambda p: (-round(p.new_value, ROUNDED), p.id))
    for number, p in enumerate(best_first, start=1):
        seen[p.telescope] += 1
        own = "its only one" if many[p.telescope] == 1 else f"its {_nth(seen[p.telescope])} of {many[p.telescope]}"
        said[p.id] = f"{own}, {_nth(number)} of all {len(pointings)}"
    return [said[p.id] for p in pointings]


def _nth(number: int) -> str:
    if number == 1:
        return "best"
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending} best"


def _who_sees(blocks: Blocks, who: Participants, pointings: Sequence[PlannedPointing]) -> list[str]:
    """Name up to three other telescopes, the deepest first, that have the field's centre within limits while free."""
    if not pointings or not who.desks:
        return ["no other telescope sees it"] * len(pointings)
    order = sorted(range(len(who.desks)), key=lambda k: (-_depth(who.desks[k]), who.desks[k].id))
    names = [who.desks[k].id for k in order]
    pixel = pixel_at(BLOCK_ORDER, [p.ra_deg for p in pointings], [p.dec_deg for p in pointings])
    at = np.minimum(np.searchsorted(blocks.number, pixel), blocks.number.size - 1)
    known = blocks.number[at] == pixel
    sees = np.stack([who.seen[k][at] & known for k in order])
    said: dict[tuple[bytes, str], str] = {}
    lines = []
    for p, column in zip(pointings, sees.T, strict=True):
        key = (column.tobytes(), p.telescope)
        if key not in said:
            said[key] = _also([n for n, good in zip(names, column, strict=True) if good and n != p.telescope])
        lines.append(said[key])
    return lines


def _depth(desk: Desk) -> float:
    return -np.inf if desk.limit_mag_ab is None else desk.limit_mag_ab


def _also(names: Sequence[str]) -> str:
    if not names:
        return "no other telescope sees it"
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return f"{', '.join(names[:MOST_NAMES])}{more} could see it too"


def _moments(task: VisitTask, pointings: Sequence[PlannedPointing]) -> dict[str, str]:
    """Say why each is made when it is."""
    mine: dict[str, list[PlannedPointing]] = {}
    for p in pointings:
        mine.setdefault(p.telescope, []).append(p)
    said = {}
    for name, some in mine.items():
        some.sort(key=lambda p: p.start)
        timetable = task.timetables[name]
        waits = _waits(timetable, some)
        dusks_s = np.array([begin for begin, _ in timetable.dark(some[0].filter)])
        for number, (p, wait) in enumerate(zip(some, waits.tolist(), strict=True)):
            why = "first in its time" if number == 0 else "best first"
            if wait:
                at_dusk = bool((np.abs(unix_s(p.start) - dusks_s) < WAITS_S).any())
                why = "as soon as it is dark" if at_dusk else "as soon as it is within limits"
            said[p.id] = f"{why}, {_until(task, p)}"
    return said


def _waits(timetable: Timetable, mine: Sequence[PlannedPointing]) -> Mask:
    """Say which of a telescope's pointings come after a pause, and could not have been made two minutes earlier."""
    start_s = np.array([unix_s(p.start) for p in mine])
    after_s = np.r_[timetable.start_s, [unix_s(p.end) for p in mine[:-1]]]
    waits: Mask = start_s - after_s > WAITS_S
    if not waits.any():
        return waits
    some = np.flatnonzero(waits).tolist()
    vectors = directions([mine[i].ra_deg for i in some], [mine[i].dec_deg for i in some])
    earlier_s = np.maximum(start_s[some] - BEFORE_S, timetable.start_s)
    waits[some] = ~allowed_pairs(timetable.telescope, mine[0].filter, timetable.almanac, vectors, earlier_s)
    return waits


def _until(task: VisitTask, p: PlannedPointing) -> str:
    if p.latest_end >= utc_of(task.timetables[p.telescope].end_s):
        return "within limits to the end of the window"
    last = "its last chance: " if (p.latest_end - p.end).total_seconds() < LAST_CHANCE_S else ""
    return f"{last}within limits until {p.latest_end:%H:%M}"
