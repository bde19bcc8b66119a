"""A pointing that a person asks one telescope for, from the decision to the offer, with the real planner."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from builders.dispatch import START, ToyPlanner, a_report, an_alert
from builders.observatory import Bench, on_bench
from builders.plans import SKY, a_busy_telescope, a_round_sky

from coordinator.dispatch.asked_for import name_of
from coordinator.dispatch.facts import OperatorActed
from coordinator.planning.make import plan
from coordinator.planning.plan import Plan
from coordinator.planning.request import PlanRequest
from coordinator.services.settings import SchedulerSettings
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.footprints import footprint_ranges
from coordinator.sky.ranges import Ranges
from telescopes.description.errors import Refused
from telescopes.description.footprint import Footprint
from telescopes.description.states import PointingState as S
from telescopes.description.telescope import Link, Site

EVENT, PLACE = "lvk:S1", ("120.0", "0.0")
PATIENT = Link(acceptance_s=7200.0, lease_s=7200.0, horizon_s=600.0)
ONE, OTHER = (replace(a_busy_telescope(Site(0.0, 0.0)), id=name, link=PATIENT) for name in ("one", "other"))
"""At START it is dark there, and RA 120 stands high; nobody is in a hurry to answer."""

SHORT = SchedulerSettings(plan_hours=2.0)


class RealPlanner(ToyPlanner):
    """Plans in earnest, of one small map."""

    sky = a_round_sky((120.0, 5.0), sigma_deg=2.0)

    async def plan(self, request: PlanRequest) -> Plan:
        self.requests.append(request)
        return plan(request, {SKY: self.sky})

    async def curve(self, skymap_sha256: str) -> ProbabilityCurve:
        return ProbabilityCurve.of(self.sky)

    async def ranges_of(self, footprint: Footprint, ra_deg: float, dec_deg: float, position_angle_deg: float) -> Ranges:
        return footprint_ranges(footprint, ra_deg, dec_deg, position_angle_deg)


def ask(number: int = 1, telescope: str = "one", **said: str) -> OperatorActed:
    details = {"event": EVENT, "ra_deg": PLACE[0], "dec_deg": PLACE[1], "filter": "r"} | said
    return OperatorActed(f"cora:{number}", "ask_pointing", telescope, "cora", "a galaxy there", details)


def played(play: Callable[[Bench], Awaitable[None]]) -> Bench:
    async def scene(bench: Bench) -> None:
        await bench.alert(an_alert(sky=SKY))
        await bench.settle(5.0)
        await play(bench)

    return on_bench([ONE, OTHER], RealPlanner({}), scene, SHORT)


async def obeyed(bench: Bench, seconds: float) -> None:
    """Let time pass, and let telescopes give back what they are asked for."""
    for turn in range(int(seconds / 5.0)):
        await bench.settle(5.0)
        for one in list(bench.state.pointings.live()):
            if one.revocation is not None:
                await bench.scheduler.report(one.telescope, [a_report(one.id, S.REVOKED, 100 + turn)])


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


@pytest.mark.parametrize(
    ("said", "because"),
    [
        ({"dec_deg": "85.0"}, "never within limits while dark"),
        ({"filter": "z"}, "has no filter 'z'"),
        ({"start": "2026-03-02T09:00:00+00:00", "end": "2026-03-02T12:00:00+00:00"}, "daylight"),
        ({"end": "2026-03-01T19:00:00+00:00"}, "is over"),
        ({"exposure_s": "9000"}, "no exposure"),
        ({"count": "0"}, "0 exposures"),
        ({"ra_deg": "720"}, "no place on the sky"),
        ({"event": "lvk:S9"}, "is not searched"),
        ({"end": "2026-03-01T20:00:30+00:00"}, "too short"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(said: dict[str, str], because: str) -> None:
    async def play(bench: Bench) -> None:
        with pytest.raises(Refused, match=because):
            await bench.scheduler.act(ask(**said))

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
