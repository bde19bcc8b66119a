"""Instants that no calendar holds, and clocks that seem wrong because the link is slow."""

import asyncio
import math
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from armillary.telescope.v1 import telescope_pb2 as pb
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from telescopes.agent.convert_down import message_of, pointing_of
from telescopes.agent.loopback import LoopbackCoordinator
from telescopes.agent.safety import unfit
from telescopes.agent.wire import sky_clock_of
from telescopes.description.errors import Refused
from telescopes.description.messages import Heartbeat
from telescopes.description.states import PointingState, Reason
from telescopes.drivers.driver import DriverCapabilities
from telescopes.drivers.simulated import SimulatedDriver

S = PointingState
T0 = datetime(2026, 1, 1, tzinfo=UTC)
LAST = datetime(9999, 12, 31, tzinfo=UTC)
FIRST = datetime(1, 1, 1, tzinfo=UTC)
SENT = pb.Pointing(
    telescope_id="t1",
    instrument_id="main",
    ra_deg=10.0,
    window=pb.TimeWindow(start_time=Timestamp(seconds=1767225600), end_time=Timestamp(seconds=1767229200)),
    exposures=[pb.Exposure(filter="r", exposure_s=60.0, count=1)],
)
TOO_FAR = (10**14, -(10**14), 2**62)


class RealDriver(SimulatedDriver):
    """Says that something real moves."""

    def capabilities(self):
        return DriverCapabilities(("real",), simulated=False)


class Shifted(LoopbackCoordinator):
    """Its heartbeats are this far off."""

    heartbeats_s = 0.0

    async def watch(self, session_id, after_seq):
        async with aclosing(super().watch(session_id, after_seq)) as stream:
            async for said in stream:
                if isinstance(said, Heartbeat):
                    moved = said.sky_clock.sky_time + timedelta(seconds=self.heartbeats_s)
                    said = replace(said, sky_clock=replace(said.sky_clock, sky_time=moved))
                yield said


class SlowToAnswer(LoopbackCoordinator):
    """Its answers are on their way for five seconds."""

    async def report_status(self, session_id, report):
        reply = await super().report_status(session_id, report)
        await asyncio.sleep(5)
        return reply


def test_an_offer_far_in_time_is_refused_and_harms_nobody(play, pointing, tmp_path):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing("planned", planned_start=LAST))
            rig.coordinator.offer(pointing("open", window_end=LAST))
            rig.coordinator.offer(pointing("old", window_start=FIRST))
            rig.coordinator.offer(pointing("good"))
            await rig.sky_s(10)
        async with rig.running():
            await rig.sky_s(1000)
        for name in ("planned", "open", "old"):
            assert rig.told(name) == ["rejected"]
            assert rig.coordinator.reports_of(name)[-1].reason is Reason.INTERNAL
        assert rig.told("good")[-1] == "completed"

    play(scenario, state=tmp_path)


def test_a_pointing_is_fit_as_it_was_sent(telescope):
    assert unfit(pointing_of(SENT), telescope()) is None


@pytest.mark.parametrize("seconds", [0, *TOO_FAR])
@pytest.mark.parametrize("field", ["start_time", "end_time", "planned_start_time"])
def test_a_pointing_with_an_instant_that_no_calendar_holds_is_unfit(telescope, field, seconds):
    sent = pb.Pointing.FromString(SENT.SerializeToString())
    part = sent if field == "planned_start_time" else sent.window
    getattr(part, field).CopyFrom(Timestamp(seconds=seconds))
    assert unfit(pointing_of(sent), telescope()) is not None


def test_a_span_that_no_calendar_holds_is_read(telescope):
    sent = pb.Pointing.FromString(SENT.SerializeToString())
    sent.accept_within.CopyFrom(Duration(seconds=2**62))
    assert pointing_of(sent).accept_within_s == 2.0**62


@pytest.mark.parametrize(
    ("seconds", "rate"), [(0, 1.0), *((s, 1.0) for s in TOO_FAR), (1767225600, math.nan), (1767225600, 1e300)]
)
def test_a_sky_clock_that_nothing_could_follow_is_refused(seconds, rate):
    said = pb.SkyClock(sky_time=Timestamp(seconds=seconds), rate=rate)
    with pytest.raises(Refused, match="no sky time"):
        sky_clock_of(said)
    with pytest.raises(Refused, match="no sky time"):
        message_of(pb.WatchCommandsResponse(seq=1, heartbeat=pb.Heartbeat(sky_clock=said)))


@pytest.mark.parametrize(("heartbeats_s", "kept"), [(-10.0, True), (1.0, True), (10.0, False)])
def test_a_heartbeat_may_be_old_but_not_ahead(play, heartbeats_s, kept):
    async def scenario(rig):
        rig.coordinator.heartbeats_s = heartbeats_s
        async with rig.running():
            await rig.sky_s(120)
        assert (len(rig.coordinator.sessions) == 1) == kept

    play(scenario, driver=RealDriver, coordinator_class=Shifted)


def test_an_answer_may_be_as_old_as_its_own_way(play):
    async def scenario(rig):
        async with rig.running():
            await rig.sky_s(120)
        assert len(rig.coordinator.sessions) == 1

    play(scenario, driver=RealDriver, coordinator_class=SlowToAnswer)


def test_a_coordinator_whose_answers_are_behind_is_refused(play):
    async def scenario(rig):
        rig.coordinator.sky = replace(rig.sky, sky_anchor=T0 - timedelta(seconds=10))
        with pytest.raises(Refused, match=r"10\.0 s off this machine's"):
            async with rig.running():
                await rig.sky_s(100)

    play(scenario, driver=RealDriver)
