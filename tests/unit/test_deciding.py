"""Rules at work: what is followed, what waits for a person, and what a decision of a person changes."""

from dataclasses import replace
from datetime import timedelta

import pytest
from builders.dispatch import START, ToyPlanner, a_curve, a_planned, a_report, a_telescope, an_alert, cells
from builders.observatory import Bench, on_bench

from coordinator.alerts.alert import Phase, Purpose
from coordinator.dispatch.facts import OperatorActed
from coordinator.events.rules import Action, Bounds, Conditions, Rule
from coordinator.services.settings import SchedulerSettings
from coordinator.services.state_snapshot import read_state, write_state
from coordinator.services.status import event_rows
from telescopes.description.errors import Refused
from telescopes.description.states import PointingState as S
from telescopes.description.states import Reason

FLAT = a_curve([1.0] * 12)
ASKED = SchedulerSettings(rules=(Rule("anything", Action.ASK, priority=77),))


def planner(*fields: tuple[str, float]) -> ToyPlanner:
    asked = enumerate(fields or (("p", 100.0),))
    planned = [a_planned(name, "tel-a", start_s, cells(2 * i, 2 * i + 1)) for i, (name, start_s) in asked]
    return ToyPlanner({"sky-1": FLAT}, planned)


def word(action: str, number: int = 1, event: str = "lvk:S1") -> OperatorActed:
    return OperatorActed(f"{action}-{number}", action, event, "Ada", "it looks real")


def decided(bench: Bench) -> list[tuple[str, str]]:
    found = [s.entry.body for s in bench.journal.stored if s.entry.kind == "event_decided"]
    return [(body["action"], body["rule"]) for body in found]


def test_what_is_asked_waits_until_a_person_approves_it() -> None:
    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle(30.0)
        assert bench.states() == {}
        seq = await bench.scheduler.act(word("approve"))
        assert await bench.scheduler.act(word("approve")) == seq, "a repeated action changes nothing"
        await bench.settle()
        assert bench.states() == {"p": S.OFFERED}

    made = planner()
    bench = on_bench([a_telescope("tel-a")], made, play, ASKED)
    assert decided(bench) == [("ask", "anything"), ("follow", "a person approved it")]
    (row,) = event_rows(bench.state, {})
    assert (row["action"], row["priority"]) == ("follow", 77)
    assert row["because"].startswith("Ada: it looks real")
    assert made.requests[0].events[0].priority == 77


@pytest.mark.parametrize("action", [Action.WATCH, Action.IGNORE])
def test_what_is_watched_or_ignored_is_kept_and_not_searched(action: Action) -> None:
    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle(30.0)

    bench = on_bench([a_telescope("tel-a")], planner(), play, SchedulerSettings(rules=(Rule("it", action),)))
    assert bench.states() == {} and list(bench.state.events) == ["lvk:S1"]


def test_a_dismissed_event_gives_back_what_has_not_begun() -> None:
    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle()
        await bench.scheduler.report("tel-a", [a_report("runs", S.ACCEPTED, 1), a_report("runs", S.EXPOSING, 2)])
        await bench.scheduler.report("tel-a", [a_report("waits", S.ACCEPTED, 3)])
        await bench.scheduler.act(word("dismiss"))
        await bench.settle(1.0)
        held = bench.state.pointings.assignments
        assert held["waits"].revocation is Reason.SUPERSEDED
        assert held["runs"].revocation is None

    bench = on_bench([a_telescope("tel-a")], planner(("runs", 100.0), ("waits", 900.0)), play)
    assert decided(bench)[-1] == ("watch", "a person dismissed it")


def test_a_person_cannot_approve_what_is_unknown_or_retracted() -> None:
    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.alert(an_alert(2, phase=Phase.RETRACTION, sky=None))
        await bench.settle()
        with pytest.raises(Refused, match="not known here"):
            await bench.scheduler.act(word("approve", event="lvk:S9"))
        with pytest.raises(Refused, match="is retracted"):
            await bench.scheduler.act(word("approve"))

    bench = on_bench([a_telescope("tel-a")], planner(), play)
    assert decided(bench)[-1] == ("ignore", "retracted")


def test_a_retraction_ends_what_a_person_approved() -> None:
    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle()
        await bench.scheduler.act(word("approve"))
        await bench.settle()
        await bench.scheduler.report("tel-a", [a_report("p", S.ACCEPTED, 1)])
        await bench.alert(an_alert(2, phase=Phase.RETRACTION, sky=None))
        await bench.settle(1.0)
        assert bench.state.pointings.assignments["p"].revocation is Reason.RETRACTED

    on_bench([a_telescope("tel-a")], planner(), play, ASKED)


def test_approval_does_not_make_an_observation_of_a_test() -> None:
    async def play(bench: Bench) -> None:
        await bench.alert(replace(an_alert(), purpose=Purpose.TEST))
        await bench.settle()
        await bench.scheduler.act(word("approve"))
        await bench.settle(10.0)

    assert on_bench([a_telescope("tel-a")], planner(), play, ASKED).states() == {}


@pytest.mark.slow
def test_an_event_becomes_too_old_though_nothing_comes_in() -> None:
    old = Rule("old", Action.WATCH, Conditions(age_h=Bounds(min=0.2)))
    settings = SchedulerSettings(rules=(old, Rule("rest", Action.FOLLOW)))

    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle(600.0)
        assert decided(bench) == [("follow", "rest")]
        await bench.settle(150.0)
        assert decided(bench) == [("follow", "rest"), ("watch", "old")]

    bench = on_bench([a_telescope("tel-a")], planner(("early", 100.0), ("late", 3000.0)), play, settings)
    assert set(bench.states()) == {"early"}
    (at,) = [s.entry.sky_time for s in bench.journal.stored if s.entry.kind == "event_decided"][1:]
    assert timedelta() <= at - (START + timedelta(hours=0.2)) < timedelta(seconds=1)


def test_a_rule_says_which_visits_an_event_gets_and_one_without_takes_those_of_the_settings() -> None:
    first = Rule("one", Action.FOLLOW, Conditions(stage=("prelim*",)), ("1", "again"))
    settings = SchedulerSettings(visits=("1",), rules=(first, Rule("rest", Action.FOLLOW)))
    made = planner()

    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.alert(an_alert(key="lvk:S2", phase=Phase.INITIAL))
        await bench.settle(10.0)

    on_bench([a_telescope("tel-a")], made, play, settings)
    asked = {e.key: [v.name for v in e.visits] for e in made.requests[-1].events}
    assert asked == {"lvk:S1": ["1", "again"], "lvk:S2": ["1"]}


def test_a_scheduler_that_starts_with_other_rules_decides_anew() -> None:
    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle()
        assert bench.states() == {}
        bench.settings = SchedulerSettings()
        await bench.restart()
        await bench.settle()
        assert bench.states() == {"p": S.OFFERED}

    bench = on_bench([a_telescope("tel-a")], planner(), play, ASKED)
    assert decided(bench) == [("ask", "anything"), ("follow", "everything")]


def test_a_decision_that_stays_is_written_once() -> None:
    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle(60.0)
        await bench.restart()
        await bench.settle(60.0)

    assert decided(on_bench([a_telescope("tel-a")], planner(), play)) == [("follow", "everything")]


@pytest.mark.slow
def test_a_decision_that_speaks_of_an_age_is_not_written_again_after_a_start() -> None:
    young = SchedulerSettings(rules=(Rule("young", Action.FOLLOW, Conditions(age_h=Bounds(max=5.0))),))

    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle(600.0)
        await bench.restart()
        await bench.settle(600.0)

    assert decided(on_bench([a_telescope("tel-a")], planner(), play, young)) == [("follow", "young")]


def test_decisions_and_verdicts_are_in_the_snapshot() -> None:
    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle()
        await bench.scheduler.act(word("approve"))
        await bench.settle()

    state = on_bench([a_telescope("tel-a")], planner(), play, ASKED).state
    again = read_state(write_state(state, "memory"), "memory")
    assert (again.decisions, again.verdicts, again.hash()) == (state.decisions, state.verdicts, state.hash())
