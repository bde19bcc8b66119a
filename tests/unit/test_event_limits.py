"""Limits that people put on an event, what a plan with others would be, and what others have looked at."""

from datetime import datetime, timedelta

import pytest
from builders.dispatch import START
from builders.observatory import Bench
from builders.real_planner import EVENT, obeyed, played

from coordinator.dispatch.event_limits import EventLimits
from coordinator.dispatch.facts import OperatorActed
from coordinator.planning.request import Look
from coordinator.services.coverage import written
from coordinator.services.facts import entry_of
from coordinator.services.journal import Writer
from coordinator.sky.footprints import footprint_ranges
from coordinator.vetting.facts import CandidatesScored, ScoredCandidate
from telescopes.description.errors import Refused
from telescopes.description.footprint import Circle
from telescopes.description.states import LIVE, Reason

SOON = START + timedelta(minutes=20)


def limit(number: int = 1, **said: str) -> OperatorActed:
    return OperatorActed(f"cora:{number}", "limit_event", EVENT, "cora", "twilight comes", said)


def newest(bench: Bench) -> tuple[set[str], datetime]:
    """Who may take part in the newest plan, and until when."""
    request = bench.planner.requests[-1]
    who = {t.telescope.id for t in request.telescopes if EVENT not in t.not_for}
    return who, request.events[0].until or request.end


def live(bench: Bench) -> set[str]:
    return {a.telescope for a in bench.state.pointings.assignments.values() if a.state in LIVE}


def test_without_a_telescope_its_sky_goes_to_others_until_the_limit_is_lifted() -> None:
    async def play(bench: Bench) -> None:
        assert live(bench) == {"one", "other"}
        await bench.scheduler.act(limit(without="other"))
        await obeyed(bench, 15.0)
        assert live(bench) == {"one"}
        assert newest(bench)[0] == {"one"}
        reasons = [s.entry.body["because"] for s in bench.journal.stored if s.entry.kind == "plan_made"]
        assert "people set other limits" in reasons
        await bench.scheduler.act(OperatorActed("cora:2", "lift_limits", EVENT, "cora", "it is back"))
        await obeyed(bench, 15.0)
        assert live(bench) == {"one", "other"}

    assert played(play).state.limits == {}


def test_what_would_end_too_late_is_asked_back_and_not_planned_again() -> None:
    async def play(bench: Bench) -> None:
        before = [a.offered.planned_end for a in bench.state.pointings.live()]
        until = START + timedelta(minutes=5)
        assert max(before) > until
        await bench.scheduler.act(limit(until=until.isoformat()))
        await obeyed(bench, 20.0)
        assert max(a.offered.planned_end for a in bench.state.pointings.live()) <= until
        assert newest(bench)[1] == until

    played(play)


def test_visits_and_objective_are_those_that_were_said() -> None:
    async def play(bench: Bench) -> None:
        await bench.scheduler.act(limit(visits="1", objective="probability"))
        await obeyed(bench, 10.0)
        (event,) = bench.planner.requests[-1].events
        assert ([v.name for v in event.visits], event.objective) == (["1"], "probability")

    played(play)


IMPOSSIBLE = (
    ({}, "no limit"),
    ({"without": "nobody"}, "no telescope is called nobody"),
    ({"without": "one,other"}, "leaves no telescope"),
    ({"until": "2026-03-01T19:00:00+00:00"}, "is over"),
    ({"visits": "1,1"}, "names no visits"),
    ({"objective": "luck"}, "no such objective"),
)


def test_limits_that_cannot_be_are_refused() -> None:
    async def play(bench: Bench) -> None:
        for number, (said, because) in enumerate(IMPOSSIBLE):
            with pytest.raises(Refused, match=because):
                await bench.scheduler.act(limit(number, **said))

    assert played(play).state.limits == {}


def test_what_if_sets_two_plans_side_by_side_and_gives_nothing_out() -> None:
    async def play(bench: Bench) -> None:
        await bench.settle(5.0)
        before, pending = len(bench.journal.stored), dict(bench.scheduler.plans.pending)
        answer = await bench.scheduler.what_if(EVENT, EventLimits(without=("other",), until=SOON))
        assert bench.scheduler.plans.pending == pending
        assert len(bench.journal.stored) == before
        now, then = answer["as_it_is"], answer["what_if"]
        assert now["figures"]["planned"] > then["figures"]["planned"] > 0.0
        idle = {t["id"]: t["idle_because"] for t in then["telescopes"]}
        assert "left out by people" in idle["other"] and idle["one"] is None
        assert then["changes"]["withdrawn"] > 0
        assert answer["in_force"]["plan_id"] == bench.scheduler.plans.plan_id
        with pytest.raises(Refused, match="is not searched"):
            await bench.scheduler.what_if("lvk:S9", EventLimits(without=("other",)))

    played(play)


@pytest.mark.slow
def test_sky_that_others_have_looked_at_is_left_to_them() -> None:
    async def play(bench: Bench) -> None:
        seen = footprint_ranges(Circle(3.0), 120.0, 5.0, 0.0)
        looks = (Look(EVENT, "1", seen, START, 25.0, "r", "a survey"),)
        details = {
            "sha256": await bench.blobs.put(written(looks)), "looks": "1", "area_deg2": "28.3", "source": "a survey"
        }  # fmt: skip
        await bench.scheduler.act(OperatorActed("cora:1", "report_coverage", EVENT, "cora", "in a circular", details))
        await obeyed(bench, 10.0)
        request = bench.planner.requests[-1]
        assert [(k.telescope, k.ranges.pixels) for k in request.looks if k.telescope == "a survey"] == [
            ("a survey", seen.pixels)
        ]
        after = await bench.planner.plan(request)
        new = [p for p in after.events[0].pointings if p.visit == "1" and p.id not in {q.id for q in request.previous}]
        inside = [p.ranges.intersection(seen).pixels > 0.5 * p.ranges.pixels for p in new]
        assert new and not any(inside)

    played(play)


def test_a_retraction_by_hand_asks_back_what_runs_too() -> None:
    async def play(bench: Bench) -> None:
        await bench.scheduler.act(OperatorActed("cora:1", "retract_event", EVENT, "cora", "it was a glitch"))
        asked = list(bench.state.pointings.live())
        assert asked and all(a.abort_asked for a in asked)
        await obeyed(bench, 15.0)
        assert live(bench) == set()
        assert bench.state.decisions[EVENT].rule == "a person retracted it"

    played(play)


def test_another_look_at_a_candidate_is_taken_and_given_up_when_it_is_rejected() -> None:
    async def play(bench: Bench) -> None:
        found = ScoredCandidate("c1", 120.0, 0.0, 0.5, 0.4, 1.0, "possible", 1, (), 18.0, "r")
        entry = entry_of("candidates_scored", CandidatesScored(EVENT, 1, 0.6, (found,)), sky_time=START, event=EVENT)
        writer = await Writer.elected(bench.journal, "vetter")
        await writer.append([entry])
        await bench.settle(2.0)
        asked = OperatorActed("cora:1", "request_follow_up", "c1", "cora", "does it fade?", {"event": EVENT})
        await bench.scheduler.act(asked)
        await obeyed(bench, 20.0)
        (look,) = [a for a in bench.state.pointings.live() if a.key[1].startswith("follow-up:c1:any:hand-")]
        assert (look.offered.pointing.ra_deg, look.offered.pointing.dec_deg) == (120.0, 0.0)
        marked = {"event": EVENT, "as": "rejected"}
        await bench.scheduler.act(OperatorActed("cora:2", "mark_candidate", "c1", "cora", "it is a star", marked))
        assert bench.state.follow_ups == {}
        assert bench.state.pointings.assignments[look.id].revocation is Reason.VETOED_BY_OPERATOR
        with pytest.raises(Refused, match="is not known here"):
            await bench.scheduler.act(
                OperatorActed("c:3", "request_follow_up", "c2", "cora", "why not", {"event": EVENT})
            )

    played(play)
