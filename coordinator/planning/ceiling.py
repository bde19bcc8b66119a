"""The most that a network could cover of an event in the window, whatever it holds already and wherever it looks."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from coordinator.lightcurves.depth import limit_mag_ab
from coordinator.lightcurves.detection import LIMIT_STEP_MAG
from coordinator.planning.bound import Bound, upper_bound
from coordinator.planning.cells import BLOCK_RADIUS_DEG
from coordinator.planning.desk import Mask
from coordinator.planning.prepared import PreparedSky
from coordinator.planning.request import EventToPlan
from coordinator.planning.timetable import Timetable, Work
from coordinator.planning.value import Valued
from coordinator.planning.views import STEP_S, Views
from coordinator.planning.work import work_for
from telescopes.description.footprint import Footprint
from telescopes.description.geometry import area_deg2, circumradius_deg
from telescopes.description.telescope import Telescope

TURN_DEG = 0.5 * STEP_S * 360.0 / 86164.0
"""What the sky turns at most between any instant and the nearest at which the bound looks."""


def ceiling(event: EventToPlan, sky: PreparedSky, objective: Valued, timetables: Mapping[str, Timetable]) -> Bound:
    """Bound the value of what telescopes that may search an event can cover with all their dark, allowed time.

    By detection a cell is worth what the deepest look that reaches it would give at the zenith. What lies outside
    the cells that are planned on counts as covered. `observable` is probability whatever the objective.
    """
    cells, by_depth = sky.covering.cells, sky.value(objective).distances is not None
    reach, most_deg2 = [], []
    best = np.zeros(cells.probability.size) if by_depth else np.ones(cells.probability.size)
    for timetable in timetables.values():
        works = _works(event, timetable)
        if works:
            reach.append(_seen(timetable, works, sky.views)[sky.covering.block])
            most_deg2.append(_most_deg2(timetable, works))
            if by_depth:
                depth = max(sky.value(objective).depth(_deepest(timetable, w)) for w in works)
                best = np.maximum(best, np.where(reach[-1], sky.covering_weights(depth), 0.0))
    found = upper_bound(cells.probability * best, cells.area_deg2, reach, most_deg2, sky.covering.peak * best)
    rest = max(0.0, 1.0 - float(cells.probability.sum())) if reach else 0.0
    seen = np.any(reach, axis=0) if reach else np.zeros(cells.probability.size, bool)
    observable = min(1.0, float(cells.probability[seen].sum()) + rest)
    return Bound(min(1.0, found.value + rest), found.kind, observable)


def _deepest(timetable: Timetable, work: Work) -> float | None:
    """How faint a work sees at the zenith, a little more so that rounding does not lower the bound."""
    instrument = timetable.telescope.instrument(work.instrument)
    limit = limit_mag_ab(instrument, work.filter, work.open_s, 1.0)
    return None if limit is None else limit + LIMIT_STEP_MAG / 2.0


def _works(event: EventToPlan, timetable: Timetable) -> list[Work]:
    """What a telescope may do for any visit of an event."""
    if not timetable.takes_part(event.purpose, event.key):
        return []
    telescope = timetable.telescope
    wanted = (work_for(telescope, v.filters, v.depth_mag_ab, v.times, v.own_filter) for v in event.visits)
    return [work for work in wanted if work is not None]


def _seen(timetable: Timetable, works: Sequence[Work], views: Views) -> Mask:
    """Blocks of which a field may hold a part at some instant, in any of the works."""
    seen, telescope = np.zeros(len(views.vectors), bool), _loosened(timetable.telescope)
    for filter_name in sorted({w.filter for w in works}):
        radius = max(circumradius_deg(_footprint(timetable, w)) for w in works if w.filter == filter_name)
        margin = -(radius + BLOCK_RADIUS_DEG + TURN_DEG)
        seen |= views.seen(telescope, timetable.allowed(filter_name), margin)
    return seen


def _loosened(telescope: Telescope) -> Telescope:
    """Keep of a telescope's limits what a margin in degrees can loosen: hour angle and azimuth turn fast near poles."""
    limits = telescope.limits
    lowest = max(limits.min_altitude_deg, min((altitude for _, altitude in limits.horizon), default=-90.0))
    return replace(telescope, limits=replace(limits, min_altitude_deg=lowest, horizon=(), hour_angle_h=None))


def _footprint(timetable: Timetable, work: Work) -> Footprint:
    return timetable.telescope.instrument(work.instrument).footprint


def _most_deg2(timetable: Timetable, works: Sequence[Work]) -> float:
    """Area of more fields than any plan has: the shortest work, the largest field, and no time for moves."""
    length_s, readout_s = min(w.duration_s for w in works), max(w.readout_s for w in works)
    pointings = max(
        sum(int((b - a + readout_s) // length_s) for a, b in timetable.allowed(name))
        for name in {w.filter for w in works}
    )
    return pointings * max(area_deg2(_footprint(timetable, w)) for w in works)
