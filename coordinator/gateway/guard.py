"""The interceptor at the gateway's door: every call is admitted, or ends with the right status."""

import asyncio
import inspect
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import grpc
import grpc.aio
from google.protobuf.message import DecodeError

from coordinator.gateway.claims import claim_of, sign_decision
from coordinator.gateway.errors import CODES, Answering
from coordinator.gateway.peer import certificate_of
from coordinator.gateway.server import LONGEST_MESSAGE_BYTES
from coordinator.security.admission import Admission
from coordinator.security.meters import TooFast
from coordinator.security.passport import Passport
from coordinator.security.refusals import Refusals
from coordinator.security.turns import Turns
from telescopes.description.errors import Refused, RetryLater

log = logging.getLogger(__name__)

Context = grpc.aio.ServicerContext[Any, Any]
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
Reader: TypeAlias = Callable[[bytes], Any]
Pieces: TypeAlias = AsyncIterator[Any]


ASK_EACH_S = 1.0
"""How often it is asked about who listens to a service that writes by itself, or sends nothing on an open stream: a
look costs some microseconds."""
READ_WITHIN_S = 60.0
"""As long as an agent itself gives its longest call, so that a slow line is not sent away."""
REFUSALS = frozenset(CODES.values())


@dataclass(slots=True)
class _Call:
    """A call on its way: whose turn it takes, how much of it was read, and what it says."""

    passport: Passport
    whose: str
    size_bytes: int = 0
    request: Any = None


class Guard(grpc.aio.ServerInterceptor):
    """Ask the admission about every call, and about a stream's owner before every message.

    So a stream of a certificate that was taken back ends with its next command, a heartbeat at the latest, and one on
    which the peer itself sends within a second. To gRPC every method is one that takes a stream of requests, for only
    of such a one nothing is read before it is asked for: a call that has to wait its turn, or is refused before, costs
    no memory, and what is too much is never sent.

    A call of one request and one answer holds its turn until it is answered; others until they are let in.
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
                async with self._admitted(method, pieces, read, context) as call:
                    if read is not None:
                        return await self._served(call, serve, context)
                return await self._served(call, serve, context)

        return answer

    async def _served(self, call: _Call, serve: Callable[..., Awaitable[Any]], context: Context) -> Any:
        with self._counting(call, context):
            return await serve(call.request, context)

    def _streaming(self, serve: Callable[..., Any], method: str, read: Reader | None) -> Callable[..., Any]:
        if not inspect.isasyncgenfunction(serve):  # it writes by itself, as the health service does
            return self._writing(serve, method, read)

        async def stream(pieces: Pieces, context: Context) -> AsyncIterator[Any]:
            async with Answering(context), self._admitted(method, pieces, read, context) as call:
                pass
            messages = serve(call.request, context)
            try:
                with self._counting(call, context):
                    async with Answering(context):
                        async for message in messages:
                            self._admission.require_valid(call.passport)
                            yield message
            finally:
                await messages.aclose()

        return stream

    def _writing(
        self, serve: Callable[..., Coroutine[Any, Any, None]], method: str, read: Reader | None
    ) -> Callable[..., Awaitable[None]]:
        async def write(pieces: Pieces, context: Context) -> None:
            async with Answering(context):
                async with self._admitted(method, pieces, read, context) as call:
                    pass
                with self._counting(call, context):
                    await self._while_valid(call.passport, serve(call.request, context))

        return write

    async def _while_valid(self, passport: Passport, serving: Coroutine[Any, Any, None]) -> None:
        """Let a service write until it ends, or its listener's certificate counts no more."""
        served = asyncio.create_task(serving)
        try:
            while not (await asyncio.wait({served}, timeout=ASK_EACH_S))[0]:
                self._admission.require_valid(passport)
            served.result()
        finally:
            served.cancel()
            await asyncio.wait({served})

    async def _pieces_while_valid(self, passport: Passport, pieces: Pieces) -> Pieces:
        """Hand on what a peer sends piece by piece: one that sends nothing more is asked about, too."""
        while True:
            coming = asyncio.ensure_future(anext(pieces, grpc.aio.EOF))
            try:
                while not (await asyncio.wait({coming}, timeout=ASK_EACH_S))[0]:
                    self._admission.require_valid(passport)
            finally:
                coming.cancel()
            piece = coming.result()
            if piece is grpc.aio.EOF:
                return
            yield piece

    @asynccontextmanager
    async def _admitted(
        self, method: str, pieces: Pieces, read: Reader | None, context: Context
    ) -> AsyncIterator[_Call]:
        """Let a call in, and hold its turn while it is served inside."""
        passport = self._shown(context)
        call = _Call(passport, self._whose(passport))
        if read is None:
            call.request = self._pieces_while_valid(passport, pieces)
        self._require_room(call)
        async with self._turns.of(call.whose):
            try:
                await self._judge(call, method, read, context)
            except (TooFast, Refused) as error:
                self._turns.refused(call.whose, call.size_bytes)
                self._tell(f"{passport.identity} {passport.serial}", error)
                raise
            yield call

    def _require_room(self, call: _Call) -> None:
        try:
            self._turns.require_room(call.whose)
        except TooFast as error:
            self._tell(f"{call.passport.identity} {call.passport.serial}", error)
            raise

    async def _judge(self, call: _Call, method: str, read: Reader | None, context: Context) -> None:
        """Ask about a call, read its request (of one that comes in pieces nothing yet), and judge what it says."""
        self._admission.require_valid(call.passport)
        self._admission.admit_call(call.passport, method)
        if read is not None:
            call.size_bytes = LONGEST_MESSAGE_BYTES  # Of one that is larger nothing comes, and this is known.
            said = await _first(context, method)
            call.size_bytes = len(said)
            call.request = read(said)
        self._admission.admit(call.passport, claim_of(call.request), call.size_bytes)
        sign_decision(call.request, call.passport.identity)

    def _shown(self, context: Context) -> Passport:
        try:
            return self._admission.passport(certificate_of(context))
        except Refused as error:
            self._tell("somebody", error)
            raise

    def _whose(self, passport: Passport) -> str:
        """Say whose turn a call takes: a certificate that counts no more has a line of its own, not its successor's."""
        try:
            self._admission.require_valid(passport)
        except Refused:
            return f"{passport.identity.uri} {passport.serial}"
        return passport.identity.uri

    @contextmanager
    def _counting(self, call: _Call, context: Context) -> Iterator[None]:
        """Count what the service itself refuses, too: whoever is refused waits, whoever it was that refused."""
        try:
            yield
        except grpc.aio.AbortError:
            code: Any = context.code()
            if code in REFUSALS:
                self._turns.refused(call.whose, call.size_bytes)
            raise

    def _tell(self, who: str, error: TooFast | Refused) -> None:
        reason = error.reason if isinstance(error, Refused) else "RATE"
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


async def _first(context: Context, method: str) -> bytes:
    """Read a request, which comes only when it is asked for; one that is too large has ended the call already.

    It is not taken from the pieces: gRPC's own generator, left after the first, would hold it in a cycle of references.
    """
    try:
        async with asyncio.timeout(READ_WITHIN_S):
            said = await context.read()
    except TimeoutError as error:
        mend = "send the request together with the call"
        raise RetryLater(f"no request came within {READ_WITHIN_S:g} s", where=method, mend=mend) from error
    if said is grpc.aio.EOF:
        raise Refused("no request came, or one that is too large", where=method, mend="send one of 4 MiB at most")
    return bytes(said)


def _like(handler: Any, make: Callable[..., Any], behaviour: Callable[..., Any]) -> Handler:
    """Make a handler like another; one of a single request reads it by itself, when it wants to."""
    made: Handler = make(
        behaviour,
        request_deserializer=handler.request_deserializer if handler.request_streaming else None,
        response_serializer=handler.response_serializer,
    )
    return made
