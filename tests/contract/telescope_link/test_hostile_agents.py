"""An agent that is broken or hostile gets the right answers from the real gateway, and harms nobody else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest
from armillary.telescope.v1 import telescope_pb2 as pb
from builders.live_gateway import LiveGateway, live_gateway

from telescopes.conformance.server import Server, now

Code = grpc.StatusCode
ACCEPTED, COMPLETED = pb.POINTING_STATE_ACCEPTED, pb.POINTING_STATE_COMPLETED


@asynccontextmanager
async def both() -> AsyncIterator[tuple[LiveGateway, Server, Server]]:
    """Serve an honest agent of tel-a and a hostile one of tel-b."""
    async with live_gateway(offered=2) as live:
        honest, hostile = Server(live.address, "tel-a", 30.0), Server(live.address, "tel-b", 30.0)
        try:
            yield live, honest, hostile
        finally:
            await honest.close()
            await hostile.close()


def said_of_pointings(live: LiveGateway) -> list[str]:
    """Tell what the journal says of pointings; the scheduler may plan again whenever it likes."""
    return [s.entry.kind for s in live.journal.stored if s.entry.kind.startswith("pointing_")]


async def is_well(honest: Server, session_id: str) -> None:
    """The honest agent's session lives: it is heard, and hears."""
    status = pb.ReportStatusRequest(session_id=session_id, client_time=now(), safe=True)
    assert (await honest.call("ReportStatus", status)).lease_left.seconds > 0
    watch = pb.WatchCommandsRequest(session_id=session_id, after_seq=2)
    assert (await honest.first(watch, lambda said: said.HasField("heartbeat"))).seq == 2


async def test_reports_about_anothers_pointings_are_unknown_and_change_nothing() -> None:
    async with both() as (live, honest, hostile):
        mine, theirs = (await honest.open()).session_id, (await hostile.open()).session_id
        before = said_of_pointings(live)
        (result,) = await hostile.send(theirs, hostile.report("tel-a-0", COMPLETED))
        assert (result.code, result.reason) == (5, "UNKNOWN_POINTING")
        assert set(live.states("tel-a").values()) == {"offered"}
        assert said_of_pointings(live) == before
        await is_well(honest, mine)


@pytest.mark.parametrize("guess", ["tel-a:1:token1", "tel-a:2:token1000", "tel-a:99999999999:x", "tel-a:1:token1000 "])
async def test_a_guessed_session_of_another_opens_nothing(guess: str) -> None:
    async with both() as (live, honest, hostile):
        mine = (await honest.open()).session_id
        assert guess != mine
        refusal = await hostile.refusal(
            "ReportPointings",
            pb.ReportPointingsRequest(session_id=guess, reports=[hostile.report("tel-a-0", COMPLETED)]),
        )
        assert refusal.code in (Code.FAILED_PRECONDITION, Code.INVALID_ARGUMENT)
        assert set(live.states("tel-a").values()) == {"offered"}
        await is_well(honest, mine)


async def test_illegal_moves_are_refused_one_by_one_and_journalled_by_nobody() -> None:
    async with both() as (live, honest, hostile):
        mine, session = (await honest.open()).session_id, (await hostile.open()).session_id
        (done,) = await hostile.send(session, hostile.report("tel-b-0", COMPLETED, fraction_done=1.0))
        assert done.code == 0
        before = said_of_pointings(live)
        bad = [
            hostile.report("tel-b-0", pb.POINTING_STATE_FAILED, revision=7),
            hostile.report("tel-b-1", pb.POINTING_STATE_EXPOSING, revision=2**32 - 1),
            hostile.report("tel-b-1", pb.POINTING_STATE_OFFERED),
            hostile.report("tel-b-1", pb.POINTING_STATE_EXPOSING),
        ]
        results = await hostile.send(session, *bad)
        assert {(r.code, r.reason) for r in results} == {(9, "REVISION_STALE"), (9, "ILLEGAL_TRANSITION")}
        assert live.states("tel-b") == {"tel-b-0": "completed", "tel-b-1": "offered"}
        assert said_of_pointings(live) == before
        await is_well(honest, mine)


async def test_reports_out_of_order_never_move_a_state_backwards() -> None:
    async with both() as (live, _, agent):
        session = (await agent.open()).session_id
        accepted, slewing, exposing = (agent.report("tel-b-0", state) for state in (2, 3, 4))
        for batch in ([exposing, accepted], [slewing]):
            await agent.send(session, *batch)
        assert live.states("tel-b")["tel-b-0"] == "exposing"
        noted = [s.entry.kind for s in live.journal.stored if s.entry.subject == "tel-b-0"][1:]
        assert noted == ["pointing_accepted", "pointing_progressed", "pointing_noted"]


async def test_a_message_of_more_than_four_mebibytes_is_refused_and_costs_others_nothing() -> None:
    async with both() as (_, honest, hostile):
        mine, session = (await honest.open()).session_id, (await hostile.open()).session_id
        report = hostile.report("tel-b-0", ACCEPTED)
        request: Any = pb.ReportPointingsRequest(session_id=session, reports=[report])
        report.detail = "x" * ((4 << 20) + 1 - request.ByteSize())
        request = pb.ReportPointingsRequest(session_id=session, reports=[report])
        assert request.ByteSize() > 4 << 20
        assert (await hostile.refusal("ReportPointings", request)).code is Code.RESOURCE_EXHAUSTED
        await is_well(honest, mine)


async def flood(many: int) -> None:
    """Send so many tiny reports about one pointing, each with a name of its own."""
    async with both() as (live, honest, hostile):
        mine, session = (await honest.open()).session_id, (await hostile.open()).session_id
        await hostile.send(session, hostile.report("tel-b-0", ACCEPTED))
        codes: dict[tuple[int, str], int] = {}
        for _ in range(many // 500):
            for result in await hostile.send(session, *(hostile.report("tel-b-0", ACCEPTED) for _ in range(500))):
                codes[result.code, result.reason] = codes.get((result.code, result.reason), 0) + 1
            await is_well(honest, mine)
        assert codes == {(0, ""): 2999, (9, "TOO_MANY_REPORTS"): many - 2999}
        (end,) = await hostile.send(session, hostile.report("tel-b-0", COMPLETED, fraction_done=1.0))
        assert (end.code, end.current_state) == (0, COMPLETED)
        assert set(live.states("tel-a").values()) == {"offered"}
        assert len(said_of_pointings(live)) < 4000


async def test_a_flood_of_reports_about_one_pointing_ends_at_its_limit() -> None:
    await flood(4_000)


@pytest.mark.long
async def test_a_hundred_thousand_tiny_reports_harm_nobody() -> None:
    await flood(100_000)
