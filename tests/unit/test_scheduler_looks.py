"""What the scheduler does with looks at candidates: each once, whatever the map says, while it is asked for."""

from dataclasses import replace

import pytest
from builders.dispatch import ToyPlanner, a_curve, a_planned, a_report, a_telescope, an_alert, cells
from builders.observatory import Bench, on_bench

from coordinator.vetting.facts import FollowUpRequested
from telescopes.description.states import PointingState as S
from telescopes.description.states import Reason

FLAT = a_curve([1.0] * 12)
LOOK = FollowUpRequested("lvk:S1", "c1", "follow-up:c1:r:1", 10.0, 20.0, ("r",), 19.0, "promising")
OTHER_LOOK = replace(LOOK, candidate="c2", visit="follow-up:c2:r:1")


def two_telescopes() -> list:
    return [a_telescope("tel-a"), a_telescope("tel-b")]


def test_a_follow_up_is_looked_at_once_however_often_it_is_planned() -> None:
    fields = [
        a_planned("first", "tel-a", 100, cells(0, 1), visit=LOOK.visit),
        a_planned("again", "tel-b", 200, cells(0, 1), visit=LOOK.visit),
    ]

    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.follow_up(LOOK)
        await bench.settle()

    assert set(on_bench(two_telescopes(), ToyPlanner({"sky-1": FLAT}, fields), play).states()) == {"first"}


def test_a_follow_up_where_the_newest_map_holds_nothing_is_looked_at_all_the_same() -> None:
    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.follow_up(LOOK)
        await bench.settle()

    elsewhere = a_curve([0.0, 0.0, *[1.0] * 10])
    fields = [a_planned("look", "tel-a", 100, cells(0, 1), visit=LOOK.visit)]
    assert set(on_bench(two_telescopes(), ToyPlanner({"sky-1": elsewhere}, fields), play).states()) == {"look"}


def test_a_follow_up_that_missed_its_start_is_planned_again() -> None:
    fields = [
        a_planned("search", "tel-a", 100, cells(0, 1), length_s=900.0),
        a_planned("look", "tel-a", 150, cells(4, 5), visit=LOOK.visit),
    ]

    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.follow_up(LOOK)
        await bench.settle(1.0)
        await bench.scheduler.report("tel-a", [a_report("search", S.ACCEPTED, 1)])
        await bench.settle(400.0)

    bench = on_bench(two_telescopes(), ToyPlanner({"sky-1": FLAT}, fields), play)
    reasons = [s.entry.body["because"] for s in bench.journal.stored if s.entry.kind == "plan_made"]
    assert "a follow-up missed its start" in reasons


@pytest.mark.slow
def test_a_look_that_nobody_asks_for_any_more_is_asked_back_and_what_of_it_waits_is_never_offered() -> None:
    fields = [
        a_planned("near", "tel-a", 900, cells(0, 1), visit=LOOK.visit),
        a_planned("far", "tel-b", 3600, cells(4, 5), visit=OTHER_LOOK.visit),
    ]

    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.follow_up(LOOK)
        await bench.follow_up(OTHER_LOOK)
        await bench.settle()
        assert bench.states() == {"near": S.OFFERED}
        await bench.end_look(LOOK)
        await bench.end_look(OTHER_LOOK)
        await bench.settle()
        assert bench.state.pointings.assignments["near"].revocation is Reason.SUPERSEDED
        await bench.settle(2500.0)

    assert set(on_bench(two_telescopes(), ToyPlanner({"sky-1": FLAT}, fields), play).states()) == {"near"}
