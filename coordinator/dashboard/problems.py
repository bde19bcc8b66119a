"""Errors as `application/problem+json` (RFC 9457), each with the mend."""

import math
from collections.abc import Callable
from secrets import token_hex
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from coordinator.dashboard.desk import TooMany
from coordinator.dashboard.headers import OF_PAGES
from telescopes.description.errors import ArmillaryError, Refused, RetryLater

log = structlog.get_logger("dashboard")


class NotKnownYet(Refused):
    """The journal has not spoken of it as far as it was read; `kind` says of what."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"no such {kind}", where=name, mend=f"see the list of {kind}s", reason="NOT_FOUND")
        self.kind = kind


AsOf = Callable[[], dict[str, Any]]
AwaitingPage = Callable[[Request, NotKnownYet], Response]


def install(app: FastAPI, as_of: AsOf, awaiting: AwaitingPage) -> None:
    """Answer every error in one way.

    Parameters
    ----------
    as_of : callable
        Up to where the journal is in what is shown.
    awaiting : callable
        The page for people who look at what the journal has not spoken of yet.
    """

    async def armillary(request: Request, error: Exception) -> Response:
        assert isinstance(error, ArmillaryError)
        if not isinstance(error, NotKnownYet):
            return answer(error)
        return awaiting(request, error) if _wants_page(request) else _not_known_yet(error, as_of())

    app.add_exception_handler(ArmillaryError, armillary)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unforeseen)


def not_found(kind: str, name: str) -> NotKnownYet:
    """Return the error of something that the journal does not know."""
    return NotKnownYet(kind, name)


STATUS = {"NOT_FOUND": 404, "UNAUTHENTICATED": 401, "FORBIDDEN": 403, "STALE": 409, "KEY_USED": 422}


def answer(error: ArmillaryError) -> JSONResponse:
    """Say an error in the words of HTTP."""
    headers: dict[str, str] = {}
    match error:
        case RetryLater():
            status = 429 if isinstance(error, TooMany) else 503
            headers = {"Retry-After": str(max(1, math.ceil(error.after_s)))}
        case Refused():
            status = STATUS.get(error.reason, 400)
        case _:
            status = 500
    if status == STATUS["UNAUTHENTICATED"]:
        headers["WWW-Authenticate"] = "Bearer"
    return _problem(status, error.what, headers, instance=error.where, mend=error.mend)


def _wants_page(request: Request) -> bool:
    asks = request.method in ("GET", "HEAD")  # a form that was sent is told in words what became of it
    return asks and "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")


def _not_known_yet(error: NotKnownYet, as_of: dict[str, Any]) -> JSONResponse:
    """Say that something may still come: the asker may be ahead of what was read of the journal."""
    more = {"detail": f"not known yet; as of entry {as_of['seq']}", "as_of": as_of}
    return _problem(404, error.what, {}, instance=error.where, mend=error.mend, **more)


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
    return _problem(400, "; ".join(faults), {}, mend="see /api/v1/openapi.json")


async def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, ArmillaryError):  # a body that was refused while it was being read
        return answer(error.__cause__)
    return _problem(error.status_code, str(error.detail), dict(error.headers or {}), mend="see /api/v1/openapi.json")


async def _unforeseen(request: Request, error: Exception) -> JSONResponse:
    """Say that something happened which nobody thought of, and where it stands: its words may be secret."""
    number = token_hex(4)
    log.error("failed", number=number, path=request.url.path, exc_info=error)
    mend = f"ask again; if it stays, report it with what the dashboard's log says at number {number}"
    # What is told of an error that nobody handles goes round all other middleware.
    return _problem(500, f"failed: {type(error).__name__}", dict(OF_PAGES), instance=request.url.path, mend=mend)


def _problem(status: int, title: str, headers: dict[str, str], **more: Any) -> JSONResponse:
    body = {"status": status, "title": title, **more}
    return JSONResponse(body, status, {"Cache-Control": "no-store", **headers}, media_type="application/problem+json")
