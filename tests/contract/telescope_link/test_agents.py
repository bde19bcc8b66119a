"""Our agent keeps every promise of the link, over real sockets; a broken one is found out."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import grpc.aio
import numpy as np
from armillary.telescope.v1 import telescope_pb2 as pb
from armillary.telescope.v1 import telescope_pb2_grpc

from telescopes.agent.agent import Agent
from telescopes.agent.grpc_link import GrpcLink
from telescopes.agent.sky_time import AgentSky
from telescopes.agent.store import Store
from telescopes.conformance.agent_suite import try_agent
from telescopes.conformance.promise import FAILED, NOT_TRIED, Fact
from telescopes.conformance.server import now
from telescopes.conformance.sun import sun_place
from telescopes.description.clocks import MonotonicClock, SystemSkyClock
from telescopes.description.durations import separation_deg
from telescopes.description.footprint import Rectangle
from telescopes.description.states import Reason
from telescopes.description.telescope import Instrument, Observing, Site, Telescope
from telescopes.drivers.simulated import SimulatedDriver
from telescopes.drivers.world import World

UTC_NOW = SystemSkyClock().now
CAMERA = Instrument("main", ("r", "g"), Rectangle(2.0, 1.5))
TELESCOPE = Telescope("t1", "T1", Site(0.0, 0.0), (CAMERA,), Observing(0.2))


def half_the_sky(_: Telescope, __: str, ra_deg: float, dec_deg: float, when: datetime) -> Reason | None:
    """A site that sees the same half of the sky for ever, and never looks at the Sun."""
    if separation_deg(ra_deg, dec_deg, 45.0, 45.0) > 89.0:
        return Reason.BELOW_HORIZON
    return Reason.DAYLIGHT if separation_deg(ra_deg, dec_deg, *sun_place(when)) < 10.0 else None


@asynccontextmanager
async def our_agent(gateway: str) -> AsyncIterator[None]:
    clock = MonotonicClock()
    sky = AgentSky(clock)
    store = Store(None, "t1")
    agent = Agent(
        TELESCOPE,
        SimulatedDriver(TELESCOPE, sky, World(1, datetime(2026, 1, 1, tzinfo=UTC), (), bogus_per_image=0.0)),
        GrpcLink(gateway),
        store,
        sky=sky,
        link_clock=clock,
        utc_now=UTC_NOW,
        rng=np.random.default_rng(1),
        violation=half_the_sky,
    )
    stop = asyncio.Event()
    running = asyncio.create_task(agent.run(stop))
    try:
        yield
    finally:
        stop.set()
        await running
        store.close()


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


async def test_our_agent_keeps_every_promise() -> None:
    async def run(address: str) -> None:
        async with our_agent(address):
            await asyncio.Event().wait()

    facts = await tried(run, within_s=20.0)
    assert [str(fact) for fact in facts if fact.outcome in (FAILED, NOT_TRIED)] == []


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
