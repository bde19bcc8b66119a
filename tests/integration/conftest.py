"""A real gateway on a free port of this machine, over telescopes that live in memory."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from armillary.operator.v1 import operator_pb2_grpc
from armillary.telescope.v1 import telescope_pb2 as pb
from armillary.telescope.v1 import telescope_pb2_grpc
from builders.secured_gateway import Secured, secured_gateway
from google.rpc import error_details_pb2, status_pb2

from coordinator.gateway.command_stream import StreamTiming
from coordinator.gateway.loopback import LoopbackDesk, LoopbackTelescope, no_such_telescope
from coordinator.gateway.operator_service import OperatorService
from coordinator.gateway.practice import practice_pointing
from coordinator.gateway.server import GatewayServer
from coordinator.gateway.telescope_service import TelescopeService
from telescopes.description.clocks import SkyClockReading
from telescopes.description.messages import Pointing

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SKY = SkyClockReading(datetime(2017, 8, 17, 13, tzinfo=UTC), 100.0)


@pytest.fixture
async def secured(tmp_path: Path) -> AsyncIterator[Secured]:
    async with secured_gateway(tmp_path) as made:
        yield made


@dataclass
class Gateway:
    """What a test needs to speak with a running gateway, and to look behind it."""

    server: GatewayServer
    service: TelescopeService
    desk: LoopbackDesk
    telescopes: dict[str, LoopbackTelescope]
    address: str = ""
    channels: list[grpc.aio.Channel] = field(default_factory=list)

    def channel(self) -> grpc.aio.Channel:
        """Open one more connection."""
        own = ("grpc.use_local_subchannel_pool", 1)
        self.channels.append(grpc.aio.insecure_channel(self.address, options=[own]))
        return self.channels[-1]

    def stub(self) -> Any:
        return telescope_pb2_grpc.TelescopeServiceStub(self.channel())

    def operator(self) -> Any:
        return operator_pb2_grpc.OperatorServiceStub(self.channel())

    async def session(self, telescope_id: str = "tca") -> str:
        """Open a session."""
        opened = await self.stub().OpenSession(an_announcement(telescope_id))
        return str(opened.session_id)


def an_announcement(telescope_id: str = "tca", **changes: Any) -> pb.OpenSessionRequest:
    request = pb.OpenSessionRequest(telescope_id=telescope_id, boot_id="boot-1", **changes)
    request.client_time.FromDatetime(NOON)
    return request


@pytest.fixture
def announce() -> Callable[..., pb.OpenSessionRequest]:
    return an_announcement


@pytest.fixture
def pointing() -> Callable[[str], Pointing]:
    """Make a pointing of that name."""

    def make(name: str, telescope_id: str = "tca") -> Pointing:
        return replace(practice_pointing(telescope_id, "main", NOON), pointing_id=name)

    return make


def timing(**changes: float) -> StreamTiming:
    return StreamTiming(**{"heartbeat_s": 0.05, "patience_s": 5.0, **changes}, draw=lambda: 0.5)  # type: ignore[arg-type]


def build(stream_timing: StreamTiming, **operator: Any) -> Gateway:
    telescopes = {name: LoopbackTelescope(name, heartbeat_s=0.05) for name in ("tca", "zadko")}

    def port(telescope_id: str) -> LoopbackTelescope:
        if telescope_id not in telescopes:
            raise no_such_telescope(telescope_id)
        return telescopes[telescope_id]

    service = TelescopeService(port, sky_clock=lambda: SKY, utc_now=lambda: NOON, timing=stream_timing)
    desk = LoopbackDesk(telescopes, NOON - timedelta(hours=1))
    server = GatewayServer("127.0.0.1", 0, service, OperatorService(desk, **operator))
    return Gateway(server, service, desk, telescopes)


@pytest.fixture
async def serve() -> AsyncIterator[Callable[..., Any]]:
    """Start gateways that behave differently in time."""
    running: list[Gateway] = []

    async def start(operator: dict[str, Any] | None = None, **changes: float) -> Gateway:
        made = build(timing(**changes), **(operator or {}))
        made.address = f"127.0.0.1:{await made.server.start()}"
        running.append(made)
        return made

    yield start
    for made in running:
        for channel in made.channels:
            await channel.close()
        await made.server.stop(grace_s=1.0)


@pytest.fixture
async def gateway(serve: Callable[..., Any]) -> Gateway:
    """The gateway that most tests speak with."""
    return await serve()  # type: ignore[no-any-return]


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], Any]:
    """Poll until something is true."""

    async def poll(fact: Callable[[], bool]) -> None:
        async with asyncio.timeout(90.0):
            while not fact():
                await asyncio.sleep(0.01)

    return poll


@dataclass(frozen=True)
class Failure:
    """How a call failed: its code, its reason, and its details."""

    code: grpc.StatusCode
    reason: str
    domain: str
    metadata: dict[str, str]
    retry_after_s: float | None
    violations: dict[str, str]


@pytest.fixture
def failure() -> Callable[[Any], Any]:
    """Wait for a call that must fail, and take its status apart."""

    async def of(call: Any) -> Failure:
        with pytest.raises(grpc.RpcError) as raised:
            if callable(call):
                await asyncio.to_thread(call)
            elif hasattr(call, "read"):
                while await call.read() is not grpc.aio.EOF:
                    pass
            else:
                await call
        return taken_apart(raised.value)

    return of


def taken_apart(error: Any) -> Failure:
    metadata = {key: value for key, value in error.trailing_metadata() or ()}
    status = status_pb2.Status.FromString(metadata.get("grpc-status-details-bin", b""))
    info, retry, bad = error_details_pb2.ErrorInfo(), None, error_details_pb2.BadRequest()
    for detail in status.details:
        if detail.Is(error_details_pb2.RetryInfo.DESCRIPTOR):
            retry = error_details_pb2.RetryInfo()
            detail.Unpack(retry)
        _ = detail.Unpack(info) or detail.Unpack(bad)
    return Failure(
        code=error.code(),
        reason=info.reason,
        domain=info.domain,
        metadata=dict(info.metadata),
        retry_after_s=retry.retry_delay.ToTimedelta().total_seconds() if retry else None,
        violations={each.field: each.description for each in bad.field_violations},
    )
