"""The gateway that an agent under test speaks with: it keeps all that it hears, and misbehaves when it is told to."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import grpc
import grpc.aio
from armillary.telescope.v1 import telescope_pb2 as pb
from armillary.telescope.v1 import telescope_pb2_grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status

from telescopes.conformance.server import now
from telescopes.description.errors import Refused
from telescopes.description.host_port import HostPort

HEARTBEAT_S = 0.5
LEASE_S = 30.0
CLOSED = frozenset(range(5, 11))


@dataclass
class Heard:
    """What an agent said, in order, with when (monotonic seconds)."""

    sessions: list[pb.OpenSessionRequest] = field(default_factory=list)
    watches: list[pb.WatchCommandsRequest] = field(default_factory=list)
    batches: list[pb.ReportPointingsRequest] = field(default_factory=list)
    statuses: list[pb.ReportStatusRequest] = field(default_factory=list)
    listings: list[pb.ListPointingsRequest] = field(default_factory=list)

    @property
    def reports(self) -> list[pb.PointingReport]:
        """Every report, repetitions included."""
        return [report for batch in self.batches for report in batch.reports]

    def of(self, pointing_id: str) -> list[pb.PointingReport]:
        """Reports about one pointing, each once."""
        mine = {r.report_id: r for r in self.reports if r.pointing_id == pointing_id}
        return list(mine.values())


class ToyGateway(telescope_pb2_grpc.TelescopeServiceServicer):
    """One telescope's coordinator.

    Attributes
    ----------
    heard : Heard
        What the agent said.
    log : list
        The command log: pointings and revocations.
    failures : deque
        Statuses that the next calls of ReportPointings end with, after they were heard.
    stream_ends : deque
        How the next command streams end at once: a status, or None for a drain.
    mute : bool
        No heartbeat, no command, as if frozen.
    """

    def __init__(self) -> None:
        self.heard = Heard()
        self.log: list[pb.Pointing | pb.Revocation] = []
        self.failures: deque[status_pb2.Status] = deque()
        self.stream_ends: deque[status_pb2.Status | None] = deque()
        self.journal_id = "toy-1"
        self.mute = False
        self.skip = 0
        self._states: dict[str, int] = {}
        self._seen: set[str] = set()
        self._news = asyncio.Event()
        self._server: grpc.aio.Server | None = None

    async def start(self, host: str, port: int) -> str:
        """Listen; return the address."""
        self._server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
        telescope_pb2_grpc.add_TelescopeServiceServicer_to_server(self, self._server)
        try:
            port = self._server.add_insecure_port(str(HostPort(host, port)))
        except RuntimeError as error:
            raise Refused(
                "cannot listen there", where=str(HostPort(host, port)), mend="choose another --port; 0 takes a free one"
            ) from error
        await self._server.start()
        return str(HostPort(host, port))

    async def stop(self) -> None:
        """End."""
        if self._server is not None:
            await self._server.stop(0.2)

    # -- what its holder does

    def command(self, body: pb.Pointing | pb.Revocation) -> int:
        """Put a command into the log; return its number."""
        self.log.append(body)
        if isinstance(body, pb.Pointing):
            self._states[body.pointing_id] = pb.POINTING_STATE_OFFERED
        self.wake()
        return len(self.log)

    def wake(self) -> None:
        """Let the open stream look again."""
        self._news.set()
        self._news = asyncio.Event()

    def state(self, pointing_id: str) -> int:
        """Say where a pointing stands."""
        return self._states[pointing_id]

    async def until(self, fact: Callable[[], bool], within_s: float) -> bool:
        """Wait until something is so; return whether it became so in time."""
        give_up = time.monotonic() + within_s
        while not fact():
            if time.monotonic() > give_up:
                return False
            await asyncio.sleep(0.02)
        return True

    # -- what the agent asks

    async def OpenSession(self, request: pb.OpenSessionRequest, context: Any) -> pb.OpenSessionResponse:
        """Open a session, which ends any older one."""
        self.heard.sessions.append(request)
        self.wake()
        known = request.journal_id == self.journal_id
        return pb.OpenSessionResponse(
            session_id=self._session(),
            session_epoch=len(self.heard.sessions),
            journal_id=self.journal_id,
            sky_clock=pb.SkyClock(sky_time=now(), rate=1.0),
            heartbeat_interval=_span(HEARTBEAT_S),
            lease_duration=_span(LEASE_S),
            server_time=now(),
            snapshot_required=not known and (request.last_applied_seq > 0 or bool(self.log)),
            head_seq=len(self.log),
        )

    async def WatchCommands(
        self, request: pb.WatchCommandsRequest, context: Any
    ) -> AsyncIterator[pb.WatchCommandsResponse]:
        """Stream commands and heartbeats."""
        self.heard.watches.append(request)
        mine, sent = request.session_id, request.after_seq
        await self._check(mine, context)
        while mine == self._session():
            news = self._news  # Before the log is looked at: what comes from now on must wake this stream.
            if self.stream_ends:
                end = self.stream_ends.popleft()
                if end is not None:
                    await context.abort_with_status(rpc_status.to_status(end))
                yield pb.WatchCommandsResponse(seq=sent, drain=pb.Drain(reconnect_after=_span(0.1)))
                return
            for body in [] if self.mute else self.log[sent:]:
                sent += 1
                yield _command(sent + self.skip, body)
            if not self.mute:
                beat = pb.Heartbeat(server_time=now(), sky_clock=pb.SkyClock(sky_time=now(), rate=1.0))
                yield pb.WatchCommandsResponse(seq=sent, heartbeat=beat)
            await _wait(news)
        await context.abort_with_status(rpc_status.to_status(refused(code_pb2.ABORTED, "SESSION_SUPERSEDED")))

    async def ReportPointings(self, request: pb.ReportPointingsRequest, context: Any) -> pb.ReportPointingsResponse:
        """Take reports, each once."""
        self.heard.batches.append(request)
        if self.failures:
            await context.abort_with_status(rpc_status.to_status(self.failures.popleft()))
        await self._check(request.session_id, context)
        return pb.ReportPointingsResponse(results=[self._take(r) for r in request.reports], server_time=now())

    async def ReportStatus(self, request: pb.ReportStatusRequest, context: Any) -> pb.ReportStatusResponse:
        """Renew the lease."""
        self.heard.statuses.append(request)
        await self._check(request.session_id, context)
        clock = pb.SkyClock(sky_time=now(), rate=1.0)
        return pb.ReportStatusResponse(server_time=now(), lease_left=_span(LEASE_S), sky_clock=clock)

    async def ReportDetections(self, request: pb.ReportDetectionsRequest, context: Any) -> pb.ReportDetectionsResponse:
        """Take detections."""
        await self._check(request.session_id, context)
        results = [pb.ItemResult(item_id=d.detection_id) for d in request.detections]
        return pb.ReportDetectionsResponse(results=results, server_time=now())

    async def ListPointings(self, request: pb.ListPointingsRequest, context: Any) -> pb.ListPointingsResponse:
        """List what is open, on one page."""
        self.heard.listings.append(request)
        await self._check(request.session_id, context)
        pointings = {b.pointing_id: b for b in self.log if isinstance(b, pb.Pointing)}
        listed = [
            pb.ListedPointing(pointing=p, state=self._states[i])  # type: ignore[arg-type]
            for i, p in pointings.items()
            if self._states[i] not in CLOSED
        ]
        return pb.ListPointingsResponse(pointings=listed, as_of_seq=len(self.log), server_time=now())

    def _session(self) -> str:
        return f"toy:{len(self.heard.sessions)}:conformance"

    async def _check(self, session_id: str, context: Any) -> None:
        if session_id != self._session():
            status = refused(code_pb2.FAILED_PRECONDITION, "SESSION_STALE")
            await context.abort_with_status(rpc_status.to_status(status))

    def _take(self, report: pb.PointingReport) -> pb.ItemResult:
        known = report.report_id in self._seen
        self._seen.add(report.report_id)
        if not known and self._states.get(report.pointing_id, 10) not in CLOSED:
            self._states[report.pointing_id] = report.state
        state: Any = self._states.get(report.pointing_id, 0)
        return pb.ItemResult(item_id=report.report_id, code=6 if known else 0, current_state=state)


def refused(code: int, reason: str) -> status_pb2.Status:
    """Make a status with its ErrorInfo."""
    status = status_pb2.Status(code=code, message=f"{reason}, for a test")
    packed = AnyMessage()
    packed.Pack(error_details_pb2.ErrorInfo(reason=reason, domain="armillary"))
    status.details.append(packed)
    return status


async def _wait(news: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(HEARTBEAT_S):
            await news.wait()


def _command(seq: int, body: pb.Pointing | pb.Revocation) -> pb.WatchCommandsResponse:
    if isinstance(body, pb.Pointing):
        return pb.WatchCommandsResponse(seq=seq, pointing=body)
    return pb.WatchCommandsResponse(seq=seq, revocation=body)


def _span(seconds: float) -> Duration:
    span = Duration()
    span.FromNanoseconds(round(seconds * 1e9))
    return span
