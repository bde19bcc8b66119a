"""What happens to reports that the coordinator refuses, or leaves without an answer."""

from datetime import UTC, datetime, timedelta

import grpc
import grpc.aio
import pytest

from telescopes.agent.grpc_errors import error_of
from telescopes.agent.link import INVALID
from telescopes.agent.loopback import LoopbackCoordinator
from telescopes.description.errors import Refused, RetryLater
from telescopes.description.messages import Detection
from telescopes.description.states import PointingState

S = PointingState
T0 = datetime(2026, 1, 1, tzinfo=UTC)
PATIENT = {"lease_s": 2000.0}
NOT_THE_ITEMS = ("FAILED_PRECONDITION", "UNIMPLEMENTED", "UNAUTHENTICATED", "PERMISSION_DENIED", "NOT_FOUND")


class Closed(LoopbackCoordinator):
    """Refuses every batch of reports for the first 100 s."""

    reason = ""

    async def report_pointings(self, session_id, acked_seq, reports):
        if self.sky.now() < T0 + timedelta(seconds=100):
            raise Refused("not now", where="coordinator", mend="mend it there", reason=self.reason)
        return await super().report_pointings(session_id, acked_seq, reports)


class Particular(LoopbackCoordinator):
    """Refuses a batch in which something is about the pointing `bad`."""

    async def report_pointings(self, session_id, acked_seq, reports):
        if any(r.pointing_id == "bad" for r in reports):
            raise Refused("is bad", where="reports[0]", mend="correct it", reason=INVALID)
        return await super().report_pointings(session_id, acked_seq, reports)


class Forgetful(LoopbackCoordinator):
    """Answers nothing for the first 20 s."""

    asked = 0

    async def report_pointings(self, session_id, acked_seq, reports):
        self.asked += 1
        assert self.asked < 1000, "asked again and again without a pause"
        if self.sky.now() < T0 + timedelta(seconds=20):
            return ()
        return await super().report_pointings(session_id, acked_seq, reports)


@pytest.mark.parametrize("reason", NOT_THE_ITEMS)
def test_a_refusal_that_is_not_about_the_reports_loses_none(play, pointing, reason):
    async def scenario(rig):
        rig.coordinator.reason = reason
        async with rig.running() as store:
            for name in ("p1", "p2"):
                rig.coordinator.offer(pointing(name, start_s=600.0, accept_within_s=1000.0))
            await rig.sky_s(90)
            assert (store.unsent(), store.refused()) == (2, [])
            await rig.sky_s(500)
            assert (store.unsent(), store.refused()) == (0, [])
        assert rig.told("p1") == rig.told("p2") == ["accepted"]

    play(scenario, coordinator_class=Closed, **PATIENT)


def test_a_bad_report_is_set_aside_and_the_others_of_its_batch_are_sent(play, pointing):
    async def scenario(rig):
        async with rig.running() as store:
            for name in ("good", "bad", "fine"):
                rig.coordinator.offer(pointing(name, start_s=600.0, accept_within_s=1000.0))
            await rig.sky_s(10)
            assert [reason for _, _, reason in store.refused()] == [INVALID]
        assert rig.told("good") == rig.told("fine") == ["accepted"]

    play(scenario, coordinator_class=Particular, **PATIENT)


def test_a_report_that_was_not_answered_is_sent_again_after_a_pause(play, pointing):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(start_s=600.0, accept_within_s=1000.0))
            await rig.sky_s(100)
        assert rig.told() == ["accepted"]

    play(scenario, coordinator_class=Forgetful, **PATIENT)


@pytest.mark.parametrize("code", [grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.PERMISSION_DENIED])
def test_only_an_invalid_argument_over_grpc_is_about_what_was_sent(code):
    failed = grpc.aio.AioRpcError(code, grpc.aio.Metadata(), grpc.aio.Metadata(), details="no")
    error = error_of(failed, "gateway")
    assert isinstance(error, Refused)
    assert (error.reason == INVALID) == (code is grpc.StatusCode.INVALID_ARGUMENT)


class Slow(LoopbackCoordinator):
    """Takes no detection, and asks for more patience than anybody has."""

    asked = 0

    async def report_detections(self, session_id, detections):
        self.asked += 1
        raise RetryLater("too fast", where="coordinator", mend="wait", after_s=1e9)


def test_detections_that_nobody_takes_hold_back_no_report(play, pointing):
    async def scenario(rig):
        async with rig.running() as store:
            with store.transaction():
                store.add_detections([Detection("d1", "p0", 10.0, 20.0, T0, "r", 18.0)])
            rig.link.cut(5.0)
            await rig.sky_s(60)
            assert rig.coordinator.asked >= 1
            rig.coordinator.offer(pointing("p1", start_s=600.0, accept_within_s=1000.0))
            await rig.sky_s(120)
            assert [r.state for r in rig.coordinator.reports_of("p1")] == [S.ACCEPTED]
            assert store.unsent_reports() == 0
            assert store.unsent() == 1

    play(scenario, coordinator_class=Slow, **PATIENT)
