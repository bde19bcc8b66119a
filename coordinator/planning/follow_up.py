"""A candidate looked at again: one pointing by the telescope best placed."""

from collections.abc import Mapping, Sequence

import numpy as np

from coordinator.planning.by_hand import served_by, work_by_hand
from coordinator.planning.plan import PlannedPointing
from coordinator.planning.pointings import Purpose, claimed_limit_mag_ab, pointings_of
from coordinator.planning.possible import still_possible, take
from coordinator.planning.replan import as_of
from coordinator.planning.request import FollowUpTarget
from coordinator.planning.timetable import ROUNDED_S, Timetable, Work
from coordinator.planning.work import work_for
from coordinator.sky.coverage import size_deg
from coordinator.sky.visibility import visible_throughout
from telescopes.description.durations import separation_deg
from telescopes.description.ephemeris import Array, directions, unix_s

STEP_S = 120.0
MAG_PER_HOUR = 0.25
"""An hour's wait is worth this much depth."""

DEEP_ENOUGH_MAG = 1.0
"""Depth beyond the candidate's magnitude by more than this is worth nothing."""

UNKNOWN_LIMIT_MAG = 15.0
"""How a telescope without a depth table is ranked; it is not told to anybody."""

RECKONED_MAG = 0.5
"""A look by the telescope whose minutes were reckoned to tell most is worth this much depth."""

OFF_CENTRE = 0.1
"""A candidate farther from the middle than this share of the field's smaller side gets a pointing of its own."""

Option = tuple[float, str, Timetable, Work, float]


def follow_up(
    target: FollowUpTarget,
    timetables: dict[str, Timetable],
    previous: Sequence[PlannedPointing],
    purpose: str,
    slack_s: float,
) -> PlannedPointing | str:
    """Choose the telescope that reaches the target deep and soon, and take its time; or say why there is none."""
    before = [as_of(p, target) for p in previous if serves(p, target, timetables)]
    kept = still_possible(before, timetables, slack_s, purpose)
    if kept:
        take(timetables, kept[:1])
        return kept[0]
    vector = directions([target.ra_deg], [target.dec_deg])
    options = [o for t in timetables.values() if (o := _option(t, target, vector, purpose, slack_s)) is not None]
    if not options:
        return f"{target.visit}: no telescope that is open, has the filters and is free can reach it in the window"
    _, _, timetable, work, start_s = max(options, key=lambda o: (round(o[0], 6), o[1]))
    what = Purpose(target.event, target.event_revision, target.visit, target.priority)
    where = np.array([target.ra_deg]), np.array([target.dec_deg])
    turned = timetable.telescope.instrument(work.instrument).position_angle_deg
    pointing = pointings_of(timetable, work, what, *where, np.array([start_s]), turned)[0]
    take(timetables, [pointing])
    return pointing


def serves(pointing: PlannedPointing, target: FollowUpTarget, timetables: Mapping[str, Timetable]) -> bool:
    """Say whether a pointing of the plan before is still what a target asks for: its place, band and time."""
    if (pointing.event, pointing.visit) != (target.event, target.visit) or pointing.telescope not in timetables:
        return False
    footprint = timetables[pointing.telescope].telescope.instrument(pointing.instrument).footprint
    off_deg = separation_deg(pointing.ra_deg, pointing.dec_deg, target.ra_deg, target.dec_deg)
    return (
        off_deg <= OFF_CENTRE * min(size_deg(footprint))
        and (not target.filters or pointing.filter in target.filters)
        and (target.not_before is None or unix_s(pointing.start) + ROUNDED_S >= unix_s(target.not_before))
        and (target.by_hand is None or served_by(target.by_hand, pointing))
    )


def _option(timetable: Timetable, target: FollowUpTarget, vector: Array, purpose: str, slack_s: float) -> Option | None:
    if not timetable.takes_part(purpose, target.event):
        return None
    reckoned = timetable.telescope.id == target.telescope
    if target.by_hand is None:
        work = work_for(timetable.telescope, target.filters, target.depth_mag_ab if reckoned else None)
    else:
        work = work_by_hand(target.by_hand, timetable.telescope)
    if work is None:
        return None
    start_s = soonest_s(timetable, work, target, vector, slack_s)
    if start_s is None:
        return None
    instrument = timetable.telescope.instrument(work.instrument)
    limit = claimed_limit_mag_ab(instrument, work, _sine_of_altitude(timetable, vector, start_s))
    depth = UNKNOWN_LIMIT_MAG if limit is None else limit
    if target.mag_ab is not None:
        depth = min(depth, target.mag_ab + DEEP_ENOUGH_MAG)
    if reckoned:
        depth += RECKONED_MAG
    waited_h = (start_s - timetable.start_s) / 3600.0
    return depth - MAG_PER_HOUR * waited_h, timetable.telescope.id, timetable, work, start_s


def soonest_s(timetable: Timetable, work: Work, target: FollowUpTarget, vector: Array, slack_s: float) -> float | None:
    """First instant at which the telescope is free for the whole pointing and the target within limits."""
    not_before = -np.inf if target.not_before is None else unix_s(target.not_before)
    not_after = np.inf if target.by_hand is None else unix_s(target.by_hand.not_after)
    for begin, end in timetable.free(work.filter):
        first = max(timetable.arrival_s(begin, vector[0], work.filter), not_before)
        last = min(timetable.must_leave_by_s(end, vector[0], work.filter), not_after) - work.duration_s
        starts = np.arange(first, last + 1e-6, STEP_S)
        many = np.repeat(vector, starts.size, axis=0)
        good = visible_throughout(
            timetable.telescope, work.filter, timetable.almanac, many, starts, starts + work.duration_s + slack_s
        )
        good &= timetable.has_room(starts, work.duration_s)
        if good.any():
            return float(starts[good.argmax()])
    return None


def _sine_of_altitude(timetable: Timetable, vector: Array, when_s: float) -> float:
    up = timetable.almanac.axes(timetable.telescope.site, np.array([when_s])).up[0]
    return float(up @ vector[0])
