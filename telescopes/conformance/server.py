"""A gateway under test: calls with deadlines, and refusals taken apart."""

import asyncio
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import grpc
import grpc.aio
from armillary.telescope.v1 import telescope_pb2 as pb
from armillary.telescope.v1 import telescope_pb2_grpc
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc import error_details_pb2, status_pb2

from telescopes.agent.tls_probe import why_closed
from telescopes.conformance.promise import Unmet, demand
from telescopes.credentials.identity_files import IdentityFiles
from telescopes.description.errors import RetryLater

MOST_PATIENCE_S = 60.0
"""How long a gateway may ask to be left in peace: what is sent for a test is more at once than any telescope sends."""
MOST_LOG = 20_000
"""Commands of the log that are read at most: enough to see that its numbers are dense."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a call was refused."""

    code: grpc.StatusCode
    reason: str = ""
    domain: str = ""
    violations: frozenset[str] = frozenset()
    retry_after_s: float = 0.0

    def __str__(self) -> str:
        return f"{self.code.name} {self.reason}".strip()


@dataclass
class Server:
    """The gateway at an address, seen by the agent of one telescope.

    Attributes
    ----------
    telescope_id : str
        Whose agent is played; a real agent of it is pushed out for a moment, and comes back by itself.
    within_s : float
        How long an answer may take.
    identity : IdentityFiles, optional
        What is shown to a gateway with TLS; left out: plain text.
    options : sequence, optional
        Of the gRPC channel.
    """

    target: str
    telescope_id: str
    within_s: float = 10.0
    identity: IdentityFiles | None = None
    options: Sequence[tuple[str, Any]] = ()
    boot_id: str = field(default_factory=lambda: f"conformance-{uuid.uuid4()}")
    agent_seq: int = field(default_factory=lambda: time.time_ns() // 1000)

    def __post_init__(self) -> None:
        self._channel = self._connected()
        self.stub: Any = telescope_pb2_grpc.TelescopeServiceStub(self._channel)

    def _connected(self) -> grpc.aio.Channel:
        if self.identity is None:
            return grpc.aio.insecure_channel(self.target, self.options)
        own = self.identity.read()
        credentials = grpc.ssl_channel_credentials(own.authority, own.key, own.certificate)
        return grpc.aio.secure_channel(self.target, credentials, self.options)

    async def connect(self) -> None:
        """Return once the address answers.

        Raises
        ------
        Refused
            It does not take what is shown of a certificate.
        RetryLater
            Nothing answers.
        """
        try:
            async with asyncio.timeout(self.within_s):
                await self._channel.channel_ready()
        except TimeoutError:
            refused = await asyncio.to_thread(why_closed, self.target, self.identity, datetime.now(UTC))
            raise refused or RetryLater(
                f"nothing answers within {self.within_s:g} s",
                where=self.target,
                mend="start the gateway, or correct --target",
            ) from None

    async def close(self) -> None:
        """Let go of the connection."""
        await self._channel.close()

    async def call(self, method: str, request: Message) -> Any:
        """Call a unary method; where it asks to come again later, do so once."""
        call = getattr(self.stub, method)
        try:
            return await call(request, timeout=self.within_s)
        except grpc.aio.AioRpcError as failed:
            wait_s = refusal_of(failed).retry_after_s
            if failed.code() is not grpc.StatusCode.RESOURCE_EXHAUSTED or not 0.0 < wait_s <= MOST_PATIENCE_S:
                raise
        await asyncio.sleep(wait_s)
        return await call(request, timeout=self.within_s)

    async def raw(self, path: str, data: bytes) -> bytes:
        """Call any unary method with bytes."""
        method: Any = self._channel.unary_unary(path)
        answer: bytes = await method(data, timeout=self.within_s)
        return answer

    async def refusal(self, method: str, request: Message) -> Refusal:
        """Make a call that must be refused."""
        try:
            if method == "WatchCommands":
                await self.first(request, lambda _: True)
            else:
                await self.call(method, request)
        except grpc.aio.AioRpcError as failed:
            return refusal_of(failed)
        raise Unmet(f"{method} was answered")

    async def open(self, **changes: Any) -> Any:
        """Open a session."""
        return await self.call("OpenSession", self.announcement(**changes))

    def announcement(self, **changes: Any) -> pb.OpenSessionRequest:
        """Announce the telescope, without a word on what it is."""
        fields: dict[str, Any] = {
            "telescope_id": self.telescope_id,
            "boot_id": self.boot_id,
            "agent_version": "conformance",
        }
        return pb.OpenSessionRequest(**(fields | {"client_time": now()} | changes))

    async def first(self, watch: Message, wanted: Callable[[Any], bool], within_s: float | None = None) -> Any:
        """Read a command stream up to the first message that is wanted."""
        call = self.stub.WatchCommands(watch)
        try:
            async with asyncio.timeout(within_s or self.within_s):
                while (said := await call.read()) is not grpc.aio.EOF:
                    if wanted(said):
                        return said
        finally:
            call.cancel()
        raise Unmet("the stream ended")

    async def commands(self, session_id: str, after_seq: int, up_to: int) -> list[Any]:
        """Read the commands after a cursor up to a number."""
        found: list[Any] = []

        def is_last(said: Any) -> bool:
            if said.WhichOneof("command") in ("pointing", "revocation"):
                found.append(said)
            return len(found) >= MOST_LOG or (bool(found) and found[-1].seq >= up_to)

        if up_to > after_seq:
            await self.first(pb.WatchCommandsRequest(session_id=session_id, after_seq=after_seq), is_last)
        return found

    async def listed(self, session_id: str, page_size: int = 100) -> list[Any]:
        """List the open pointings, page by page."""
        found: list[Any] = []
        token = ""
        while True:
            request = pb.ListPointingsRequest(session_id=session_id, page_size=page_size, page_token=token)
            page = await self.call("ListPointings", request)
            demand(
                len(page.pointings) <= page_size, f"a page of {len(page.pointings)} where {page_size} were asked for"
            )
            found += page.pointings
            token = page.next_page_token
            if not token:
                return found

    def report(self, pointing_id: str, state: int, **more: Any) -> pb.PointingReport:
        """Make a report."""
        self.agent_seq += 1
        fields: dict[str, Any] = {
            "report_id": str(uuid.uuid4()),
            "revision": 1,
            "report_time": now(),
            "agent_seq": self.agent_seq,
        }
        return pb.PointingReport(**(fields | {"pointing_id": pointing_id, "state": state} | more))

    async def send(self, session_id: str, *reports: pb.PointingReport) -> list[Any]:
        """Send a batch; its results."""
        answer = await self.call("ReportPointings", pb.ReportPointingsRequest(session_id=session_id, reports=reports))
        demand(answer.HasField("server_time"), "the answer has no server_time")
        return list(answer.results)


def refusal_of(failed: grpc.aio.AioRpcError) -> Refusal:
    """Take a status apart."""
    info, bad, retry = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest(), error_details_pb2.RetryInfo()
    for key, value in failed.trailing_metadata() or ():
        if key == "grpc-status-details-bin" and isinstance(value, bytes):
            for detail in status_pb2.Status.FromString(value).details:
                _ = detail.Unpack(info) or detail.Unpack(bad) or detail.Unpack(retry)
    fields = frozenset(v.field for v in bad.field_violations)
    return Refusal(failed.code(), info.reason, info.domain, fields, retry.retry_delay.ToNanoseconds() / 1e9)


def demand_refusal(refusal: Refusal, code: grpc.StatusCode, reason: str = "") -> None:
    """Raise Unmet unless a call was refused just so."""
    expected = Refusal(code, reason or refusal.reason)
    demand((refusal.code, refusal.reason) == (expected.code, expected.reason), f"{refusal} instead of {expected}")
    if reason:
        demand(refusal.domain == "armillary", f"the ErrorInfo's domain is {refusal.domain!r}")


def now() -> Timestamp:
    """Return this machine's UTC."""
    stamp = Timestamp()
    stamp.GetCurrentTime()
    return stamp
