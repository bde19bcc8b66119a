"""A higher event takes slots of a lower one that have not started; nothing else is moved for it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from builders.dispatch import START, ToyPlanner, a_curve, a_planned, a_report, a_telescope, an_alert, cells
from builders.observatory import Bench, on_bench

from coordinator.alerts.alert import Alert
from coordinator.planning.plan import Plan, PlannedPointing
from coordinator.planning.request import PlanRequest
from coordinator.vetting.facts import FollowUpRequested
from telescopes.description.states import PointingState as S
from telescopes.description.states import Reason

SKIES = {"sky-1": a_curve([1.0] * 12), "sky-2": a_curve([1.0] * 12)}
LOW, HIGH = "lvk:S1", "lvk:S2"
LOOK = "follow-up:c1:r:1"


class Planner(ToyPlanner):
    """Plans the higher event's field in place of the lower one's on the same telescope."""

    async def plan(self, request: PlanRequest) -> Plan:
        made = await super().plan(request)
        if len(request.events) == 1:
            return made
        (higher,) = [e for e in made.events if e.key == HIGH]
        return replace(made, events=(higher,))


def fields(start_s: float) -> list[PlannedPointing]:
    low = a_planned("low", "tel-a", start_s, cells(0, 1), event=LOW)
    return [low, a_planned("high", "tel-a", start_s + 10.0, cells(0, 1), event=HIGH)]


def an_event(key: str, sky: str, significant: bool | None) -> Alert:
    return replace(an_alert(key=key, sky=sky), significant=significant)


def played(start_s: float, *reports: S, higher: bool = True) -> tuple[Bench, Planner, list[set[str]]]:
    """Let an event come in, its pointing be offered and reported, and another event come in."""
    planner, seen = Planner(SKIES, fields(start_s)), []

    async def play(bench: Bench) -> None:
        await bench.alert(an_event(LOW, "sky-1", None))
        await bench.settle()
        for number, state in enumerate(reports, start=1):
            await bench.scheduler.report("tel-a", [a_report("low", state, number)])
        await bench.alert(an_event(HIGH, "sky-2", higher or None))
        await bench.settle(1.0)
        seen.append(set(bench.states()))
        if bench.state.pointings.assignments["low"].revocation is not None:
            await bench.scheduler.report("tel-a", [a_report("low", S.REVOKED, 9)])
            await bench.settle(0.1)
            seen.append(set(bench.states()))

    return on_bench([a_telescope("tel-a")], planner, play), planner, seen


def both(planner: Planner) -> PlanRequest:
    """The first request for both events."""
    return next(r for r in planner.requests if len(r.events) == 2)


def test_a_lower_events_slot_is_asked_back_and_offered_when_it_was_given_back() -> None:
    bench, planner, seen = played(1000.0, S.ACCEPTED)
    request = both(planner)
    assert [p.id for p in request.previous] == ["low"] and request.telescopes[0].busy == () and request.looks == ()
    assert bench.state.pointings.assignments["low"].revocation is Reason.SUPERSEDED
    assert seen == [{"low"}, {"low", "high"}], "the offer waits for the answer, and no longer"


@pytest.mark.parametrize(
    ("start_s", "reports"),
    [(100.0, (S.ACCEPTED,)), (1000.0, (S.ACCEPTED, S.SLEWING)), (1000.0, (S.ACCEPTED, S.EXPOSING))],
    ids=["it starts too soon", "it has begun to slew", "it exposes"],
)
def test_what_starts_soon_or_runs_stays(start_s: float, reports: tuple[S, ...]) -> None:
    bench, planner, seen = played(start_s, *reports)
    request = both(planner)
    assert request.previous == () and [b.start for b in request.telescopes[0].busy] == [fields(start_s)[0].start]
    assert len(request.looks) == 1 and seen == [{"low"}]
    assert bench.state.pointings.assignments["low"].revocation is None


def test_an_event_takes_nothing_from_its_equals() -> None:
    bench, planner, _ = played(1000.0, S.ACCEPTED, higher=False)
    assert len(both(planner).telescopes[0].busy) == 1
    assert bench.state.pointings.assignments["low"].revocation is None


@pytest.mark.parametrize(
    ("due_s", "taken"), [(None, True), (3600.0, True), (200000.0, False)], ids=["now", "soon", "after the plan"]
)
def test_a_candidate_that_waits_for_a_look_may_take_slots_of_its_own_search(due_s: float | None, taken: bool) -> None:
    planner = ToyPlanner(SKIES, fields(1000.0)[:1])
    not_before = None if due_s is None else (START + timedelta(seconds=due_s)).isoformat()

    async def play(bench: Bench) -> None:
        await bench.alert(an_event(LOW, "sky-1", None))
        await bench.settle()
        await bench.scheduler.report("tel-a", [a_report("low", S.ACCEPTED, 1)])
        await bench.follow_up(FollowUpRequested(LOW, "c1", LOOK, 10.0, 20.0, ("r",), 19.0, "promising", not_before))
        await bench.settle(60.0)

    on_bench([a_telescope("tel-a")], planner, play)
    last = planner.requests[-1]
    assert [t.visit for t in last.targets] == [LOOK]
    assert [p.id for p in last.previous] == (["low"] if taken else [])
    assert len(last.telescopes[0].busy) == (0 if taken else 1)


def test_after_a_restart_what_was_offered_before_stays() -> None:
    planner = Planner(SKIES, fields(1000.0))

    async def play(bench: Bench) -> None:
        await bench.alert(an_event(LOW, "sky-1", None))
        await bench.settle()
        await bench.scheduler.report("tel-a", [a_report("low", S.ACCEPTED, 1)])
        await bench.restart()
        await bench.alert(an_event(HIGH, "sky-2", True))
        await bench.settle(1.0)

    bench = on_bench([a_telescope("tel-a")], planner, play)
    assert bench.state.pointings.assignments["low"].revocation is None
