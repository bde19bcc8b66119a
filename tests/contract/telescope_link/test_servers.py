"""Our gateways keep every promise of the link; toy servers that break one are found out."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from armillary.telescope.v1 import telescope_pb2 as pb
from armillary.telescope.v1 import telescope_pb2_grpc
from builders.live_gateway import live_gateway
from builders.secured import SmallAuthority

from coordinator.gateway.practice import practice_gateway
from telescopes.conformance.promise import FAILED, NOT_TRIED, Fact
from telescopes.conformance.server import now
from telescopes.conformance.server_suite import CHAPTERS, try_server


async def tried(target: str, telescope: str) -> list[Fact]:
    return [fact async for fact in try_server(target, telescope)]


def those(facts: list[Fact], outcome: str) -> list[str]:
    return [str(fact) for fact in facts if fact.outcome == outcome]


async def test_the_real_gateway_keeps_every_promise() -> None:
    async with live_gateway() as live:
        facts = await tried(live.address, "tel-a")
        assert those(facts, FAILED) == []
        assert [f.says for f in facts if f.outcome == NOT_TRIED] == [
            "a certificate opens its own telescope's session and no other: PERMISSION_DENIED, IDENTITY_MISMATCH",
            "a cursor that was compacted away is CURSOR_COMPACTED, and asks for a snapshot",
        ]
        assert set(live.states("tel-b").values()) == {"offered"}
        assert sorted(live.states("tel-a").values()) == ["offered"] * 5 + ["rejected"]


async def test_the_real_gateway_keeps_its_promises_after_its_log_was_compacted() -> None:
    async with live_gateway(keep_commands=2) as live:
        facts = await tried(live.address, "tel-a")
        assert those(facts, FAILED) == []
        assert "a cursor that was compacted away is CURSOR_COMPACTED, and asks for a snapshot" in [
            f.says for f in facts if f.outcome == "ok"
        ]


async def test_the_real_gateway_keeps_every_promise_behind_its_certificates(tmp_path: Path) -> None:
    authority = SmallAuthority(tmp_path / "ca")
    files = authority.identity(tmp_path, "tel-a")
    async with live_gateway(door=authority.door(link_now=lambda: 1000.0 * time.monotonic())) as live:
        facts = [fact async for fact in try_server(live.address, "tel-a", identity=files)]
        assert those(facts, FAILED) == []
        assert [f.says for f in facts if f.outcome == NOT_TRIED] == [
            "a cursor that was compacted away is CURSOR_COMPACTED, and asks for a snapshot"
        ]
        assert set(live.states("tel-b").values()) == {"offered"}


@pytest.fixture
async def practice() -> AsyncIterator[str]:
    gateway = practice_gateway("127.0.0.1", 0)
    yield f"127.0.0.1:{await gateway.start()}"
    await gateway.stop(grace_s=0.5)


async def test_the_practice_gateway_keeps_every_promise(practice: str) -> None:
    facts = await tried(practice, "tca")
    assert those(facts, FAILED) == []


async def test_a_gateway_that_breaks_promises_is_found_out() -> None:
    async with broken_server() as address:
        facts = [fact async for fact in try_server(address, "t1", within_s=0.5)]
    failed = {fact.says for fact in facts if fact.outcome == FAILED}
    assert len(failed) >= 15
    assert {
        "each session has a higher epoch and a name of its own, in the same journal",
        "a newer session ends the older stream with ABORTED, SESSION_SUPERSEDED",
        "every call of an old session is FAILED_PRECONDITION, SESSION_STALE",
        "commands are numbered without a gap, from after the cursor on",
        "a cursor beyond the head is OUT_OF_RANGE, CURSOR_AHEAD",
        "the list holds each open pointing once, page by page, and says how far it is true",
        "a batch is answered item by item, in its order; a bad item blocks no other",
        "a report is stored once; a repetition is code 6, and a late one moves no state backwards",
    } <= failed


class OddServer(telescope_pb2_grpc.TelescopeServiceServicer):
    """A gateway whose answers are messages, and hold less or other things than they must."""

    async def OpenSession(self, request: Any, context: Any) -> Any:
        answer = pb.OpenSessionResponse(journal_id="j", head_seq=4)
        answer.heartbeat_interval.seconds = 2**62
        return answer

    async def WatchCommands(self, request: Any, context: Any) -> AsyncIterator[Any]:
        context.set_trailing_metadata((("grpc-status-details-bin", b"\xff" * 9),))
        await context.abort(grpc.StatusCode.ABORTED, "odd")
        yield pb.WatchCommandsResponse()

    async def ReportPointings(self, request: Any, context: Any) -> Any:
        return pb.ReportPointingsResponse(server_time=now())

    async def ReportStatus(self, request: Any, context: Any) -> Any:
        return pb.ReportStatusResponse()

    async def ReportDetections(self, request: Any, context: Any) -> Any:
        return pb.ReportDetectionsResponse()

    async def ListPointings(self, request: Any, context: Any) -> Any:
        listed = pb.ListedPointing(pointing=pb.Pointing(pointing_id="p1"), state=pb.POINTING_STATE_OFFERED)
        return pb.ListPointingsResponse(pointings=[listed])


async def test_odd_answers_are_failed_promises_one_by_one_and_every_promise_is_tried() -> None:
    async with broken_server(OddServer()) as address:
        facts = [fact async for fact in try_server(address, "t1", within_s=0.5)]
    assert len(facts) == sum(len(chapter.promises) for chapter in CHAPTERS)
    odd = {fact.because.split(" (")[1].split(":")[0] for fact in facts if "cannot be read on" in fact.because}
    assert {fact.outcome for fact in facts if "cannot be read on" in fact.because} == {FAILED}
    assert {"IndexError", "ValueError", "DecodeError"} <= odd


class BrokenServer(telescope_pb2_grpc.TelescopeServiceServicer):
    """A gateway as one would write it in a hurry: whatever comes is fine."""

    pointing = pb.Pointing(pointing_id="p1", revision=1, telescope_id="t1")

    async def OpenSession(self, request: Any, context: Any) -> Any:
        return pb.OpenSessionResponse(session_id="s", session_epoch=1, journal_id="j", head_seq=4)

    async def WatchCommands(self, request: Any, context: Any) -> AsyncIterator[Any]:
        for seq in (1, 2, 4):
            yield pb.WatchCommandsResponse(seq=seq, pointing=self.pointing)
        await asyncio.sleep(0.2)

    async def ReportPointings(self, request: Any, context: Any) -> Any:
        results = [pb.ItemResult(item_id=r.report_id, current_state=r.state) for r in reversed(request.reports)]
        return pb.ReportPointingsResponse(results=results, server_time=now())

    async def ReportStatus(self, request: Any, context: Any) -> Any:
        return pb.ReportStatusResponse()

    async def ReportDetections(self, request: Any, context: Any) -> Any:
        return pb.ReportDetectionsResponse()

    async def ListPointings(self, request: Any, context: Any) -> Any:
        listed = pb.ListedPointing(pointing=self.pointing, state=pb.POINTING_STATE_OFFERED)
        return pb.ListPointingsResponse(pointings=[listed, listed], as_of_seq=0)


@asynccontextmanager
async def broken_server(broken: telescope_pb2_grpc.TelescopeServiceServicer | None = None) -> AsyncIterator[str]:
    server = grpc.aio.server()
    telescope_pb2_grpc.add_TelescopeServiceServicer_to_server(broken or BrokenServer(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield f"127.0.0.1:{port}"
    await server.stop(0.2)
