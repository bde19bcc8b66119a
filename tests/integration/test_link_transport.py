"""The channel of the link keeps its word: who falls silent is noticed, and what may be asked again is, with pauses."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import grpc
import pytest
from builders.fickle_server import a_fickle_gateway
from builders.link_agent import TELESCOPE, our_agent
from builders.link_hub import Hub
from builders.tcp_proxy import TcpProxy

from coordinator.gateway import server
from coordinator.gateway.loopback import LoopbackTelescope
from coordinator.gateway.practice import practice_pointing
from telescopes.agent import grpc_link
from telescopes.agent.grpc_link import GrpcLink
from telescopes.description.errors import ArmillaryError, RetryLater
from telescopes.description.messages import (
    Capabilities,
    Detection,
    ItemResult,
    PointingReport,
    SessionRequest,
    StatusReport,
)
from telescopes.description.states import PointingState

Code = grpc.StatusCode
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
STATUS = StatusReport(NOON, safe=True)
REQUEST = SessionRequest(
    "t1", "0.1.0", "boot", 0, "", Capabilities(TELESCOPE.instruments, TELESCOPE.limits, TELESCOPE.timing, "", ()), NOON
)
REPORT = PointingReport("0198c0de-0000-7000-8000-000000000001", "p1", 1, PointingState.ACCEPTED, NOON, 1)
FOUND = Detection("d1", "p1", 10.0, -5.0, NOON, "r", 18.5)
AGAIN: dict[str, Callable[[GrpcLink], Awaitable[Any]]] = {
    "ReportPointings": lambda link: link.report_pointings("t1:1:x", 0, [REPORT]),
    "ReportStatus": lambda link: link.report_status("t1:1:x", STATUS),
    "ReportDetections": lambda link: link.report_detections("t1:1:x", [FOUND]),
    "ListPointings": lambda link: link.list_pointings("t1:1:x", (), 10, ""),
}
NOTICED_S = 120.0
"""A silent peer is noticed after 10 s to 18 s; without `ping_timeout` it would be 70 s, without keepalive never."""


async def watched(link: GrpcLink, session_id: str) -> None:
    """Read a stream to its end."""
    async with aclosing(link.watch(session_id, 0)) as stream:
        async for _ in stream:
            pass


ONCE: dict[str, Callable[[GrpcLink], Awaitable[Any]]] = {
    "OpenSession": lambda link: link.open_session(REQUEST),
    "WatchCommands": lambda link: watched(link, "t1:1:x"),
}


@asynccontextmanager
async def a_link(address: str) -> AsyncIterator[GrpcLink]:
    link = GrpcLink(address)
    try:
        yield link
    finally:
        await link.close()


@asynccontextmanager
async def behind_a_proxy(hub: Hub) -> AsyncIterator[TcpProxy]:
    await hub.start()
    proxy = TcpProxy(hub.port)
    try:
        yield proxy
    finally:
        proxy.close()
        await hub.stop()


async def until(fact: Callable[[], object], within_s: float = 120.0) -> None:
    async with asyncio.timeout(within_s):
        while not fact():
            await asyncio.sleep(0.02)


def test_both_sides_ping_as_the_other_lets_them() -> None:
    agent, gateway = dict(grpc_link.OPTIONS), dict(server.OPTIONS)
    pings = {
        "grpc.keepalive_time_ms": 10_000,
        "grpc.keepalive_timeout_ms": 8_000,
        "grpc.keepalive_permit_without_calls": 1,
        "grpc.http2.ping_timeout_ms": 8_000,
    }
    assert {name: agent[name] for name in pings} == {name: gateway[name] for name in pings} == pings
    assert gateway["grpc.http2.min_recv_ping_interval_without_data_ms"] == 5_000
    assert (gateway["grpc.max_receive_message_length"], gateway["grpc.max_concurrent_streams"]) == (4 << 20, 100)
    assert "grpc.max_receive_message_length" not in agent, "4 MiB is what gRPC takes by itself"
    assert (grpc_link.UNARY_S, grpc_link.WITH_CUTOUTS_S) == (10.0, 60.0)


@pytest.mark.parametrize("method", AGAIN)
async def test_what_is_idempotent_is_asked_again_with_growing_pauses(method: str) -> None:
    async with a_fickle_gateway(Code.UNAVAILABLE, Code.UNAVAILABLE) as fickle, a_link(fickle.address) as link:
        await answered(AGAIN[method](link))
    came = fickle.came[method]
    assert len(came) == 3
    assert came[2] - came[0] > 0.3  # 0.2 s and 0.4 s, each a fifth more or less


async def answered(call: Awaitable[Any]) -> None:
    """Wait for an answer; an empty one may lack what the agent needs, and came nevertheless."""
    try:
        await call
    except RetryLater:
        raise
    except ArmillaryError:
        return


async def test_four_times_is_enough() -> None:
    async with a_fickle_gateway(*[Code.UNAVAILABLE] * 9) as fickle, a_link(fickle.address) as link:
        with pytest.raises(RetryLater):
            await link.report_status("t1:1:x", STATUS)
    assert len(fickle.came["ReportStatus"]) == 4


@pytest.mark.parametrize(
    "code", [code for code in Code if code not in (Code.OK, Code.UNAVAILABLE)], ids=lambda code: code.name
)
async def test_no_other_answer_is_asked_for_again(code: grpc.StatusCode) -> None:
    async with a_fickle_gateway(code) as fickle, a_link(fickle.address) as link:
        with pytest.raises(ArmillaryError):
            await link.report_pointings("t1:1:x", 0, [REPORT])
    assert len(fickle.came["ReportPointings"]) == 1


@pytest.mark.parametrize("method", ONCE)
async def test_what_opens_something_is_left_to_the_agent(method: str) -> None:
    async with a_fickle_gateway(Code.UNAVAILABLE) as fickle, a_link(fickle.address) as link:
        with pytest.raises(RetryLater):
            await ONCE[method](link)
    assert len(fickle.came[method]) == 1


class Forgetful(LoopbackTelescope):
    """Keeps what it is told, and the first answer gets lost."""

    lost = False

    async def report_pointings(
        self, session_id: str, acked_seq: int, reports: Sequence[PointingReport]
    ) -> tuple[ItemResult, ...]:
        return self._once(await super().report_pointings(session_id, acked_seq, reports))

    async def report_detections(self, session_id: str, detections: Sequence[Detection]) -> tuple[ItemResult, ...]:
        return self._once(await super().report_detections(session_id, detections))

    def _once(self, results: tuple[ItemResult, ...]) -> tuple[ItemResult, ...]:
        if not self.lost:
            self.lost = True
            raise RetryLater("the answer gets lost", where="t1", mend="ask again")
        return results


@pytest.mark.parametrize("kept", ["reports", "detections"])
async def test_what_is_asked_again_is_stored_once(kept: str) -> None:
    hub = Hub(make=Forgetful)
    async with behind_a_proxy(hub), a_link(f"127.0.0.1:{hub.port}") as link:
        await hub.telescope.command(replace(practice_pointing("t1", "main", NOON), pointing_id="p1"))
        grant = await link.open_session(REQUEST)
        if kept == "reports":
            (result,) = await link.report_pointings(grant.session_id, 1, [REPORT])
        else:
            (result,) = await link.report_detections(grant.session_id, [FOUND])
    assert result.item_id in (REPORT.report_id, FOUND.detection_id)
    assert getattr(hub.telescope, kept) == [REPORT if kept == "reports" else FOUND]


async def test_an_agent_leaves_a_silent_line_after_three_heartbeats_and_misses_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    hub = Hub(heartbeat_s=0.3)
    async with behind_a_proxy(hub) as proxy, our_agent(f"127.0.0.1:{proxy.port}"):
        await until(lambda: hub.telescope.statuses)
        proxy.fall_silent()
        await hub.telescope.command(practice_pointing("t1", "main", datetime.now(UTC)))
        await until(lambda: "nothing was heard" in caplog.text)
        proxy.speak()
        await until(lambda: hub.telescope.epoch >= 2 and hub.telescope.reports)


@pytest.mark.slow
async def test_both_ends_of_a_silent_line_are_told_by_their_pings() -> None:
    # An agent that has just heard something may be told by gRPC's probes of the line, too, without its own keepalive:
    # that of the gateway is what this cannot do without, and the agent's is held by the settings above.
    hub = Hub(heartbeat_s=3600.0)
    async with behind_a_proxy(hub) as proxy, a_link(f"127.0.0.1:{proxy.port}") as link:
        grant = await link.open_session(REQUEST)
        stream = asyncio.create_task(watched(link, grant.session_id))
        await until(lambda: hub.service.open_streams == 1)
        proxy.fall_silent()
        async with asyncio.timeout(NOTICED_S):
            with pytest.raises(RetryLater):
                await stream
            await until(lambda: hub.service.open_streams == 0, NOTICED_S)
