"""An agent that breaks the promises of the link is found out; that ours keeps them is tried by the command."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import grpc.aio
from armillary.telescope.v1 import telescope_pb2 as pb
from armillary.telescope.v1 import telescope_pb2_grpc

from telescopes.conformance.agent_suite import try_agent
from telescopes.conformance.promise import FAILED, Fact
from telescopes.conformance.server import now


@dataclass
class ForgetfulAgent:
    """An agent that accepts everything, forgets its cursor, and names its reports anew each time."""

    address: str
    count: int = 0

    async def run(self) -> None:
        async with grpc.aio.insecure_channel(self.address) as channel:
            stub: Any = telescope_pb2_grpc.TelescopeServiceStub(channel)
            while True:
                try:
                    await self._serve(stub)
                except grpc.aio.AioRpcError:
                    await asyncio.sleep(0.05)

    async def _serve(self, stub: Any) -> None:
        opened = await stub.OpenSession(pb.OpenSessionRequest(telescope_id="t1", boot_id="b", client_time=now()))
        session = opened.session_id
        await stub.ReportStatus(pb.ReportStatusRequest(session_id=session))
        async for said in stub.WatchCommands(pb.WatchCommandsRequest(session_id=session, after_seq=0)):
            if said.HasField("pointing"):
                self.count += 1
                report = pb.PointingReport(
                    report_id=f"r{self.count}",
                    pointing_id=said.pointing.pointing_id,
                    revision=1,
                    state=pb.POINTING_STATE_ACCEPTED,
                    agent_seq=1,
                )
                await stub.ReportPointings(pb.ReportPointingsRequest(session_id=session, reports=[report]))


async def tried(run: Callable[[str], Awaitable[None]], within_s: float) -> list[Fact]:
    """Start an agent once the toy gateway listens, and try it."""
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def agent() -> None:
        await run(await address)

    running = asyncio.create_task(agent())
    try:
        suite = try_agent("127.0.0.1", 0, within_s, listening=address.set_result, wait_s=30.0)
        return [fact async for fact in suite]
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_an_agent_that_keeps_no_promise_is_found_out() -> None:
    facts = await tried(lambda address: ForgetfulAgent(address).run(), within_s=0.3)
    failed = {fact.says for fact in facts if fact.outcome == FAILED}
    assert {
        "it announces telescope, process, clock, and what the telescope is",
        "it says how the site is within the lease, with its clock",
        "a report whose answer was lost is sent again, under the same report_id",
        "after a stream that broke it watches again, from its cursor on",
        "report ids are never used twice, and agent_seq grows with every report",
        "offers that make no sense are rejected with a reason, each in time, and move nothing",
        "an offer at the Sun is rejected",
        "a command that comes twice is answered once",
    } <= failed
