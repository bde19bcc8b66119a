"""Errors as `application/problem+json` (RFC 9457), each with the mend."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from telescopes.description.errors import ArmillaryError, Refused, RetryLater


def install(app: FastAPI) -> None:
    """Answer every error in one way."""
    app.add_exception_handler(ArmillaryError, _armillary)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


def not_found(what: str, name: str) -> Refused:
    """Return the error of something that the journal does not know."""
    return Refused(f"no such {what}", where=name, mend=f"see the list of {what}s", reason="NOT_FOUND")


async def _armillary(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ArmillaryError)
    headers: dict[str, str] = {}
    match error:
        case RetryLater():
            status, headers = 503, {"Retry-After": str(max(1, round(error.after_s)))}
        case Refused():
            status = 404 if error.reason == "NOT_FOUND" else 400
        case _:
            status = 500
    return _problem(status, error.what, headers, instance=error.where, mend=error.mend)


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
    return _problem(400, "; ".join(faults), {}, mend="see /api/v1/openapi.json")


async def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return _problem(error.status_code, str(error.detail), dict(error.headers or {}), mend="see /api/v1/openapi.json")


def _problem(status: int, title: str, headers: dict[str, str], **more: Any) -> JSONResponse:
    body = {"status": status, "title": title, **more}
    return JSONResponse(body, status, {"Cache-Control": "no-store", **headers}, media_type="application/problem+json")
