"""Why a telescope is idle, for the whole window or for the rest of its time: sentences made of numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from coordinator.planning.bench import Bench
from coordinator.planning.cells import Cells, Ints
from coordinator.planning.galaxy_reasons import idle_by_galaxies
from coordinator.planning.ground import Ground
from coordinator.planning.owners import Owners
from coordinator.planning.plan import PlannedPointing
from coordinator.planning.request import EventToPlan, Look
from coordinator.planning.search_state import HALF_AND_MARGIN, Search
from coordinator.planning.slots import NOBODY
from coordinator.planning.timetable import Timetable, Work, without
from telescopes.description.ephemeris import Array, utc_of
from telescopes.description.limits import (
    allowed,
    heedless_of_the_moon,
    max_sun_altitude_deg,
    min_moon_separation_deg,
    minds_the_moon,
)
from telescopes.description.telescope import Limits, Telescope

SAMPLE = 100
"""Cells of a region that stand for all of it in a sentence."""

SUN_STEP_S = 600.0


def no_part(timetable: Timetable, event: EventToPlan, work: Work | None, filters: tuple[str, ...]) -> str | None:
    """Say why a telescope cannot take part at all; None: it can."""
    if timetable.closed_because is not None:
        return f"site closed: {timetable.closed_because}"
    if event.purpose not in timetable.telescope.policy.accepts:
        return f"not opted in for this purpose ({event.purpose})"
    if event.key in timetable.not_for:
        return f"vetoed: {timetable.not_for[event.key]}"
    if work is None:
        return (
            f"has none of the filters asked for ({', '.join(filters)})" if filters else "its site file names no filter"
        )
    return _no_time(timetable, work.filter)


def _no_time(timetable: Timetable, filter_name: str) -> str | None:
    """Name what takes all of a telescope's time: the Sun, the site, other pointings, or clouds to come."""
    if not timetable.dark(filter_name):
        return _daylight(timetable, filter_name)
    if timetable.free(filter_name):
        return None
    stretches = timetable.allowed(filter_name)
    if not stretches:
        return "no time left: its dark hours are blocked or not allocated"
    left = without(stretches, [(t.start_s, t.end_s) for t in timetable.taken])
    clouds = timetable.weather.clouds_until(left[0][0], timetable.start_s) if left else ""
    return clouds or "no time left: other pointings take all of it"


def _daylight(timetable: Timetable, filter_name: str) -> str:
    if timetable.end_s <= timetable.start_s:
        return "not free before the window ends"
    times_s = np.append(np.arange(timetable.start_s, timetable.end_s, SUN_STEP_S), timetable.end_s)
    up = timetable.almanac.axes(timetable.telescope.site, times_s).up
    height = np.degrees(np.arcsin(np.clip(np.einsum("ij,ij->i", up, timetable.almanac.sun_at(times_s)), -1.0, 1.0)))
    lowest, limit = int(np.argmin(height)), max_sun_altitude_deg(timetable.telescope.limits, filter_name)
    return (
        f"daylight the whole window: the Sun is never below {height[lowest]:.1f} deg (limit {limit:.4g} deg), "
        f"at {utc_of(times_s[lowest]):%H:%M}"
    )


@dataclass(slots=True, eq=False)
class IdleReasons:
    """What is needed to say why telescopes that could take part in a visit got nothing."""

    found: Search
    looks: Sequence[Look]
    pointings: Sequence[PlannedPointing]
    _block: Ints | None = None
    _owners: Owners | None = None

    def of(self, bench: Bench) -> str:
        """Say why a telescope got nothing."""
        start, cells, least = self.found.start, self.found.cells, self.found.least_gain
        if not start.worth[bench.depth].any():
            return "its depth is not known, and only what a look can detect counts: give [[instruments.depth]]"
        by_galaxies = idle_by_galaxies(bench, start, least) if bench.seen.any() else None
        if by_galaxies is not None:
            return by_galaxies
        sees = np.flatnonzero(bench.seen[self._blocks()])
        left = start.left_in(bench.depth, sees)
        if float(start.worth[bench.depth, sees].sum()) < least:
            return _out_of_sight(bench, cells, start.worth[bench.depth], self._too_little(bench, sees))
        densest = float((left / cells.area_deg2[sees]).max(initial=0.0))
        best = densest * bench.desk.field_area_deg2
        if bench.seated:
            best = float(bench.fields.sums(bench.own(start.left(bench.depth))).max(initial=0.0))
        if float(left.sum()) >= least > best:
            return f"no candidate field holds {_percent(least)} new"
        return self._owned(sees, start.worth[bench.depth, sees])

    def _too_little(self, bench: Bench, sees: Ints) -> str:
        """Say how little a telescope sees that is within its limits."""
        worth, least = float(self.found.start.worth[bench.depth, sees].sum()), self.found.least_gain
        what = "chance to see the source" if self.found.task.by_depth else "of the probability"
        return f"all that it sees holds {_percent(worth)} {what}, less than a pointing is for ({_percent(least)})"

    def _blocks(self) -> Ints:
        if self._block is None:
            self._block = self.found.task.blocks.of_cells(self.found.cells)
        return self._block

    def _owned(self, sees: Ints, worth: Array) -> str:
        if self._owners is None:
            self._owners = Owners.of(self.found.cells, self.looks, self.pointings)
        names = self._owners.named(sees, worth)
        return f"all its fields are already owned: its sky by {names}" if names else "all its fields are already owned"


def not_chosen(bench: Bench, ground: Ground) -> Array:
    """What each field of a telescope that was not chosen would bring, 0 for those that were, shape (fields,)."""
    gains = bench.fields.sums(bench.own(ground.left(bench.depth)))
    gains[bench.placed()] = 0.0
    return gains


def rest(bench: Bench, gains: Array, least: float) -> str:
    """Say why a telescope that has pointings gets no more; `gains` are what its fields not chosen would bring."""
    if bench.guide is not None:
        return "no other galaxy field of it is worth a look, or within limits then"
    best = int(np.argmax(gains)) if gains.size else 0
    if not gains.size or gains[best] < least:
        return f"no other field of it holds {_percent(least)} new"
    fresh = gains >= HALF_AND_MARGIN * bench.value
    if not (fresh & (gains >= least)).any():
        return f"what is left would be repeats: at best {_percent(gains[best])} new of {_percent(bench.value[best])}"
    good = np.flatnonzero(fresh & (gains >= least))
    best = int(good[np.argmax(gains[good])])
    if not (bench.slots.visible[good] & (bench.slots.holder == NOBODY)).any():
        return f"what is left for it ({_percent(gains[best])} at best) is not within limits then"
    return f"what is left for it ({_percent(gains[best])} at best) would take too much of what others look at later"


def _out_of_sight(bench: Bench, cells: Cells, worth: Array, too_little: str) -> str:
    """Name the limit that keeps the region away: the Moon, the mount, the horizon mask, or the altitude; or none."""
    timetable, work = bench.desk.timetable, bench.desk.work
    by = np.argsort(-worth, kind="stable")
    by = by[worth[by] > 0][:SAMPLE]
    vectors, times_s = cells.vectors[by], bench.desk.instants()
    telescope, limits = timetable.telescope, timetable.telescope.limits

    def seen_with(other: Limits) -> bool:
        freed: Telescope = replace(telescope, limits=other)
        return bool(allowed(freed, work.filter, timetable.almanac, vectors, times_s).any())

    if seen_with(limits):
        return too_little
    if seen_with(replace(limits, min_sun_separation_deg=0.0)):
        return f"too near the Sun (limit {limits.min_sun_separation_deg:.4g} deg)"
    moonless = heedless_of_the_moon(limits)
    if minds_the_moon(limits) and seen_with(moonless):
        return _moon(bench, vectors, times_s)
    free = replace(moonless, declination_deg=None, hour_angle_h=None)
    if seen_with(free):
        return _beyond_the_mount(limits, vectors)
    masked = bool(limits.horizon) and seen_with(replace(free, horizon=()))
    limit = "its horizon mask" if masked else f"{limits.min_altitude_deg:.4g} deg"
    up = vectors @ timetable.almanac.axes(telescope.site, times_s).up.T
    row, column = np.unravel_index(int(np.argmax(up)), up.shape)
    highest = float(np.degrees(np.arcsin(up[row, column])))
    return f"region never above {limit} while dark: at most {highest:.0f} deg, at {utc_of(times_s[column]):%H:%M}"


def _beyond_the_mount(limits: Limits, vectors: Array) -> str:
    dec_deg = np.degrees(np.arcsin(np.clip(vectors[:, 2], -1.0, 1.0)))
    said = []
    if limits.declination_deg is not None:
        low, high = limits.declination_deg
        said.append(f"declination {dec_deg.min():.0f} to {dec_deg.max():.0f} deg (limits {low:.4g} to {high:.4g})")
    if limits.hour_angle_h is not None:
        low, high = limits.hour_angle_h
        said.append(f"hour angle limits {low:.4g} to {high:.4g} h")
    return f"region outside its declination or hour angle limits: {', '.join(said)}"


def _moon(bench: Bench, vectors: Array, times_s: Array) -> str:
    timetable = bench.desk.timetable
    moon = timetable.almanac.moon_from(timetable.telescope.site, times_s)
    nearest = float(np.degrees(np.arccos(np.clip((vectors @ moon.T).max(), -1.0, 1.0))))
    least = float(min_moon_separation_deg(timetable.telescope.limits, timetable.almanac, times_s).max())
    return f"Moon {nearest:.0f} deg away (limit {least:.4g} deg)"


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %"
