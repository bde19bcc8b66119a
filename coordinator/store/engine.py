"""SQLite files opened the one way that keeps the first law, and their errors in the house's words."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from telescopes.description.errors import ArmillaryError, Broken, Refused, RetryLater

BUSY_TIMEOUT_MS = 5000


def writing_engine(path: Path, *, synchronous: str = "FULL") -> sa.Engine:
    """Open (or make) a file for writing: write-ahead log, every commit on disk, the write lock taken at BEGIN.

    Parameters
    ----------
    path : Path
        The file; its folder must exist.
    synchronous : str
        FULL: a commit survives a power cut. NORMAL: only for files that can be made again.
    """
    return _engine(
        f"file:{_quoted(path)}?mode=rwc&uri=true",
        ("PRAGMA journal_mode=WAL", f"PRAGMA synchronous={synchronous}", "PRAGMA foreign_keys=ON"),
        begin="BEGIN IMMEDIATE",
    )


def reading_engine(path: Path) -> sa.Engine:
    """Open an existing file for reading only."""
    return _engine(f"file:{_quoted(path)}?mode=ro&uri=true", ("PRAGMA query_only=ON",), begin="BEGIN")


def _engine(uri: str, pragmas: tuple[str, ...], *, begin: str) -> sa.Engine:
    engine = sa.create_engine(f"sqlite:///{uri}", pool_size=1, max_overflow=3)

    @sa.event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver's own BEGIN would come too late
        for pragma in (f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}", *pragmas):
            connection.execute(pragma)

    @sa.event.listens_for(engine, "begin")
    def on_begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _quoted(path: Path) -> str:
    return str(path.absolute()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


@contextmanager
def plain_errors(path: Path) -> Iterator[None]:
    """Turn what the database says into one clear line with the mend."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise _translated(str(error.orig), str(path)) from error


def _translated(said: str, where: str) -> ArmillaryError:
    low = said.lower()
    if "locked" in low or "busy" in low:
        return RetryLater(f"another process holds the file ({said})", where=where, mend="wait, or stop that process")
    if "readonly" in low or "unable to open" in low:
        return Refused(
            f"cannot be written ({said})",
            where=where,
            mend="make the folder and the file writable for this user",
            reason="READ_ONLY",
        )
    if "full" in low or "disk i/o" in low:
        return Broken(f"nothing was stored ({said})", where=where, mend="free disk space or mend the disk, then retry")
    if "malformed" in low or "not a database" in low:
        return Broken(f"is damaged ({said})", where=where, mend="restore the file from a copy")
    return Broken(f"the database refused ({said})", where=where, mend="report this")
