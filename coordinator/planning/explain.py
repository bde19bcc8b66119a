"""Why a pointing was chosen, and why a telescope is idle: sentences made of numbers."""

from dataclasses import replace
from datetime import datetime

import numpy as np

from coordinator.planning.cells import Cells
from coordinator.planning.galaxy_reasons import idle_by_galaxies
from coordinator.planning.greedy import Bench
from coordinator.planning.ground import Ground
from coordinator.planning.plan import PlannedPointing
from coordinator.planning.timetable import Timetable, Work
from telescopes.description.ephemeris import Array, utc_of
from telescopes.description.limits import allowed, heedless_of_the_moon, min_moon_separation_deg
from telescopes.description.telescope import Limits, Telescope

SAMPLE = 400
"""Cells of a region that stand for all of it in a sentence."""


def why(pointing: PlannedPointing, next_best: float, window_end: datetime, galaxies: str | None = None) -> str:
    """Say what a pointing brings, what else the telescope had, and until when it may be done.

    Parameters
    ----------
    next_best : float
        What the telescope's best other field would bring: of the probability, or by galaxies if it goes to these.
    galaxies : str or None
        What the field has of galaxies; None: it is a tile.
    """
    alternative = (
        f"next best for this telescope {_percent(next_best)}" if next_best > 0 else "nothing else is left for it"
    )
    end = pointing.latest_end
    until = "within limits to the end of the window" if end >= window_end else f"within limits until {end:%H:%M}"
    return (
        f"{galaxies + '; ' if galaxies else ''}"
        f"{_percent(pointing.probability)} of the probability, {_percent(pointing.new_probability)} new; "
        f"{alternative}; {until}"
    )


def next_best(bench: Bench, ground: Ground, least: float) -> float:
    """Most new value that any field of this telescope not chosen would bring."""
    gains = bench.fields.sums(ground.left[bench.depth])
    gains[bench.placed()] = 0.0
    best = float(gains.max(initial=0.0))
    return best if best >= least else 0.0


def no_part(timetable: Timetable, purpose: str, work: Work | None, filters: tuple[str, ...]) -> str | None:
    """Say why a telescope cannot take part at all; None: it can."""
    if timetable.closed_because is not None:
        return f"site closed: {timetable.closed_because}"
    if purpose not in timetable.telescope.policy.accepts:
        return f"not opted in for this purpose ({purpose})"
    if work is None:
        return (
            f"has none of the filters asked for ({', '.join(filters)})" if filters else "its site file names no filter"
        )
    if not timetable.dark(work.filter):
        return "daylight the whole window"
    if not timetable.free(work.filter):
        return "no time left: taken, blocked or not allocated"
    return None


def idle(bench: Bench, cells: Cells, start: Ground, least: float) -> str:
    """Say why a telescope that could take part got nothing."""
    if not start.worth[bench.depth].any():
        return "its depth is not known, and only what a look can detect counts: give [[instruments.depth]]"
    by_galaxies = idle_by_galaxies(bench, start, least) if bench.seen.any() else None
    if by_galaxies is not None:
        return by_galaxies
    left = start.left[bench.depth]
    if float(left[bench.sees].sum()) < least:
        return _out_of_sight(bench, cells, left)
    densest = float((left[bench.sees] / cells.area_deg2[bench.sees]).max(initial=0.0))
    best = float(bench.fields.sums(left).max(initial=0.0)) if bench.seated else densest * bench.desk.field_area_deg2
    if best < least:
        return f"no candidate field holds {_percent(least)} new"
    return "all its fields are already owned"


def _out_of_sight(bench: Bench, cells: Cells, left: Array) -> str:
    """Name the limit that keeps the region away: the Moon, the mount, the horizon mask, or the altitude."""
    timetable, work = bench.desk.timetable, bench.desk.work
    by = np.argsort(-left, kind="stable")
    by = by[left[by] > 0][:SAMPLE]
    if by.size == 0:
        return "all its fields are already owned"
    vectors, times_s = cells.vectors[by], bench.desk.instants()
    telescope, limits = timetable.telescope, timetable.telescope.limits

    def seen_with(other: Limits) -> bool:
        freed: Telescope = replace(telescope, limits=other)
        return bool(allowed(freed, work.filter, timetable.almanac, vectors, times_s).any())

    moonless = heedless_of_the_moon(limits)
    if seen_with(moonless):
        return _moon(bench, vectors, times_s)
    free = replace(moonless, declination_deg=None, hour_angle_h=None)
    if seen_with(free):
        return "region outside its declination or hour angle limits"
    masked = bool(limits.horizon) and seen_with(replace(free, horizon=()))
    limit = "its horizon mask" if masked else f"{limits.min_altitude_deg:.4g} deg"
    up = vectors @ timetable.almanac.axes(telescope.site, times_s).up.T
    row, column = np.unravel_index(int(np.argmax(up)), up.shape)
    highest = float(np.degrees(np.arcsin(up[row, column])))
    return f"region never above {limit} while dark: at most {highest:.0f} deg, at {utc_of(times_s[column]):%H:%M}"


def _moon(bench: Bench, vectors: Array, times_s: Array) -> str:
    timetable = bench.desk.timetable
    moon = timetable.almanac.moon_from(timetable.telescope.site, times_s)
    nearest = float(np.degrees(np.arccos(np.clip((vectors @ moon.T).max(), -1.0, 1.0))))
    least = float(min_moon_separation_deg(timetable.telescope.limits, timetable.almanac, times_s).max())
    return f"Moon {nearest:.0f} deg away (limit {least:.4g} deg)"


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %"
