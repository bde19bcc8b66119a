"""A catalogue service on this machine that answers well, badly, late or not at all."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from builders.web import Answering, served


@dataclass
class CatalogueServer:
    """What it answers: `body` in the mood "well", else as its mood is; `asked` are the paths with their questions."""

    port: int = 0
    body: bytes = b""
    mood: str = "well"
    asked: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it is asked."""
        return f"http://127.0.0.1:{self.port}/ask"


class _Handler(Answering):
    def do_GET(self) -> None:
        mine = self.mine
        mine.asked.append(self.path)
        try:
            _MOODS.get(mine.mood, _says(200))(self)
        except OSError:
            return

    def _drip(self) -> None:
        self._begin()
        for _ in range(600):
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.05)

    def _silent(self) -> None:
        time.sleep(30.0)

    def _endless(self) -> None:
        self._begin()
        while True:
            self.wfile.write(b"name,ra,dec\n" * 4096)

    def _rows(self) -> None:
        """A table of a thousand million rows, as far as anybody reads."""
        self._begin()
        self.wfile.write(b"name,ra,dec\n")
        for _ in range(10**9 // 1000):
            self.wfile.write(b"a,10,20\n" * 1000)

    def _begin(self) -> None:
        self.send_response(200)
        self.end_headers()


def _says(status: int, body: bytes | None = None) -> Callable[[_Handler], None]:
    return lambda handler: handler.answer(status, handler.mine.body if body is None else body)


_MOODS: dict[str, Callable[[_Handler], None]] = {
    "well": _says(200),
    "drip": _Handler._drip,
    "silent": _Handler._silent,
    "endless": _Handler._endless,
    "rows": _Handler._rows,
    "few rows too many": _says(200, b"name,ra,dec\n" + b"a,10,20\n" * 5000),
    "busy": _says(503, b"later"),
    "gone": _says(404, b"nothing"),
    "forbidden": _says(403, b"no"),
    "json": _says(200, b'{"data": [{"ra": NaN'),
    "page": _says(200, b"<html><body>Maintenance</body></html>"),
    "error": _says(200, b'<VOTABLE><INFO name="QUERY_STATUS" value="ERROR">no such table</INFO></VOTABLE>'),
    "nothing": _says(200, b""),
    "bytes": _says(200, bytes(range(256)) * 4),
    "nan": _says(200, b"name,ra,dec\na,nan,nan\n"),
    "infinite": _says(200, b"name,ra,dec\na,inf,-inf\n"),
    "ragged": _says(200, b"name,ra,dec\na,10\n"),
    "one line": _says(200, b"name,ra,dec\n" + b"x" * 200_000),
    "quote": _says(200, b'name,ra,dec\n"a,10,20\nb,10,20\n'),
}
BAD = tuple(mood for mood in _MOODS if mood != "well")
"""Every mood in which nothing can be learnt from it."""


@contextmanager
def serving(body: bytes = b"") -> Iterator[CatalogueServer]:
    """Serve while the block runs."""
    mine = CatalogueServer(body=body)
    with served(_Handler, mine) as port:
        mine.port = port
        yield mine
