"""What an agent does when the link is lost, the coordinator changes, or messages come twice or not at all."""

import asyncio
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from telescopes.agent.loopback import LoopbackCoordinator
from telescopes.agent.store import Store
from telescopes.description.errors import Refused
from telescopes.description.messages import Command, Exposure, Revocation
from telescopes.description.states import PointingState, Reason
from telescopes.drivers.driver import DriverCapabilities
from telescopes.drivers.simulated import SimulatedDriver

S = PointingState
T0 = datetime(2026, 1, 1, tzinfo=UTC)


def after(seconds):
    return T0 + timedelta(seconds=seconds)


class Twice(LoopbackCoordinator):
    """Sends every command twice, and the stream out of order the first time."""

    shuffled = False

    async def watch(self, session_id, after_seq):
        async with aclosing(super().watch(session_id, after_seq)) as stream:
            async for message in stream:
                if isinstance(message, Command) and not self.shuffled and len(self.commands) > message.seq:
                    self.shuffled = True
                    yield self.commands[message.seq]
                yield message
                yield message


class Deaf(LoopbackCoordinator):
    """Never answers a report."""

    async def report_pointings(self, session_id, acked_seq, reports):
        await asyncio.sleep(10_000)


class SilentAtFirst(LoopbackCoordinator):
    """Sends nothing in the first session."""

    async def watch(self, session_id, after_seq):
        while len(self.sessions) == 1:
            await asyncio.sleep(1)
        async with aclosing(super().watch(session_id, after_seq)) as stream:
            async for message in stream:
                yield message


class RealDriver(SimulatedDriver):
    """Says that something real moves."""

    def capabilities(self):
        return DriverCapabilities(("real",), simulated=False)


def real(telescope, sky):
    return RealDriver(telescope, sky)


def test_a_cut_off_agent_goes_on_and_its_truth_comes_late(play, pointing):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(start_s=100.0))
            await rig.sky_s(50)
            rig.link.cut(400.0)
            await rig.sky_s(449)
            assert rig.coordinator.state("p1") is S.EXPIRED
            assert rig.told() == ["accepted"]
            await rig.sky_s(600)
        assert rig.coordinator.state("p1") is S.COMPLETED
        last = rig.coordinator.reports[-1]
        assert last.late
        assert len(last.exposures) == 3
        assert len(rig.coordinator.sessions) == 2

    play(scenario)


def test_an_outage_shorter_than_the_lease_changes_nothing(play, pointing):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(start_s=100.0))
            await rig.sky_s(50)
            rig.link.cut(5.0)
            await rig.sky_s(600)
        assert rig.told() == ["accepted", "slewing", "exposing", "completed"]
        assert not any(r.late for r in rig.coordinator.reports)

    play(scenario)


def test_what_the_coordinator_gave_up_and_has_not_started_is_not_started(play, pointing):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(start_s=1000.0))
            await rig.sky_s(50)
            rig.link.cut(400.0)
            await rig.sky_s(2000)
        assert rig.coordinator.state("p1") is S.EXPIRED
        assert rig.told() == ["accepted"]

    play(scenario)


def test_an_offer_whose_acceptance_did_not_get_through_is_not_started(play, pointing):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(start_s=20.0))
            await rig.sky_s(1000)
        assert rig.coordinator.state("p1") is S.EXPIRED
        assert rig.told() == []

    play(scenario, coordinator_class=Deaf)


def test_commands_that_come_twice_or_in_disorder_are_applied_once_and_in_order(play, pointing):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing("a", start_s=100.0))
            rig.coordinator.revoke(Revocation("a", 1, Reason.SUPERSEDED))
            rig.coordinator.offer(pointing("b", start_s=100.0))
            await rig.sky_s(1000)
        assert rig.coordinator.state("a") is S.REVOKED
        assert rig.told("b") == ["accepted", "slewing", "exposing", "completed"]
        assert rig.coordinator.shuffled

    play(scenario, coordinator_class=Twice)


def test_a_drained_stream_is_opened_again_in_the_same_session(play, pointing):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.drain()
            await rig.sky_s(1)
            rig.coordinator.offer(pointing(start_s=10.0))
            await rig.sky_s(600)
        assert rig.told()[-1] == "completed"
        assert len(rig.coordinator.sessions) == 1

    play(scenario)


def test_a_silent_coordinator_is_left_after_three_heartbeats(play):
    async def scenario(rig):
        async with rig.running():
            await rig.sky_s(29)
            assert len(rig.coordinator.sessions) == 1
            await rig.sky_s(32)
            assert len(rig.coordinator.sessions) == 2
            await rig.sky_s(300)
            assert len(rig.coordinator.sessions) == 2

    play(scenario, coordinator_class=SilentAtFirst)


def test_a_superseded_session_is_opened_again(play, pointing):
    async def scenario(rig):
        async with rig.running():
            await rig.coordinator.open_session(rig.coordinator.sessions[0])
            await rig.sky_s(20)
            rig.coordinator.offer(pointing(start_s=30.0))
            await rig.sky_s(600)
        assert rig.told()[-1] == "completed"
        assert len(rig.coordinator.sessions) == 3

    play(scenario)


def test_a_fresh_journal_starts_a_new_cursor_and_ends_what_it_does_not_know(play, pointing):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing("old", start_s=1000.0))
            await rig.sky_s(20)
            rig.coordinator.start_afresh("fresh")
            rig.coordinator.offer(pointing("new", start_s=500.0, accept_within_s=60.0))
            rig.link.cut(2.0)
            await rig.sky_s(2000)
        assert rig.told("old") == ["accepted"]
        assert rig.told("new")[-1] == "completed"

    play(scenario)


def test_a_cursor_beyond_the_head_is_mended_by_a_snapshot(play, pointing):
    async def scenario(rig):
        async with rig.running():
            for n in range(3):
                rig.coordinator.offer(pointing(f"p{n}", start_s=1000.0 + 300 * n))
            await rig.sky_s(20)
            del rig.coordinator.commands[1:]
            rig.link.cut(2.0)
            await rig.sky_s(3000)
        assert all(rig.told(f"p{n}")[-1] == "completed" for n in range(3))

    play(scenario)


def test_a_refused_report_is_kept_aside_and_blocks_nothing(play, pointing):
    async def scenario(rig):
        async with rig.running() as store:
            rig.coordinator.offer(pointing("gone", start_s=50.0))
            rig.coordinator.states["gone"] = S.REVOKED
            rig.coordinator.offer(pointing("good", start_s=300.0))
            await rig.sky_s(1000)
            assert [reason for _, _, reason in store.refused()] == ["ILLEGAL_TRANSITION"]
            assert store.unsent() == 0
        assert rig.told("good")[-1] == "completed"
        assert rig.told("gone") == []

    play(scenario)


def test_a_fast_sky_clock_is_refused_where_something_real_moves(play):
    async def scenario(rig):
        with pytest.raises(Refused, match="simulated"):
            async with rig.running():
                await rig.sky_s(100)

    play(scenario, rate=10.0, driver=real)


def test_a_real_telescope_keeps_its_own_time_against_a_lying_coordinator(play):
    async def scenario(rig):
        rig.coordinator.sky = replace(rig.sky, sky_anchor=after(6 * 3600))
        with pytest.raises(Refused, match="off this machine's"):
            async with rig.running():
                await rig.sky_s(100)

    play(scenario, driver=real)


def test_an_agent_with_a_wrong_clock_says_so_and_does_not_start(play):
    async def scenario(rig):
        with pytest.raises(Refused, match=r"\+5\.0 s off"):
            async with rig.running():
                await rig.sky_s(100)

    play(scenario, clock_error_s=5.0)


@pytest.mark.parametrize(("error_s", "warnings"), [(0.0, 0), (-0.15, 0), (0.5, 1), (-0.5, 1)])
def test_a_clock_that_is_a_little_off_is_warned_of_once_and_works(play, pointing, caplog, error_s, warnings):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(start_s=10.0))
            await rig.sky_s(600)
        assert rig.told()[-1] == "completed"

    play(scenario, clock_error_s=error_s)
    said = [record.getMessage() for record in caplog.records if "machine's clock" in record.getMessage()]
    assert len(said) == warnings
    assert all(f"{error_s:+.3f} s off" in line for line in said)


def test_a_clock_that_goes_wrong_later_refuses_offers(play, pointing):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing("before", start_s=10.0))
            await rig.sky_s(5)
            rig.clock_error_s = -4.0
            await rig.sky_s(200)
            rig.coordinator.offer(pointing("behind", start_s=400.0))
            await rig.sky_s(300)
            assert abs(rig.coordinator.status.clock_offset_s - 4.0) < 0.01
        assert rig.told("before")[-1] == "completed"
        assert rig.told("behind") == ["rejected"]

    play(scenario)


def test_an_agent_killed_in_any_state_goes_on_where_it_was(play, pointing, tmp_path):
    async def scenario(rig):
        rig.state = tmp_path / f"{rig.killed_at}"
        async with rig.running():
            rig.coordinator.offer(pointing(start_s=100.0, dec_deg=50.0))
            await rig.sky_s(20)
            if rig.killed_at < 20:
                await rig.sky_s(rig.killed_at)
            await rig.sky_s(rig.killed_at)
        await rig.sky_s(rig.killed_at + 10)
        async with rig.running():
            await rig.sky_s(1000)
        assert rig.told() == ["accepted", "slewing", "exposing", "completed"]
        indices = [e.exposure_index for e in rig.coordinator.reports[-1].exposures]
        assert indices == [0, 1, 2]

    for killed_at in (30.0, 99.0, 120.0, 168.0, 240.0, 400.0):

        async def killed(rig, at=killed_at):
            rig.killed_at = at
            await scenario(rig)

        play(killed)


def test_an_agent_killed_while_exposing_whose_window_closed_tells_what_was_taken(play, pointing, tmp_path):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(start_s=100.0, window_end=after(320), exposures=(Exposure("r", 60.0, 3),)))
            await rig.sky_s(190)
        await rig.sky_s(300)
        async with rig.running():
            await rig.sky_s(400)
        last = rig.coordinator.reports[-1]
        assert (last.state, len(last.exposures)) == (S.PARTIAL, 1)

    play(scenario, state=tmp_path)


def test_a_revocation_that_came_just_before_the_kill_is_obeyed_after_it(play, pointing, tmp_path):
    async def scenario(rig):
        async with rig.running() as store:
            rig.coordinator.offer(pointing(start_s=100.0))
            await rig.sky_s(120)
            with store.transaction():
                held = store.find("p1")
                store.put(replace(held, revocation=Revocation("p1", 1, Reason.RETRACTED, True)))
        async with rig.running():
            await rig.sky_s(130)
        assert rig.told()[-1] == "revoked"

    play(scenario, state=tmp_path)


def test_an_agent_restarted_without_a_link_keeps_the_fast_sky_time(play, pointing, tmp_path):
    async def scenario(rig):
        async with rig.running():
            rig.coordinator.offer(pointing(start_s=1000.0))
            await rig.sky_s(100)
        rig.link.cut(30.0)
        async with rig.running():
            await rig.sky_s(2000)
            assert rig.told() == ["accepted"]
            await rig.sky_s(8000)
        assert rig.told()[-1] == "completed"
        first = rig.coordinator.reports[-1].exposures[0]
        assert abs((first.start - after(1000)).total_seconds()) < 1.0
        assert rig.coordinator.reports[-1].late

    play(scenario, state=tmp_path, rate=100.0, heartbeat_s=0.5, lease_s=3.0)


@pytest.mark.parametrize("steps", range(12))
def test_an_agent_that_is_told_to_stop_while_its_session_ends_stops(play, steps):
    async def scenario(rig):
        store = Store(None, rig.telescope.id)
        running = asyncio.create_task(rig.agent(store).run(asyncio.Event()))
        await rig.sky_s(20)
        await rig.coordinator.open_session(rig.coordinator.sessions[-1])
        for _ in range(steps):  # so far into hearing that a newer session is open
            await asyncio.sleep(0)
        running.cancel()
        await asyncio.wait({running}, timeout=600.0)
        assert running.done(), "it goes on as if nobody had said anything"
        store.close()

    play(scenario)
