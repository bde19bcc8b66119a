"""The command stream over a real port."""

import asyncio
from typing import Any

import grpc
import grpc.aio
import pytest
from armillary.telescope.v1 import telescope_pb2 as pb

from coordinator.gateway.loopback import LoopbackBatch, LoopbackTelescope
from telescopes.description.errors import RetryLater
from telescopes.description.messages import Revocation
from telescopes.description.states import Reason

Code = grpc.StatusCode
A_WHILE_S = 120.0


def watch(gateway: Any, session_id: str, after_seq: int = 0) -> Any:
    return gateway.stub().WatchCommands(pb.WatchCommandsRequest(session_id=session_id, after_seq=after_seq))


async def read(stream: Any, kind: str) -> Any:
    """Read until a command of that kind comes."""
    async with asyncio.timeout(A_WHILE_S):
        while True:
            said = await stream.read()
            assert said is not grpc.aio.EOF, f"the stream ended before any {kind}"
            if said.WhichOneof("command") == kind:
                return said


async def test_commands_come_in_order_and_from_the_cursor_on(gateway: Any, pointing: Any) -> None:
    telescope, session = gateway.telescopes["tca"], await gateway.session()
    for name in ("p1", "p2", "p3"):
        await telescope.command(pointing(name))
    stream = watch(gateway, session, after_seq=1)
    got = [await read(stream, "pointing"), await read(stream, "pointing")]
    assert [(said.seq, said.pointing.pointing_id) for said in got] == [(2, "p2"), (3, "p3")]


async def test_a_command_that_comes_while_the_stream_waits_is_sent(gateway: Any, pointing: Any) -> None:
    telescope, stream = gateway.telescopes["tca"], watch(gateway, await gateway.session())
    await read(stream, "heartbeat")
    await telescope.command(pointing("p1"))
    assert (await read(stream, "pointing")).pointing.pointing_id == "p1"
    await telescope.command(Revocation("p1", 1, Reason.RETRACTED, abort_if_started=True))
    revoked = await read(stream, "revocation")
    assert (revoked.seq, revoked.revocation.pointing_id) == (2, "p1")
    assert revoked.revocation.reason == pb.REASON_RETRACTED
    assert revoked.revocation.abort_if_started


async def test_a_quiet_stream_beats_at_once_and_again_with_the_clocks_and_the_last_number(
    gateway: Any, pointing: Any
) -> None:
    session = await gateway.session()
    await gateway.telescopes["tca"].command(pointing("p1"))
    stream = watch(gateway, session, after_seq=1)
    for _ in range(3):
        beat = await read(stream, "heartbeat")
        assert beat.seq == 1
        assert beat.heartbeat.sky_clock.rate == 100.0
        assert beat.heartbeat.sky_clock.sky_time.ToDatetime().year == 2017
        assert beat.heartbeat.server_time.ToDatetime().year == 2026


async def test_a_newer_session_ends_the_older_stream(gateway: Any, failure: Any) -> None:
    stream = watch(gateway, await gateway.session())
    await read(stream, "heartbeat")
    await gateway.session()
    failed = await failure(stream)
    assert (failed.code, failed.reason) == (Code.ABORTED, "SESSION_SUPERSEDED")


async def test_a_stale_session_cannot_watch(gateway: Any, failure: Any) -> None:
    stale = await gateway.session()
    await gateway.session()
    failed = await failure(watch(gateway, stale))
    assert (failed.code, failed.reason) == (Code.FAILED_PRECONDITION, "SESSION_STALE")


async def test_a_cursor_beyond_the_log_is_out_of_range(gateway: Any, failure: Any) -> None:
    failed = await failure(watch(gateway, await gateway.session(), after_seq=7))
    assert (failed.code, failed.reason) == (Code.OUT_OF_RANGE, "CURSOR_AHEAD")


async def test_what_is_no_session_is_refused_by_name(gateway: Any, failure: Any) -> None:
    for session_id in ("", "tca", "tca:1:<script>", "tca:x:abc", "a" * 10_000):
        failed = await failure(watch(gateway, session_id))
        assert (failed.code, set(failed.violations)) == (Code.INVALID_ARGUMENT, {"session_id"})
    assert (await failure(watch(gateway, "nowhere:1:abc"))).code == Code.NOT_FOUND


async def test_a_stream_outlives_a_restart_of_the_telescopes_actor(gateway: Any, pointing: Any) -> None:
    telescope = gateway.telescopes["tca"]
    stream = watch(gateway, await gateway.session())
    await read(stream, "heartbeat")
    await telescope.fail(RetryLater("restarting", where="tca", mend="wait", after_s=0.05))
    await read(stream, "heartbeat")
    await telescope.fail(None)
    await telescope.command(pointing("p1"))
    assert (await read(stream, "pointing")).seq == 1


class Stuck(LoopbackTelescope):
    """A telescope whose actor answers once, and then not at all."""

    async def next_commands(self, session_id: str, after_seq: int, wait_s: float) -> LoopbackBatch:
        if wait_s > 0:
            await asyncio.Event().wait()
        return await super().next_commands(session_id, after_seq, wait_s)


async def test_an_actor_that_does_not_answer_does_not_silence_the_heartbeats(gateway: Any) -> None:
    gateway.telescopes["tca"] = Stuck("tca")
    stream = watch(gateway, await gateway.session())
    for _ in range(3):
        await read(stream, "heartbeat")
    gateway.service.drain()
    await read(stream, "drain")


async def test_a_stream_gives_up_when_the_actor_stays_away(serve: Any, failure: Any) -> None:
    gateway = await serve(patience_s=0.2)
    stream = watch(gateway, await gateway.session())
    await read(stream, "heartbeat")
    await gateway.telescopes["tca"].fail(RetryLater("restarting", where="tca", mend="wait", after_s=0.05))
    failed = await failure(stream)
    assert (failed.code, failed.reason, failed.retry_after_s) == (Code.UNAVAILABLE, "RETRY_LATER", 0.05)


async def test_a_gateway_that_stops_drains_its_streams(serve: Any) -> None:
    gateway = await serve(heartbeat_s=60.0)
    stream = watch(gateway, await gateway.session())
    await read(stream, "heartbeat")
    stopping = asyncio.create_task(gateway.server.stop(grace_s=5.0))
    said = await read(stream, "drain")
    assert 0.2 <= said.drain.reconnect_after.ToTimedelta().total_seconds() <= 1.0
    assert await stream.read() is grpc.aio.EOF
    assert await stream.code() == Code.OK
    await stopping


async def test_an_old_stream_drains_by_itself(serve: Any) -> None:
    gateway = await serve(lives_s=0.2)
    stream = watch(gateway, await gateway.session())
    assert (await read(stream, "drain")).seq == 0
    assert await stream.read() is grpc.aio.EOF


async def test_a_client_that_goes_leaves_nothing_behind(gateway: Any, until: Any) -> None:
    stream = watch(gateway, await gateway.session())
    await read(stream, "heartbeat")
    assert gateway.service.open_streams == 1
    stream.cancel()
    await until(lambda: gateway.service.open_streams == 0)


@pytest.mark.slow
async def test_two_hundred_streams_each_get_the_one_pointing(gateway: Any, pointing: Any) -> None:
    session = await gateway.session()
    streams = [watch(gateway, session) for _ in range(200)]
    await asyncio.gather(*(read(stream, "heartbeat") for stream in streams))
    await gateway.telescopes["tca"].command(pointing("p1"))
    got = await asyncio.gather(*(read(stream, "pointing") for stream in streams))
    assert len(got) == 200
    assert {(said.seq, said.pointing.pointing_id) for said in got} == {(1, "p1")}
