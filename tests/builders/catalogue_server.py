"""A catalogue service on this machine that answers well, badly, late or not at all."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from builders.votables import STAR, a_votable
from builders.web import Answering, served


@dataclass
class CatalogueServer:
    """What it answers in the mood "well": `body`, or what `speaks` makes of a path and what it was told.

    `asked` are the paths with their questions, `told` what came with each, `agents` who said that they ask;
    `headers` go with what is no success.
    """

    port: int = 0
    body: bytes = b""
    mood: str = "well"
    speaks: Callable[[str, dict[str, str]], bytes] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    reason: str | None = None
    asked: list[str] = field(default_factory=list)
    told: list[dict[str, str]] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it is asked."""
        return f"http://127.0.0.1:{self.port}/ask"


class _Handler(Answering):
    def do_GET(self) -> None:
        self._answer(urlsplit(self.path).query)

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

    def _answer(self, said: str) -> None:
        mine = self.mine
        told = {key: values[0] for key, values in parse_qs(said).items()}
        mine.asked.append(self.path)
        mine.told.append(told)
        mine.agents.append(self.headers["User-Agent"])
        if mine.speaks is not None:
            mine.body = mine.speaks(urlsplit(self.path).path, told)
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

    def _votable_rows(self) -> None:
        self._begin()
        self.wfile.write(b'<VOTABLE><RESOURCE><TABLE><FIELD name="name" datatype="char"/><DATA><TABLEDATA>')
        for _ in range(10**9 // 1000):
            self.wfile.write(b"<TR><TD>a</TD></TR>" * 1000)

    def _deny(self) -> None:
        self.send_response(401, self.mine.reason)
        self.end_headers()

    def _begin(self) -> None:
        self.send_response(200)
        self.end_headers()


def _says(status: int, body: bytes | None = None) -> Callable[[_Handler], None]:
    return lambda handler: handler.answer(
        status, handler.mine.body if body is None else body, **(handler.mine.headers if status != 200 else {})
    )


_MOODS: dict[str, Callable[[_Handler], None]] = {
    "well": _says(200),
    "drip": _Handler._drip,
    "silent": _Handler._silent,
    "endless": _Handler._endless,
    "rows": _Handler._rows,
    "few rows too many": _says(200, b"name,ra,dec\n" + b"a,10,20\n" * 5000),
    "busy": _says(503, b"later"),
    "too often": _says(429, b"too many requests"),
    "who are you": _Handler._deny,
    "votable rows": _Handler._votable_rows,
    "elsewhere": _says(302, b""),
    "the same elsewhere": _says(307, b""),
    "gone": _says(404, b"nothing"),
    "forbidden": _says(403, b"no"),
    "votable nan": _says(200, a_votable(STAR, [["1", "NaN", "NaN", 3.0]])),
    "votable of something else": _says(200, a_votable({"id": "char", "flux": "float"}, [["1", 2.0]])),
    "votable of a thousand million rows": _says(200, a_votable(STAR, [], nrows="1000000000")),
    "votable from elsewhere": _says(
        200,
        b'<VOTABLE><RESOURCE><TABLE><FIELD name="name" datatype="char"/><DATA><BINARY>'
        b'<STREAM href="http://127.0.0.1:9/rows"/></BINARY></DATA></TABLE></RESOURCE></VOTABLE>',
    ),
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
