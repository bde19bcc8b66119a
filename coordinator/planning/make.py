"""The plan: all events and follow-up targets of a request in one call, by priority, sharing the telescopes' time."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from coordinator.planning.catalogue import Catalogue, host_galaxies
from coordinator.planning.event_plan import plan_event
from coordinator.planning.follow_up import follow_up
from coordinator.planning.nights import almanac_over
from coordinator.planning.plan import EventPlan, Plan, PlannedPointing
from coordinator.planning.request import EventToPlan, FollowUpTarget, PlanRequest
from coordinator.planning.reserved import Reserved
from coordinator.planning.shorter_window import ending
from coordinator.planning.stopwatch import Stopwatch
from coordinator.planning.timetable import Timetable
from coordinator.sky.skymap import SkyMap
from telescopes.description.ephemeris import unix_s

AFTER_THE_WINDOW_S = 7200.0
NO_CATALOGUES: Mapping[str, Catalogue] = MappingProxyType({})


def plan(
    request: PlanRequest,
    maps: Mapping[str, SkyMap],
    catalogues: Mapping[str, Catalogue] = NO_CATALOGUES,
    watch: Stopwatch | None = None,
) -> Plan:
    """Plan what is asked for; the same request and maps give the same plan, but for its timing.

    Parameters
    ----------
    request : PlanRequest
        Events, targets, telescopes and their time, and what is looked at already.
    maps : mapping of str to SkyMap
        The events' maps by sha256.
    catalogues : mapping of str to Catalogue
        Galaxies in the region of each map, by its sha256; a map without any is searched in tiles.
    watch : Stopwatch, optional
        Measures where the time goes; without it the plan has no timing.
    """
    watch = watch or Stopwatch()
    start_s, end_s = unix_s(request.start), unix_s(request.end)
    almanac = almanac_over(start_s, end_s + request.slack_s + AFTER_THE_WINDOW_S)
    by_id = sorted(request.telescopes, key=lambda t: t.telescope.id)  # of equals the first by name, however they come
    timetables = {t.telescope.id: Timetable.of(t, start_s, end_s, almanac) for t in by_id}
    events: list[EventPlan] = []
    targets: list[PlannedPointing] = []
    unplanned = [f"{e.key}: no map, so nothing is planned" for e in request.events if e.skymap_sha256 not in maps]
    items = _by_priority(request, maps)
    reserved = Reserved(request, items, timetables)
    for turn, item in enumerate(items):
        reserved.let_plan(turn)
        if isinstance(item, FollowUpTarget):
            found = _looked_at_again(item, timetables, request)
            if isinstance(found, str):
                unplanned.append(found)
            else:
                targets.append(found)
        else:
            sky, catalogue = maps[item.skymap_sha256], catalogues.get(item.skymap_sha256)
            hosts = None if catalogue is None else host_galaxies(catalogue, sky)
            with ending(timetables, item.until) as mine:
                events.append(plan_event(item, sky, mine, request, watch, hosts))
    in_request_order = {e.key: i for i, e in enumerate(request.events)}
    events.sort(key=lambda e: in_request_order[e.key])
    return Plan(
        start=request.start,
        end=request.end,
        events=tuple(events),
        follow_up=tuple(_weighed(targets, events, request.targets)),
        timing=watch.timing(),
        unplanned=tuple(unplanned),
    )


def _by_priority(request: PlanRequest, maps: Container[str]) -> list[EventToPlan | FollowUpTarget]:
    """Highest priority first; of equals targets before events, then by name; events without a map are left out."""
    targets = [(-t.priority, 0, t.event, t.visit, t) for t in request.targets]
    events = [(-e.priority, 1, e.key, "", e) for e in request.events if e.skymap_sha256 in maps]
    ranked: list[tuple[int, int, str, str, EventToPlan | FollowUpTarget]] = [*targets, *events]
    return [item[-1] for item in sorted(ranked, key=lambda item: item[:-1])]


def _looked_at_again(
    target: FollowUpTarget, timetables: dict[str, Timetable], request: PlanRequest
) -> PlannedPointing | str:
    """Plan a target by its event's purpose; a test must not move a real telescope, so without one nothing does."""
    purpose = next((e.purpose for e in request.events if e.key == target.event), None)
    if purpose is None:
        return f"{target.visit}: not planned, because its event {target.event} is not searched"
    return follow_up(target, timetables, request.previous, purpose, request.slack_s)


def _weighed(
    targets: list[PlannedPointing], events: list[EventPlan], asked: Iterable[FollowUpTarget]
) -> list[PlannedPointing]:
    """Say how much of its event's probability each follow-up field holds, and why it is looked at."""
    by_hand = {t.visit: t.by_hand.because for t in asked if t.by_hand is not None}
    curves = {e.key: e.curve for e in events}
    shares = {p.id: curves[p.event].probability(p.ranges) if p.event in curves else 0.0 for p in targets}
    return [
        replace(
            p,
            probability=shares[p.id],
            new_probability=shares[p.id],
            value=shares[p.id],
            new_value=shares[p.id],
            why=by_hand.get(p.visit, "follow-up of a candidate by the telescope that reaches it deep and soon"),
        )
        for p in sorted(targets, key=lambda p: (p.start, p.id))
    ]
