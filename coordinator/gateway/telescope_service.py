"""The telescope's side of the gateway: each call is checked, handed to that telescope's port, and answered."""

import logging
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any

import grpc.aio
from armillary.telescope.v1 import telescope_pb2 as pb
from armillary.telescope.v1 import telescope_pb2_grpc

from coordinator.gateway.command_stream import CommandStream, StreamTiming
from coordinator.gateway.convert import answers, requests
from coordinator.gateway.convert.fields import telescope_of
from coordinator.gateway.errors import Answering
from coordinator.services.ports import TelescopePort
from telescopes.description.clocks import SkyClockReading
from telescopes.description.messages import Command, Drain, Heartbeat

Context = grpc.aio.ServicerContext[Any, Any]

log = logging.getLogger(__name__)

UNARY_S = 30.0
"""Longer than any client's deadline but that for detections with cutouts."""
DETECTIONS_S = 60.0
MOST_TOLD = 5


class TelescopeService(telescope_pb2_grpc.TelescopeServiceServicer):
    """Speak `armillary.telescope.v1` for all telescopes.

    Parameters
    ----------
    ports : callable
        Finds the port of a telescope; Refused with NOT_FOUND for one that does not exist. A session is named
        ``<telescope>:<epoch>:<random>``, so that its calls find their telescope.
    sky_clock : callable
        Reads the sky clock.
    utc_now : callable
        This machine's UTC, for `server_time`.
    timing : StreamTiming
        How command streams behave in time.
    """

    def __init__(
        self,
        ports: Callable[[str], TelescopePort],
        *,
        sky_clock: Callable[[], SkyClockReading],
        utc_now: Callable[[], datetime],
        timing: StreamTiming,
    ) -> None:
        self._ports = ports
        self._sky_clock = sky_clock
        self._utc_now = utc_now
        self._timing = timing
        self._streams: set[CommandStream] = set()
        self._draining = False
        self._written: tuple[object, pb.WatchCommandsResponse] | None = None

    @property
    def open_streams(self) -> int:
        """How many command streams are open."""
        return len(self._streams)

    def drain(self) -> None:
        """Ask every open and every coming command stream to come again later."""
        self._draining = True
        for stream in self._streams:
            stream.drain()

    async def OpenSession(self, request: pb.OpenSessionRequest, context: Context) -> pb.OpenSessionResponse:
        """Open a session at the telescope's port."""
        async with Answering(context, UNARY_S):
            asked = requests.session_request_of(request)
            return answers.session_grant(await self._ports(asked.telescope_id).open_session(asked))

    async def WatchCommands(
        self, request: pb.WatchCommandsRequest, context: Context
    ) -> AsyncIterator[pb.WatchCommandsResponse]:
        """Stream commands until the client goes, a newer session opens, or the gateway drains."""
        async with Answering(context):
            stream = self._stream(requests.watch_of(request))
            self._streams.add(stream)
            try:
                while not stream.ended:
                    for said in await stream.take():
                        yield self._write(said)
            finally:
                stream.close()
                self._streams.discard(stream)

    async def ReportPointings(self, request: pb.ReportPointingsRequest, context: Context) -> pb.ReportPointingsResponse:
        """Hand reports to the telescope's port; a bad one is answered alone."""
        async with Answering(context, UNARY_S):
            batch = requests.pointing_reports_of(request)
            _tell(batch)
            port = self._port(batch.session_id)
            results = await port.report_pointings(batch.session_id, batch.acked_seq, batch.good)
            return pb.ReportPointingsResponse(
                results=answers.item_results(batch.answers(results)), server_time=answers.stamp(self._utc_now())
            )

    async def ReportStatus(self, request: pb.ReportStatusRequest, context: Context) -> pb.ReportStatusResponse:
        """Hand a site's status to the telescope's port."""
        async with Answering(context, UNARY_S):
            session_id, report = requests.status_report_of(request)
            return answers.status_reply(await self._port(session_id).report_status(session_id, report))

    async def ReportDetections(
        self, request: pb.ReportDetectionsRequest, context: Context
    ) -> pb.ReportDetectionsResponse:
        """Hand detections to the telescope's port; a bad one is answered alone."""
        async with Answering(context, DETECTIONS_S):
            batch = requests.detections_of(request)
            _tell(batch)
            results = await self._port(batch.session_id).report_detections(batch.session_id, batch.good)
            return pb.ReportDetectionsResponse(
                results=answers.item_results(batch.answers(results)), server_time=answers.stamp(self._utc_now())
            )

    async def ListPointings(self, request: pb.ListPointingsRequest, context: Context) -> pb.ListPointingsResponse:
        """Return one page of the telescope's pointings."""
        async with Answering(context, UNARY_S):
            asked = requests.listing_of(request)
            listed = await self._port(asked.session_id).list_pointings(
                asked.session_id, asked.states, asked.page_size, asked.page_token
            )
            return answers.page(listed, self._utc_now())

    def _write(self, said: Command | Heartbeat | Drain) -> pb.WatchCommandsResponse:
        """Write what goes down a stream; the same command, going down many, once: gRPC only reads it."""
        if self._written is None or self._written[0] is not said:
            self._written = said, answers.command(said)
        return self._written[1]

    def _port(self, session_id: str) -> TelescopePort:
        return self._ports(telescope_of(session_id))

    def _stream(self, asked: requests.Watch) -> CommandStream:
        stream = CommandStream(
            self._port(asked.session_id),
            asked.session_id,
            asked.after_seq,
            timing=self._timing,
            heartbeat=self._heartbeat,
        )
        if self._draining:
            stream.drain()
        return stream

    def _heartbeat(self, seq: int) -> Heartbeat:
        return Heartbeat(seq, self._utc_now(), self._sky_clock())


def _tell(batch: requests.Batch[Any]) -> None:
    """Put into the log what is wrong with items of a batch: their answers have no room for sentences."""
    for fault in batch.faults[:MOST_TOLD]:
        log.warning("%s: %s %s", telescope_of(batch.session_id), fault.field, fault.description)
    if len(batch.faults) > MOST_TOLD:
        log.warning("%s: and %d faults more", telescope_of(batch.session_id), len(batch.faults) - MOST_TOLD)
