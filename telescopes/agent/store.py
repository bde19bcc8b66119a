"""What the agent remembers: commands, cursor, pointings and unsent reports in one SQLite file.

Whatever belongs together is written in one transaction, so the agent can be killed at any instant.
`:memory:` is a store for simulations.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import msgspec

from telescopes.agent.held import OPEN, Held
from telescopes.agent.people import Wishes
from telescopes.agent.waiting_frames import WaitingFrames
from telescopes.description.clocks import SkyClockReading
from telescopes.description.errors import Broken, Refused
from telescopes.description.messages import Detection, ItemResult, PointingReport

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS cursor (journal_id TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pointing (
  arrival INTEGER PRIMARY KEY AUTOINCREMENT, pointing_id TEXT UNIQUE NOT NULL, state TEXT NOT NULL,
  started TEXT, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS report (agent_seq INTEGER PRIMARY KEY AUTOINCREMENT, report_id TEXT UNIQUE, body BLOB);
CREATE TABLE IF NOT EXISTS detection (n INTEGER PRIMARY KEY AUTOINCREMENT, detection_id TEXT UNIQUE, body BLOB);
CREATE TABLE IF NOT EXISTS refused (n INTEGER PRIMARY KEY, item_id TEXT, code INTEGER, reason TEXT, body BLOB);
"""
KEPT_POINTINGS = 5000
KEPT_REFUSED = 5000
PRUNE_EVERY = 1000
BATCH_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class KnownSky:
    """The sky clock as it was announced last, and the machine's UTC then."""

    reading: SkyClockReading
    utc: datetime

    def at(self, utc: datetime) -> datetime:
        """Sky time when the machine's clock shows `utc`, if nobody has set it since."""
        return self.reading.sky_time + (utc - self.utc) * self.reading.rate


class Store:
    """Durable memory of one agent; a second agent on the same file is refused."""

    def __init__(self, path: Path | None, telescope_id: str) -> None:
        self._where = str(path or ":memory:")
        self._puts = 0
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(self._where, isolation_level=None, timeout=1.0)
            self._prepare()
        except (sqlite3.Error, OSError) as error:
            raise Refused(f"cannot be opened ({error})", where=self._where, mend=_mend(error)) from error
        self.frames = WaitingFrames(self._db)
        self._claim(telescope_id)

    def _prepare(self) -> None:
        self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(SCHEMA)
        self._db.execute("BEGIN IMMEDIATE")
        self._prune()
        WaitingFrames.prepare(self._db)
        self._db.execute("COMMIT")

    def _prune(self) -> None:
        """Drop what ended long ago; what was started is counted apart, so that refusals never push it out.

        A night's quota counts what was started: nobody may make the agent forget that by offering nonsense.
        """
        marks = ",".join("?" * len(OPEN))
        for begun in ("IS NULL", "IS NOT NULL"):
            self._db.execute(
                f"DELETE FROM pointing WHERE state NOT IN ({marks}) AND started {begun} AND arrival <= "
                f"(SELECT arrival FROM pointing WHERE started {begun} ORDER BY arrival DESC LIMIT 1 OFFSET ?)",
                (*sorted(OPEN), KEPT_POINTINGS),
            )
        self._db.execute("DELETE FROM refused WHERE n <= (SELECT MAX(n) FROM refused) - ?", (KEPT_REFUSED,))

    def _claim(self, telescope_id: str) -> None:
        """Keep the memory of one telescope from another's agent."""
        known = self._meta("telescope")
        if known is None:
            with self.transaction():
                self._set_meta("telescope", telescope_id.encode())
        elif known.decode() != telescope_id:
            self.close()
            raise Refused(
                f"holds the memory of {known.decode()}", where=self._where, mend=f"give {telescope_id} its own --state"
            )

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make what is written inside durable together, or not at all."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            raise Broken(f"cannot be written ({error})", where=self._where, mend="free some space there") from error
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        # A disk that is full may have ended the transaction already.
        with suppress(sqlite3.Error):
            self._db.execute("ROLLBACK")

    # What was received.

    @property
    def journal_id(self) -> str:
        """The journal that was followed last; empty: none yet."""
        return (self._meta("journal") or b"").decode()

    def cursor(self, journal_id: str) -> int | None:
        """Last command of a journal that is durable here; None: never followed it."""
        row = self._db.execute("SELECT seq FROM cursor WHERE journal_id = ?", (journal_id,)).fetchone()
        return None if row is None else int(row[0])

    def set_cursor(self, journal_id: str, seq: int) -> None:
        """Note the last command applied, inside a transaction."""
        self._db.execute("INSERT OR REPLACE INTO cursor VALUES (?, ?)", (journal_id, seq))
        self._set_meta("journal", journal_id.encode())

    def put(self, held: Held) -> None:
        """Note how a pointing stands, inside a transaction."""
        self._puts += 1
        if self._puts % PRUNE_EVERY == 0:
            self._prune()
        self._db.execute(
            "INSERT INTO pointing (pointing_id, state, started, body) VALUES (?, ?, ?, ?) ON CONFLICT (pointing_id) "
            "DO UPDATE SET state = excluded.state, started = excluded.started, body = excluded.body",
            (
                held.pointing.pointing_id,
                held.state.value,
                held.started and held.started.isoformat(timespec="microseconds"),
                msgspec.json.encode(held),
            ),
        )

    def find(self, pointing_id: str) -> Held | None:
        """Return a pointing in whatever state; None: never heard of it."""
        row = self._db.execute("SELECT body FROM pointing WHERE pointing_id = ?", (pointing_id,)).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=Held)

    def open_pointings(self) -> list[Held]:
        """Return what there is still something to do about, in order of arrival."""
        marks = ",".join("?" * len(OPEN))
        rows = self._db.execute(f"SELECT body FROM pointing WHERE state IN ({marks}) ORDER BY arrival", sorted(OPEN))
        return [msgspec.json.decode(body, type=Held) for (body,) in rows]

    def started_since(self, when: datetime) -> list[Held]:
        """Return the pointings that started at or after an instant of sky time."""
        query = "SELECT body FROM pointing WHERE started >= ? ORDER BY arrival"
        rows = self._db.execute(query, (when.isoformat(timespec="microseconds"),))
        return [msgspec.json.decode(body, type=Held) for (body,) in rows]

    # What is to be sent.

    def add_report(self, report: PointingReport) -> None:
        """Keep a report until it is answered, inside a transaction; its agent_seq is its place in line."""
        body = msgspec.json.encode(report)
        self._db.execute("INSERT INTO report (report_id, body) VALUES (?, ?)", (report.report_id, body))

    def add_detections(self, detections: Sequence[Detection]) -> None:
        """Keep detections until they are answered, inside a transaction."""
        rows = [(d.detection_id, msgspec.json.encode(d)) for d in detections]
        self._db.executemany("INSERT OR IGNORE INTO detection (detection_id, body) VALUES (?, ?)", rows)

    def reports(self, at_most: int) -> list[PointingReport]:
        """Return the oldest unanswered reports."""
        rows = self._db.execute("SELECT agent_seq, body FROM report ORDER BY agent_seq LIMIT ?", (at_most,))
        return [replace(msgspec.json.decode(body, type=PointingReport), agent_seq=seq) for seq, body in _bounded(rows)]

    def detections(self, at_most: int) -> list[Detection]:
        """Return the oldest unanswered detections, as many as fit into one message."""
        rows = self._db.execute("SELECT n, body FROM detection ORDER BY n LIMIT ?", (at_most,))
        return [msgspec.json.decode(body, type=Detection) for _, body in _bounded(rows)]

    def unsent(self) -> int:
        """Count what waits to be sent."""
        query = "SELECT (SELECT COUNT(*) FROM report) + (SELECT COUNT(*) FROM detection)"
        return int(self._db.execute(query).fetchone()[0])

    def unsent_reports(self) -> int:
        """Count the reports that wait to be sent."""
        return int(self._db.execute("SELECT COUNT(*) FROM report").fetchone()[0])

    def detections_ever(self) -> int:
        """Count the detections that were ever kept to be sent."""
        row = self._db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'detection'").fetchone()
        return 0 if row is None else int(row[0])

    def forget(self, item_ids: Sequence[str]) -> None:
        """Drop reports and detections that the coordinator has, inside a transaction."""
        rows = [(i,) for i in item_ids]
        self._db.executemany("DELETE FROM report WHERE report_id = ?", rows)
        self._db.executemany("DELETE FROM detection WHERE detection_id = ?", rows)

    def set_aside(self, result: ItemResult) -> None:
        """Keep an item that the coordinator will not take, with its reason, out of the line; inside a transaction."""
        self._db.execute(
            "INSERT INTO refused (item_id, code, reason, body) SELECT ?, ?, ?, body FROM "
            "(SELECT report_id AS id, body FROM report UNION ALL SELECT detection_id, body FROM detection) "
            "WHERE id = ?",
            (result.item_id, result.code, result.reason, result.item_id),
        )
        self.forget([result.item_id])

    def refused(self) -> list[tuple[str, int, str]]:
        """List what the coordinator refused: item, code, reason."""
        return list(self._db.execute("SELECT item_id, code, reason FROM refused ORDER BY n"))

    # The sky clock.

    def remember_sky(self, known: KnownSky) -> None:
        """Note the announced clock, so that a restart without a link knows the time."""
        with self.transaction():
            self._set_meta("sky", msgspec.json.encode(known))

    def known_sky(self) -> KnownSky | None:
        """Return the clock announced last; None: none yet."""
        body = self._meta("sky")
        return None if body is None else msgspec.json.decode(body, type=KnownSky)

    # What people at the site want.

    def keep_wishes(self, wishes: Wishes) -> None:
        """Make people's word durable."""
        with self.transaction():
            self._set_meta("wishes", msgspec.json.encode(wishes))

    def wishes(self) -> Wishes:
        """Return what people want."""
        body = self._meta("wishes")
        return Wishes() if body is None else msgspec.json.decode(body, type=Wishes)

    def _meta(self, key: str) -> bytes | None:
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else bytes(row[0])

    def _set_meta(self, key: str, value: bytes) -> None:
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))


def _bounded(rows: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    """Yield the first rows that fit into one message, at least one."""
    total = 0
    for number, body in rows:
        total += len(body)
        if total > BATCH_BYTES and total > len(body):
            return
        yield number, body


def _mend(error: Exception) -> str:
    if "locked" in str(error):
        return "stop the other agent that uses it, or give this one its own --state"
    return "give --state a writable folder"
