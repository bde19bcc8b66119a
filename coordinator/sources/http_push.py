"""Alerts that are pushed to us over HTTP: who pushes shows who it is, and is answered when the journal has it."""

import asyncio
import contextlib
import hashlib
import hmac
import logging
import socket
from collections.abc import Iterator
from dataclasses import dataclass

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from coordinator.services.streams import Auth
from coordinator.sources.hand_over import Taker, hand_over
from coordinator.sources.pulse import Pulse
from coordinator.sources.record_headers import as_text, read_headers
from telescopes.description.errors import RetryLater

log = logging.getLogger(__name__)

PATH = "/alerts"
SIGNATURE = "x-signature-256"
SIGNED = "sha256="
BODY_WITHIN_S = 30.0
AT_ONCE = 64
TRY_AGAIN_S = 5.0
PRIVATE = frozenset({"authorization", SIGNATURE, "cookie"})
"""Headers that are not handed on."""


@dataclass
class HttpPushSource:
    """A small web server: `POST /alerts[?topic=…]`, the message as its body.

    Answers 202 with what became of it, once that is durable; 401 to a stranger, 413 to what is too long, 503 while the
    journal is away (push it again).

    Attributes
    ----------
    host, port : str, int
        Where it listens; this machine alone, unless set otherwise: TLS is a proxy's work.
    auth : str
        bearer: `Authorization: Bearer SECRET`. hmac: `X-Signature-256: sha256=HEX`, the HMAC-SHA-256 of the body.
    secret : str
        Shared with whoever pushes.
    most_bytes : int
        The longest body.
    """

    host: str
    port: int
    auth: Auth
    secret: str
    intake: Taker
    pulse: Pulse
    most_bytes: int

    async def run(self) -> None:
        """Serve until cancelled."""
        app = Starlette(routes=[Route(PATH, self._push, methods=["POST"])])
        config = uvicorn.Config(app, lifespan="off", log_level="warning", access_log=False, limit_concurrency=AT_ONCE)
        while True:
            try:
                door = socket.create_server((self.host, self.port))
            except OSError as error:
                self.pulse.away_because = f"cannot listen on {self.host}:{self.port} ({error.strerror})"
                log.error("%s: %s", self.pulse.id, self.pulse.away_because)
                await asyncio.sleep(TRY_AGAIN_S)
                continue
            self.pulse.away_because = None
            with door:
                await _Server(config).serve(sockets=[door])

    async def _push(self, request: Request) -> JSONResponse:
        if self.auth == "bearer" and not self._knows_token(request):
            return self._stranger()
        body = await self._body(request)
        if isinstance(body, JSONResponse):
            return body
        if self.auth == "hmac" and not self._knows_signature(request, body):
            return self._stranger()
        return await self._taken(request, body)

    async def _taken(self, request: Request, body: bytes) -> JSONResponse:
        headers = read_headers([(k, v) for k, v in request.headers.items() if k.lower() not in PRIVATE])
        topic = as_text(request.query_params.get("topic", ""))
        try:
            received = await hand_over(
                self.intake, self.pulse, body, name=topic or "pushed", topic=topic, headers=headers
            )
        except RetryLater as later:
            return JSONResponse({"error": later.what}, 503, {"Retry-After": str(max(1, round(later.after_s)))})
        answer = {
            "seq": received.seq,
            "outcome": received.outcome,
            "event_key": received.event_key,
            "reason": received.reason,
        }
        return JSONResponse(answer, 202)

    async def _body(self, request: Request) -> bytes | JSONResponse:
        """Read the body, but no more than may come, and not for ever."""
        if int(request.headers.get("content-length", "0") or 0) > self.most_bytes:
            return self._too_long()
        parts: list[bytes] = []
        length = 0
        try:
            async with asyncio.timeout(BODY_WITHIN_S):
                async for part in request.stream():
                    length += len(part)
                    if length > self.most_bytes:
                        return self._too_long()
                    parts.append(part)
        except (TimeoutError, ClientDisconnect):
            return JSONResponse({"error": f"the body did not come within {BODY_WITHIN_S:g} s"}, 408)
        return b"".join(parts)

    def _knows_token(self, request: Request) -> bool:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and same(token.strip().encode(), self.secret.encode())

    def _knows_signature(self, request: Request, body: bytes) -> bool:
        made = SIGNED + hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        return same(request.headers.get(SIGNATURE, "").strip().lower().encode(), made.encode())

    def _stranger(self) -> JSONResponse:
        self.pulse.count("strangers")
        return JSONResponse({"error": "who are you?"}, 401, {"WWW-Authenticate": "Bearer"})

    def _too_long(self) -> JSONResponse:
        self.pulse.count("too_long")
        return JSONResponse({"error": f"longer than {self.most_bytes} bytes"}, 413, {"Connection": "close"})


def same(one: bytes, other: bytes) -> bool:
    """Compare in a time that tells nothing of either, their lengths included."""
    return hmac.compare_digest(hashlib.sha256(one).digest(), hashlib.sha256(other).digest())


class _Server(uvicorn.Server):
    """A server that leaves the process's signals alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
