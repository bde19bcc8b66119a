"""Why a place is looked at or not: who looks and how deep, and what keeps each of the others away."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from coordinator.planning.field_here import FieldHere, field_here
from coordinator.planning.nights import almanac_over
from coordinator.planning.participants import seat_of
from coordinator.planning.plan import EventPlan, PlannedPointing
from coordinator.planning.prepared import prepared
from coordinator.planning.recipe import group_of
from coordinator.planning.request import EventToPlan, Look, PlanRequest, VisitSpec
from coordinator.planning.timetable import Timetable
from coordinator.planning.value import SkyValue
from coordinator.planning.wanted_depth import Aim
from coordinator.planning.why import percent
from coordinator.planning.within_limits import within_limits
from coordinator.sky.coverage import Frames, contains, in_plane, size_deg
from coordinator.sky.nested import pixel_at
from coordinator.sky.ranges import RANGE_ORDER
from coordinator.sky.regions import density_at
from coordinator.sky.skymap import SkyMap
from telescopes.description.ephemeris import Array, directions, unix_s
from telescopes.description.footprint import Footprint, Polygons
from telescopes.description.telescope import Telescope

DEG2_PER_SR = (180.0 / np.pi) ** 2
HALF = 0.5


def explain_place(request: PlanRequest, plan: EventPlan, sky: SkyMap, ra_deg: float, dec_deg: float) -> list[str]:
    """Explain in sentences what the plan of an event does about one place.

    What a field would be worth is said by the plan's objective.
    """
    density, level, _ = density_at(sky, [ra_deg], [dec_deg])
    lines = [f"{density[0] / DEG2_PER_SR:.3g} of the probability per deg2, inside the {100 * level[0]:.1f} % region"]
    return lines + list(_Place(request, plan, sky, ra_deg, dec_deg).lines())


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """A place, and the plan that is asked about it."""

    request: PlanRequest
    plan: EventPlan
    sky: SkyMap
    ra_deg: float
    dec_deg: float

    def lines(self) -> Iterator[str]:
        """Say who looks, who has looked, who misses it by a gap, and what keeps each other telescope away."""
        network = {t.telescope.id: t.telescope for t in self.request.telescopes}
        looking = [p for p in self.plan.pointings if self._holds(network[p.telescope], p)]
        done = [k for k in self.request.looks if k.event == self.plan.key and self._covers(k)]
        yield from (
            f"{k.telescope or 'somebody'} looked at {k.start:%Y-%m-%d %H:%M:%S} (visit {k.visit}), "
            f"{_deep(k.limit_mag_ab)}"
            for k in done
        )
        yield from (
            f"{p.telescope} looks at {p.start:%Y-%m-%d %H:%M:%S} (visit {p.visit}, {p.id}), "
            f"{_deep(p.limit_mag_ab)}: {p.why}"
            for p in looking
        )
        if not looking:
            yield "nobody looks"
        yield from self._gaps(network, looking)
        yield from self._owners(done, looking)
        yield from self._others(done, looking)

    def _holds(self, telescope: Telescope, p: PlannedPointing) -> bool:
        footprint = telescope.instrument(p.instrument).footprint
        return bool(contains(footprint, _frames(p), np.zeros(1, np.int64), self._vector())[0])

    def _covers(self, look: Look) -> bool:
        return bool(look.ranges.contains(pixel_at(RANGE_ORDER, [self.ra_deg], [self.dec_deg]))[0])

    def _vector(self) -> Array:
        return directions([self.ra_deg], [self.dec_deg])

    def _gaps(self, network: dict[str, Telescope], looking: list[PlannedPointing]) -> Iterator[str]:
        """Name fields that have the place between their detectors."""
        held = {p.id for p in looking}
        for p in self.plan.pointings:
            footprint = network[p.telescope].instrument(p.instrument).footprint
            if p.id not in held and isinstance(footprint, Polygons) and _in_box(footprint, _frames(p), self._vector()):
                yield f"{p.telescope} has it in a gap between its detectors at {p.start:%Y-%m-%d %H:%M:%S} ({p.id})"

    def _owners(self, done: list[Look], looking: list[PlannedPointing]) -> Iterator[str]:
        """Say for each visit who owns the place: the deepest look, of equals the first."""
        value = self._value()
        looks = [
            (k.visit, value.depth(k.limit_mag_ab), k.start, k.telescope or "somebody", k.limit_mag_ab) for k in done
        ]
        looks += [(p.visit, value.depth(p.limit_mag_ab), p.start, p.telescope, p.limit_mag_ab) for p in looking]
        for visit in dict.fromkeys(str(v["name"]) for v in self.plan.visits):
            mine = sorted((look for look in looks if look[0] == visit), key=lambda look: (-look[1], look[2], look[3]))
            if mine:
                yield f"in visit {visit} it is {mine[0][3]}'s, {_deep(mine[0][4])}"

    def _value(self) -> SkyValue:
        return SkyValue.of(self.plan.curve, "detection" if self.plan.objective == "detection" else "probability")

    def _others(self, done: list[Look], looking: list[PlannedPointing]) -> Iterator[str]:
        """Say of each telescope why it does not look, and in which visits where there are several."""
        start_s, end_s = unix_s(self.request.start), unix_s(self.request.end)
        almanac = almanac_over(start_s, end_s)
        event = next(e for e in self.request.events if e.key == self.plan.key)
        aim = Aim(None if event.t0 is None else unix_s(event.t0), prepared(self.sky), self.request.dust)
        firsts = [(k.visit, k.start) for k in done] + [(p.visit, p.start) for p in looking]
        for to_plan in self.request.telescopes:
            name, said = to_plan.telescope.id, dict[str, list[str]]()
            for visit in event.visits:
                if any((p.telescope, p.visit) == (name, visit.name) for p in looking):
                    continue
                begins = self._begins(visit, firsts)
                if begins is None or begins >= self.request.end:
                    because = _not_in_time(begins)
                else:
                    timetable = Timetable.of(to_plan, max(start_s, unix_s(begins)), end_s, almanac)
                    because = self._had_its_look(name, visit) or self._because(visit, timetable, event, aim)
                said.setdefault(because, []).append(visit.name)
            for because, visits in said.items():
                yield (
                    f"{name}: {because}" if len(event.visits) == 1 else f"{name}, visit {', '.join(visits)}: {because}"
                )

    def _begins(self, visit: VisitSpec, firsts: list[tuple[str, datetime]]) -> datetime | None:
        """Say when a visit may begin here; None: it follows a first look, and there is none."""
        if visit.min_gap_s <= 0.0:
            return self.request.start
        first = min((start for other, start in firsts if other != visit.name), default=None)
        return None if first is None else first + timedelta(seconds=visit.min_gap_s)

    def _had_its_look(self, name: str, visit: VisitSpec) -> str | None:
        """Say in which visit of the same band a telescope looks already; None: in none."""
        group = group_of(visit.name)
        others = (p.visit for p in self.plan.pointings if p.telescope == name and p.visit != visit.name)
        other = next((v for v in others if group is not None and group_of(v) == group), None)
        return None if other is None else f"it looks in visit {other}, and once in a band is enough"

    def _because(self, visit: VisitSpec, timetable: Timetable, event: EventToPlan, aim: Aim) -> str:
        """Say why a telescope does not look in a visit."""
        seat = seat_of(visit, event, timetable, aim, self.request.slack_s)
        if isinstance(seat, str):
            return seat
        desk, _ = seat
        seen = within_limits(desk, self.ra_deg, self.dec_deg)
        if seen.highest_deg is None:
            return seen.said
        value = self._value()
        looks = [
            (k.ranges, value.depth(k.limit_mag_ab))
            for k in self.request.looks
            if k.event == self.plan.key and k.visit == visit.name
        ]
        looks += [(p.ranges, value.depth(p.limit_mag_ab)) for p in self.plan.pointings if p.visit == visit.name]
        here = field_here(desk, self.ra_deg, self.dec_deg, seen.highest_deg, value, looks)
        if here is None:
            return f"{seen.said}; no field of its grid covers the place"
        depths = [value.depth(limit) for limit in (desk.limit_mag_ab, *(p.limit_mag_ab for p in self.plan.pointings))]
        least = value.least_gain(depths)
        return f"{seen.said}; {here.said}; {self._verdict(timetable.telescope.id, visit, here, least)}"

    def _verdict(self, name: str, visit: VisitSpec, here: FieldHere, least: float) -> str:
        mine = [p.new_value for p in self.plan.pointings if (p.telescope, p.visit) == (name, visit.name)]
        if here.value <= 0.0:
            return "it counts for nothing"
        if here.new_value < HALF * here.value:
            return "less than half would be new, so it would be a repeat"
        if here.new_value < least:
            return "too little for a pointing"
        if mine and here.new_value < min(mine):
            return f"its {len(mine)} pointings bring more, {percent(min(mine))} at least"
        if mine:
            return f"its {len(mine)} pointings bring {percent(min(mine))} to {percent(max(mine))}"
        reason = next((t.idle_because for t in self.plan.telescopes if t.id == name), None)
        return f"it has no pointing: {reason}"


def _not_in_time(begins: datetime | None) -> str:
    if begins is None:
        return "it follows a first look, and nobody looks here first"
    return f"it begins at {begins:%Y-%m-%d %H:%M:%S}, after the window"


def _frames(p: PlannedPointing) -> Frames:
    return Frames.at([p.ra_deg], [p.dec_deg], p.position_angle_deg)


def _in_box(footprint: Footprint, frames: Frames, vector: Array) -> bool:
    width, height = size_deg(footprint)
    x, y = in_plane(frames, np.zeros(1, np.int64), *vector.T)
    return bool(abs(x[0]) <= width / 2.0 and abs(y[0]) <= height / 2.0)


def _deep(limit_mag_ab: float | None) -> str:
    return "depth unknown" if limit_mag_ab is None else f"to {limit_mag_ab:.1f} mag"
