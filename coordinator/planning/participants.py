"""Which telescopes can take part in a visit, what each sees, and why the others cannot."""

from collections.abc import Container, Mapping
from dataclasses import dataclass

from coordinator.planning.desk import Desk, Mask
from coordinator.planning.explain import no_part, too_small
from coordinator.planning.request import VisitSpec
from coordinator.planning.timetable import Timetable
from coordinator.planning.wanted_depth import Aim, shortfall, wanted_depth
from coordinator.planning.work import work_for
from telescopes.description.limits import MARGIN_DEG

TILES_FROM = 0.03
"""A telescope for galaxies tiles where it can cover this share of the 90 % area."""


@dataclass(frozen=True, slots=True, eq=False)
class Participants:
    """Desks, the blocks of sky that each sees at some time, and reasons by telescope for those that stay away.

    `short` says by telescope why its exposure is not what the visit wants.
    """

    desks: list[Desk]
    seen: list[Mask]
    away: dict[str, str]
    short: dict[str, str]


def participants(
    visit: VisitSpec,
    purpose: str,
    timetables: Mapping[str, Timetable],
    aim: Aim,
    slack_s: float,
    had_its_look: Container[str] = (),
) -> Participants:
    """Ask every telescope; those that had their look in a visit of the same group stay away."""
    found = Participants([], [], {}, {})
    for name, timetable in timetables.items():
        if name in had_its_look:
            found.away[name] = "has its look in this band in another visit"
            continue
        seat = _seat(visit, purpose, timetable, aim, slack_s)
        if isinstance(seat, str):
            found.away[name] = seat
            continue
        desk, short = seat
        found.desks.append(desk)
        found.seen.append(aim.sky.views.seen(timetable.telescope, desk.times.stretches, MARGIN_DEG))
        if short is not None:
            found.short[name] = short
    return found


def _seat(
    visit: VisitSpec, purpose: str, timetable: Timetable, aim: Aim, slack_s: float
) -> tuple[Desk, str | None] | str:
    """Give a telescope its desk, and say what its exposure falls short of; or say why it stays away."""
    telescope, area90_deg2 = timetable.telescope, aim.sky.area90_deg2
    work = work_for(telescope, visit.filters)
    because = no_part(timetable, purpose, work, visit.filters)
    if because is not None or work is None:
        return because or "its site file names no filter"
    wanted = wanted_depth(visit, aim, timetable, work)
    if wanted is not None:
        work = work_for(telescope, visit.filters, wanted.at_zenith_mag_ab) or work
    desk = Desk.of(timetable, work, timetable.telescope.instrument(work.instrument).footprint, slack_s)
    if desk.capacity == 0:
        full = "its nights have had all the pointings that the site allows"
        return full if len(desk.times) else "no stretch of free time is long enough for one pointing"
    for_galaxies = timetable.telescope.observing.strategy == "galaxies"
    if for_galaxies and desk.capacity_deg2 < TILES_FROM * area90_deg2:
        return too_small(desk.field_area_deg2, desk.capacity_deg2, area90_deg2)
    return desk, shortfall(visit, telescope, work, wanted)
