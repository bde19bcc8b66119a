"""What an hour counts: of two fields of nearly equal gain the earlier is chosen, where there is time for both."""

from dataclasses import dataclass

import numpy as np

from coordinator.planning.cells import Cells, Ints
from coordinator.planning.desk import Desk
from coordinator.planning.ground import Ground
from coordinator.planning.overlap import region_deg2
from coordinator.planning.search_state import Task
from telescopes.description.ephemeris import Array

HOUR_S = 3600.0
FADES_H = 24.0
"""An hour counts 4 %. On the maps that it was chosen on (docs/benchmarks.md, "How early") that costs no union beyond
noise, twice as much up to a hundredth of it. Where all of the time is too short it cost up to 1.6 %."""

BETWEEN_EQUALS = 1e-3
"""So much of it counts there, so that of equal fields the earlier one is chosen."""


@dataclass(frozen=True, slots=True)
class Hours:
    """From when hours are counted, seconds since 1970, and how fast a gain fades, 1/h."""

    begin_s: float
    fading_per_h: float

    def worth(self, desk: Desk) -> Array:
        """By what a gain is multiplied in each slot of a telescope, shape (slots,): by the hour of the window.

        Where hours begin does not hang on who takes part: one more telescope that can look sooner must not part them
        otherwise, for that alone changes what others choose.
        """
        hours = np.floor((desk.times.start_s - self.begin_s) / HOUR_S)
        return np.asarray(np.exp(-hours * self.fading_per_h), np.float64)


def hours_of(task: Task, cells: Cells, block: Ints, start: Ground) -> Hours:
    """Count hours from when the window begins for the first of all telescopes, dark there or not.

    In full if all telescopes together have time for the region that is left to them, and next to nothing otherwise:
    then every slot is filled anyway, and what is only earlier keeps better fields out. Nothing between, for what they
    have time for hangs on which field is still up at the end of a night. By depth in full: that cost nothing where it
    was tried, and brought a little. `block` is that of each cell, as an index.
    """
    begin_s = min((desk.timetable.start_s for desk in task.desks), default=0.0)
    have_time_deg2 = sum(desk.capacity_deg2 for desk in task.desks)
    in_full = task.by_depth or have_time_deg2 >= _region_left_deg2(task, cells, block, start)
    return Hours(begin_s, (1.0 if in_full else BETWEEN_EQUALS) / FADES_H)


def _region_left_deg2(task: Task, cells: Cells, block: Ints, start: Ground) -> float:
    """Area of the densest cells that hold nine tenths of what earlier looks have left, where somebody sees it."""
    if not task.desks or cells.area_deg2.size == 0:
        return 0.0
    seen = np.any(np.stack(task.seen), axis=0)[block]
    return region_deg2(cells.area_deg2, np.where(seen, start.left(task.depths[0]), 0.0))
