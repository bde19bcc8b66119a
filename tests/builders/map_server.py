"""A web server on this machine that hands out maps well, badly or late."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from builders.web import Answering, served


@dataclass
class MapServer:
    """What lies where; `misses` says how often a path answers 404 before it is there, `asked` counts."""

    port: int = 0
    files: dict[str, bytes] = field(default_factory=dict)
    misses: dict[str, int] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        """Its address with scheme and port."""
        return f"http://127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        """Address of a path."""
        return f"{self.origin}{path}"


class _Handler(Answering):
    def do_GET(self) -> None:
        maps, path = self.mine, self.path
        maps.asked[path] = maps.asked.get(path, 0) + 1
        if path in maps.redirects:
            self.answer(302, b"", Location=maps.redirects[path])
        elif path in maps.statuses:
            self.answer(maps.statuses[path], b"no")
        elif maps.asked[path] <= maps.misses.get(path, 0):
            self.answer(404, b"not yet")
        elif path in BADLY:
            BADLY[path](self)
        elif path in maps.files:
            self.answer(200, maps.files[path])
        else:
            self.answer(404, b"never")

    def _drip(self) -> None:
        """A byte now and then, so that no single wait is long."""
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(600):
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.05)
        except OSError:
            return

    def _slow_head(self) -> None:
        """A head that never ends, a byte now and then."""
        try:
            self.wfile.write(b"HTTP/1.0 200 OK\r\nX-Long: ")
            for _ in range(600):
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.05)
        except OSError:
            return

    def _odd_length(self) -> None:
        """A length in digits that only look like a number."""
        self.wfile.write("HTTP/1.0 200 OK\r\nContent-Length: \u00b2\r\n\r\nmap".encode("latin-1"))

    def _endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"x" * 65536)
        except OSError:
            return

    def _cut(self) -> None:
        """Half a file."""
        self.answer(200, b"half", length=1000)


BADLY: dict[str, Callable[[_Handler], None]] = {
    "/drip": _Handler._drip,
    "/slow-head": _Handler._slow_head,
    "/odd-length": _Handler._odd_length,
    "/endless": _Handler._endless,
    "/cut": _Handler._cut,
}
"""Paths that are answered as no good server does."""


@contextmanager
def serving() -> Iterator[MapServer]:
    """Serve while the block runs."""
    maps = MapServer()
    with served(_Handler, maps) as port:
        maps.port = port
        yield maps
