"""The story of S190814bv: three maps within a day, and at each change a third of what was planned has been done."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from coordinator.planning.event_plan import objective_of
from coordinator.planning.make import plan
from coordinator.planning.plan import EventPlan, PlannedPointing
from coordinator.planning.recipe import visits_for
from coordinator.planning.recount import Pieces, Sight, best_value, covered_probability
from coordinator.planning.request import Busy, EventToPlan, Look, Objective, PlanRequest, TelescopeToPlan
from coordinator.planning.value import SkyValue
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.read import read_skymap
from coordinator.sky.skymap import SkyMap
from telescopes.description.telescope import Telescope

EVENT = "lvk:S190814bv"
MAPS = (
    "S190814bv.bayestar.0.multiorder.fits",
    "S190814bv.bayestar.1.multiorder.fits",
    "S190814bv.LALInference.v1.multiorder.fits",
)
WINDOW = timedelta(hours=24)


@dataclass(frozen=True, slots=True, eq=False)
class Chapter:
    """One map of the story: what was asked when it came, what was running then, and the plan that was made."""

    sky: SkyMap
    request: PlanRequest
    running: tuple[PlannedPointing, ...]
    made: EventPlan

    @property
    def anew(self) -> PlanRequest:
        """The same with hindsight: the same is observed, and no plan was there before."""
        return replace(self.request, previous=())

    @property
    def again(self) -> PlanRequest:
        """The same once more, with nothing new."""
        return replace(self.request, previous=self.made.pointings)


@dataclass(frozen=True, slots=True)
class Found:
    """What is covered of a map by all that is observed, running and planned."""

    union: float
    detection: float


def maps_in(folder: Path) -> list[SkyMap]:
    """Read the maps of the story."""
    return [read_skymap((folder / name).read_bytes(), name) for name in MAPS]


def tell(
    skies: Sequence[SkyMap], network: Sequence[Telescope], objective: Objective, visits: Sequence[str] = ("1",)
) -> Iterator[Chapter]:
    """Plan, let a third be done, go over to the next map, and so on."""
    t0 = skies[0].facts.t0
    assert t0 is not None
    wanted = visits_for(visits, network)
    now, done, pending = t0, tuple[PlannedPointing, ...](), tuple[PlannedPointing, ...]()
    for revision, sky in enumerate(skies, start=1):
        running = tuple(p for p in pending if p.start <= now < p.end)
        event = EventToPlan(EVENT, revision, sky.facts.sha256, t0, objective=objective, visits=wanted)
        request = PlanRequest(
            events=(event,),
            telescopes=tuple(TelescopeToPlan(t, now, _busy(t, running)) for t in network),
            start=now,
            end=t0 + WINDOW,
            looks=tuple(_look(p) for p in (*done, *running)),
            previous=tuple(p for p in pending if p.start > now),
        )
        made = make(request, sky)
        yield Chapter(sky, request, running, made)
        now = a_third_is_done(made, now)
        done = (*done, *running, *(p for p in made.pointings if p.end <= now))
        pending = made.pointings


def make(request: PlanRequest, sky: SkyMap) -> EventPlan:
    """Plan the event."""
    return plan(request, {sky.facts.sha256: sky}).events[0]


def a_third_is_done(made: EventPlan, now: datetime) -> datetime:
    """Half a minute after a third of a plan's pointings have ended: then others run."""
    ends = sorted(p.end for p in made.pointings)
    return ends[len(ends) // 3 - 1] + timedelta(seconds=30) if len(ends) >= 3 else now


def found(chapter: Chapter, made: EventPlan) -> Found:
    """Count what a plan covers together with what was observed and runs when it was made."""
    curve = ProbabilityCurve.of(chapter.sky)
    value = SkyValue.of(curve, "detection")
    looks = [Sight(look.ranges, value.depth(look.limit_mag_ab)) for look in chapter.request.looks]
    sights = [*looks, *(Sight(p.ranges, value.depth(p.limit_mag_ab)) for p in made.pointings)]
    pieces = Pieces.of(sights, value)
    every = range(len(sights))
    return Found(covered_probability(pieces, every), best_value(pieces, every))


def share_new(chapter: Chapter, pointing: PlannedPointing) -> float:
    """Share of a pointing's value that looks of its visit at the chapter's beginning have left."""
    curve = ProbabilityCurve.of(chapter.sky)
    value = SkyValue.of(curve, objective_of(chapter.request.events[0], curve))
    looks = [(k.ranges, value.depth(k.limit_mag_ab)) for k in chapter.request.looks if k.visit == pointing.visit]
    depth = value.depth(pointing.limit_mag_ab)
    return value.new_value(pointing.ranges, depth, looks) / value.value(pointing.ranges, depth)


def _busy(telescope: Telescope, running: Sequence[PlannedPointing]) -> tuple[Busy, ...]:
    return tuple(Busy(p.start, p.end, p.ra_deg, p.dec_deg, p.filter) for p in running if p.telescope == telescope.id)


def _look(p: PlannedPointing) -> Look:
    return Look(EVENT, p.visit, p.ranges, p.start, p.limit_mag_ab, p.filter, p.telescope)
