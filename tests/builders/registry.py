"""A schema registry on this machine, in Confluent's REST form."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class SchemaServer:
    """What it knows by id; `down`: it answers 503; `asked` lists the paths; `who`: user and password it wants."""

    port: int = 0
    schemas: dict[int, Any] = field(default_factory=dict)
    answers: dict[int, bytes] = field(default_factory=dict)
    down: bool = False
    who: str | None = None
    asked: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"


class _Handler(BaseHTTPRequestHandler):
    registry: SchemaServer

    def do_GET(self) -> None:
        mine = self.registry
        mine.asked.append(self.path)
        number = int(self.path.removeprefix("/schemas/ids/"))
        said = f"Basic {base64.b64encode((mine.who or '').encode()).decode()}"
        if mine.down:
            self._answer(503, b"")
        elif mine.who is not None and self.headers.get("Authorization") != said:
            self._answer(401, b"")
        elif number in mine.answers:
            self._answer(200, mine.answers[number])
        elif number in mine.schemas:
            self._answer(200, json.dumps({"schema": json.dumps(mine.schemas[number])}).encode())
        else:
            self._answer(404, b'{"error_code": 40403, "message": "Schema not found"}')

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def a_registry() -> Iterator[SchemaServer]:
    """Serve while the block runs."""
    registry = SchemaServer()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"registry": registry}))
    server.daemon_threads = True
    registry.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield registry
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5.0)
