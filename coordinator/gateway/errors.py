"""The one place where errors become gRPC statuses: code, ErrorInfo, and RetryInfo or BadRequest (AIP-193)."""

import asyncio
import logging
from datetime import timedelta
from types import TracebackType
from typing import Any

import grpc.aio
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status

from coordinator.gateway.convert.fields import InvalidRequest
from coordinator.security.meters import TooFast
from telescopes.description.errors import ArmillaryError, Broken, Refused, RetryLater

log = logging.getLogger(__name__)

DOMAIN = "armillary"
CODES: dict[str, int] = {
    "INVALID": code_pb2.INVALID_ARGUMENT,
    "NOT_FOUND": code_pb2.NOT_FOUND,
    "IDENTITY_MISMATCH": code_pb2.PERMISSION_DENIED,
    "ROLE_FORBIDDEN": code_pb2.PERMISSION_DENIED,
    "UNAUTHENTICATED": code_pb2.UNAUTHENTICATED,
    "CERTIFICATE_REVOKED": code_pb2.UNAUTHENTICATED,
    "CERTIFICATE_EXPIRED": code_pb2.UNAUTHENTICATED,
    "TOKEN_INVALID": code_pb2.UNAUTHENTICATED,
    "SESSION_STALE": code_pb2.FAILED_PRECONDITION,
    "ILLEGAL_TRANSITION": code_pb2.FAILED_PRECONDITION,
    "REVISION_STALE": code_pb2.FAILED_PRECONDITION,
    "LEASE_EXPIRED": code_pb2.FAILED_PRECONDITION,
    "SESSION_SUPERSEDED": code_pb2.ABORTED,
    "CURSOR_AHEAD": code_pb2.OUT_OF_RANGE,
    "CURSOR_COMPACTED": code_pb2.OUT_OF_RANGE,
}
"""A refusal whose reason is not here is FAILED_PRECONDITION: as things stand, the same request is refused again."""

MOST_MESSAGE_BYTES = 400
MOST_WORDS_BYTES = 200
MOST_VIOLATIONS_BYTES = 2500
"""Statuses travel in HTTP/2 trailers, of which peers take 8 KiB: the message once percent-encoded and all of it in
base64.
"""


def status_of(error: ArmillaryError) -> status_pb2.Status:
    """Say an error on the wire."""
    code, reason = _code_and_reason(error)
    status = status_pb2.Status(code=code, message=_cut(f"{error.what}; {error.mend}", MOST_MESSAGE_BYTES))
    info = error_details_pb2.ErrorInfo(reason=_cut(reason), domain=DOMAIN)
    info.metadata.update({"where": _cut(error.where), "mend": _cut(error.mend)})
    _add(status, info)
    if isinstance(error, RetryLater):
        _add(status, _retry_info(error.after_s))
    if isinstance(error, InvalidRequest):
        _add(status, _bad_request(error))
    return status


class Answering:
    """Ends a call with the right status if what is done inside fails, or takes longer than `within_s`.

    It is the outermost frame of every call, so faults that nobody foresaw end here: logged whole, and told
    to the peer without their text. A call that was cancelled stays cancelled, and so is one whose peer has gone.
    """

    def __init__(self, context: grpc.aio.ServicerContext[Any, Any], within_s: float | None = None) -> None:
        self._context = context
        self._within_s = within_s
        self._deadline = asyncio.timeout(within_s)

    async def __aenter__(self) -> None:
        await self._deadline.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._deadline.__aexit__(kind, error, trace)
        except TimeoutError:
            error = _too_slow(self._within_s)
        if isinstance(error, Exception) and not isinstance(error, grpc.aio.AbortError):
            failed = _failure(error)
            try:
                await self._context.abort_with_status(rpc_status.to_status(status_of(failed)))
            except grpc.aio.InternalError:  # who asked has gone meanwhile, and can be told nothing
                raise asyncio.CancelledError from None


def _failure(error: Exception) -> ArmillaryError:
    """Say what failed, and tell our own log what was our own fault."""
    if isinstance(error, Broken):
        log.error("broken: %s", error)
    if isinstance(error, ArmillaryError):
        return error
    log.error("a call failed in a way that nobody foresaw", exc_info=error)
    return Broken("the coordinator failed", where="gateway", mend="report it, with the coordinator's log")


def _code_and_reason(error: ArmillaryError) -> tuple[int, str]:
    match error:
        case TooFast():
            return code_pb2.RESOURCE_EXHAUSTED, "RATE"
        case RetryLater():
            return code_pb2.UNAVAILABLE, "RETRY_LATER"
        case Refused():
            return CODES.get(error.reason, code_pb2.FAILED_PRECONDITION), error.reason
        case _:
            return code_pb2.INTERNAL, "BROKEN"


def _too_slow(within_s: float | None) -> RetryLater:
    return RetryLater(
        f"no answer within {within_s} s", where="gateway", mend="send it again: reports and actions are idempotent"
    )


def _retry_info(after_s: float) -> error_details_pb2.RetryInfo:
    info = error_details_pb2.RetryInfo()
    info.retry_delay.FromTimedelta(timedelta(seconds=after_s))
    return info


def _bad_request(error: InvalidRequest) -> error_details_pb2.BadRequest:
    bad = error_details_pb2.BadRequest()
    for violation in error.violations:
        bad.field_violations.add(field=_cut(violation.field), description=_cut(violation.description))
        if bad.ByteSize() > MOST_VIOLATIONS_BYTES:
            del bad.field_violations[-1]
            break
    return bad


def _add(status: status_pb2.Status, detail: Message) -> None:
    packed = AnyMessage()
    packed.Pack(detail)
    status.details.append(packed)


def _cut(text: str, most_bytes: int = MOST_WORDS_BYTES) -> str:
    data = text.encode(errors="replace")
    return text if len(data) <= most_bytes else f"{data[: most_bytes - 3].decode(errors='ignore')}…"
