"""The coordinator over gRPC: one channel, the transport settings of the link, errors in our own families."""

import json
from collections.abc import AsyncGenerator, Awaitable, Sequence
from typing import TYPE_CHECKING, TypeVar

import grpc
import grpc.aio
from armillary.telescope.v1 import telescope_pb2 as pb
from armillary.telescope.v1 import telescope_pb2_grpc

from telescopes.agent import convert_down, convert_up
from telescopes.agent.grpc_errors import error_of
from telescopes.agent.link import Message
from telescopes.description.messages import (
    Detection,
    ItemResult,
    PointingPage,
    PointingReport,
    SessionGrant,
    SessionRequest,
    StatusReply,
    StatusReport,
)
from telescopes.description.states import PointingState

if TYPE_CHECKING:
    from armillary.telescope.v1.telescope_pb2_grpc import TelescopeServiceAsyncStub

T = TypeVar("T")

UNARY_S = 10.0
WITH_CUTOUTS_S = 60.0
SERVICE = "armillary.telescope.v1.TelescopeService"
IDEMPOTENT = ("ReportPointings", "ReportStatus", "ReportDetections", "ListPointings")
RETRY = {
    "methodConfig": [
        {
            "name": [{"service": SERVICE, "method": method} for method in IDEMPOTENT],
            "retryPolicy": {
                "maxAttempts": 4,
                "initialBackoff": "0.2s",
                "maxBackoff": "5s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ]
}
OPTIONS: list[tuple[str, int | str]] = [
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 8_000),
    ("grpc.keepalive_permit_without_calls", 1),
    # Without it a frozen peer is noticed only after the separate default of 60 s.
    ("grpc.http2.ping_timeout_ms", 8_000),
    # The agent has its own jitter; gRPC's own waits between connections would add up to two minutes.
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.enable_retries", 1),
    ("grpc.service_config", json.dumps(RETRY)),
]


class GrpcLink:
    """Speak `armillary.telescope.v1` with a gateway.

    Parameters
    ----------
    gateway : str
        ``host:port``.
    credentials : grpc.ChannelCredentials, optional
        TLS; left out: plain text, for a gateway on this machine or behind a tunnel.
    """

    def __init__(self, gateway: str, credentials: grpc.ChannelCredentials | None = None) -> None:
        self._where = f"gateway {gateway}"
        if credentials is None:
            self._channel = grpc.aio.insecure_channel(gateway, options=OPTIONS)
        else:
            self._channel = grpc.aio.secure_channel(gateway, credentials, options=OPTIONS)
        self._stub: TelescopeServiceAsyncStub = telescope_pb2_grpc.TelescopeServiceStub(self._channel)  # type: ignore[assignment]

    async def open_session(self, request: SessionRequest) -> SessionGrant:
        """Announce the agent."""
        call = self._stub.OpenSession(convert_up.session_request(request), timeout=UNARY_S)
        return convert_down.grant_of(await self._answer(call))

    async def watch(self, session_id: str, after_seq: int) -> AsyncGenerator[Message, None]:
        """Iterate over the command stream."""
        call = self._stub.WatchCommands(pb.WatchCommandsRequest(session_id=session_id, after_seq=after_seq))
        try:
            async for said in call:
                yield convert_down.message_of(said)
        except grpc.aio.AioRpcError as failed:
            raise error_of(failed, self._where) from failed
        finally:
            call.cancel()

    async def report_pointings(
        self, session_id: str, acked_seq: int, reports: Sequence[PointingReport]
    ) -> tuple[ItemResult, ...]:
        """Hand over reports."""
        request = pb.ReportPointingsRequest(
            session_id=session_id, acked_seq=acked_seq, reports=[convert_up.report(r) for r in reports]
        )
        answer = await self._answer(self._stub.ReportPointings(request, timeout=UNARY_S))
        return tuple(convert_down.result_of(r) for r in answer.results)

    async def report_status(self, session_id: str, report: StatusReport) -> StatusReply:
        """Say how the site is."""
        call = self._stub.ReportStatus(convert_up.status_request(session_id, report), timeout=UNARY_S)
        return convert_down.status_reply_of(await self._answer(call))

    async def report_detections(self, session_id: str, detections: Sequence[Detection]) -> tuple[ItemResult, ...]:
        """Hand over detections."""
        request = pb.ReportDetectionsRequest(
            session_id=session_id, detections=[convert_up.detection(d) for d in detections]
        )
        deadline_s = WITH_CUTOUTS_S if any(d.cutout_png for d in detections) else UNARY_S
        answer = await self._answer(self._stub.ReportDetections(request, timeout=deadline_s))
        return tuple(convert_down.result_of(r) for r in answer.results)

    async def list_pointings(
        self, session_id: str, states: Sequence[PointingState], page_size: int, page_token: str
    ) -> PointingPage:
        """Return one page of pointings."""
        request = convert_up.list_request(session_id, states, page_size, page_token)
        return convert_down.page_of(await self._answer(self._stub.ListPointings(request, timeout=UNARY_S)))

    async def close(self) -> None:
        """Close the channel."""
        await self._channel.close()

    async def _answer(self, call: Awaitable[T]) -> T:
        try:
            return await call
        except grpc.aio.AioRpcError as failed:
            raise error_of(failed, self._where) from failed
