"""One transaction for many appends: each is judged alone, all become durable together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from coordinator.services.journal import Entry, Stored, encoded_body, fenced
from coordinator.store.rows import Row, head_of, row_of, stored_of
from coordinator.store.tables import appends, journal, writers
from telescopes.description.errors import Broken

JOURNAL_ROLE = "journal"
"""The role of the process that writes the file itself."""


@dataclass(frozen=True, slots=True)
class Append:
    """Entries that one caller wants stored together, bodies encoded beside them."""

    entries: tuple[Entry, ...]
    bodies: tuple[bytes, ...]
    writer: str
    epoch: int
    append_id: str


@dataclass(frozen=True, slots=True)
class Election:
    """A caller that wants to be the one writer of a role."""

    role: str


_EPOCHS = sa.select(writers)
_KNOWN = sa.select(appends).where(appends.c.append_id.in_(sa.bindparam("ids", expanding=True)))
_INSERT_ENTRIES, _INSERT_APPENDS = journal.insert(), appends.insert()
_SET_EPOCHS = writers.insert().prefix_with("OR REPLACE")
"""Statements are built once: building one costs as much as running it."""
Request = Append | Election
Outcome = tuple[Stored, ...] | Broken


def prepared(entries: Sequence[Entry], writer: str, epoch: int, append_id: str) -> Append:
    """Encode entries; what readers will get is what the file will hold, whatever the caller does with its objects.

    Raises
    ------
    Broken
        A body is too large or no plain JSON, or a time is not aware.
    """
    bodies = tuple(encoded_body(entry) for entry in entries)
    kept = tuple(replace(entry, body=msgspec.json.decode(body)) for entry, body in zip(entries, bodies, strict=True))
    return Append(kept, bodies, writer, epoch, append_id)


class Group:
    """The work of one transaction: take each request, then write all rows at once."""

    def __init__(self, connection: sa.Connection, requests: Sequence[Request], recorded_at: datetime) -> None:
        self._connection = connection
        self._recorded_at = recorded_at
        self._head = head_of(connection)
        self._epochs: dict[str, int] = {role: epoch for role, epoch in connection.execute(_EPOCHS)}
        self._known = _known_appends(connection, [r.append_id for r in requests if isinstance(r, Append)])
        self._rows: list[Row] = []
        self._new_appends: list[dict[str, Any]] = []
        self._elected: set[str] = set()

    def epoch_of(self, role: str) -> int:
        """Return the newest epoch of a role, 0 before its first."""
        return self._epochs.get(role, 0)

    def take(self, request: Request) -> Outcome:
        """Judge one request; a writer that was replaced fails alone."""
        if isinstance(request, Election):
            return self._elect(request.role)
        known = self._known.get(request.append_id)
        if known is not None:
            return known
        if self._epochs.get(request.writer) != request.epoch:
            return fenced(request.writer, request.epoch, self.epoch_of(request.writer))
        return self._store(request)

    def write(self) -> None:
        """Insert everything that was taken."""
        for statement, rows in ((_INSERT_ENTRIES, self._rows), (_INSERT_APPENDS, self._new_appends)):
            if rows:
                self._connection.execute(statement, rows)
        if self._elected:
            newest = [{"role": role, "epoch": self._epochs[role]} for role in sorted(self._elected)]
            self._connection.execute(_SET_EPOCHS, newest)

    def _elect(self, role: str) -> tuple[Stored, ...]:
        self._epochs[role] = epoch = self.epoch_of(role) + 1
        self._elected.add(role)
        entry = Entry("writer_elected", {"role": role, "epoch": epoch}, sky_time=self._recorded_at)
        return self._store(prepared([entry], role, epoch, f"elect:{role}:{epoch}"))

    def _store(self, append: Append) -> tuple[Stored, ...]:
        first = self._head + 1
        self._head += len(append.entries)
        new = tuple(
            Stored(first + i, self._recorded_at, append.writer, append.epoch, entry)
            for i, entry in enumerate(append.entries)
        )
        self._rows += map(row_of, new, append.bodies)
        self._new_appends.append({"append_id": append.append_id, "first_seq": first, "last_seq": self._head})
        self._known[append.append_id] = new
        return new


def _known_appends(connection: sa.Connection, ids: list[str]) -> dict[str, tuple[Stored, ...]]:
    """Return what earlier calls with the same append ids stored."""
    found: dict[str, tuple[Stored, ...]] = {}
    for append_id, first, last in connection.execute(_KNOWN, {"ids": ids}):
        rows = connection.execute(sa.select(journal).where(journal.c.seq.between(first, last)).order_by(journal.c.seq))
        found[append_id] = tuple(stored_of(row) for row in rows)
    return found
