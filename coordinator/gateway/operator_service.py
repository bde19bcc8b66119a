"""People's side of the gateway: what there is, and what somebody decided."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc.aio
import msgspec
from armillary.operator.v1 import operator_pb2 as pb
from armillary.operator.v1 import operator_pb2_grpc

from coordinator.dispatch.asked_for import name_of
from coordinator.gateway.convert import operator as convert
from coordinator.gateway.errors import Answering
from coordinator.services.ports import OperatorPort

Context = grpc.aio.ServicerContext[Any, Any]

UNARY_S = 30.0
SUBMIT_S = 600.0
MOST_ALERT_BYTES = 256 << 20
MOST_AT_ONCE = 2
"""Submissions are held in memory until they are whole: this many at a time, the others wait."""


class OperatorService(operator_pb2_grpc.OperatorServiceServicer):
    """Speak `armillary.operator.v1`.

    Parameters
    ----------
    port : OperatorPort
        Where decisions and alerts go.
    most_alert_bytes : int
        How large a submitted file may be.
    """

    def __init__(self, port: OperatorPort, *, most_alert_bytes: int = MOST_ALERT_BYTES) -> None:
        self._port = port
        self._most_alert_bytes = most_alert_bytes
        self._submitting = asyncio.Semaphore(MOST_AT_ONCE)

    async def ListTelescopes(self, request: pb.ListTelescopesRequest, context: Context) -> pb.ListTelescopesResponse:
        """Say how every telescope is."""
        async with Answering(context, UNARY_S):
            return convert.telescope_states(await self._port.telescopes())

    async def PauseTelescope(self, request: pb.PauseTelescopeRequest, context: Context) -> pb.PauseTelescopeResponse:
        """Stop offers to a telescope."""
        async with Answering(context, UNARY_S):
            return pb.PauseTelescopeResponse(seq=await self._port.act(convert.pause_of(request)))

    async def ResumeTelescope(self, request: pb.ResumeTelescopeRequest, context: Context) -> pb.ResumeTelescopeResponse:
        """End a pause."""
        async with Answering(context, UNARY_S):
            return pb.ResumeTelescopeResponse(seq=await self._port.act(convert.resume_of(request)))

    async def VetoPointing(self, request: pb.VetoPointingRequest, context: Context) -> pb.VetoPointingResponse:
        """Revoke one pointing for good."""
        async with Answering(context, UNARY_S):
            return pb.VetoPointingResponse(seq=await self._port.act(convert.veto_of(request)))

    async def ApprovePointing(self, request: pb.ApprovePointingRequest, context: Context) -> pb.ApprovePointingResponse:
        """Say yes to an offer."""
        async with Answering(context, UNARY_S):
            return pb.ApprovePointingResponse(seq=await self._port.act(convert.pointing_approval_of(request)))

    async def VetoEvent(self, request: pb.VetoEventRequest, context: Context) -> pb.VetoEventResponse:
        """Keep an event from a telescope."""
        async with Answering(context, UNARY_S):
            return pb.VetoEventResponse(seq=await self._port.act(convert.event_veto_of(request)))

    async def VetoNight(self, request: pb.VetoNightRequest, context: Context) -> pb.VetoNightResponse:
        """Close a telescope until its next noon."""
        async with Answering(context, UNARY_S):
            return pb.VetoNightResponse(seq=await self._port.act(convert.night_veto_of(request)))

    async def ScheduleMaintenance(
        self, request: pb.ScheduleMaintenanceRequest, context: Context
    ) -> pb.ScheduleMaintenanceResponse:
        """Keep a span of a telescope's time free."""
        async with Answering(context, UNARY_S):
            return pb.ScheduleMaintenanceResponse(seq=await self._port.act(convert.maintenance_of(request)))

    async def CancelMaintenance(
        self, request: pb.CancelMaintenanceRequest, context: Context
    ) -> pb.CancelMaintenanceResponse:
        """Take maintenance back that has not begun."""
        async with Answering(context, UNARY_S):
            return pb.CancelMaintenanceResponse(seq=await self._port.act(convert.cancelled_maintenance_of(request)))

    async def AskPointing(self, request: pb.AskPointingRequest, context: Context) -> pb.AskPointingResponse:
        """Ask a telescope for a pointing."""
        async with Answering(context, UNARY_S):
            asked = convert.asked_pointing_of(request)
            return pb.AskPointingResponse(seq=await self._port.act(asked), pointing=name_of(asked.action_id))

    async def WithdrawPointing(
        self, request: pb.WithdrawPointingRequest, context: Context
    ) -> pb.WithdrawPointingResponse:
        """Withdraw what was asked for."""
        async with Answering(context, UNARY_S):
            return pb.WithdrawPointingResponse(seq=await self._port.act(convert.withdrawn_pointing_of(request)))

    async def ApproveEvent(self, request: pb.ApproveEventRequest, context: Context) -> pb.ApproveEventResponse:
        """Let an event be searched."""
        async with Answering(context, UNARY_S):
            return pb.ApproveEventResponse(seq=await self._port.act(convert.approval_of(request)))

    async def DismissEvent(self, request: pb.DismissEventRequest, context: Context) -> pb.DismissEventResponse:
        """End the search of an event."""
        async with Answering(context, UNARY_S):
            return pb.DismissEventResponse(seq=await self._port.act(convert.dismissal_of(request)))

    async def MarkCandidate(self, request: pb.MarkCandidateRequest, context: Context) -> pb.MarkCandidateResponse:
        """Say what a candidate is."""
        async with Answering(context, UNARY_S):
            return pb.MarkCandidateResponse(seq=await self._port.act(convert.mark_of(request)))

    async def CommentCandidate(
        self, request: pb.CommentCandidateRequest, context: Context
    ) -> pb.CommentCandidateResponse:
        """Put a remark beside a candidate."""
        async with Answering(context, UNARY_S):
            return pb.CommentCandidateResponse(seq=await self._port.act(convert.comment_of(request)))

    async def RetryQuarantine(self, request: pb.RetryQuarantineRequest, context: Context) -> pb.RetryQuarantineResponse:
        """Read a page of the quarantine again."""
        async with Answering(context, SUBMIT_S):
            return convert.read_again(await self._port.retry_quarantine(convert.cursor_of(request)))

    async def SubmitAlert(
        self, request_iterator: AsyncIterator[pb.SubmitAlertRequest], context: Context
    ) -> pb.SubmitAlertResponse:
        """Take one alert or sky map, in pieces."""
        async with Answering(context, SUBMIT_S), self._submitting:
            pieces = convert.Pieces(self._most_alert_bytes)
            async for piece in request_iterator:
                pieces.add(piece)
            alert = pieces.whole()
            result = await self._port.submit(alert.name, alert.data, alert.purpose, alert.event_key)
            return convert.submitted(result)

    async def GetStatus(self, request: pb.GetStatusRequest, context: Context) -> pb.GetStatusResponse:
        """Return the status document."""
        async with Answering(context, UNARY_S):
            return pb.GetStatusResponse(document=msgspec.json.encode(await self._port.status()))
