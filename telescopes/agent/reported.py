"""Detections that a site's own pipeline found, on their way into the agent: a file beside the agent's memory.

`armillary agent report` writes it, whether the agent runs or not; the agent takes up what is there. Who is killed
between two steps does the step again: detections have identities, and saying one twice changes nothing.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from telescopes.agent.bounded import MOST_UNSENT
from telescopes.agent.ledger import Ledger
from telescopes.agent.store import Store
from telescopes.description.errors import Refused
from telescopes.description.messages import Detection

log = logging.getLogger(__name__)

SCHEMA = """
CREATE TABLE IF NOT EXISTS reported (n INTEGER PRIMARY KEY AUTOINCREMENT, detection_id TEXT UNIQUE NOT NULL, body BLOB)
"""
FILE = "reported.sqlite"
AT_ONCE = 500
KEPT = 200_000
"""Detections of which it is remembered that they were reported."""
LOOK_EVERY_S = 1.0
PATIENCE_S = 2.0
TROUBLE_S = 30.0


@dataclass(frozen=True, slots=True)
class Queued:
    """How many detections were put in line, and how many were known already."""

    new: int
    known: int


class Reported:
    """The line of detections in a file that several processes may hold open; an item without a body was taken up."""

    def __init__(self, path: Path) -> None:
        self._where = str(path)
        with self._said():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, isolation_level=None, timeout=PATIENCE_S)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute(SCHEMA)

    @classmethod
    def beside(cls, state: Path) -> "Reported":
        """Open the one that belongs to an agent's memory."""
        return cls(state / FILE)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def queue(self, detections: Sequence[Detection]) -> Queued:
        """Put detections in line, all or none; durable before it returns."""
        rows = [(d.detection_id, msgspec.json.encode(d)) for d in detections]
        with self._transaction():
            before = self._db.total_changes
            self._db.executemany("INSERT OR IGNORE INTO reported (detection_id, body) VALUES (?, ?)", rows)
            new = self._db.total_changes - before
        return Queued(new, len(rows) - new)

    def waiting(self) -> list[Detection]:
        """Return the oldest ones in line."""
        with self._said():
            rows = self._db.execute("SELECT body FROM reported WHERE body IS NOT NULL ORDER BY n LIMIT ?", (AT_ONCE,))
            return [msgspec.json.decode(body, type=Detection) for (body,) in rows]

    def taken(self, detections: Sequence[Detection]) -> None:
        """Note that these are in the agent's outbox now."""
        rows = [(d.detection_id,) for d in detections]
        with self._transaction():
            self._db.executemany("UPDATE reported SET body = NULL WHERE detection_id = ?", rows)
            self._db.execute(
                "DELETE FROM reported WHERE body IS NULL AND n <= (SELECT MAX(n) FROM reported) - ?", (KEPT,)
            )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._said():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    @contextmanager
    def _said(self) -> Iterator[None]:
        """Say what is wrong with the file."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            mend = "give --state a folder that can be written, with some space left"
            raise Refused(f"cannot be used ({error})", where=self._where, mend=mend) from error


async def taken_up(reported: Reported, store: Store, ledger: Ledger) -> None:
    """Take up what is left in the file, for ever; not more than the outbox has room for."""
    while True:
        await ledger.wait_for_room(store.unsent, MOST_UNSENT)
        try:
            detections = reported.waiting()
            if detections:
                ledger.found_elsewhere(detections)
                reported.taken(detections)
        except Refused as error:
            log.error("reported detections wait: %s", error)
            await asyncio.sleep(TROUBLE_S)
            continue
        if not detections:
            await asyncio.sleep(LOOK_EVERY_S)
