"""The coordinator over gRPC: one channel, the transport settings of the link, errors in our own families."""

import asyncio
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
from telescopes.credentials.identity_files import IdentityFiles
from telescopes.description.clocks import SystemSkyClock
from telescopes.description.errors import RetryLater
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
CLOSING_S = 5.0
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
    identity : IdentityFiles, optional
        Who the telescope is, for TLS; a renewed certificate is taken up when a session or a stream opens. Left out:
        plain text, for a gateway on this machine or behind a tunnel.
    """

    def __init__(self, gateway: str, identity: IdentityFiles | None = None) -> None:
        self._gateway = gateway
        self._where = f"gateway {gateway}"
        self._identity = identity
        self._shown = b""
        self._channel = self._connect()
        self._stub = _stub(self._channel)

    async def open_session(self, request: SessionRequest) -> SessionGrant:
        """Announce the agent."""
        await self._show_renewed()
        call = self._stub.OpenSession(convert_up.session_request(request), timeout=UNARY_S)
        try:
            return convert_down.grant_of(await self._answer(call))
        except RetryLater as away:
            # Certificates that do not fit look like a gateway that is away; no waiting mends them. Imported here, for
            # an agent that is served needs nothing of it.
            from telescopes.agent.tls_probe import why_closed

            refused = await asyncio.to_thread(why_closed, self._gateway, self._identity, SystemSkyClock().now())
            raise refused or away from away

    async def watch(self, session_id: str, after_seq: int) -> AsyncGenerator[Message, None]:
        """Iterate over the command stream."""
        await self._show_renewed()
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

    def _connect(self) -> grpc.aio.Channel:
        if self._identity is None:
            return grpc.aio.insecure_channel(self._gateway, options=OPTIONS)
        own = self._identity.read()
        self._shown = own.certificate
        credentials = grpc.ssl_channel_credentials(own.authority, own.key, own.certificate)
        return grpc.aio.secure_channel(self._gateway, credentials, options=OPTIONS)

    async def _show_renewed(self) -> None:
        """Connect anew if the certificate was renewed; what is on its way may come to its end."""
        if self._identity is None or self._identity.read().certificate == self._shown:
            return
        before = self._channel
        self._channel = self._connect()
        self._stub = _stub(self._channel)
        await before.close(CLOSING_S)

    async def _answer(self, call: Awaitable[T]) -> T:
        try:
            return await call
        except grpc.aio.AioRpcError as failed:
            raise error_of(failed, self._where) from failed
        except asyncio.CancelledError:
            me = asyncio.current_task()
            if me is None or me.cancelling():
                raise
            # gRPC cancels what is under way on a channel that closes: nobody asked this task to end.
            raise RetryLater("the connection was closed", where=self._where, mend="it is tried again") from None


def _stub(channel: grpc.aio.Channel) -> "TelescopeServiceAsyncStub":
    return telescope_pb2_grpc.TelescopeServiceStub(channel)  # type: ignore[return-value]
