"""Why a place is looked at or not: what it is worth, who looks, and what keeps the others away."""

from collections.abc import Iterator

import numpy as np

from coordinator.planning.fixed_grid import fixed_grid
from coordinator.planning.plan import EventPlan, PlannedPointing
from coordinator.planning.request import PlanRequest
from coordinator.planning.timetable import Timetable, Work
from coordinator.planning.work import work_for
from coordinator.sky.coverage import Frames, contains
from coordinator.sky.field_ranges import ranges_of_many
from coordinator.sky.ranges import Ranges
from coordinator.sky.regions import density_at
from coordinator.sky.skymap import SkyMap
from telescopes.description.ephemeris import Almanac, Array, directions, unix_s, utc_of
from telescopes.description.footprint import Footprint
from telescopes.description.limits import allowed, violation
from telescopes.description.telescope import Telescope

STEP_S = 300.0
DEG2_PER_SR = (180.0 / np.pi) ** 2


def explain_place(request: PlanRequest, plan: EventPlan, sky: SkyMap, ra_deg: float, dec_deg: float) -> list[str]:
    """Explain in sentences what the plan of an event does about one place."""
    density, level, _ = density_at(sky, [ra_deg], [dec_deg])
    lines = [f"{density[0] / DEG2_PER_SR:.3g} of the probability per deg2, inside the {100 * level[0]:.1f} % region"]
    vector = directions([ra_deg], [dec_deg])
    footprints = {t.telescope.id: t.telescope for t in request.telescopes}
    looking = [
        p for p in plan.pointings if _inside(footprints[p.telescope].instrument(p.instrument).footprint, p, vector)
    ]
    lines += [
        f"{p.telescope} looks at {p.start:%Y-%m-%d %H:%M:%S} (visit {p.visit}, {p.id}): {p.why}" for p in looking
    ] or ["nobody looks"]
    covered = Ranges.union_of(p.ranges for p in plan.pointings)
    return lines + list(_others(request, plan, covered, {p.telescope for p in looking}, (ra_deg, dec_deg)))


def _others(
    request: PlanRequest, plan: EventPlan, covered: Ranges, looking: set[str], place: tuple[float, float]
) -> Iterator[str]:
    start_s, end_s = unix_s(request.start), unix_s(request.end)
    almanac = Almanac.over(start_s, end_s)
    visit = next(e for e in request.events if e.key == plan.key).visits[0]
    idle = {t.id: t.idle_because for t in plan.telescopes}
    for to_plan in request.telescopes:
        name = to_plan.telescope.id
        if name in looking:
            continue
        timetable = Timetable.of(to_plan, start_s, end_s, almanac)
        work = work_for(to_plan.telescope, visit.filters, visit.depth_mag_ab)
        if work is None or timetable.closed_because is not None:
            yield f"{name}: {idle.get(name)}"
        else:
            yield f"{name}: {_because(timetable, work, plan, covered, place)}"


def _because(timetable: Timetable, work: Work, plan: EventPlan, covered: Ranges, place: tuple[float, float]) -> str:
    stretches = timetable.dark(work.filter)
    if not stretches:
        return "daylight the whole window"
    times = np.concatenate([np.r_[np.arange(a, b, STEP_S), b] for a, b in stretches])
    vector = directions([place[0]], [place[1]])
    good = allowed(timetable.telescope, work.filter, timetable.almanac, vector, times)[0]
    if not good.any():
        return _never(timetable, work, times, vector[0], place)
    seen = times[good]
    between = f"within limits between {utc_of(seen[0]):%H:%M} and {utc_of(seen[-1]):%H:%M}"
    return f"{between}; {_field_here(timetable.telescope, work, plan, covered, place)}"


def _field_here(telescope: Telescope, work: Work, plan: EventPlan, covered: Ranges, place: tuple[float, float]) -> str:
    """Say what a field would bring that covers the place: one centred there, or the best of a survey's own."""
    camera = telescope.instrument(work.instrument)
    grid = fixed_grid(telescope, work.instrument)
    if grid is None:
        names, frames = ["a field centred here"], Frames.at([place[0]], [place[1]], camera.position_angle_deg)
    else:
        frames = Frames.at(grid.ra_deg, grid.dec_deg, grid.position_angle_deg)
        vectors = np.repeat(directions([place[0]], [place[1]]), len(grid), axis=0)
        here = np.flatnonzero(contains(camera.footprint, frames, np.arange(len(grid)), vectors))
        names = [f"its field {grid.ids[i]}" for i in here]
        frames = Frames.at(grid.ra_deg[here], grid.dec_deg[here], grid.position_angle_deg[here])
    if not names:
        return "no field of its grid covers the place"
    skies = ranges_of_many(camera.footprint, frames)
    shares = [(plan.curve.probability(s.minus(covered)), plan.curve.probability(s)) for s in skies]
    best = max(range(len(shares)), key=shares.__getitem__)
    new, own = shares[best]
    return f"{names[best]} holds {100 * own:.2g} %, of which {100 * new:.2g} % is new"


def _never(timetable: Timetable, work: Work, times: Array, vector: Array, place: tuple[float, float]) -> str:
    up = timetable.almanac.axes(timetable.telescope.site, times).up @ vector
    best = int(np.argmax(up))
    reason = violation(timetable.telescope, work.filter, *place, utc_of(times[best]))
    word = reason.value.replace("_", " ") if reason else "at a limit"
    highest = float(np.degrees(np.arcsin(np.clip(up[best], -1.0, 1.0))))
    return f"never within limits while dark: {word} at its best ({highest:.0f} deg high at {utc_of(times[best]):%H:%M})"


def _inside(footprint: Footprint, looks: PlannedPointing, vector: Array) -> bool:
    frames = Frames.at([looks.ra_deg], [looks.dec_deg], looks.position_angle_deg)
    return bool(contains(footprint, frames, np.zeros(1, np.int64), vector)[0])
