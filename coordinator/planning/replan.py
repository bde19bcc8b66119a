"""What of the plan before stays: pointings that can still be made and still bring at least half as new."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from coordinator.planning.count import sight
from coordinator.planning.plan import Changes, PlannedPointing
from coordinator.planning.pointings import in_order
from coordinator.planning.recount import Pieces, Sight, shares_in_order
from coordinator.planning.request import EventToPlan
from coordinator.planning.timetable import NO_LIMIT, Timetable
from coordinator.planning.value import SkyValue
from coordinator.sky.visibility import visible_throughout
from telescopes.description.ephemeris import directions, unix_s

STAYS = 0.5
WORTH_A_CHANGE = 0.01
"""A new plan that is better by less than this share keeps the old one as it is."""

WORTH_WAKING = 0.001
"""A telescope that had nothing to do is given something for more than this share."""


def still_possible(
    previous: Iterable[PlannedPointing], timetables: Mapping[str, Timetable], slack_s: float
) -> list[PlannedPointing]:
    """Pointings of the plan before whose telescope is open, whose time is free and whose field is within limits."""
    by_telescope: dict[str, list[PlannedPointing]] = {}
    for pointing in previous:
        by_telescope.setdefault(pointing.telescope, []).append(pointing)
    possible: list[PlannedPointing] = []
    for name, mine in sorted(by_telescope.items()):
        timetable = timetables.get(name)
        if timetable is not None and timetable.closed_because is None:
            possible += _possible(timetable, mine, slack_s)
    return possible


def _possible(timetable: Timetable, mine: list[PlannedPointing], slack_s: float) -> list[PlannedPointing]:
    free = {name: timetable.free(name) for name in sorted({p.filter for p in mine})}
    in_time = [p for p in mine if any(a <= unix_s(p.start) and unix_s(p.end) <= b for a, b in free[p.filter])]
    in_time = _within_the_nights(timetable, [p for p in in_time if _can_move(timetable, p)])
    if not in_time:
        return []
    vectors = directions([p.ra_deg for p in in_time], [p.dec_deg for p in in_time])
    start = np.array([unix_s(p.start) for p in in_time])
    end = np.array([unix_s(p.end) for p in in_time]) + slack_s
    by_filter = {p.filter for p in in_time}
    good = np.zeros(len(in_time), bool)
    for name in by_filter:
        same = np.array([p.filter == name for p in in_time])
        good[same] = visible_throughout(
            timetable.telescope, name, timetable.almanac, vectors[same], start[same], end[same]
        )
    return [p for p, ok in zip(in_time, good, strict=True) if ok]


def _can_move(timetable: Timetable, pointing: PlannedPointing) -> bool:
    vector = directions([pointing.ra_deg], [pointing.dec_deg])[0]
    return timetable.leaves_time_to_move(unix_s(pointing.start), unix_s(pointing.end), vector, pointing.filter)


def _within_the_nights(timetable: Timetable, mine: list[PlannedPointing]) -> list[PlannedPointing]:
    """Take from each night the first pointings, as many as it may still hold."""
    stay: list[PlannedPointing] = []
    more: Counter[int] = Counter()
    for p in sorted(mine, key=lambda p: (p.start, p.id)):
        length_s, night = (p.end - p.start).total_seconds(), int(timetable.night_of(unix_s(p.start)))
        most = timetable.pointings_per_night(length_s)
        if most == NO_LIMIT or timetable.held_by_night(length_s).get(night, 0) + more[night] < most:
            more[night] += 1
            stay.append(p)
    return stay


def worth_keeping(pointing: PlannedPointing, before: PlannedPointing, event: EventToPlan, least: float) -> bool:
    """Say whether a pointing stays: on a changed map only if half of what it promised is still there."""
    if before.event_revision == event.revision:
        return True
    return pointing.new_value >= max(least, STAYS * before.new_value)


def worth_a_change(
    new: list[PlannedPointing],
    kept: Sequence[PlannedPointing],
    before: Sequence[PlannedPointing],
    looked_at: Sequence[Sight],
    sky: SkyValue,
) -> list[PlannedPointing]:
    """Leave a plan of which everything stays as it is, unless what is new brings 1 % or wakes a telescope.

    What a new pointing brings is what neither earlier looks nor the plan so far hold, in order of start.
    """
    if not kept or len(kept) < len(before):
        return new
    total = sum(p.new_value for p in kept)
    brings: dict[str, float] = {}
    held, added = [*looked_at, *(sight(p, sky) for p in kept)], in_order(new)
    pieces = Pieces.of([*held, *(sight(p, sky) for p in added)], sky)
    numbers = range(len(held), len(held) + len(added))
    shares = shares_in_order(pieces, range(len(held)), numbers, 0.0)
    for n, p in zip(numbers, added, strict=True):
        brings[p.telescope] = brings.get(p.telescope, 0.0) + shares[n].new_value
    working = {p.telescope for p in kept}
    if sum(more for name, more in brings.items() if name in working) > WORTH_A_CHANGE * total:
        return new
    waking = {name for name, more in brings.items() if name not in working and more > WORTH_WAKING * total}
    return [p for p in new if p.telescope in waking]


def as_of(pointing: PlannedPointing, event: EventToPlan) -> PlannedPointing:
    """Carry a pointing over to the newest revision of its event."""
    return replace(pointing, event_revision=event.revision, priority=event.priority)


def take(timetable: Timetable, pointing: PlannedPointing) -> None:
    """Take the telescope's time for a pointing."""
    vector = directions([pointing.ra_deg], [pointing.dec_deg])[0]
    timetable.take(unix_s(pointing.start), unix_s(pointing.end), vector, pointing.filter)


def changes(previous: Sequence[PlannedPointing], now: Sequence[PlannedPointing]) -> Changes:
    """Count what stays, what is looked at at another time, what is new and what is gone."""
    before, after = {p.id for p in previous}, {p.id for p in now}
    fields_before = [_field(p) for p in previous if p.id not in after]
    fields_after = [_field(p) for p in now if p.id not in before]
    moved = len(set(fields_before) & set(fields_after))
    return Changes(len(before & after), moved, len(fields_after) - moved, len(fields_before) - moved)


def _field(pointing: PlannedPointing) -> tuple[str, str, float, float]:
    return pointing.telescope, pointing.visit, pointing.ra_deg, pointing.dec_deg
