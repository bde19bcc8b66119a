"""What a visit of an event is planned from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from coordinator.planning.catalogue import HostGalaxies
from coordinator.planning.count import Counted
from coordinator.planning.plan import PlannedPointing
from coordinator.planning.prepared import PreparedSky
from coordinator.planning.recount import Sight
from coordinator.planning.replan import Standing
from coordinator.planning.request import Effort, EventToPlan, Look, VisitSpec
from coordinator.planning.timetable import Timetable
from coordinator.planning.value import SkyValue
from coordinator.planning.wanted_depth import Aim
from coordinator.sky.dust_map import DustMap
from telescopes.description.ephemeris import unix_s


@dataclass(frozen=True, slots=True, eq=False)
class EventSky:
    """An event, its map made ready for planning, and what looks at it are worth.

    `hosts` None: no catalogue of galaxies is at hand.
    """

    event: EventToPlan
    map: PreparedSky
    value: SkyValue
    dust: DustMap | None = None
    hosts: HostGalaxies | None = None

    @property
    def aim(self) -> Aim:
        """What its source may be like."""
        t0 = self.event.t0
        return Aim(None if t0 is None else unix_s(t0), self.map, self.dust)


@dataclass(frozen=True, slots=True, eq=False)
class VisitTask:
    """What a visit is planned from.

    `looks` are all of the event's, of any visit. `stays` is what stays of the plan before in this visit: its time is
    taken already; `standing` sums up all visits. `had_its_look`: telescopes that stay away from this visit.
    `prove`: bound what the candidates could add.
    """

    sky: EventSky
    visit: VisitSpec
    timetables: Mapping[str, Timetable]
    looks: Sequence[Look]
    stays: Counted
    standing: Standing
    slack_s: float
    effort: Effort
    had_its_look: frozenset[str] = frozenset()
    prove: bool = False

    @property
    def kept(self) -> list[PlannedPointing]:
        """Pointings that stay."""
        return self.stays.pointings

    @property
    def looked_at(self) -> list[Sight]:
        """Sky that is owned or observed in this visit."""
        depth = self.sky.value.depth
        return [Sight(k.ranges, depth(k.limit_mag_ab)) for k in self.looks if k.visit == self.visit.name]
