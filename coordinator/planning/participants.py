"""Which telescopes can take part in a visit, what each sees, and why the others cannot."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field

from coordinator.planning.catalogue import HostGalaxies
from coordinator.planning.desk import Desk, Mask
from coordinator.planning.galaxy_weights import GalaxyTargets
from coordinator.planning.idle import no_part
from coordinator.planning.request import EventToPlan, VisitSpec
from coordinator.planning.strategy import CatalogueAtHand, Choice, covers_enough, strategy_for
from coordinator.planning.timetable import Timetable
from coordinator.planning.wanted_depth import Aim, shortfall, wanted_depth
from coordinator.planning.work import work_for
from telescopes.description.limits import MARGIN_DEG


@dataclass(frozen=True, slots=True, eq=False)
class Participants:
    """Desks, the blocks of sky that each sees at some time, and reasons by telescope for those that stay away.

    `short` says by telescope why its exposure is not what the visit wants; `choices` say of those that may go to
    galaxies whether they do; `targets` are the galaxies, None if nobody does.
    """

    desks: list[Desk]
    seen: list[Mask]
    away: dict[str, str]
    short: dict[str, str]
    choices: dict[str, Choice] = field(default_factory=dict)
    targets: GalaxyTargets | None = None

    def guided(self, desk: Desk) -> bool:
        """Say whether a telescope goes from galaxy to galaxy."""
        return desk.id in self.choices and self.choices[desk.id].strategy == "galaxies"


def participants(
    visit: VisitSpec,
    event: EventToPlan,
    timetables: Mapping[str, Timetable],
    aim: Aim,
    slack_s: float,
    had_its_look: Container[str] = (),
    hosts: HostGalaxies | None = None,
) -> Participants:
    """Ask every telescope; those that had their look in a visit of the same group stay away.

    Parameters
    ----------
    hosts : HostGalaxies or None
        None: there is no catalogue of galaxies.
    """
    away: dict[str, str] = {}
    seats: list[tuple[Desk, str | None]] = []
    for name, timetable in timetables.items():
        if name in had_its_look:
            away[name] = "has its look in this band in another visit"
            continue
        seat = seat_of(visit, event, timetable, aim, slack_s)
        if isinstance(seat, str):
            away[name] = seat
        else:
            seats.append(seat)
    targets = None if hosts is None else _targets([desk for desk, _ in seats], aim.sky.area90_deg2, hosts)
    found = Participants([], [], away, {}, {}, targets)
    for desk, short in seats:
        choice = _choice(desk, aim.sky.area90_deg2, hosts, targets)
        if choice.strategy == "idle":
            away[desk.id] = choice.because
            continue
        if desk.strategy != "tiles":
            found.choices[desk.id] = choice
        found.desks.append(desk)
        found.seen.append(aim.sky.views.seen(desk.timetable.telescope, desk.times.stretches, MARGIN_DEG))
        if short is not None:
            found.short[desk.id] = short
    return found


def _targets(desks: Sequence[Desk], area90_deg2: float, hosts: HostGalaxies) -> GalaxyTargets | None:
    """Galaxies for those that may need them; None: nobody does, or the map knows no distance."""
    capacity = sum(
        desk.capacity
        for desk in desks
        if desk.strategy != "tiles" and not covers_enough(desk.capacity_deg2, area90_deg2)
    )
    return hosts.targets(capacity) if capacity else None


def _choice(desk: Desk, area90_deg2: float, hosts: HostGalaxies | None, targets: GalaxyTargets | None) -> Choice:
    if hosts is None:
        distance_mpc, at_hand = None, None
    else:
        distance_mpc = hosts.distance_mpc
        at_hand = CatalogueAtHand(0, None) if targets is None else CatalogueAtHand(targets.counted, targets.held)
    choice = strategy_for(desk.strategy, desk.field_area_deg2, desk.capacity_deg2, area90_deg2, distance_mpc, at_hand)
    if choice.strategy == "galaxies" and desk.grid is not None:
        return Choice("tiles", "it keeps to the fields of its survey")
    return choice


def seat_of(
    visit: VisitSpec, event: EventToPlan, timetable: Timetable, aim: Aim, slack_s: float
) -> tuple[Desk, str | None] | str:
    """Give a telescope its desk, and say what its exposure falls short of; or say why it stays away."""
    telescope = timetable.telescope
    work = work_for(telescope, visit.filters, times=visit.times, own_filter=visit.own_filter)
    because = no_part(timetable, event, work, visit.filters)
    if because is not None or work is None:
        return because or "its site file names no filter"
    wanted = wanted_depth(visit, aim, timetable, work)
    if wanted is not None:
        depth = wanted.at_zenith_mag_ab
        work = work_for(telescope, visit.filters, depth, visit.times, visit.own_filter) or work
    desk = Desk.of(timetable, work, timetable.telescope.instrument(work.instrument).footprint, slack_s)
    if desk.capacity == 0:
        full = "its nights have had all the pointings that the site allows"
        return full if len(desk.times) else "no stretch of free time is long enough for one pointing"
    return desk, shortfall(visit, telescope, work, wanted)
