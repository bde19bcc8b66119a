"""A schema registry on this machine, in Confluent's REST form."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from builders.web import Answering, served


@dataclass
class SchemaServer:
    """What it knows by id, and by subject and version.

    `answers` are raw ones by id, `references` what a schema refers to, by its id or its subject and version; `down` (or
    `down_at` one path): it answers 503; `asked` lists the paths; `who`: user and password it wants.
    """

    port: int = 0
    schemas: dict[int, Any] = field(default_factory=dict)
    subjects: dict[tuple[str, int], Any] = field(default_factory=dict)
    references: dict[int | tuple[str, int], list[dict[str, Any]]] = field(default_factory=dict)
    answers: dict[int, bytes] = field(default_factory=dict)
    down: bool = False
    down_at: str | None = None
    who: str | None = None
    asked: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def found(self, path: str) -> bytes | None:
        """What lies at a path; None: nothing."""
        kind, _, rest = path.removeprefix("/").partition("/")
        if kind == "schemas":
            number = int(rest.removeprefix("ids/"))
            return self.answers.get(number) or self._schema(self.schemas.get(number), number)
        subject, _, version = rest.partition("/versions/")
        return self._schema(self.subjects.get((subject, int(version))), (subject, int(version)))

    def _schema(self, schema: Any, name: int | tuple[str, int]) -> bytes | None:
        if schema is None:
            return None
        said = {"schema": json.dumps(schema)}
        return json.dumps(said | ({"references": self.references[name]} if name in self.references else {})).encode()


class _Handler(Answering):
    def do_GET(self) -> None:
        mine: SchemaServer = self.mine
        mine.asked.append(self.path)
        said = f"Basic {base64.b64encode((mine.who or '').encode()).decode()}"
        found = mine.found(self.path)
        if mine.down or self.path == mine.down_at:
            self.answer(503, b"")
        elif mine.who is not None and self.headers.get("Authorization") != said:
            self.answer(401, b"")
        elif found is not None:
            self.answer(200, found)
        else:
            self.answer(404, b'{"error_code": 40403, "message": "Schema not found"}')


@contextmanager
def a_registry() -> Iterator[SchemaServer]:
    """Serve while the block runs."""
    registry = SchemaServer()
    with served(_Handler, registry) as port:
        registry.port = port
        yield registry
