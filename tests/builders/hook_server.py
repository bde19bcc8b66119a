"""A web server on this machine that takes signed letters, or does not."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from builders.web import Answering, served


@dataclass
class Hook:
    """What came (headers in small letters, body); `answers` are statuses for the next ones, then 200."""

    port: int = 0
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/told"

    @property
    def letters(self) -> list[dict[str, Any]]:
        """What was taken."""
        return [json.loads(body) for _, body in self.came]


class _Handler(Answering):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = self.mine.answers.pop(0) if self.mine.answers else 200
        if status == 200:
            self.mine.came.append(({k.lower(): v for k, v in self.headers.items()}, body))
        self.answer(status, b"")


@contextmanager
def hooked() -> Iterator[Hook]:
    """Listen while the block runs."""
    hook = Hook()
    with served(_Handler, hook) as port:
        hook.port = port
        yield hook
