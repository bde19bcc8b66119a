"""A pointing that a person asks one telescope for, from the decision to the offer, with the real planner."""

from datetime import timedelta

import pytest
from builders.dispatch import START, a_report
from builders.observatory import Bench
from builders.real_planner import EVENT, obeyed, played

from coordinator.dispatch.asked_for import name_of
from coordinator.dispatch.facts import OperatorActed
from coordinator.events.rules import Action, Decision
from coordinator.services.by_hand import priority_of
from coordinator.services.state import ObservatoryState
from telescopes.description.errors import Refused
from telescopes.description.states import PointingState as S

PLACE = ("120.0", "0.0")


def ask(number: int = 1, telescope: str = "one", **said: str) -> OperatorActed:
    details = {"event": EVENT, "ra_deg": PLACE[0], "dec_deg": PLACE[1], "filter": "r"} | said
    return OperatorActed(f"cora:{number}", "ask_pointing", telescope, "cora", "a galaxy there", details)


def by_hand(bench: Bench) -> list[object]:
    return [a for a in bench.state.pointings.assignments.values() if "hand-" in a.key[1]]


def test_it_is_offered_to_the_telescope_that_was_asked_before_its_search_goes_on() -> None:
    async def play(bench: Bench) -> None:
        await bench.scheduler.act(ask(exposure_s="30", count="3"))
        await obeyed(bench, 20.0)

    bench = played(play)
    (one,) = by_hand(bench)
    asked = one.offered.pointing
    assert (one.telescope, one.state, asked.visit) == ("one", S.OFFERED, f"follow-up:{name_of('cora:1')}:r:1")
    assert (asked.ra_deg, asked.dec_deg, asked.exposures[0].exposure_s, asked.exposures[0].count) == (
        120.0,
        0.0,
        30.0,
        3,
    )
    assert "a galaxy there (cora)" in one.offered.why
    assert asked.planned_start < START + timedelta(minutes=10)


def test_asked_twice_it_is_made_once_and_done_it_is_not_made_again() -> None:
    async def play(bench: Bench) -> None:
        assert await bench.scheduler.act(ask()) == await bench.scheduler.act(ask())
        await obeyed(bench, 20.0)
        (one,) = by_hand(bench)
        for number, state in enumerate((S.ACCEPTED, S.EXPOSING, S.COMPLETED)):
            await bench.scheduler.report("one", [a_report(one.id, state, number)])
        await obeyed(bench, 20.0)

    assert [a.state for a in by_hand(played(play))] == [S.COMPLETED]


def test_withdrawn_before_it_begins_it_is_asked_back_and_not_offered_again() -> None:
    async def play(bench: Bench) -> None:
        await bench.scheduler.act(ask())
        await obeyed(bench, 20.0)
        (one,) = by_hand(bench)
        gone = {"pointing": name_of("cora:1")}
        await bench.scheduler.act(OperatorActed("cora:2", "withdraw_pointing", "one", "cora", "seen elsewhere", gone))
        (one,) = by_hand(bench)
        assert one.revocation is not None
        await obeyed(bench, 20.0)
        with pytest.raises(Refused, match="nothing that anybody asked for"):
            await bench.scheduler.act(OperatorActed("cora:3", "withdraw_pointing", "one", "cora", "again", gone))

    bench = played(play)
    assert [a.state for a in by_hand(bench)] == [S.REVOKED]
    assert bench.state.telescope("one").asked_for == ()


IMPOSSIBLE = (
    ({"dec_deg": "85.0"}, "never within limits while dark"),
    ({"filter": "z"}, "has no filter 'z'"),
    ({"start": "2026-03-02T09:00:00+00:00", "end": "2026-03-02T12:00:00+00:00"}, "daylight"),
    ({"end": "2026-03-01T19:00:00+00:00"}, "is over"),
    ({"exposure_s": "9000"}, "no exposure"),
    ({"count": "0"}, "0 exposures"),
    ({"ra_deg": "720"}, "no place on the sky"),
    ({"event": "lvk:S9"}, "is not searched"),
    ({"end": "2026-03-01T20:00:30+00:00"}, "too short"),
)


def test_what_cannot_be_done_is_refused_with_the_reason() -> None:
    async def play(bench: Bench) -> None:
        for number, (said, because) in enumerate(IMPOSSIBLE):
            with pytest.raises(Refused, match=because):
                await bench.scheduler.act(ask(number, **said))

    assert played(play).state.actions == {}


def test_a_paused_telescope_and_one_that_people_keep_from_the_event_are_not_asked() -> None:
    async def play(bench: Bench) -> None:
        await bench.scheduler.act(OperatorActed("a", "pause", "one", "otto", "the dome is stuck"))
        with pytest.raises(Refused, match="the dome is stuck"):
            await bench.scheduler.act(ask())
        await bench.scheduler.act(OperatorActed("b", "veto_event", "other", "otto", "not for us", {"event": EVENT}))
        with pytest.raises(Refused, match="not for us"):
            await bench.scheduler.act(ask(telescope="other"))

    played(play)


def test_sky_that_is_somebodys_is_refused_unless_it_is_wanted_all_the_same() -> None:
    async def play(bench: Bench) -> None:
        held = next(a for a in bench.state.pointings.live() if a.telescope == "one")
        there = held.offered.pointing
        place = {"ra_deg": str(there.ra_deg), "dec_deg": str(there.dec_deg)}
        with pytest.raises(Refused, match=f"somebody's already: one .{held.id}"):
            await bench.scheduler.act(ask(telescope="other", **place))
        await bench.scheduler.act(ask(2, telescope="other", anyway="yes", **place))
        await obeyed(bench, 20.0)

    (one,) = by_hand(played(play))
    assert one.telescope == "other"


def test_time_that_something_as_high_holds_is_not_given_away() -> None:
    window = {"start": "2026-03-01T20:05:00+00:00", "end": "2026-03-01T20:08:00+00:00"}

    async def play(bench: Bench) -> None:
        await bench.scheduler.act(ask(1, **window))
        await obeyed(bench, 20.0)
        (first,) = by_hand(bench)
        with pytest.raises(Refused, match=f"time is taken: .*{first.id}"):
            await bench.scheduler.act(ask(2, dec_deg="8.0", anyway="yes", **window))

    played(play)


@pytest.mark.slow
def test_a_scheduler_that_starts_again_still_offers_it() -> None:
    async def play(bench: Bench) -> None:
        later = START + timedelta(minutes=12)
        await bench.scheduler.act(ask(start=later.isoformat()))
        await bench.settle(10.0)
        assert by_hand(bench) == []
        await bench.restart()
        await obeyed(bench, 200.0)

    (one,) = by_hand(played(play))
    assert one.offered.pointing.planned_start >= START + timedelta(minutes=12)


def test_half_a_place_beside_a_candidate_is_refused() -> None:
    async def play(bench: Bench) -> None:
        half = {"event": EVENT, "candidate": "c1", "ra_deg": "131.0"}
        with pytest.raises(Refused, match="half a place"):
            await bench.scheduler.act(OperatorActed("cora:1", "ask_pointing", "one", "cora", "look there", half))

    played(play)


def test_a_telescope_that_people_left_out_of_the_search_is_refused_with_their_reason() -> None:
    async def play(bench: Bench) -> None:
        without = OperatorActed("cora:1", "limit_event", EVENT, "cora", "its mirror is wet", {"without": "one"})
        await bench.scheduler.act(without)
        with pytest.raises(Refused, match="is left out of its search: its mirror is wet"):
            await bench.scheduler.act(ask(2))

    played(play)


def test_a_persons_wish_goes_before_the_search_of_the_most_urgent_event() -> None:
    state = ObservatoryState()
    state.decisions[EVENT] = Decision(Action.FOLLOW, "a rule", "it is near", priority=100)
    assert priority_of(state, EVENT) > 101, "and before a machine's look, which goes before the search"
