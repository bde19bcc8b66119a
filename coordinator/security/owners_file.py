"""A small SQLite file that its owner alone may read; of the secrets in it only hashes are kept."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from telescopes.description.errors import Broken

BUSY_S = 10.0
OWNERS_ALONE = 0o600


class OwnersFile:
    """Every call opens the file for itself, so that a command line and a server share it.

    Parameters
    ----------
    file : Path
        Made where it is not there; only its owner may read it, whatever it was before.
    tables : str
        SQL that makes what is missing in it.
    """

    def __init__(self, file: Path, tables: str) -> None:
        self._file = file
        file.touch(mode=OWNERS_ALONE)
        file.chmod(OWNERS_ALONE)
        with self.open() as db:
            db.executescript(tables)

    @contextmanager
    def open(self) -> Iterator[sqlite3.Connection]:
        """Open it for one transaction: what is done inside is done whole, or not at all.

        Raises
        ------
        Broken
            It cannot be read or written.
        """
        try:
            with closing(sqlite3.connect(self._file, timeout=BUSY_S)) as db, db:
                db.row_factory = sqlite3.Row
                yield db
        except sqlite3.Error as error:
            mend = "see that the disk is not full and the file is the user's own"
            raise Broken(f"cannot be used ({error})", where=str(self._file), mend=mend) from error


def hash_of(secret: str) -> str:
    """Return what is kept of a secret that is random itself."""
    return hashlib.sha256(secret.encode()).hexdigest()


def written(when: datetime) -> str:
    """Write an instant, UTC, to the second: texts sort as the instants do."""
    return when.astimezone(UTC).isoformat(timespec="seconds")


def instant(text: str) -> datetime:
    """Read an instant."""
    return datetime.fromisoformat(text)


def maybe_instant(text: str | None) -> datetime | None:
    """Read one that may not have come."""
    return None if text is None else instant(text)
