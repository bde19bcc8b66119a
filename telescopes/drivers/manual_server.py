"""Serves the observer's page: on this machine alone, behind a token in its address, to forms that the page made."""

import logging
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

log = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
LONGEST_FORM = 16 * 1024
SECONDS = 20.0
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """A page and its status; SEE_OTHER leads to the page."""

    html: str
    status: HTTPStatus = HTTPStatus.OK


Answer = Callable[[Mapping[str, str] | None], Reply]
"""Answers a form; None: the page is only looked at. Called on a thread of the server."""


class PageServer:
    """A server on the loopback address, on a thread of its own until it is closed; port 0: any that is free."""

    def __init__(self, port: int, token: str, answer: Answer) -> None:
        self._server = _Server((LOOPBACK, port), token, answer)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The address to open in a browser."""
        return f"http://{LOOPBACK}:{self._server.server_port}/{self._server.token}/"

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(SECONDS)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], token: str, answer: Answer) -> None:
        super().__init__(address, _Handler)
        self.token = token
        self.answer = answer


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    server_version = "armillary"
    sys_version = ""
    timeout = SECONDS

    def do_GET(self) -> None:
        if self._is_ours():
            self._send(self.server.answer(None))

    def do_POST(self) -> None:
        if not (self._is_ours() and self._is_from_our_page()):
            return
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit() or int(length) > LONGEST_FORM:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        try:
            text = self.rfile.read(int(length)).decode("ascii")
            form = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=4000, errors="strict"))
        except ValueError:
            self._refuse(HTTPStatus.BAD_REQUEST)
            return
        self._send(self.server.answer(form))

    def log_message(self, format: str, *args: object) -> None:
        """Keep the address, which holds the token, out of the log."""
        log.debug("page: %s from %s", self.command, self.client_address[0])

    def _is_ours(self) -> bool:
        """Know the token, and the name that the browser believes to talk to: another one is a rebound address."""
        port = self.server.server_port
        if self.headers.get("Host") not in (f"{LOOPBACK}:{port}", f"localhost:{port}"):
            self._refuse(HTTPStatus.MISDIRECTED_REQUEST)
            return False
        token = self.path.strip("/")
        if not secrets.compare_digest(token.encode(), self.server.token.encode()):
            self._refuse(HTTPStatus.NOT_FOUND)
            return False
        return True

    def _is_from_our_page(self) -> bool:
        """Take no form that another page sent; a browser says which page it was."""
        port = self.server.server_port
        origin = self.headers.get("Origin")
        ours = (None, f"http://{LOOPBACK}:{port}", f"http://localhost:{port}")
        if origin not in ours or self.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            self._refuse(HTTPStatus.FORBIDDEN)
            return False
        return True

    def _refuse(self, status: HTTPStatus) -> None:
        self.close_connection = True
        self._send(Reply(f"<!doctype html><title>{status.phrase}</title><p>{status.phrase}.", status))

    def _send(self, reply: Reply) -> None:
        body = reply.html.encode()
        self.send_response(reply.status)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        if reply.status is HTTPStatus.SEE_OTHER:
            self.send_header("Location", f"/{self.server.token}/")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
