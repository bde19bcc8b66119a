"""The authority's register: tokens (as hashes), certificates, revocations; one SQLite file beside the key."""

import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from coordinator.security.authority import Signed
from coordinator.security.identity import Identity, Role
from coordinator.security.owners_file import OwnersFile, hash_of, instant, maybe_instant, written
from telescopes.description.errors import Broken, Refused

FILE = "register.sqlite"
TOKEN_HOURS = 72.0
ASK_AGAIN = timedelta(minutes=10)
"""An answer that was lost on its way is given again for so long, to the same key."""
SECRET_BYTES = 32
LEAST_SERIAL = 16
TABLES = """
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS tokens (
    hash TEXT PRIMARY KEY, role TEXT NOT NULL, name TEXT NOT NULL, made_at TEXT NOT NULL, expires_at TEXT NOT NULL,
    spent_at TEXT, serial TEXT, key_sha256 TEXT, void_at TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS certificates (
    serial TEXT PRIMARY KEY, role TEXT NOT NULL, name TEXT NOT NULL, made_at TEXT NOT NULL, expires_at TEXT NOT NULL,
    how TEXT NOT NULL, pem BLOB NOT NULL, revoked_at TEXT, reason TEXT NOT NULL DEFAULT ''
) STRICT;
"""


@dataclass(frozen=True, slots=True)
class ListedCertificate:
    """A certificate that was signed, and what became of it."""

    identity: Identity
    serial: str
    made_at: datetime
    expires_at: datetime
    how: str
    revoked_at: datetime | None
    reason: str

    def state(self, now: datetime) -> str:
        """Say whether it still opens anything."""
        if self.revoked_at is not None:
            return "revoked"
        return "valid" if now < self.expires_at else "expired"


@dataclass(frozen=True, slots=True)
class ListedToken:
    """A token; its secret is known to nobody but who carries it."""

    identity: Identity
    made_at: datetime
    expires_at: datetime
    spent_at: datetime | None
    void: bool

    def state(self, now: datetime) -> str:
        """Say whether it can still be spent."""
        if self.spent_at is not None:
            return "spent"
        return "void" if self.void else "open" if now < self.expires_at else "expired"


class Register:
    """What was promised, signed and taken back.

    Every call opens the file for itself: command line and gateway share it.

    Parameters
    ----------
    file : Path
        Made where it is not there; only its owner may read it.
    """

    def __init__(self, file: Path) -> None:
        self._file = OwnersFile(file, TABLES)

    def new_token(self, identity: Identity, now: datetime, hours: float = TOKEN_HOURS) -> tuple[str, datetime]:
        """Make a token; return its secret, which is kept nowhere, and until when it can be spent."""
        secret, expires = secrets.token_urlsafe(SECRET_BYTES), now + timedelta(hours=hours)
        row = (hash_of(secret), identity.role, identity.name, written(now), written(expires))
        with self._file.open() as db:
            db.execute("INSERT INTO tokens (hash, role, name, made_at, expires_at) VALUES (?, ?, ?, ?, ?)", row)
        return secret, expires

    def spend(self, secret: str, key_sha256: str, now: datetime, sign: Callable[[Identity], Signed]) -> Signed:
        """Spend a token for a certificate: both are done, or neither.

        Raises
        ------
        Refused
            There is no such token, it ran out, it was taken back, or it was spent for another key.
        """
        with self._file.open() as db:
            db.execute("BEGIN IMMEDIATE")
            row = db.execute("SELECT * FROM tokens WHERE hash = ?", (hash_of(secret),)).fetchone()
            if row is not None and row["spent_at"] is not None:
                return self._again(db, row, key_sha256, now)
            _refuse_unless_open(row, now)
            signed = sign(_identity(row))
            self._insert(db, signed, now, "enrolled")
            spent = (written(now), signed.serial, key_sha256, row["hash"])
            db.execute("UPDATE tokens SET spent_at = ?, serial = ?, key_sha256 = ? WHERE hash = ?", spent)
        return signed

    def enter(self, signed: Signed, now: datetime, how: str) -> None:
        """Enter a certificate that was signed without a token."""
        with self._file.open() as db:
            self._insert(db, signed, now, how)

    def renew(self, shown: str, signed: Signed, now: datetime) -> None:
        """Enter the next certificate of who showed one; not where that was taken back while it was signed.

        Raises
        ------
        Refused
            The certificate that was shown was taken back.
        """
        with self._file.open() as db:
            db.execute("BEGIN IMMEDIATE")
            if _was_taken_back(db, shown):
                what, mend = "was taken back", "enrol with a new token"
                raise Refused(what, where=f"certificate {shown}", mend=mend, reason="CERTIFICATE_REVOKED")
            self._insert(db, signed, now, "renewed")

    def revoke(self, which: str, now: datetime, reason: str) -> list[ListedCertificate]:
        """Take back one certificate by its serial number, or all of a name with its tokens; return what was.

        Of a serial number the first 16 characters do.

        Raises
        ------
        Refused
            Nothing of that name can be taken back.
        """
        with self._file.open() as db:
            where = "revoked_at IS NULL AND expires_at > ? AND (name = ? OR substr(serial, 1, ?) = ?)"
            asked = (written(now), which, max(len(which), LEAST_SERIAL), which.lower())
            rows = db.execute(f"SELECT * FROM certificates WHERE {where}", asked).fetchall()
            db.execute(
                f"UPDATE certificates SET revoked_at = ?, reason = ? WHERE {where}", (written(now), reason, *asked)
            )
            void = "UPDATE tokens SET void_at = ? WHERE name = ? AND spent_at IS NULL AND void_at IS NULL"
            voided = db.execute(void, (written(now), which)).rowcount
        if not rows and not voided:
            mend = "`armillary ca list` shows names and serial numbers"
            raise Refused(
                "no valid certificate and no open token has that name or serial number", where=which, mend=mend
            )
        return [_certificate(row) for row in rows]

    def was_taken_back(self, serial: str) -> bool:
        """Say whether a certificate was taken back."""
        with self._file.open() as db:
            return _was_taken_back(db, serial)

    def certificates(self) -> list[ListedCertificate]:
        """List every certificate, the newest last."""
        with self._file.open() as db:
            return [_certificate(row) for row in db.execute("SELECT * FROM certificates ORDER BY made_at, serial")]

    def tokens(self) -> list[ListedToken]:
        """List every token, the newest last."""
        with self._file.open() as db:
            rows = db.execute("SELECT * FROM tokens ORDER BY made_at, hash").fetchall()
        return [
            ListedToken(
                _identity(row),
                instant(row["made_at"]),
                instant(row["expires_at"]),
                maybe_instant(row["spent_at"]),
                bool(row["void_at"]),
            )
            for row in rows
        ]

    def _again(self, db: sqlite3.Connection, row: sqlite3.Row, key_sha256: str, now: datetime) -> Signed:
        if row["key_sha256"] != key_sha256 or now - instant(row["spent_at"]) > ASK_AGAIN:
            raise _refused(
                "was spent already", "ask the coordinator for a new one; if nobody of yours spent it, say so"
            )
        kept = db.execute("SELECT * FROM certificates WHERE serial = ?", (row["serial"],)).fetchone()
        if kept["revoked_at"] is not None:
            raise _refused("was taken back", "ask the coordinator")
        made, expires = instant(kept["made_at"]), instant(kept["expires_at"])
        return Signed(_identity(kept), kept["serial"], bytes(kept["pem"]), made, expires)

    def _insert(self, db: sqlite3.Connection, signed: Signed, now: datetime, how: str) -> None:
        who = signed.identity
        row = (signed.serial, who.role, who.name, written(now), written(signed.not_after), how, signed.pem)
        columns = "serial, role, name, made_at, expires_at, how, pem"
        db.execute(f"INSERT INTO certificates ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", row)


class Revocations:
    """The serial numbers that were taken back, as they are now.

    A look costs some microseconds: the file says whether somebody else has written since.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._db = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False)
        self._version = -1
        self._serials: frozenset[str] = frozenset()

    def holds(self, serial: str) -> bool:
        """Say whether a certificate was taken back."""
        try:
            (version,) = self._db.execute("PRAGMA data_version").fetchone()
            if version != self._version:
                rows = self._db.execute("SELECT serial FROM certificates WHERE revoked_at IS NOT NULL")
                self._serials = frozenset(row[0] for row in rows)
                self._version = version
        except sqlite3.Error as error:
            raise Broken(f"cannot be read ({error})", where=str(self._file), mend="see to the disk") from error
        return serial in self._serials

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()


def _was_taken_back(db: sqlite3.Connection, serial: str) -> bool:
    kept = db.execute("SELECT revoked_at FROM certificates WHERE serial = ?", (serial,)).fetchone()
    return kept is not None and kept["revoked_at"] is not None


def _refuse_unless_open(row: sqlite3.Row | None, now: datetime) -> None:
    if row is None:
        raise _refused("is not known here", "copy it whole, and enrol at the gateway whose coordinator made it")
    if row["void_at"] is not None:
        raise _refused("was taken back", "ask the coordinator for a new one")
    if now >= instant(row["expires_at"]):
        raise _refused(f"ran out at {row['expires_at']}", "ask the coordinator for a new one")


def _refused(what: str, mend: str) -> Refused:
    return Refused(what, where="token", mend=mend, reason="TOKEN_INVALID")


def _certificate(row: sqlite3.Row) -> ListedCertificate:
    return ListedCertificate(
        _identity(row),
        row["serial"],
        instant(row["made_at"]),
        instant(row["expires_at"]),
        row["how"],
        maybe_instant(row["revoked_at"]),
        row["reason"],
    )


def _identity(row: sqlite3.Row) -> Identity:
    return Identity(Role(row["role"]), row["name"])
