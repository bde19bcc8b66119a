"""What an agent does with what the coordinator lists as open, after a gap or with a fresh memory."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from telescopes.agent.loopback import LoopbackCoordinator
from telescopes.description.messages import Exposure, Revocation
from telescopes.description.states import PointingState, Reason
from telescopes.description.telescope import SitePolicy

S = PointingState
T0 = datetime(2026, 1, 1, tzinfo=UTC)
UNFIT = {
    "another telescope": {"telescope_id": "t2"},
    "another instrument": {"instrument_id": "second"},
    "no exposures": {"exposures": ()},
    "exposures without end": {"exposures": (Exposure("r", 60.0, 4_000_000_000),)},
    "no window": {"window_end": T0},
    "no place": {"dec_deg": 95.0},
}


class ListsWhatIsOver(LoopbackCoordinator):
    """Lists everything as completed, which nobody asked for."""

    async def list_pointings(self, session_id, states, page_size, page_token):
        page = await super().list_pointings(session_id, states, page_size, page_token)
        return replace(page, pointings=tuple(replace(each, state=S.COMPLETED) for each in page.pointings))


def listed(rig, pointing, state):
    """Let the coordinator believe of a pointing what this agent, with an empty memory, knows nothing of."""
    rig.coordinator.offer(pointing)
    rig.coordinator.states[pointing.pointing_id] = state


@pytest.mark.parametrize("changes", UNFIT.values(), ids=UNFIT)
def test_an_unfit_pointing_is_not_taken_over_whatever_the_list_says(play, pointing, changes):
    async def scenario(rig):
        listed(rig, pointing("accepted", **changes), S.ACCEPTED)
        listed(rig, pointing("runs", **changes), S.EXPOSING)
        async with rig.running():
            await rig.sky_s(10)
            rig.coordinator.offer(pointing("good", start_s=100.0))
            await rig.sky_s(1000)
        assert rig.told("accepted") == ["rejected"]
        assert rig.told("runs") == ["failed"]
        assert rig.told("good")[-1] == "completed"

    play(scenario)


@pytest.mark.parametrize("state", [S.SLEWING, S.EXPOSING])
def test_what_is_listed_as_running_and_is_unknown_here_has_failed(play, pointing, state):
    async def scenario(rig):
        listed(rig, pointing(), state)
        async with rig.running():
            await rig.sky_s(1000)
        assert rig.told() == ["failed"]

    play(scenario)


def test_what_is_listed_as_accepted_is_taken_over_if_it_is_fit(play, pointing):
    async def scenario(rig):
        listed(rig, pointing(), S.ACCEPTED)
        async with rig.running():
            await rig.sky_s(1000)
        assert rig.told() == ["slewing", "exposing", "completed"]

    play(scenario)


def test_nothing_that_needs_a_persons_yes_is_taken_over_without_it(play, pointing, telescope):
    async def scenario(rig):
        listed(rig, pointing("asks", require_human_approval=rig.telescope.policy == SitePolicy()), S.ACCEPTED)
        async with rig.running():
            await rig.sky_s(1000)
        assert rig.told("asks") == ["rejected"]

    play(scenario)
    play(scenario, telescope=telescope(policy=SitePolicy(human_approval=True)))


def test_what_the_list_says_is_over_is_left_alone(play, pointing):
    async def scenario(rig):
        listed(rig, pointing("ended"), S.ACCEPTED)
        async with rig.running():
            await rig.sky_s(1000)
        assert rig.told("ended") == []

    play(scenario, coordinator_class=ListsWhatIsOver)


def test_a_retraction_during_an_outage_ends_what_runs_though_the_stream_does_not_bring_it(play, pointing):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(start_s=10.0, exposures=(Exposure("r", 50.0, 20),)))
            await rig.sky_s(40)
            rig.link.cut(60.0)
            rig.coordinator.revoke(Revocation("p1", 1, Reason.RETRACTED, abort_if_started=True))
            await rig.sky_s(300)
        last = rig.coordinator.reports_of("p1")[-1]
        assert (last.state, last.reason) == (S.PARTIAL, Reason.RETRACTED)
        assert len(last.exposures) < 6

    play(scenario)


def test_a_mild_request_during_an_outage_lets_what_runs_go_on(play, pointing):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing("runs", start_s=10.0))
            rig.coordinator.offer(pointing("waits", start_s=400.0))
            await rig.sky_s(40)
            rig.link.cut(60.0)
            rig.coordinator.revoke(Revocation("runs", 1, Reason.SUPERSEDED))
            rig.coordinator.states["waits"] = S.ACCEPTED
            rig.coordinator.revoke(Revocation("waits", 1, Reason.VETOED_BY_OPERATOR))
            await rig.sky_s(1000)
        assert rig.told("runs")[-1] == "completed"
        assert "slewing" not in rig.told("waits")

    play(scenario)
