"""Drafts of an event's plan: what of the plan before stays, then visit after visit; the better draft is taken."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from coordinator.planning.count import Counted, count_visit
from coordinator.planning.looks import too_soon
from coordinator.planning.plan import PlannedPointing
from coordinator.planning.possible import give_back, still_possible, take
from coordinator.planning.recipe import had_its_look
from coordinator.planning.recount import Sight
from coordinator.planning.replan import (
    Standing,
    as_of,
    little_to_gain,
    lost_much,
    nearly_all,
    nearly_none,
    starts_soon,
    worth_keeping,
    worth_with_bonus,
)
from coordinator.planning.request import Look, PlanRequest, VisitSpec
from coordinator.planning.stopwatch import Stopwatch
from coordinator.planning.timetable import Timetable
from coordinator.planning.visit_plan import VisitPlan, plan_visit
from coordinator.planning.visit_task import EventSky, VisitTask

ROUNDED = 9


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """The visits of an event as they were planned, and the time that is taken then."""

    timetables: dict[str, Timetable]
    visits: tuple[VisitPlan, ...]

    @property
    def pointings(self) -> list[PlannedPointing]:
        """All of them, visit after visit."""
        return [p for visit in self.visits for p in visit.pointings]


@dataclass(frozen=True, slots=True, eq=False)
class Before:
    """What an event's plan starts from: looks that count in its visits, and the pointings of the plan before."""

    sky: EventSky
    request: PlanRequest
    looks: tuple[Look, ...]
    previous: tuple[PlannedPointing, ...]

    @classmethod
    def of(cls, sky: EventSky, request: PlanRequest) -> "Before":
        """Take from a request what is about the event."""
        key, names = sky.event.key, {v.name for v in sky.event.visits}
        looks = tuple(look for look in request.looks if look.event == key)
        return cls(sky, request, looks, tuple(p for p in request.previous if p.event == key and p.visit in names))


def best_draft(before: Before, timetables: Mapping[str, Timetable], watch: Stopwatch) -> Draft:
    """Plan with all that is worth keeping, and after a change of the map or a loss also anew.

    What is kept stays unless anew is worth more.
    """
    with watch.stage("allocate_s"):
        kept = _kept(before, timetables)
        lost = lost_much((p for counted in kept.values() for p in counted.pointings), before.previous)
        only_soon = {name: counted.only(_fixed(before, counted, lost)) for name, counted in kept.items()}
    staying = sum(len(counted.pointings) for counted in kept.values())
    fixed = sum(len(counted.pointings) for counted in only_soon.values())
    if nearly_none(staying - fixed, len(before.previous) - fixed):
        return _draft(before, only_soon, timetables, watch)
    draft = _draft(before, kept, timetables, watch)
    if staying == fixed:
        return draft
    settled = nearly_all(staying - fixed, len(before.previous) - fixed) or _little_to_gain(before, kept, draft)
    if settled and not lost:
        return draft
    anew = _draft(before, only_soon, timetables, watch)
    better = round(_worth(before, anew), ROUNDED) > round(_worth(before, draft), ROUNDED)
    return anew if better else draft


def _little_to_gain(before: Before, kept: Mapping[str, Counted], draft: Draft) -> bool:
    staying = [p for counted in kept.values() for p in counted.pointings]
    return little_to_gain(staying, before.previous, sum(p.new_value for p in draft.pointings))


def _worth(before: Before, draft: Draft) -> float:
    return worth_with_bonus(draft.pointings, before.previous)


def _fixed(before: Before, counted: Counted, lost: bool) -> frozenset[str]:
    """Pointings that nothing moves: they start soon, or were made for this map in a plan that has not `lost` much."""
    revision, now = before.sky.event.revision, before.request.start
    of_this_map = {p.id for p in before.previous if p.event_revision == revision and not lost}
    return frozenset(p.id for p in counted.pointings if p.id in of_this_map or starts_soon(p, now))


def _kept(before: Before, timetables: Mapping[str, Timetable]) -> dict[str, Counted]:
    """By visit the pointings that can still be made and are worth it on the newest map."""
    event, value, request = before.sky.event, before.sky.value, before.request
    carried = [as_of(p, event) for p in before.previous]
    possible = still_possible(carried, timetables, request.slack_s, event.purpose)
    promised = {p.id: p for p in before.previous}
    least = _least(before)
    kept = {}
    for visit in event.visits:
        same = [Sight(k.ranges, value.depth(k.limit_mag_ab)) for k in before.looks if k.visit == visit.name]
        counted = count_visit([p for p in possible if p.visit == visit.name], same, frozenset(), value)
        worth = [p.id for p in counted.pointings if worth_keeping(p, promised[p.id], event, least, request.start)]
        kept[visit.name] = counted if len(worth) == len(counted.pointings) else counted.only(frozenset(worth))
    return kept


def _least(before: Before) -> float:
    """Least new value for which a pointing is kept on a new map; one for galaxies holds next to no sky."""
    if before.sky.hosts is not None:
        return 0.0
    value = before.sky.value
    return value.least_gain(value.depth(p.limit_mag_ab) for p in before.previous)


def _draft(before: Before, kept: Mapping[str, Counted], timetables: Mapping[str, Timetable], watch: Stopwatch) -> Draft:
    """Plan the visits one after the other; what stays takes its time before anything new is placed in any."""
    draft = Draft({name: t.again() for name, t in timetables.items()}, ())
    take(draft.timetables, (p for counted in kept.values() for p in counted.pointings))
    held = {name: counted.pointings for name, counted in kept.items()}
    for visit in before.sky.event.visits:
        stays = _late_enough(before, visit, kept[visit.name], draft)
        give_back(draft.timetables, _gone(held[visit.name], stays.pointings))
        held[visit.name] = stays.pointings
        looks = [*before.looks, *_looks(draft.pointings)]
        task = VisitTask(
            before.sky,
            visit,
            draft.timetables,
            looks,
            stays,
            Standing.of((p for mine in held.values() for p in mine), before.previous),
            before.request.slack_s,
            before.request.effort,
            had_its_look(visit.name, looks, held),
            before.request.prove,
        )
        draft = replace(draft, visits=(*draft.visits, plan_visit(task, watch)))
    return draft


def _gone(before: Sequence[PlannedPointing], now: Sequence[PlannedPointing]) -> list[PlannedPointing]:
    stay = {p.id for p in now}
    return [p for p in before if p.id not in stay]


def _late_enough(before: Before, visit: VisitSpec, kept: Counted, draft: Draft) -> Counted:
    """Let go what is too near to a first look that the plan before did not have."""
    known = {p.id for p in before.previous}
    fresh = list(_looks([p for p in draft.pointings if p.id not in known]))
    if visit.min_gap_s <= 0 or not fresh or not kept.pointings:
        return kept
    soon = too_soon(kept.pointings, fresh, visit.min_gap_s, before.sky.value)
    return kept.only(frozenset(p.id for p in kept.pointings if p.id not in soon)) if soon else kept


def _looks(pointings: Sequence[PlannedPointing]) -> Iterator[Look]:
    return (Look(p.event, p.visit, p.ranges, p.start, p.limit_mag_ab, p.filter, p.telescope) for p in pointings)
