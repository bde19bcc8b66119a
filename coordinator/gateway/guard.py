"""The interceptor at the gateway's door: every call is admitted, or ends with the right status."""

import inspect
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeAlias

import grpc
import grpc.aio
from google.protobuf.message import DecodeError

from coordinator.gateway.claims import claim_of, sign_decision
from coordinator.gateway.errors import Answering
from coordinator.gateway.peer import certificate_of
from coordinator.gateway.server import LONGEST_MESSAGE_BYTES
from coordinator.security.admission import Admission
from coordinator.security.meters import TooFast
from coordinator.security.passport import Passport
from coordinator.security.refusals import Refusals
from coordinator.security.turns import Turns
from telescopes.description.errors import ArmillaryError, Refused

log = logging.getLogger(__name__)

Context = grpc.aio.ServicerContext[Any, Any]
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
Reader: TypeAlias = Callable[[bytes], Any]
Pieces: TypeAlias = AsyncIterator[Any]


class Guard(grpc.aio.ServerInterceptor):
    """Ask the admission about every call, and about a stream's owner before every message.

    So a stream of a certificate that was taken back ends with its next command, a heartbeat at the latest. To gRPC
    every method is one that takes a stream of requests, for only of such a one nothing is read before it is asked for:
    a call that has to wait its turn, or is refused before, costs no memory, and what is too much is never sent.
    """

    def __init__(self, admission: Admission, refusals: Refusals, turns: Turns) -> None:
        self._admission = admission
        self._refusals = refusals
        self._turns = turns

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable["Handler | None"]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> "Handler | None":
        """Put the admission before what serves a method."""
        handler: Any = await continuation(handler_call_details)
        method = handler_call_details.method
        if handler is None:
            return None
        read = None if handler.request_streaming else _reader(handler, method)
        if handler.response_streaming:
            serve = handler.stream_stream or handler.unary_stream
            return _like(handler, grpc.stream_stream_rpc_method_handler, self._streaming(serve, method, read))
        serve = handler.stream_unary or handler.unary_unary
        return _like(handler, grpc.stream_unary_rpc_method_handler, self._answering(serve, method, read))

    def _answering(
        self, serve: Callable[..., Awaitable[Any]], method: str, read: Reader | None
    ) -> Callable[..., Awaitable[Any]]:
        async def answer(pieces: Pieces, context: Context) -> Any:
            async with Answering(context):
                _, request = await self._admitted(method, pieces, read, context)
            return await serve(request, context)

        return answer

    def _streaming(self, serve: Callable[..., Any], method: str, read: Reader | None) -> Callable[..., Any]:
        if not inspect.isasyncgenfunction(serve):  # it writes by itself, as the health service does
            return self._answering(serve, method, read)

        async def stream(pieces: Pieces, context: Context) -> AsyncIterator[Any]:
            async with Answering(context):
                passport, request = await self._admitted(method, pieces, read, context)
            messages = serve(request, context)
            try:
                async for message in messages:
                    async with Answering(context):
                        self._admission.require_valid(passport)
                    yield message
            finally:
                await messages.aclose()

        return stream

    async def _admitted(
        self, method: str, pieces: Pieces, read: Reader | None, context: Context
    ) -> tuple[Passport, Any]:
        """Let a call in, read its request (of one that comes in pieces nothing yet), and judge what it says."""
        who, size_bytes = "somebody", 0
        try:
            passport = self._admission.passport(certificate_of(context))
            who = f"{passport.identity} {passport.serial}"
            async with self._turns.of(who):
                try:
                    self._admission.require_valid(passport)
                    self._admission.admit_call(passport, method)
                    request: Any = pieces
                    if read is not None:
                        size_bytes = LONGEST_MESSAGE_BYTES  # Of one that is larger nothing comes, and this is known.
                        said = await _first(pieces)
                        size_bytes = len(said)
                        request = read(said)
                    self._admission.admit(passport, claim_of(request))
                except (TooFast, Refused):
                    self._turns.refused(who, size_bytes)
                    raise
        except (TooFast, Refused) as error:
            self._tell(who, getattr(error, "reason", "RATE"), error)
            raise
        sign_decision(request, passport.identity)
        return passport, request

    def _tell(self, who: str, reason: str, error: ArmillaryError) -> None:
        count = self._refusals.note(who, reason)
        if count:
            log.warning("refused %s (%d times %s): %s", who, count, reason, error)


def _reader(handler: Any, method: str) -> Reader:
    """Return what reads a method's request, and refuses bytes that are none."""

    def read(said: bytes) -> Any:
        try:
            return handler.request_deserializer(said)
        except (DecodeError, ValueError) as error:
            mend = "send the message that the .proto names"
            raise Refused(f"{len(said)} bytes are no request", where=method, mend=mend) from error

    return read


async def _first(pieces: Pieces) -> bytes:
    """Read a request, which comes only when it is asked for; one that is too large has ended the call already."""
    async for said in pieces:
        return bytes(said)
    raise Refused("no request came, or one that is too large", where="request", mend="send one of 4 MiB at most")


def _like(handler: Any, make: Callable[..., Any], behaviour: Callable[..., Any]) -> Handler:
    """Make a handler like another; one of a single request reads it by itself, when it wants to."""
    made: Handler = make(
        behaviour,
        request_deserializer=handler.request_deserializer if handler.request_streaming else None,
        response_serializer=handler.response_serializer,
    )
    return made
