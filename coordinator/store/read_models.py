"""Read models: documents folded from the journal, in a second file that can be thrown away and made again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from coordinator.store.engine import plain_errors, writing_engine

LAYOUT = "1"
"""Written into the file; a file of another layout is emptied."""
metadata = sa.MetaData()
documents = sa.Table(
    "documents",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("event", sa.Text),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Index("documents_by_event", "kind", "event", "id"),
)
facts = sa.Table(
    "facts",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Document:
    """What is known of one event, pointing, telescope or candidate at a sequence number of the journal."""

    kind: str
    id: str
    event: str | None
    seq: int
    body: dict[str, Any]


class ReadModels:
    """A file of documents. Blocking; several processes may read while one writes.

    Parameters
    ----------
    path : Path
        The file; made where there is none, emptied where it has another layout.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._engine = writing_engine(path, synchronous="NORMAL")
        with plain_errors(path), self._engine.begin() as connection:
            metadata.create_all(connection)
            if _fact(connection, "layout") != LAYOUT:
                _empty(connection)
                _set_facts(connection, layout=LAYOUT)

    def journal_id(self) -> str | None:
        """Return which journal the documents come from; None: nothing was written yet."""
        with plain_errors(self._path), self._engine.connect() as connection:
            return _fact(connection, "journal_id")

    def applied_seq(self) -> int:
        """Return the sequence number up to which the journal is in the documents."""
        with plain_errors(self._path), self._engine.connect() as connection:
            return int(_fact(connection, "applied_seq") or 0)

    def write(self, changed: Iterable[Document], applied_seq: int) -> None:
        """Write documents and how far they go, in one transaction."""
        with plain_errors(self._path), self._engine.begin() as connection:
            _put(connection, changed)
            _set_facts(connection, applied_seq=str(applied_seq))

    def replace(self, everything: Iterable[Document], journal_id: str, applied_seq: int) -> None:
        """Throw all documents away and write new ones, in one transaction."""
        with plain_errors(self._path), self._engine.begin() as connection:
            _empty(connection)
            _put(connection, everything)
            _set_facts(connection, layout=LAYOUT, journal_id=journal_id, applied_seq=str(applied_seq))

    def get(self, kind: str, id: str) -> Document | None:
        """Return one document; None: there is none."""
        query = sa.select(documents).where(documents.c.kind == kind, documents.c.id == id)
        with plain_errors(self._path), self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _document(row)

    def list(
        self, kind: str, event: str | None = None, after: str | None = None, limit: int = 100
    ) -> tuple[Document, ...]:
        """Return documents of a kind by id; `after` is the last id of the page before."""
        query = sa.select(documents).where(documents.c.kind == kind).order_by(documents.c.id).limit(limit)
        if event is not None:
            query = query.where(documents.c.event == event)
        if after is not None:
            query = query.where(documents.c.id > after)
        with plain_errors(self._path), self._engine.connect() as connection:
            return tuple(_document(row) for row in connection.execute(query))

    def close(self) -> None:
        """Close the file."""
        self._engine.dispose()


def _put(connection: sa.Connection, changed: Iterable[Document]) -> None:
    rows = [
        {"kind": d.kind, "id": d.id, "event": d.event, "seq": d.seq, "body": msgspec.json.encode(d.body).decode()}
        for d in changed
    ]
    if rows:
        connection.execute(documents.insert().prefix_with("OR REPLACE"), rows)


def _document(row: Sequence[Any]) -> Document:
    kind, id, event, seq, body = row
    return Document(kind, id, event, seq, msgspec.json.decode(body))


def _empty(connection: sa.Connection) -> None:
    connection.execute(documents.delete())
    connection.execute(facts.delete())


def _fact(connection: sa.Connection, name: str) -> str | None:
    return connection.execute(sa.select(facts.c.value).where(facts.c.name == name)).scalar()


def _set_facts(connection: sa.Connection, **values: str) -> None:
    rows = [{"name": name, "value": value} for name, value in values.items()]
    connection.execute(facts.insert().prefix_with("OR REPLACE"), rows)
