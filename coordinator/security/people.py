"""People's accounts, what opens them, and who did what with them: one SQLite file, of which only its owner may read."""

import secrets
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from coordinator.security.owners_file import OwnersFile, hash_of, instant, maybe_instant, written
from coordinator.security.passwords import hashed, matches
from coordinator.security.person import FORBIDDEN, Person, Standing
from telescopes.description.errors import Refused

FILE = "people.sqlite"
SESSION = timedelta(hours=12)
INVITATION = timedelta(hours=72)
LINK = timedelta(minutes=30)
SECRET_BYTES = 32
UNAUTHENTICATED = "UNAUTHENTICATED"
UNKNOWN_NAME = "?"
TABLES = """
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS people (
    name TEXT PRIMARY KEY, standing TEXT NOT NULL, telescopes TEXT NOT NULL, password TEXT, made_at TEXT NOT NULL,
    disabled_at TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS keys (
    hash TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL REFERENCES people (name), label TEXT NOT NULL,
    made_at TEXT NOT NULL, expires_at TEXT, ended_at TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS outside (
    subject TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE REFERENCES people (name)
) STRICT;
CREATE TABLE IF NOT EXISTS audit (
    at TEXT NOT NULL, name TEXT NOT NULL, what TEXT NOT NULL, origin TEXT NOT NULL
) STRICT;
"""


@dataclass(frozen=True, slots=True)
class Account:
    """An account as it is listed; `last_seen`: when it was last opened."""

    person: Person
    made_at: datetime
    disabled: bool
    has_password: bool
    last_seen: datetime | None


@dataclass(frozen=True, slots=True)
class Audited:
    """Something that was done with an account."""

    at: datetime
    name: str
    what: str
    origin: str


class People:
    """Accounts, sessions, tokens and links.

    Every call opens the file for itself: command line and dashboard share it. Of every secret only the hash is kept.

    Parameters
    ----------
    file : Path
        Made where it is not there; only its owner may read it, whatever it was before.
    """

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file = OwnersFile(file, TABLES)

    def put(self, person: Person, now: datetime, by: str) -> None:
        """Make an account, or change what somebody may do; open sessions obey at once."""
        telescopes = " ".join(sorted(person.telescopes))
        with self._file.open() as db:
            db.execute(
                "INSERT INTO people (name, standing, telescopes, made_at) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (name) DO UPDATE SET standing = excluded.standing, telescopes = excluded.telescopes, "
                "disabled_at = NULL",
                (person.name, person.standing, telescopes, written(now)),
            )
            _note(db, now, person.name, f"is {person.standing} of {telescopes or 'no telescope'}", by)

    def invite(self, name: str, now: datetime, by: str) -> str:
        """Make a secret with which somebody sets a password, once; it ends earlier ones."""
        return self._new_key("invitation", name, now, now + INVITATION, by)

    def link(self, name: str, now: datetime, by: str) -> str:
        """Make a secret that signs somebody in, once, without a password."""
        return self._new_key("link", name, now, now + LINK, by)

    def token(self, name: str, label: str, now: datetime, by: str) -> str:
        """Make a secret for somebody's scripts, which holds until it is taken back."""
        return self._new_key("token", name, now, None, by, label)

    def accept(self, secret: str, password: str, now: datetime, origin: str) -> Person:
        """Set the password of who was invited.

        Raises
        ------
        Refused
            The invitation opens nothing any more, or the password cannot be used.
        """
        kept = hashed(password)
        with self._file.open() as db:
            person = self._spent(db, "invitation", secret, now)
            db.execute("UPDATE people SET password = ? WHERE name = ?", (kept, person.name))
            for kind in ("session", "link", "invitation"):
                _end(db, kind, person.name, now)
            _note(db, now, person.name, "set a password", origin)
        return person

    def enter(self, secret: str, now: datetime, origin: str) -> str:
        """Sign in by a link; return the session's secret.

        Raises
        ------
        Refused
            The link opens nothing any more.
        """
        with self._file.open() as db:
            person = self._spent(db, "link", secret, now)
            _note(db, now, person.name, "signed in by a link", origin)
            return _begin(db, person.name, now)

    def sign_in(self, name: str, password: str, now: datetime, origin: str) -> str:
        """Sign in by a password; return the session's secret.

        Raises
        ------
        Refused
            The name or the password is wrong; which, nobody is told.
        """
        with self._file.open() as db:
            row = db.execute("SELECT * FROM people WHERE name = ? AND disabled_at IS NULL", (name,)).fetchone()
        kept = None if row is None else row["password"]
        right = matches(password, kept)
        with self._file.open() as db:
            db.execute("BEGIN IMMEDIATE")  # Checking took a while: the account may be closed, or the password another.
            same = db.execute("SELECT 1 FROM people WHERE name = ? AND password = ?", (name, kept)).fetchone()
            if not right or same is None:
                # A name that nobody has is not written down: it may be a password, or meant for who reads the audit.
                _note(db, now, UNKNOWN_NAME if row is None else name, "was refused: wrong name or password", origin)
                db.commit()
                mend = "type them again, or ask an admin for an invitation"
                raise Refused("name or password is wrong", where="sign-in", mend=mend, reason=UNAUTHENTICATED)
            _note(db, now, name, "signed in", origin)
            return _begin(db, name, now)

    def admit(self, subject: str, person: Person, now: datetime, origin: str) -> str:
        """Sign in whom a provider vouches for, as what it says today; return the session's secret.

        Parameters
        ----------
        subject : str
            The provider and its own name for them, which never changes.
        person : Person
            Who they are here; what they may follows the provider, their name stays the first one.

        Raises
        ------
        Refused
            Their account is closed, or another has the name.
        """
        with self._file.open() as db:
            db.execute("BEGIN IMMEDIATE")
            bound = db.execute("SELECT name FROM outside WHERE subject = ?", (subject,)).fetchone()
            name = person.name if bound is None else bound["name"]
            row = db.execute("SELECT disabled_at FROM people WHERE name = ?", (name,)).fetchone()
            if row is not None and (bound is None or row["disabled_at"] is not None):
                what = "another account here has that name" if bound is None else "this account is closed"
                mend = "ask an admin; `armillary people list` shows all"
                raise Refused(what, where=name, mend=mend, reason=FORBIDDEN)
            telescopes = " ".join(sorted(person.telescopes))
            db.execute(
                "INSERT INTO people (name, standing, telescopes, made_at) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (name) DO UPDATE SET standing = excluded.standing, telescopes = excluded.telescopes",
                (name, person.standing, telescopes, written(now)),
            )
            db.execute("INSERT OR IGNORE INTO outside VALUES (?, ?)", (subject, name))
            _note(db, now, name, f"signed in by their provider as {person.standing}", origin)
            return _begin(db, name, now)

    def turned_away(self, subject: str, now: datetime, origin: str) -> None:
        """End all that opens the account of somebody whom their provider vouches for no more, where they have one."""
        with self._file.open() as db:
            bound = db.execute("SELECT name FROM outside WHERE subject = ?", (subject,)).fetchone()
            if bound is not None:
                ended = _end_all(db, bound["name"], now)
                _note(db, now, bound["name"], f"has no role at their provider any more: {ended} keys ended", origin)

    def signed_in(self, secret: str, now: datetime) -> Person | None:
        """Say whose session this is; None: nobody's, or one that has ended."""
        return self._holder("session", secret, now)

    def of_token(self, secret: str, now: datetime) -> Person | None:
        """Say whose token this is; None: nobody's, or one that was taken back."""
        return self._holder("token", secret, now)

    def sign_out(self, secret: str, now: datetime) -> None:
        """End one session."""
        with self._file.open() as db:
            row = db.execute("SELECT name FROM keys WHERE hash = ? AND kind = 'session'", (hash_of(secret),)).fetchone()
            if row is not None:
                db.execute("UPDATE keys SET ended_at = ? WHERE hash = ?", (written(now), hash_of(secret)))
                _note(db, now, row["name"], "signed out", "themselves")

    def end(self, name: str, kind: str, now: datetime, by: str) -> int:
        """End all of somebody's sessions, tokens, links or invitations; return how many."""
        with self._file.open() as db:
            self._require(db, name)
            ended = _end(db, kind, name, now)
            _note(db, now, name, f"{ended} of kind {kind} ended", by)
            return ended

    def disable(self, name: str, now: datetime, by: str) -> None:
        """Close an account and all that opens it.

        Raises
        ------
        Refused
            There is no such account.
        """
        with self._file.open() as db:
            self._require(db, name)
            db.execute("UPDATE people SET disabled_at = ?, password = NULL WHERE name = ?", (written(now), name))
            _end_all(db, name, now)
            _note(db, now, name, "is closed", by)

    def accounts(self) -> list[Account]:
        """List all accounts, by name."""
        last = "(SELECT MAX(made_at) FROM keys WHERE keys.name = people.name AND kind = 'session')"
        with self._file.open() as db:
            rows = db.execute(f"SELECT *, {last} AS last_seen FROM people ORDER BY name").fetchall()
        return [_account(row) for row in rows]

    def account(self, name: str) -> Account | None:
        """Return an account, open or closed; None: there has never been one of that name."""
        return next((one for one in self.accounts() if one.person.name == name), None)

    def audit(self, most: int = 200) -> list[Audited]:
        """List what was done with accounts, the newest first."""
        with self._file.open() as db:
            rows = db.execute("SELECT * FROM audit ORDER BY rowid DESC LIMIT ?", (most,)).fetchall()
        return [Audited(instant(r["at"]), r["name"], r["what"], r["origin"]) for r in rows]

    def _new_key(self, kind: str, name: str, now: datetime, expires: datetime | None, by: str, label: str = "") -> str:
        with self._file.open() as db:
            self._require(db, name)
            if kind == "invitation":
                _end(db, kind, name, now)
            _note(db, now, name, f"got a new {kind}", by)
            return _insert(db, kind, name, now, expires, label)

    def _spent(self, db: sqlite3.Connection, kind: str, secret: str, now: datetime) -> Person:
        db.execute("BEGIN IMMEDIATE")
        person = self._held(db, kind, secret, now)
        if person is None:
            mend = "ask whoever gave it to you for a new one; each opens once"
            raise Refused(f"this {kind} opens nothing any more", where="sign-in", mend=mend, reason=UNAUTHENTICATED)
        db.execute("UPDATE keys SET ended_at = ? WHERE hash = ?", (written(now), hash_of(secret)))
        return person

    def _holder(self, kind: str, secret: str, now: datetime) -> Person | None:
        with self._file.open() as db:
            return self._held(db, kind, secret, now)

    def _held(self, db: sqlite3.Connection, kind: str, secret: str, now: datetime) -> Person | None:
        row = db.execute(
            "SELECT people.* FROM keys JOIN people USING (name) WHERE hash = ? AND kind = ? AND ended_at IS NULL "
            "AND (expires_at IS NULL OR expires_at > ?) AND disabled_at IS NULL",
            (hash_of(secret), kind, written(now)),
        ).fetchone()
        return None if row is None else _person(row)

    def _require(self, db: sqlite3.Connection, name: str) -> None:
        if db.execute("SELECT 1 FROM people WHERE name = ? AND disabled_at IS NULL", (name,)).fetchone() is None:
            mend = "`armillary people list` shows all; `armillary people add` makes one"
            raise Refused("there is no open account of that name", where=name, mend=mend, reason="NOT_FOUND")


def _begin(db: sqlite3.Connection, name: str, now: datetime) -> str:
    return _insert(db, "session", name, now, now + SESSION)


def _insert(
    db: sqlite3.Connection, kind: str, name: str, now: datetime, expires: datetime | None, label: str = ""
) -> str:
    secret = secrets.token_urlsafe(SECRET_BYTES)
    row = (hash_of(secret), kind, name, label, written(now), None if expires is None else written(expires))
    db.execute("INSERT INTO keys (hash, kind, name, label, made_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)", row)
    return secret


def _end(db: sqlite3.Connection, kind: str, name: str, now: datetime) -> int:
    ended = "UPDATE keys SET ended_at = ? WHERE kind = ? AND name = ? AND ended_at IS NULL"
    return db.execute(ended, (written(now), kind, name)).rowcount


def _end_all(db: sqlite3.Connection, name: str, now: datetime) -> int:
    ended = "UPDATE keys SET ended_at = ? WHERE name = ? AND ended_at IS NULL"
    return db.execute(ended, (written(now), name)).rowcount


def _note(db: sqlite3.Connection, now: datetime, name: str, what: str, origin: str) -> None:
    db.execute("INSERT INTO audit VALUES (?, ?, ?, ?)", (written(now), name, what, origin))


def _account(row: sqlite3.Row) -> Account:
    closed, opens = bool(row["disabled_at"]), bool(row["password"])
    return Account(_person(row), instant(row["made_at"]), closed, opens, maybe_instant(row["last_seen"]))


def _person(row: sqlite3.Row) -> Person:
    return Person(row["name"], Standing(row["standing"]), frozenset(row["telescopes"].split()))
