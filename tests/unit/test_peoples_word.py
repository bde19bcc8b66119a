"""What people decide about a telescope: its sky is freed, others take it, and it is given back."""

from dataclasses import replace
from datetime import timedelta

import pytest
from builders.dispatch import START, ToyPlanner, a_curve, a_planned, a_report, a_telescope, an_alert, cells
from builders.observatory import Bench, on_bench

from coordinator.dispatch.facts import OperatorActed
from coordinator.events.rules import Action, Conditions, Rule
from coordinator.planning.request import PlanRequest
from coordinator.services.settings import SchedulerSettings
from coordinator.services.state_snapshot import read_state, write_state
from telescopes.description.errors import Refused
from telescopes.description.messages import OK
from telescopes.description.states import PointingState as S
from telescopes.description.states import Reason
from telescopes.description.telescope import SitePolicy

FLAT = a_curve([1.0] * 12)
NETWORK = [a_telescope("tel-a"), a_telescope("tel-b")]


def an_act(action: str, subject: str = "tel-a", **details: str) -> OperatorActed:
    return OperatorActed(f"id-{action}-{subject}-{details}", action, subject, "Ada", "dome work", details)


def a_span(start_s: float, end_s: float) -> dict[str, str]:
    start, end = (START + timedelta(seconds=s) for s in (start_s, end_s))
    return {"start": start.isoformat(), "end": end.isoformat()}


def two_ways() -> ToyPlanner:
    """The same sky may be looked at by either telescope."""
    fields = [a_planned("a", "tel-a", 600, cells(0, 1)), a_planned("b", "tel-b", 1200, cells(0, 1))]
    return ToyPlanner({"sky-1": FLAT}, fields)


async def accepted(bench: Bench, *names: str) -> None:
    await bench.alert(replace(an_alert(), significant=False))
    await bench.settle()
    for n, name in enumerate(names):
        telescope = bench.state.pointings.assignments[name].telescope
        await bench.scheduler.report(telescope, [a_report(name, S.ACCEPTED, n + 1)])


def newest(bench: Bench) -> PlanRequest:
    return bench.planner.requests[-1]


def of(request: PlanRequest, telescope: str) -> object:
    return next(t for t in request.telescopes if t.telescope.id == telescope)


@pytest.mark.parametrize(
    "act",
    [
        an_act("pause"),
        an_act("veto_event", event="lvk:S1"),
        an_act("veto_night"),
        an_act("maintenance", **a_span(300, 3600)),
    ],
    ids=lambda a: a.action,
)
def test_a_word_frees_the_sky_within_a_second_and_another_telescope_takes_it(act: OperatorActed) -> None:
    async def play(bench: Bench) -> None:
        await accepted(bench, "a")
        assert bench.states() == {"a": S.ACCEPTED}
        await bench.scheduler.act(act)
        await bench.settle(0.3)
        held = bench.state.pointings.assignments["a"]
        assert held.revocation is (Reason.MAINTENANCE if act.action == "maintenance" else Reason.VETOED_BY_OPERATOR)
        await bench.scheduler.report("tel-a", [a_report("a", S.REVOKED, 9)])
        await bench.settle(1.0)
        assert bench.states() == {"a": S.REVOKED, "b": S.OFFERED}
        state = bench.scheduler.state
        await bench.restart()
        assert bench.scheduler.state.hash() == state.hash()
        assert read_state(write_state(state, "j"), "j").telescopes == state.telescopes

    on_bench(NETWORK, two_ways(), play)


@pytest.mark.parametrize("ends_s", [700, 420])
def test_maintenance_leaves_alone_what_ends_before_it_and_stops_what_still_runs_at_its_begin(ends_s: int) -> None:
    fields = [
        a_planned("before", "tel-a", 100, cells(0, 1), length_s=300.0),
        a_planned("in", "tel-a", 600, cells(4, 5)),
    ]

    async def play(bench: Bench) -> None:
        await accepted(bench, "before", "in")
        await bench.scheduler.act(an_act("maintenance", **a_span(450, 3600)))
        await bench.settle(1.0)
        held = bench.state.pointings.assignments
        assert (held["before"].revocation, held["in"].revocation) == (None, Reason.MAINTENANCE)
        said = START + timedelta(seconds=ends_s)
        await bench.scheduler.report(
            "tel-a", [a_report("in", S.REVOKED, 3), a_report("before", S.EXPOSING, 4, expected_end=said)]
        )
        await bench.settle(2.0)
        assert not bench.state.pointings.assignments["before"].abort_asked
        await bench.settle(460.0)
        assert bench.state.pointings.assignments["before"].abort_asked

    on_bench(NETWORK, ToyPlanner({"sky-1": FLAT}, fields), play)


def test_a_plan_knows_maintenance_and_vetoes_and_learns_when_they_end() -> None:
    async def play(bench: Bench) -> None:
        await accepted(bench)
        await bench.scheduler.act(an_act("maintenance", **a_span(7200, 9000)))
        await bench.scheduler.act(an_act("veto_event", "tel-b", event="lvk:S1"))
        await bench.settle(2.0)
        blocked = of(newest(bench), "tel-a").telescope.observing.blocked
        assert blocked == ((START + timedelta(seconds=7200), START + timedelta(seconds=9000)),)
        assert of(newest(bench), "tel-b").not_for == {"lvk:S1": "dome work (Ada)"}
        await bench.scheduler.act(an_act("cancel_maintenance"))
        await bench.scheduler.act(an_act("allow_event", "tel-b", event="lvk:S1"))
        await bench.settle(2.0)
        assert of(newest(bench), "tel-a").telescope.observing.blocked == ()
        assert of(newest(bench), "tel-b").not_for == {}

    on_bench(NETWORK, two_ways(), play)


def test_resume_ends_a_pause_a_night_and_maintenance_that_has_begun_and_the_telescope_is_planned_again() -> None:
    async def play(bench: Bench) -> None:
        await bench.scheduler.act(an_act("pause"))
        await bench.scheduler.act(an_act("veto_night"))
        await bench.scheduler.act(an_act("maintenance", **a_span(-60, 3600)))
        await bench.scheduler.act(an_act("maintenance", **a_span(7200, 9000)))
        await accepted(bench)
        assert bench.states() == {"b": S.OFFERED}
        await bench.scheduler.report("tel-b", [a_report("b", S.REJECTED, 1)])
        await bench.scheduler.act(an_act("resume"))
        await bench.settle(2.0)
        assert bench.states() == {"a": S.OFFERED, "b": S.REJECTED}
        mine = bench.state.telescope("tel-a")
        assert (mine.paused_because, len(mine.closings)) == (None, 1)

    on_bench(NETWORK, two_ways(), play)


def test_an_event_that_the_site_vetoes_is_not_offered_there_again() -> None:
    async def play(bench: Bench) -> None:
        await accepted(bench, "a")
        await bench.status("tel-a", vetoed_events=("lvk:S1",))
        await bench.scheduler.report("tel-a", [a_report("a", S.REJECTED, 3, reason=Reason.VETOED_BY_OPERATOR)])
        bench.planner.fields.append(a_planned("a2", "tel-a", 700, cells(4, 5)))
        await bench.settle(3.0)
        assert bench.states() == {"a": S.REJECTED, "b": S.OFFERED}
        await bench.status("tel-a")
        await bench.settle(2.0)
        assert "a2" in bench.states()

    on_bench(NETWORK, two_ways(), play)


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (an_act("maintenance", **a_span(600, 300)), "ends before it begins"),
        (an_act("maintenance", **a_span(-600, -300)), "is over"),
        (an_act("veto_event", event="lvk:S9"), "event lvk:S9: is not known here"),
        (an_act("veto_night", "tel-z"), "tel-z: is not known here"),
        (an_act("dance"), "no such action"),
    ],
)
def test_a_word_that_makes_no_sense_is_refused_and_not_kept(act: OperatorActed, said: str) -> None:
    async def play(bench: Bench) -> None:
        await accepted(bench)
        before = len(bench.journal.stored)
        with pytest.raises(Refused, match=said):
            await bench.scheduler.act(act)
        assert len(bench.journal.stored) == before

    on_bench(NETWORK, two_ways(), play)


def test_weather_frees_the_sky_within_a_second_and_gives_it_back() -> None:
    async def play(bench: Bench) -> None:
        await accepted(bench, "a")
        await bench.link("tel-a", "up", Reason.WEATHER)
        await bench.settle(0.3)
        assert bench.state.pointings.assignments["a"].revocation is Reason.WEATHER
        await bench.scheduler.report("tel-a", [a_report("a", S.REVOKED, 3)])
        await bench.settle(1.0)
        assert bench.states()["b"] is S.OFFERED
        bench.planner.fields.append(a_planned("a2", "tel-a", 700, cells(4, 5)))
        await bench.link("tel-a", "up")
        await bench.settle(2.0)
        assert bench.states()["a2"] is S.OFFERED

    on_bench(NETWORK, two_ways(), play)


URGENT = (
    Rule("urgent", Action.FOLLOW, Conditions(significant=True), priority=95),
    Rule("usual", Action.FOLLOW, priority=50),
)


@pytest.mark.parametrize("allowed", [True, False])
def test_what_runs_makes_room_for_the_most_urgent_where_the_site_allows_it(allowed: bool) -> None:
    telescope = replace(a_telescope("tel-a"), policy=SitePolicy(may_interrupt=allowed))
    planner = ToyPlanner({"sky-1": FLAT, "sky-2": FLAT}, [a_planned("runs", "tel-a", 100, cells(0, 1), length_s=900.0)])

    async def play(bench: Bench) -> None:
        await accepted(bench, "runs")
        await bench.scheduler.report("tel-a", [a_report("runs", S.EXPOSING, 2)])
        urgent = a_planned("urgent", "tel-a", 200, cells(0, 1), event="lvk:S2")
        bench.planner.fields.append(replace(urgent, priority=95))
        await bench.alert(an_alert(2, sky="sky-2", key="lvk:S2"))
        await bench.settle(1.0)
        held = bench.state.pointings.assignments
        assert held["runs"].abort_asked is allowed
        if not allowed:
            assert "urgent" not in held
            return
        assert held["runs"].revocation is Reason.BUSY_HIGHER_PRIORITY
        assert "urgent" not in held, "one owner of a telescope's time"
        (result,) = await bench.scheduler.report("tel-a", [a_report("runs", S.PARTIAL, 3, fraction_done=0.2)])
        assert result.code == OK
        await bench.settle(1.0)
        offered = bench.state.pointings.assignments["urgent"].offered.pointing
        assert (offered.priority, offered.may_interrupt) == (95, True)

    on_bench([telescope], planner, play, SchedulerSettings(rules=URGENT))


def test_what_runs_is_left_alone_where_the_urgent_event_needs_it_only_later() -> None:
    telescope = replace(a_telescope("tel-a"), policy=SitePolicy(may_interrupt=True))
    planner = ToyPlanner({"sky-1": FLAT, "sky-2": FLAT}, [a_planned("runs", "tel-a", 100, cells(0, 1), length_s=300.0)])

    async def play(bench: Bench) -> None:
        await accepted(bench, "runs")
        await bench.scheduler.report("tel-a", [a_report("runs", S.EXPOSING, 2)])
        urgent = a_planned("urgent", "tel-a", 500, cells(0, 1), event="lvk:S2")
        bench.planner.fields.append(replace(urgent, priority=95))
        await bench.alert(an_alert(2, sky="sky-2", key="lvk:S2"))
        await bench.settle(1.0)
        held = bench.state.pointings.assignments
        assert not held["runs"].abort_asked
        assert "urgent" in held

    on_bench([telescope], planner, play, SchedulerSettings(rules=URGENT))


def test_a_telescope_that_runs_late_is_planned_again_from_the_end_that_it_expects() -> None:
    fields = [a_planned("runs", "tel-a", 100, cells(0, 1)), a_planned("next", "tel-a", 260, cells(4, 5))]

    async def play(bench: Bench) -> None:
        await accepted(bench, "runs")
        late = START + timedelta(seconds=340)
        await bench.scheduler.report("tel-a", [a_report("runs", S.EXPOSING, 3, expected_end=late)])
        await bench.settle(2.0)
        (busy,) = of(newest(bench), "tel-a").busy
        assert busy.end == late

    bench = on_bench([a_telescope("tel-a", horizon_s=150.0)], ToyPlanner({"sky-1": FLAT}, fields), play)
    reasons = [s.entry.body["because"] for s in bench.journal.stored if s.entry.kind == "plan_made"]
    assert "a telescope runs late" in reasons


def test_a_yes_from_the_coordinator_goes_out_as_a_new_revision_and_its_deadline_stays() -> None:
    careful = replace(a_telescope("tel-a", acceptance_s=60.0), policy=SitePolicy(human_approval=True))

    async def play(bench: Bench) -> None:
        await accepted(bench)
        await bench.settle(30.0)
        assert await bench.scheduler.act(an_act("approve_pointing", "a")) > 0
        offered = bench.state.pointings.assignments["a"].offered.pointing
        assert (offered.revision, offered.approved_by, offered.require_human_approval) == (2, "Ada", True)
        (stale, answer) = await bench.scheduler.report(
            "tel-a", [a_report("a", S.ACCEPTED, 1), replace(a_report("a", S.ACCEPTED, 2), revision=2)]
        )
        assert (stale.reason, answer.code, answer.current_state) == ("REVISION_STALE", OK, S.ACCEPTED)
        with pytest.raises(Refused, match="is accepted already"):
            await bench.scheduler.act(replace(an_act("approve_pointing", "a"), action_id="again"))
        before = bench.scheduler.state.hash()
        await bench.restart()
        assert bench.scheduler.state.hash() == before

    on_bench([careful], ToyPlanner({"sky-1": FLAT}, [a_planned("a", "tel-a", 600, cells(0, 1))]), play)


def test_what_was_exposed_on_the_yes_of_the_site_counts_although_the_coordinators_yes_came_meanwhile() -> None:
    careful = replace(a_telescope("tel-a", acceptance_s=60.0), policy=SitePolicy(human_approval=True))

    async def play(bench: Bench) -> None:
        await accepted(bench)
        await bench.scheduler.act(an_act("approve_pointing", "a"))
        reports = [a_report("a", state, n) for n, state in enumerate((S.ACCEPTED, S.EXPOSING, S.COMPLETED), 1)]
        results = await bench.scheduler.report("tel-a", reports)
        assert [r.reason for r in results] == ["REVISION_STALE", "REVISION_STALE", ""]
        assert bench.states()["a"] is S.COMPLETED

    on_bench([careful], ToyPlanner({"sky-1": FLAT}, [a_planned("a", "tel-a", 600, cells(0, 1))]), play)


def test_an_offer_that_wants_a_yes_and_gets_none_goes_elsewhere() -> None:
    careful = replace(a_telescope("tel-a", acceptance_s=60.0), policy=SitePolicy(human_approval=True))

    async def play(bench: Bench) -> None:
        await accepted(bench)
        await bench.settle(50.0)
        assert bench.states() == {"a": S.OFFERED}
        await bench.settle(15.0)
        assert bench.states() == {"a": S.EXPIRED, "b": S.OFFERED}

    on_bench([careful, a_telescope("tel-b")], two_ways(), play)


@pytest.mark.parametrize(("done", "others"), [(0.29, True), (0.31, False)])
def test_a_look_that_ended_early_counts_from_the_threshold_on_and_else_its_sky_goes_elsewhere(
    done: float, others: bool
) -> None:
    async def play(bench: Bench) -> None:
        await accepted(bench, "a")
        assert bench.state.pointings.assignments["a"].offered.pointing.acceptability_threshold == 0.3
        early = a_report("a", S.PARTIAL, 2, fraction_done=done)
        await bench.scheduler.report("tel-a", [a_report("a", S.EXPOSING, 1), early])
        await bench.settle(1.0)
        assert ("b" in bench.states()) is others

    on_bench(NETWORK, two_ways(), play)
