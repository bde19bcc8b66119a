"""Which telescopes can take part in a visit, what each sees, and why the others cannot."""

from collections.abc import Mapping
from dataclasses import dataclass

from coordinator.planning.desk import Desk, Mask
from coordinator.planning.explain import no_part, too_small
from coordinator.planning.request import VisitSpec
from coordinator.planning.timetable import Timetable
from coordinator.planning.views import Views
from coordinator.planning.work import work_for
from telescopes.description.limits import MARGIN_DEG

TILES_FROM = 0.03
"""A telescope for galaxies tiles where it can cover this share of the 90 % area."""


@dataclass(frozen=True, slots=True, eq=False)
class Participants:
    """Desks, the blocks of sky that each sees at some time, and reasons by telescope for those that stay away."""

    desks: list[Desk]
    seen: list[Mask]
    away: dict[str, str]


def participants(
    visit: VisitSpec,
    purpose: str,
    timetables: Mapping[str, Timetable],
    views: Views,
    area90_deg2: float,
    slack_s: float,
) -> Participants:
    """Ask every telescope."""
    found = Participants([], [], {})
    for name, timetable in timetables.items():
        seat = _seat(visit, purpose, timetable, area90_deg2, slack_s)
        if isinstance(seat, str):
            found.away[name] = seat
        else:
            found.desks.append(seat)
            found.seen.append(views.seen(timetable.telescope, seat.times.stretches, MARGIN_DEG))
    return found


def _seat(visit: VisitSpec, purpose: str, timetable: Timetable, area90_deg2: float, slack_s: float) -> Desk | str:
    work = work_for(timetable.telescope, visit.filters, visit.depth_mag_ab)
    because = no_part(timetable, purpose, work, visit.filters)
    if because is not None or work is None:
        return because or "its site file names no filter"
    desk = Desk.of(timetable, work, timetable.telescope.instrument(work.instrument).footprint, slack_s)
    if desk.capacity == 0:
        full = "its nights have had all the pointings that the site allows"
        return full if len(desk.times) else "no stretch of free time is long enough for one pointing"
    for_galaxies = timetable.telescope.observing.strategy == "galaxies"
    if for_galaxies and desk.capacity_deg2 < TILES_FROM * area90_deg2:
        return too_small(desk.field_area_deg2, desk.capacity_deg2, area90_deg2)
    return desk
