"""The interceptor at the gateway's door: every call is admitted, or ends with the right status."""

import asyncio
import inspect
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeAlias

import grpc
import grpc.aio

from coordinator.gateway.claims import claim_of, sign_decision
from coordinator.gateway.errors import Answering
from coordinator.gateway.peer import certificate_of
from coordinator.security.admission import Admission
from coordinator.security.meters import TooFast
from coordinator.security.passport import Passport
from coordinator.security.refusals import Refusals
from telescopes.description.errors import ArmillaryError, Refused

log = logging.getLogger(__name__)

Context = grpc.aio.ServicerContext[Any, Any]
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"


class Guard(grpc.aio.ServerInterceptor):
    """Ask the admission about every call, and about a stream's owner before every message.

    So a stream of a certificate that was taken back ends with its next command, a heartbeat at the latest. Who is
    refused again and again is answered later and later, so that the others keep the gateway.
    """

    def __init__(self, admission: Admission, refusals: Refusals) -> None:
        self._admission = admission
        self._refusals = refusals

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
        if handler.unary_unary:
            return _like(handler, grpc.unary_unary_rpc_method_handler, self._answering(handler.unary_unary, method))
        if handler.stream_unary:
            return _like(handler, grpc.stream_unary_rpc_method_handler, self._answering(handler.stream_unary, method))
        if handler.unary_stream:
            return _like(handler, grpc.unary_stream_rpc_method_handler, self._streaming(handler.unary_stream, method))
        return _like(handler, grpc.stream_stream_rpc_method_handler, self._streaming(handler.stream_stream, method))

    def _answering(self, serve: Callable[..., Awaitable[Any]], method: str) -> Callable[..., Awaitable[Any]]:
        async def answer(request: Any, context: Context) -> Any:
            async with Answering(context):
                await self._admit(method, request, context)
            return await serve(request, context)

        return answer

    def _streaming(self, serve: Callable[..., Any], method: str) -> Callable[..., Any]:
        if not inspect.isasyncgenfunction(serve):  # it writes by itself, as the health service does
            return self._answering(serve, method)

        async def stream(request: Any, context: Context) -> AsyncIterator[Any]:
            async with Answering(context):
                passport = await self._admit(method, request, context)
            messages = serve(request, context)
            try:
                async for message in messages:
                    async with Answering(context):
                        self._admission.require_valid(passport)
                    yield message
            finally:
                await messages.aclose()

        return stream

    async def _admit(self, method: str, request: Any, context: Context) -> Passport:
        who = "somebody"
        try:
            passport = self._admission.passport(certificate_of(context))
            who = f"{passport.identity} {passport.serial}"
            self._admission.require_valid(passport)
            self._admission.admit(passport, method, claim_of(request))
        except (TooFast, Refused) as error:
            self._tell(who, getattr(error, "reason", "RATE"), error)
            await asyncio.sleep(self._refusals.answer_in_s(who))
            raise
        sign_decision(request, passport.identity)
        return passport

    def _tell(self, who: str, reason: str, error: ArmillaryError) -> None:
        count = self._refusals.note(who, reason)
        if count:
            log.warning("refused %s (%d times %s): %s", who, count, reason, error)


def _like(handler: Any, make: Callable[..., Any], behaviour: Callable[..., Any]) -> Handler:
    made: Handler = make(
        behaviour, request_deserializer=handler.request_deserializer, response_serializer=handler.response_serializer
    )
    return made
