"""The scheduler through its doors, on virtual time."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from builders.dispatch import START, ToyPlanner, a_curve, a_planned, a_report, a_telescope, an_alert, cells
from builders.observatory import Bench, on_bench

from coordinator.alerts.alert import Localization, Phase, Purpose
from coordinator.dispatch.facts import OperatorActed
from coordinator.services.journal import InMemoryBlobs, InMemoryJournal
from coordinator.services.settings import FastSky, SchedulerSettings
from telescopes.description.errors import Broken
from telescopes.description.messages import ALREADY_EXISTS, FAILED_PRECONDITION, NOT_FOUND, OK
from telescopes.description.states import PointingState as S
from telescopes.description.states import Reason

FLAT = a_curve([1.0] * 12)


@dataclass
class SlowDisk(InMemoryBlobs):
    """A disk that takes its time, and knows how long the journal was when each blob was kept."""

    journal: InMemoryJournal = field(kw_only=True)
    kept_after: dict[str, int] = field(default_factory=dict)

    async def put(self, data: bytes) -> str:
        await asyncio.sleep(0.5)
        sha256 = await super().put(data)
        self.kept_after.setdefault(sha256, len(self.journal.stored))
        return sha256


def two_telescopes() -> list:
    return [a_telescope("tel-a"), a_telescope("tel-b")]


def test_an_alert_becomes_offers_within_the_horizon_only() -> None:
    fields = [a_planned("near", "tel-a", 100, cells(0, 1)), a_planned("far", "tel-a", 7200, cells(2, 3))]
    planner = ToyPlanner({"sky-1": FLAT}, fields)

    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle()

    assert on_bench(two_telescopes(), planner, play).states() == {"near": S.OFFERED}


def test_first_commands_come_in_one_commit_with_their_plan_which_is_kept_before_them() -> None:
    disk = SlowDisk(journal=InMemoryJournal())

    async def play(bench: Bench) -> None:
        disk.journal, bench.blobs = bench.journal, disk
        await bench.restart()
        await bench.alert(an_alert())
        await bench.settle()

    fields = [a_planned("p", "tel-a", 100, cells(0, 1)), a_planned("q", "tel-b", 100, cells(2, 3))]
    stored = on_bench(two_telescopes(), ToyPlanner({"sky-1": FLAT}, fields), play).journal.stored
    plan = next(s for s in stored if s.entry.kind == "plan_made")
    offers = [s for s in stored if s.entry.kind == "pointing_offered"]
    assert [o.recorded_at for o in offers] == [plan.recorded_at] * 2 and plan.seq < offers[0].seq
    assert disk.kept_after[plan.entry.body["plan_sha256"]] < plan.seq


def test_every_telescope_has_its_first_command_before_anybody_has_a_second() -> None:
    starts_s = {"a1": 100, "b1": 150, "a2": 200, "a3": 300, "late": 1500}
    owners = {"a1": "tel-a", "b1": "tel-b", "a2": "tel-a", "a3": "tel-a", "late": "tel-c"}
    fields = [a_planned(name, owners[name], s, cells(2 * i, 2 * i + 1)) for i, (name, s) in enumerate(starts_s.items())]

    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle()

    stored = on_bench(
        [*two_telescopes(), a_telescope("tel-c")], ToyPlanner({"sky-1": FLAT}, fields), play
    ).journal.stored
    commits: dict[object, list[str | None]] = {}
    for one in stored:
        if one.entry.kind == "pointing_offered":
            commits.setdefault(one.recorded_at, []).append(one.entry.subject)
    assert list(commits.values()) == [["a1", "b1"], ["a2", "a3", "late"]], "who begins in ten minutes goes before"


def test_of_fifty_alerts_at_once_none_is_lost_and_no_field_is_offered_twice() -> None:
    events = [f"lvk:S{number}" for number in range(50)]
    fields = [
        a_planned(f"of {event}", f"tel-{'ab'[i % 2]}", 100 + 65 * (i // 2), cells(i % 12, i % 12), event=event)
        for i, event in enumerate(events)
    ]
    planner = ToyPlanner({"sky-1": FLAT}, fields, takes_s=0.05)

    async def play(bench: Bench) -> None:
        for event in events:
            await bench.alert(an_alert(key=event))
        await bench.settle(15.0)

    played = on_bench(two_telescopes(), planner, play)
    told = Counter(s.entry.event for s in played.journal.stored if s.entry.kind == "pointing_offered")
    assert told == dict.fromkeys(events, 1)
    assert len(planner.requests) < 10, "one plan takes all that are open"


def test_no_sky_is_offered_twice_in_a_visit_but_a_named_repeat_is() -> None:
    fields = [
        a_planned("first", "tel-a", 100, cells(0, 3)),
        a_planned("repeat", "tel-b", 120, cells(1, 4)),
        a_planned("neighbour", "tel-b", 300, cells(3, 6)),
        a_planned("second-look", "tel-b", 600, cells(0, 3), visit="again"),
    ]

    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle()

    bench = on_bench(two_telescopes(), ToyPlanner({"sky-1": FLAT}, fields), play)
    assert set(bench.states()) == {"first", "neighbour", "second-look"}


def test_a_retraction_asks_back_everything_and_the_answer_ends_it() -> None:
    planner = ToyPlanner({"sky-1": FLAT}, [a_planned("p", "tel-a", 100, cells(0, 1))])

    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle()
        await bench.scheduler.report("tel-a", [a_report("p", S.ACCEPTED, 1), a_report("p", S.EXPOSING, 2)])
        await bench.alert(an_alert(2, phase=Phase.RETRACTION, sky=None))
        await bench.settle(1.0)
        asked = bench.state.pointings.assignments["p"]
        assert (asked.revocation, asked.live) == (Reason.RETRACTED, True)
        await bench.scheduler.report("tel-a", [a_report("p", S.REVOKED, 3)])
        await bench.settle()

    bench = on_bench(two_telescopes(), planner, play)
    assert bench.states() == {"p": S.REVOKED}
    assert bench.state.events["lvk:S1"].retracted


def test_a_revision_without_new_sky_moves_nothing() -> None:
    planner = ToyPlanner({"sky-1": FLAT}, [a_planned("p", "tel-a", 1000, cells(0, 1))])

    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle()
        await bench.scheduler.report("tel-a", [a_report("p", S.ACCEPTED, 1)])
        await bench.settle()
        plans = len(planner.requests)
        await bench.alert(an_alert(2, phase=Phase.UPDATE))
        await bench.settle()
        assert bench.state.events["lvk:S1"].revision == 2
        assert bench.state.pointings.assignments["p"].revocation is None
        assert len(planner.requests) == plans

    on_bench(two_telescopes(), planner, play)


def test_a_new_map_asks_back_what_it_no_longer_holds_and_spares_what_runs() -> None:
    fields = [a_planned("runs", "tel-a", 100, cells(0, 1)), a_planned("waits", "tel-b", 1000, cells(2, 3))]
    planner = ToyPlanner({"sky-1": FLAT, "sky-2": a_curve([0.0] * 6 + [1.0] * 6)}, fields)

    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle()
        await bench.scheduler.report("tel-a", [a_report("runs", S.ACCEPTED, 1), a_report("runs", S.EXPOSING, 2)])
        await bench.scheduler.report("tel-b", [a_report("waits", S.ACCEPTED, 1)])
        await bench.alert(an_alert(2, phase=Phase.UPDATE, sky="sky-2"))
        await bench.settle(1.0)
        held = bench.state.pointings.assignments
        assert held["runs"].revocation is None
        assert held["waits"].revocation is Reason.SUPERSEDED

    on_bench(two_telescopes(), planner, play)


def test_an_unanswered_offer_expires_and_its_sky_is_offered_elsewhere() -> None:
    fields = [a_planned("silent", "tel-a", 100, cells(0, 1)), a_planned("other", "tel-b", 400, cells(0, 1))]

    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle(1.0)
        assert set(bench.states()) == {"silent"}
        await bench.settle(20.0)

    bench = on_bench(two_telescopes(), ToyPlanner({"sky-1": FLAT}, fields), play)
    assert bench.states()["silent"] is S.EXPIRED
    assert "other" in bench.states()


def test_a_lost_lease_frees_what_had_not_begun_and_late_truth_is_believed() -> None:
    fields = [a_planned("cut-off", "tel-a", 100, cells(0, 1)), a_planned("again", "tel-b", 900, cells(0, 1))]

    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle(1.0)
        await bench.scheduler.report("tel-a", [a_report("cut-off", S.ACCEPTED, 1)])
        await bench.link("tel-a", "lost")
        await bench.settle(3.0)
        assert bench.states() == {"again": S.OFFERED, "cut-off": S.EXPIRED}
        await bench.scheduler.report("tel-b", [a_report("again", S.ACCEPTED, 1)])
        (result,) = await bench.scheduler.report(
            "tel-a", [a_report("cut-off", S.COMPLETED, 2, fraction_done=1.0, late=True)]
        )
        assert (result.code, result.current_state) == (OK, S.COMPLETED)
        await bench.settle(1.0)
        held = bench.state.pointings.assignments
        assert held["cut-off"].late
        assert held["again"].revocation is Reason.SUPERSEDED, "its sky has been observed after all"

    on_bench(two_telescopes(), ToyPlanner({"sky-1": FLAT}, fields), play)


def test_weather_asks_back_what_has_not_begun() -> None:
    planner = ToyPlanner({"sky-1": FLAT}, [a_planned("p", "tel-a", 1000, cells(0, 1))])

    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle()
        await bench.link("tel-a", "up", Reason.WEATHER)
        await bench.settle(1.0)
        assert bench.state.pointings.assignments["p"].revocation is Reason.WEATHER

    on_bench(two_telescopes(), planner, play)


def test_reports_are_answered_item_by_item_in_order() -> None:
    planner = ToyPlanner({"sky-1": FLAT}, [a_planned("p", "tel-a", 100, cells(0, 1))])

    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle()
        done = a_report("p", S.COMPLETED, 3, fraction_done=1.0)
        results = await bench.scheduler.report(
            "tel-a",
            [a_report("nowhere", S.ACCEPTED, 1), done, a_report("p", S.ACCEPTED, 2), done, a_report("p", S.FAILED, 4)],
        )
        assert [r.code for r in results] == [NOT_FOUND, OK, OK, ALREADY_EXISTS, OK]
        (other,) = await bench.scheduler.report("tel-b", [a_report("p", S.ACCEPTED, 1)])
        assert other.code == NOT_FOUND, "another telescope's pointing"
        (illegal,) = await bench.scheduler.report("tel-a", [a_report("p", S.OFFERED, 9)])
        assert illegal.code == FAILED_PRECONDITION

    assert on_bench(two_telescopes(), planner, play).states() == {"p": S.COMPLETED}


def test_a_killed_scheduler_comes_back_with_the_same_state_and_goes_on() -> None:
    fields = [a_planned("p", "tel-a", 100, cells(0, 1)), a_planned("q", "tel-b", 2500, cells(4, 5))]

    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle()
        before = bench.scheduler.state.hash()
        await bench.restart()
        assert bench.scheduler.state.hash() == before
        await bench.scheduler.report("tel-a", [a_report("p", S.ACCEPTED, 1)])
        await bench.settle(900.0)

    bench = on_bench(two_telescopes(), ToyPlanner({"sky-1": FLAT}, fields), play)
    assert "q" in bench.states(), "the plan was made anew and worked off"


def test_a_pause_and_a_veto_are_idempotent_and_win() -> None:
    planner = ToyPlanner(
        {"sky-1": FLAT}, [a_planned("p", "tel-a", 300, cells(0, 1)), a_planned("q", "tel-b", 300, cells(4, 5))]
    )

    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle()
        veto = OperatorActed("action-1", "veto", "p", "somebody", "satellite trail")
        assert await bench.scheduler.act(veto) == await bench.scheduler.act(veto)
        await bench.scheduler.act(OperatorActed("action-2", "pause", "tel-b", "somebody", "mirror cleaning"))
        await bench.settle(1.0)
        held = bench.state.pointings.assignments
        assert {held[i].revocation for i in ("p", "q")} == {Reason.VETOED_BY_OPERATOR}
        assert bench.state.telescope("tel-b").closed_because == "paused: mirror cleaning (somebody)"

    on_bench(two_telescopes(), planner, play)


def test_a_mock_never_becomes_an_offer() -> None:
    from coordinator.alerts.alert import Purpose

    planner = ToyPlanner({"sky-1": FLAT}, [a_planned("p", "tel-a", 100, cells(0, 1))])

    async def play(bench: Bench) -> None:
        for number, purpose in enumerate([Purpose.MOCK, Purpose.TEST, Purpose.INJECTION, None]):
            key = f"lvk:S{number}"
            await bench.alert(replace(an_alert(key=key), purpose=purpose))
        await bench.settle()

    assert on_bench(two_telescopes(), planner, play).states() == {}


@pytest.mark.slow
@pytest.mark.parametrize("purpose", [p for p in Purpose if p is not Purpose.OBSERVATION])
def test_an_event_whose_purpose_becomes_stricter_is_given_back_and_offered_to_nobody(purpose: Purpose) -> None:
    fields = [a_planned("held", "tel-a", 100, cells(0, 1)), a_planned("pending", "tel-b", 3000, cells(4, 5))]

    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle()
        await bench.scheduler.report("tel-a", [a_report("held", S.ACCEPTED, 1)])
        await bench.alert(replace(an_alert(), purpose=purpose))
        await bench.settle(2000.0)
        held = bench.state.pointings.assignments
        assert held["held"].abort_asked
        assert set(held) == {"held"}

    on_bench(two_telescopes(), ToyPlanner({"sky-1": FLAT}, fields), play)


def test_an_update_whose_map_cannot_be_read_stops_no_exposure() -> None:
    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle()
        await bench.scheduler.report("tel-a", [a_report("runs", S.ACCEPTED, 1), a_report("runs", S.EXPOSING, 2)])
        refused = Localization("multiorder", refused="it is cut short")
        await bench.alert(replace(an_alert(2, phase=Phase.UPDATE), localization=refused))
        await bench.settle()
        assert not bench.state.pointings.assignments["runs"].abort_asked

    planner = ToyPlanner({"sky-1": FLAT}, [a_planned("runs", "tel-a", 100, cells(0, 1))])
    on_bench(two_telescopes(), planner, play)


def test_a_retraction_stops_what_runs_on_after_a_milder_request() -> None:
    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle()
        await bench.scheduler.report("tel-a", [a_report("runs", S.ACCEPTED, 1)])
        await bench.link("tel-a", "up", Reason.WEATHER)
        await bench.settle()
        await bench.scheduler.report("tel-a", [a_report("runs", S.EXPOSING, 2)])
        assert not bench.state.pointings.assignments["runs"].abort_asked
        await bench.alert(an_alert(2, phase=Phase.RETRACTION))
        await bench.settle()
        assert bench.state.pointings.assignments["runs"].abort_asked

    planner = ToyPlanner({"sky-1": FLAT}, [a_planned("runs", "tel-a", 100, cells(0, 1))])
    on_bench(two_telescopes(), planner, play)


def test_a_planner_that_is_broken_stops_no_report_and_is_asked_again() -> None:
    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle()
        bench.planner.wrong = Broken("failed", where="planner", mend="see its log")
        await bench.alert(an_alert(2, sky="sky-2"))
        await bench.settle()
        (answer,) = await bench.scheduler.report("tel-a", [a_report("first", S.ACCEPTED, 1)])
        assert answer.code == OK
        bench.planner.wrong = None
        bench.planner.fields.append(a_planned("second", "tel-b", 200, cells(4, 5)))
        await bench.settle(30.0)
        assert "second" in bench.states()

    fields = [a_planned("first", "tel-a", 100, cells(0, 1))]
    on_bench(two_telescopes(), ToyPlanner({"sky-1": FLAT, "sky-2": FLAT}, fields), play)


def test_an_event_whose_map_is_broken_does_not_keep_another_from_being_searched() -> None:
    async def play(bench: Bench) -> None:
        await bench.alert(an_alert(key="lvk:S0", sky="damaged"))
        await bench.alert(an_alert())
        await bench.settle()
        assert set(bench.states()) == {"p"}

    planner = ToyPlanner({"sky-1": FLAT}, [a_planned("p", "tel-a", 100, cells(0, 1))], damaged={"damaged"})
    on_bench(two_telescopes(), planner, play)


def test_nothing_is_offered_that_starts_before_the_site_can_react() -> None:
    slow = [a_telescope("tel-a", reaction_s=600.0)]
    fields = [a_planned("soon", "tel-a", 100, cells(0, 1)), a_planned("later", "tel-a", 900, cells(2, 3))]

    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle()

    assert set(on_bench(slow, ToyPlanner({"sky-1": FLAT}, fields), play).states()) == {"later"}


@pytest.mark.slow
def test_a_low_significance_event_ends_by_itself_and_what_waits_is_given_back() -> None:
    field = a_planned("waits", "tel-a", 1700, cells(0, 1))

    async def play(bench: Bench) -> None:
        await bench.alert(replace(an_alert(), significant=False))
        await bench.settle()
        assert bench.state.pointings.assignments["waits"].revocation is None
        await bench.scheduler.report("tel-a", [a_report("waits", S.ACCEPTED, 1)])
        await bench.settle(700.0)
        assert bench.state.pointings.assignments["waits"].revocation is Reason.SUPERSEDED

    settings = SchedulerSettings(expire_after=timedelta(minutes=10))
    on_bench(two_telescopes(), ToyPlanner({"sky-1": FLAT}, [field]), play, settings)


@pytest.mark.parametrize("takes_s", [0.0, 0.7])
def test_a_demonstrations_first_plan_begins_at_the_same_moment_however_long_it_takes_to_come_to_it(
    takes_s: float,
) -> None:
    planner = ToyPlanner({"sky-1": FLAT}, [a_planned("p", "tel-a", 900, cells(0, 1))], takes_s=takes_s)

    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle()

    on_bench(two_telescopes(), planner, play, SchedulerSettings(fast_sky=FastSky(START, 200.0)))
    assert planner.requests[0].start == START + timedelta(seconds=400)


def test_a_demonstration_jumps_over_hours_without_work_but_not_to_what_is_searched_no_more() -> None:
    fields = [a_planned("near", "tel-a", 900, cells(0, 1)), a_planned("far", "tel-a", 36000, cells(2, 3))]

    async def play(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle()
        await bench.scheduler.report("tel-a", [a_report("near", S.ACCEPTED, 1)])
        await bench.alert(an_alert(2, phase=Phase.RETRACTION, sky=None))
        await bench.settle(1.0)
        await bench.scheduler.report("tel-a", [a_report("near", S.REVOKED, 2)])
        await bench.settle(30.0)
        assert bench.scheduler.clock.now() < START + timedelta(hours=1)

    fast = SchedulerSettings(fast_sky=FastSky(START, 1.0))
    on_bench(two_telescopes(), ToyPlanner({"sky-1": FLAT}, fields), play, fast)

    async def finish(bench: Bench) -> None:
        await bench.alert(an_alert())
        await bench.settle()
        await bench.scheduler.report("tel-a", [a_report("near", S.ACCEPTED, 1), a_report("near", S.COMPLETED, 2)])
        await bench.settle(30.0)
        assert bench.scheduler.clock.now() > START + timedelta(hours=9)

    on_bench(two_telescopes(), ToyPlanner({"sky-1": FLAT}, fields), finish, fast)
