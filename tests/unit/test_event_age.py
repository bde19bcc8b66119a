"""Old news moves no telescope by itself: judged once, when an event is first heard of."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from builders.dispatch import START, ToyPlanner, a_curve, a_planned, a_telescope, an_alert, cells
from builders.observatory import Bench, on_bench

from coordinator.alerts.alert import Localization, Phase, Purpose
from coordinator.dispatch.facts import OperatorActed
from coordinator.events.age import handed_in, old_news
from coordinator.events.event import Event
from coordinator.events.rules import Action
from coordinator.services.settings import SchedulerSettings

FLAT = a_curve([1.0] * 12)
NOW = datetime(2026, 11, 23, tzinfo=UTC)
HOUR = timedelta(hours=1)
AN_EVENT = Event(
    key="lvk:S261122qx",
    name="S261122qx",
    revision=1,
    retracted=False,
    messenger="GW",
    phase=Phase.PRELIMINARY,
    stage="PRELIMINARY",
    purpose=Purpose.OBSERVATION,
    t0=NOW - HOUR,
    t_issued=NOW,
    localization=Localization("multiorder", skymap_sha256="aa"),
)


def a_planner() -> ToyPlanner:
    return ToyPlanner({"sky-1": FLAT, "sky-2": FLAT}, [a_planned("near", "tel-a", 100, cells(0, 1))])


def test_news_is_searched() -> None:
    assert old_news(AN_EVENT, NOW) is None
    assert old_news(replace(AN_EVENT, t0=NOW - 24 * HOUR), NOW) is None
    assert old_news(replace(AN_EVENT, t0=NOW + timedelta(seconds=50)), NOW) is None


def test_an_event_that_was_old_when_it_was_heard_of_waits_for_a_person() -> None:
    because = old_news(replace(AN_EVENT, t0=NOW - 12 * 24 * HOUR), NOW)
    assert because is not None and "288 h old" in because
    assert old_news(replace(AN_EVENT, t0=NOW - 25 * HOUR), NOW, oldest=48 * HOUR) is None


def test_an_event_of_the_future_waits_for_a_person() -> None:
    because = old_news(replace(AN_EVENT, t0=NOW + 75 * HOUR), NOW)
    assert because is not None and "future" in because


def test_where_t0_is_unknown_the_issue_counts_and_without_both_nothing_does() -> None:
    undated = replace(AN_EVENT, t0=None)
    assert old_news(undated, NOW) is None
    assert old_news(replace(undated, t_issued=NOW - 30 * HOUR), NOW) is not None
    assert old_news(replace(undated, t_issued=None), NOW) is None


def test_a_bare_map_is_an_observation_only_by_a_person_s_word() -> None:
    assert not handed_in([an_alert()])
    assert not handed_in([replace(an_alert(), stream="skymap", purpose=None)])
    assert handed_in([an_alert(), replace(an_alert(), stream="skymap")])


@pytest.mark.parametrize(
    ("t0", "stream", "searched"),
    [
        (START - 12 * 24 * HOUR, "lvk", False),
        (START + 75 * HOUR, "lvk", False),
        (START - HOUR, "lvk", True),
        (START - 12 * 24 * HOUR, "skymap", True),
    ],
)
def test_only_news_moves_telescopes(t0: datetime, stream: str, searched: bool) -> None:
    async def play(bench: Bench) -> None:
        await bench.alert(replace(an_alert(), t0=t0, stream=stream))
        await bench.settle()

    bench = on_bench([a_telescope("tel-a")], a_planner(), play)
    assert bench.state.events["lvk:S1"].t0 == t0
    assert (bench.state.plan is not None) is searched


def test_a_person_may_approve_old_news() -> None:
    async def play(bench: Bench) -> None:
        await bench.alert(replace(an_alert(), t0=START - 30 * HOUR))
        await bench.settle()
        made = bench.state.decisions["lvk:S1"]
        assert made.action is Action.ASK and "30 h old" in made.because
        await bench.scheduler.act(OperatorActed("a-1", "approve", "lvk:S1", "Ada", "we were cut off"))
        await bench.settle()

    assert on_bench([a_telescope("tel-a")], a_planner(), play).state.plan is not None


def test_a_search_that_began_in_time_goes_on_when_the_event_has_grown_old() -> None:
    async def play(bench: Bench) -> None:
        await bench.alert(replace(an_alert(), t0=START - timedelta(seconds=50)))
        await bench.settle()
        before = bench.state.plan
        await bench.settle(100.0)
        await bench.alert(replace(an_alert(2, sky="sky-2"), t0=START - timedelta(seconds=50)))
        await bench.settle()
        assert before is not None and bench.state.plan != before

    on_bench([a_telescope("tel-a")], a_planner(), play, SchedulerSettings(oldest=timedelta(seconds=60)))
