"""Frames that wait for the site's reduction, in the agent's memory: a line that outlives a restart, and is bounded."""

import logging
import sqlite3
from dataclasses import dataclass

log = logging.getLogger(__name__)

TABLE = """
CREATE TABLE IF NOT EXISTS frame (
  n INTEGER PRIMARY KEY AUTOINCREMENT, pointing_id TEXT NOT NULL, exposure_index INTEGER NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0, ended TEXT, UNIQUE (pointing_id, exposure_index))
"""
INDEX = "CREATE INDEX IF NOT EXISTS frame_waiting ON frame (n) WHERE ended IS NULL"
"""Few frames wait among many that have ended."""
MOST_WAITING = 1000
KEPT = 10_000
LEFT_OUT = "left out: the reduction fell behind"
LONGEST_WHY = 500


@dataclass(frozen=True, slots=True)
class WaitingFrame:
    """One exposure of one pointing; `tries`: how often its reduction was begun before."""

    n: int
    pointing_id: str
    exposure_index: int
    tries: int


class WaitingFrames:
    """The line of frames; what changes it is called inside a transaction of the store."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    @staticmethod
    def prepare(db: sqlite3.Connection) -> None:
        """Make the table."""
        db.execute(TABLE)
        db.execute(INDEX)

    def add(self, pointing_id: str, exposure_index: int) -> None:
        """Put a frame in line, once; a line that is full leaves out its oldest."""
        self._db.execute(
            "INSERT OR IGNORE INTO frame (pointing_id, exposure_index) VALUES (?, ?)", (pointing_id, exposure_index)
        )
        if self.waiting() > MOST_WAITING:
            oldest = self.next()
            if oldest is not None:
                log.warning("%s, exposure %d %s", oldest.pointing_id, oldest.exposure_index, LEFT_OUT)
                self.end(oldest, LEFT_OUT)

    def next(self) -> WaitingFrame | None:
        """Return the oldest frame in line; None: none waits."""
        row = self._db.execute(
            "SELECT n, pointing_id, exposure_index, tries FROM frame WHERE ended IS NULL ORDER BY n LIMIT 1"
        ).fetchone()
        return None if row is None else WaitingFrame(*row)

    def waiting(self) -> int:
        """Count the frames in line."""
        return int(self._db.execute("SELECT COUNT(*) FROM frame WHERE ended IS NULL").fetchone()[0])

    def begin(self, frame: WaitingFrame) -> None:
        """Count one more try."""
        self._db.execute("UPDATE frame SET tries = tries + 1 WHERE n = ?", (frame.n,))

    def not_begun(self, frame: WaitingFrame) -> None:
        """Take that try back."""
        self._db.execute("UPDATE frame SET tries = ? WHERE n = ?", (frame.tries, frame.n))

    def end(self, frame: WaitingFrame, why: str) -> None:
        """Take a frame out of the line; `why` it was not reduced, empty: it was. What ended long ago is forgotten."""
        self._db.execute("UPDATE frame SET ended = ? WHERE n = ?", (why[:LONGEST_WHY], frame.n))
        self._db.execute("DELETE FROM frame WHERE ended IS NOT NULL AND n <= (SELECT MAX(n) FROM frame) - ?", (KEPT,))

    def not_reduced(self) -> list[tuple[str, int, str]]:
        """List frames that were given up: pointing, exposure, why."""
        query = "SELECT pointing_id, exposure_index, ended FROM frame WHERE ended > '' ORDER BY n"
        return list(self._db.execute(query))
