"""One telescope's part in a search: its candidate fields, its slots, and what it will do at each field."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from coordinator.lightcurves.depth import limit_mag_ab
from coordinator.planning.fixed_grid import FixedGrid, fixed_grid
from coordinator.planning.slots import Slots, SlotTimes
from coordinator.planning.timetable import Timetable, Work, typical_slew_s
from coordinator.sky.coverage import size_deg
from coordinator.sky.visibility import visible_in_slots
from telescopes.description.ephemeris import Array
from telescopes.description.footprint import Footprint
from telescopes.description.geometry import area_deg2
from telescopes.description.telescope import Strategy

Mask = NDArray[np.bool_]

LOOK_S = 1200.0
USUAL_AIRMASS = 1.2


@dataclass(frozen=True, slots=True, eq=False)
class Desk:
    """A telescope that can take part: it has dark, free time and a filter that was asked for."""

    timetable: Timetable
    work: Work
    footprint: Footprint
    times: SlotTimes
    slack_s: float
    field_area_deg2: float
    capacity: int
    angle_deg: float = 0.0
    grid: FixedGrid | None = None

    @classmethod
    def of(cls, timetable: Timetable, work: Work, footprint: Footprint, slack_s: float) -> "Desk":
        """Lay slots into the telescope's free time."""
        length_s = work.duration_s + typical_slew_s(timetable.telescope.timing, max(size_deg(footprint)), work)
        times = SlotTimes.over(timetable.free(work.filter), length_s)
        capacity = _capacity(timetable, times, length_s)
        area, telescope = area_deg2(footprint), timetable.telescope
        turned = telescope.instrument(work.instrument).position_angle_deg
        survey = fixed_grid(telescope, work.instrument)
        return cls(timetable, work, footprint, times, slack_s, area, capacity, turned, survey)

    def until(self, end_s: float) -> "Desk":
        """The same telescope, if its free time ended then: its first slots."""
        times = self.times.until(end_s)
        return replace(self, times=times, capacity=_capacity(self.timetable, times, self.slot_s))

    @property
    def id(self) -> str:
        """The telescope's."""
        return self.timetable.telescope.id

    @property
    def limit_mag_ab(self) -> float | None:
        """How faint a pointing sees at a usual height; None: the site file does not say."""
        instrument = self.timetable.telescope.instrument(self.work.instrument)
        return limit_mag_ab(instrument, self.work.filter, self.work.open_s, USUAL_AIRMASS)

    @property
    def strategy(self) -> Strategy:
        """What its site file asks for."""
        return self.timetable.telescope.observing.strategy

    @property
    def slot_s(self) -> float:
        """Length of a slot."""
        return float(self.times.end_s[0] - self.times.start_s[0]) if len(self.times) else self.work.duration_s

    @property
    def capacity_deg2(self) -> float:
        """Sky that all its pointings together would cover."""
        return self.capacity * self.field_area_deg2

    @property
    def clear(self) -> Array | None:
        """How likely it is clear in each slot, to a hundredth, shape (slots,); None: nobody forecasts."""
        weather = self.timetable.weather
        return np.round(weather.chance(self.times.start_s, self.times.end_s), 2) if weather else None

    def visible(self, vectors: Array) -> Mask:
        """Which fields may be observed in which slots, shape (fields, slots)."""
        return visible_in_slots(
            self.timetable.telescope,
            self.work.filter,
            self.timetable.almanac,
            vectors,
            self.times.start_s,
            self.times.end_s + self.slack_s,
        )

    def instants(self) -> Array:
        """Instants of the free time, 20 minutes apart at most."""
        stretches = self.times.stretches if len(self.times) else ()
        some = [np.linspace(a, b, max(2, int((b - a) / LOOK_S) + 2)) for a, b in stretches]
        return np.concatenate(some) if some else np.empty(0)

    @property
    def held_by_night(self) -> dict[int, int]:
        """How many of each night's pointings are used up before anything is chosen."""
        return self.timetable.held_by_night(self.slot_s)

    def slots(self) -> Slots:
        """Empty slots, and no field yet."""
        nights = self.timetable.night_of(self.times.start_s).astype(np.int64)
        per_night = self.timetable.pointings_per_night(self.slot_s)
        nothing = np.empty((0, nights.size), bool)
        return Slots(nothing, nights, per_night, self.held_by_night, self.clear)


def _capacity(timetable: Timetable, times: SlotTimes, length_s: float) -> int:
    """How many pointings fit into the window."""
    per_night, held = timetable.pointings_per_night(length_s), timetable.held_by_night(length_s)
    slots = zip(*np.unique(timetable.night_of(times.start_s), return_counts=True), strict=True)
    return int(sum(min(per_night - held.get(int(night), 0), n) for night, n in slots))
