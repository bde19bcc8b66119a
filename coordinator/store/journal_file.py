"""The journal's file, blocking: opened for reading by many, for writing by one."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from coordinator.services.journal import EVERYTHING, JournalInfo, Only, Stored, Tail, fenced
from coordinator.store.engine import plain_errors, reading_engine, writing_engine
from coordinator.store.group import JOURNAL_ROLE, Election, Group, Outcome, Request
from coordinator.store.rows import head_of, tail_of
from coordinator.store.schema import HEAD, revision_of, upgrade
from coordinator.store.tables import meta
from telescopes.description.errors import Broken, Refused


class JournalFile:
    """A journal in an SQLite file; use `for_writing` or `for_reading`. Blocking: one thread at a time."""

    def __init__(self, path: Path, engine: sa.Engine, journal_id: str) -> None:
        self.path = path
        self.journal_id = journal_id
        self._engine = engine
        self.replaced: Broken | None = None
        self._epoch: int | None = None

    @classmethod
    def for_writing(cls, path: Path, now: datetime) -> "JournalFile":
        """Open or make the file, migrate it, and become its one writer.

        Raises
        ------
        Refused
            The file cannot be written, or a newer Armillary wrote it.
        Broken
            The file is damaged, or the disk is full.
        """
        engine = writing_engine(path)
        try:
            upgrade(engine, path)
            file = cls(path, engine, _journal_id(engine, path))
            file.commit([Election(JOURNAL_ROLE)], now)
        except BaseException:
            engine.dispose()
            raise
        return file

    @classmethod
    def for_reading(cls, path: Path) -> "JournalFile":
        """Open an existing file beside its writer, for reading only."""
        if not path.is_file():
            raise Refused("there is no journal", where=str(path), mend="name the state folder", reason="NOT_FOUND")
        engine = reading_engine(path)
        try:
            with plain_errors(path), engine.connect() as connection:
                found = revision_of(connection)
            if found != HEAD:
                raise Refused(
                    f"its schema is {found}, not {HEAD}",
                    where=str(path),
                    mend="run `armillary up` once with this version, or use the version that wrote it",
                    reason="SCHEMA",
                )
            return cls(path, engine, _journal_id(engine, path))
        except BaseException:
            engine.dispose()
            raise

    def info(self) -> JournalInfo:
        """Return its identity and head."""
        with plain_errors(self.path), self._engine.begin() as connection:
            return JournalInfo(self.journal_id, head_of(connection))

    def read(self, after_seq: int, only: Only = EVERYTHING, limit: int = 1000) -> Tail:
        """Read what comes after a sequence number, oldest first."""
        with plain_errors(self.path), self._engine.connect() as connection:
            return tail_of(connection, after_seq, only, limit)

    def last(self, count: int) -> tuple[Stored, ...]:
        """Read the last entries."""
        return self.read(max(self.info().head_seq - count, 0), limit=count).entries

    def commit(self, requests: Sequence[Request], now: datetime) -> list[Outcome]:
        """Judge the requests in order and make those that pass durable, all in one transaction.

        Raises
        ------
        Broken
            Another process became the writer, or the disk refused; nothing of the group was stored.
        """
        with plain_errors(self.path), self._engine.begin() as connection:
            group = Group(connection, requests, now)
            self._check_own_epoch(group)
            outcomes = [group.take(request) for request in requests]
            group.write()
        self._note_own_election(requests, outcomes)
        return outcomes

    def close(self) -> None:
        """Close the file."""
        self._engine.dispose()

    def _check_own_epoch(self, group: Group) -> None:
        newest = group.epoch_of(JOURNAL_ROLE)
        if self._epoch not in (None, newest):
            self.replaced = fenced(JOURNAL_ROLE, self._epoch or 0, newest)
            raise self.replaced

    def _note_own_election(self, requests: Sequence[Request], outcomes: Sequence[Outcome]) -> None:
        for request, outcome in zip(requests, outcomes, strict=True):
            if request == Election(JOURNAL_ROLE) and not isinstance(outcome, Broken):
                self._epoch = outcome[0].epoch


def _journal_id(engine: sa.Engine, path: Path) -> str:
    with plain_errors(path), engine.connect() as connection:
        found = connection.execute(sa.select(meta.c.value).where(meta.c.name == "journal_id")).scalar()
    if found is None:
        raise Broken("has no journal_id", where=str(path), mend="restore the file from a copy")
    return str(found)
