"""Errors as `application/problem+json` (RFC 9457), each with the mend."""

import math
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from coordinator.dashboard.desk import TooMany
from telescopes.description.errors import ArmillaryError, Refused, RetryLater


def install(app: FastAPI) -> None:
    """Answer every error in one way."""
    app.add_exception_handler(ArmillaryError, _armillary)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


def not_found(what: str, name: str) -> Refused:
    """Return the error of something that the journal does not know."""
    return Refused(f"no such {what}", where=name, mend=f"see the list of {what}s", reason="NOT_FOUND")


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


async def _armillary(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ArmillaryError)
    return answer(error)


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
    return _problem(400, "; ".join(faults), {}, mend="see /api/v1/openapi.json")


async def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, ArmillaryError):  # a body that was refused while it was being read
        return answer(error.__cause__)
    return _problem(error.status_code, str(error.detail), dict(error.headers or {}), mend="see /api/v1/openapi.json")


def _problem(status: int, title: str, headers: dict[str, str], **more: Any) -> JSONResponse:
    body = {"status": status, "title": title, **more}
    return JSONResponse(body, status, {"Cache-Control": "no-store", **headers}, media_type="application/problem+json")
