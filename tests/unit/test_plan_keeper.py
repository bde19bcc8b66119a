"""What of a plan waits, is offered, and is carried over to the next one."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from builders.dispatch import START, ToyPlanner, a_curve, a_planned, a_telescope, an_alert, cells
from builders.observatory import Bench, on_bench

from coordinator.alerts.alert import Phase
from coordinator.planning.plan import Plan
from coordinator.planning.request import PlanRequest
from coordinator.services.settings import SchedulerSettings
from telescopes.description.errors import RetryLater
from telescopes.description.states import PointingState as S

SKIES = {"sky-1": a_curve([1.0] * 12), "sky-2": a_curve([2.0] * 6 + [1.0] * 6)}
FIELDS = [
    a_planned("near", "tel-a", 300, cells(0, 1)),
    a_planned("far", "tel-a", 3600, cells(2, 3)),
    a_planned("farther", "tel-b", 20_000, cells(4, 5)),
]


@dataclass
class Planner(ToyPlanner):
    """A toy planner that cannot always answer, and plans no further than it is asked."""

    away: bool = False

    async def plan(self, request: PlanRequest) -> Plan:
        if self.away:
            self.requests.append(request)
            raise RetryLater("the planner is away", where="planner", mend="ask again", after_s=1.0)
        made = await super().plan(request)
        in_time = [replace(e, pointings=tuple(p for p in e.pointings if p.start < request.end)) for e in made.events]
        return replace(made, events=tuple(in_time))


def previous(request: PlanRequest) -> set[str]:
    return {p.id for p in request.previous}


@pytest.mark.slow
def test_what_was_planned_on_an_older_sky_is_asked_for_again_and_not_offered_meanwhile() -> None:
    planner = Planner(SKIES, FIELDS)

    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle()
        planner.away = True
        await bench.alert(an_alert(2, phase=Phase.UPDATE, sky="sky-2"))
        await bench.settle(2000.0)
        assert set(bench.states()) == {"near"}, "far is due, and planned on a sky that is not the newest"
        planner.away = False
        await bench.settle(5.0)
        assert bench.states()["far"] is S.OFFERED

    on_bench([a_telescope("tel-a"), a_telescope("tel-b")], planner, play)
    asked = [r for r in planner.requests if r.events[0].skymap_sha256 == "sky-2"]
    assert previous(asked[0]) == {"far"}


def test_later_hours_wait_for_the_plan_that_reaches_them() -> None:
    planner = Planner(SKIES, FIELDS)
    settings = SchedulerSettings(near_hours=2.0, plan_hours=12.0)

    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle(60.0)
        await bench.alert(an_alert(2, phase=Phase.UPDATE, sky="sky-2"))
        await bench.settle(60.0)

    on_bench([a_telescope("tel-a"), a_telescope("tel-b")], planner, play, settings)
    near, whole = [r for r in planner.requests if r.events[0].skymap_sha256 == "sky-2"][:2]
    assert previous(near) == {"far"}
    assert previous(whole) == {"far", "farther"}


def test_who_waits_for_the_plan_of_all_hours_does_not_wait_for_an_interval_too() -> None:
    planner = Planner(SKIES | {"sky-2": a_curve([0.0] * 2 + [1.0] * 10)}, FIELDS)
    settings = SchedulerSettings(near_hours=2.0, plan_hours=12.0, least_plan_interval_s=900.0)

    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle(60.0)
        await bench.alert(an_alert(2, phase=Phase.UPDATE, sky="sky-2"))
        await bench.settle(60.0)
        assert bench.states()["near"] is not S.OFFERED, "it was given back, which alone makes a plan due"

    on_bench([a_telescope("tel-a"), a_telescope("tel-b")], planner, play, settings)
    hours = [(r.end - r.start) / timedelta(hours=1) for r in planner.requests if r.events[0].skymap_sha256 == "sky-2"]
    assert hours == [2.0, 12.0]


@pytest.mark.slow
def test_no_plan_reaches_beyond_the_end_that_was_set_and_none_is_made_after_it() -> None:
    planner, until = Planner(SKIES, FIELDS), START + timedelta(minutes=20)
    settings = SchedulerSettings(near_hours=0.2, plan_hours=12.0, plan_until=until)

    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle(60.0)
        assert {r.end for r in planner.requests[1:]} == {until}
        await bench.settle(20 * 60.0)
        planner.requests.clear()
        await bench.alert(an_alert(2, phase=Phase.UPDATE, sky="sky-2"))
        await bench.settle(600.0)
        assert planner.requests == []

    on_bench([a_telescope("tel-a"), a_telescope("tel-b")], planner, play, settings)


def test_a_plan_in_a_hurry_leaves_later_visits_to_the_next_one_and_forgets_none_of_them() -> None:
    again = a_planned("again", "tel-b", 6000, cells(0, 1), visit="2")
    planner = Planner(SKIES, [*FIELDS, again])

    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle(60.0)
        await bench.alert(an_alert(2, phase=Phase.UPDATE, sky="sky-2"))
        await bench.settle(60.0)

    on_bench([a_telescope("tel-a"), a_telescope("tel-b")], planner, play)
    for sky in SKIES:
        near, whole = [r for r in planner.requests if r.events[0].skymap_sha256 == sky][:2]
        assert [v.name for v in near.events[0].visits] == ["1"]
        assert [v.name for v in whole.events[0].visits] == ["1", "2", "3"]
    assert "again" in previous(whole)


@dataclass
class SlowPlanner(ToyPlanner):
    """A toy planner that never comes to the end of a plan of all hours."""

    given_up: int = 0

    async def plan(self, request: PlanRequest) -> Plan:
        if request.effort == "quick":
            return await super().plan(request)
        self.requests.append(request)
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        raise AssertionError("nothing ends it")


def test_new_sky_waits_for_no_plan_of_all_hours() -> None:
    planner = SlowPlanner(SKIES, [a_planned("other", "tel-b", 300, cells(6, 7)), FIELDS[0]])

    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle(60.0)
        assert [r.effort for r in planner.requests] == ["quick", "fast"]
        planner.fields.append(a_planned("newest", "tel-b", 600, cells(2, 3)))
        await bench.alert(an_alert(2, phase=Phase.UPDATE, sky="sky-2"))
        await bench.settle(2.0)
        assert planner.given_up == 1
        assert [r.effort for r in planner.requests] == ["quick", "fast", "quick", "fast"]
        assert bench.states()["newest"] is S.OFFERED

    on_bench([a_telescope("tel-a"), a_telescope("tel-b")], planner, play)
