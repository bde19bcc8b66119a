"""The journal: the append-only truth, and the bus that tells everybody what is new in it."""

import asyncio
import hashlib
import uuid
from collections.abc import Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Protocol

import msgspec

from telescopes.description.errors import Broken, Refused

BODY_LIMIT_BYTES = 64 * 1024
"""The largest body of an entry, as JSON; what is larger is a blob."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact to be written: past tense, complete in itself; `body` is plain JSON data of at most 64 KiB."""

    kind: str
    body: dict[str, Any]
    sky_time: datetime
    version: int = 1
    event: str | None = None
    telescope: str | None = None
    subject: str | None = None
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """A fact as it stands in the journal."""

    seq: int
    recorded_at: datetime
    writer: str
    epoch: int
    entry: Entry


@dataclass(frozen=True, slots=True)
class JournalInfo:
    """Which journal it is, and its last sequence number."""

    journal_id: str
    head_seq: int


@dataclass(frozen=True, slots=True)
class Tail:
    """What is new after a sequence number; `head_seq` has been looked at even where nothing matched."""

    entries: tuple[Stored, ...]
    head_seq: int


@dataclass(frozen=True, slots=True)
class Only:
    """A filter on entries; None: no filter on that field."""

    kinds: frozenset[str] | None = None
    telescope: str | None = None

    def admits(self, stored: Stored) -> bool:
        """Say whether an entry passes."""
        entry = stored.entry
        return (self.kinds is None or entry.kind in self.kinds) and self.telescope in (None, entry.telescope)

    def may_admit(self, kinds: Set[str], telescopes: Set[str | None]) -> bool:
        """Say whether an entry of these kinds and telescopes can pass."""
        return (self.kinds is None or not self.kinds.isdisjoint(kinds)) and (
            self.telescope is None or self.telescope in telescopes
        )


EVERYTHING = Only()


class Journal(Protocol):
    """The journal as its users see it; one contract suite runs over all implementations."""

    async def info(self) -> JournalInfo:
        """Return its identity and head."""
        ...

    async def elect(self, role: str) -> int:
        """Make the caller the one writer of a role: a new epoch, which ends every older one (`writer_elected`)."""
        ...

    async def append(self, entries: Sequence[Entry], *, writer: str, epoch: int, append_id: str) -> tuple[Stored, ...]:
        """Commit entries in one transaction; return only when they are durable.

        The same `append_id` again returns what the first call stored. An epoch that is not the role's newest is
        Broken (`fenced`), inside the transaction.
        """
        ...

    async def read(self, after_seq: int, *, only: Only = EVERYTHING, limit: int = 1000) -> Tail:
        """Read what comes after a sequence number, oldest first."""
        ...

    async def follow(self, after_seq: int, *, only: Only = EVERYTHING, wait_s: float = 10.0, limit: int = 1000) -> Tail:
        """Like `read`, but wait up to `wait_s` (link time) for something new that passes the filter."""
        ...


class Blobs(Protocol):
    """Content-addressed bytes: sky maps, raw alerts, plans, cutouts, tables."""

    async def put(self, data: bytes) -> str:
        """Store durably; return the sha256 in hex."""
        ...

    async def get(self, sha256: str) -> bytes:
        """Return the bytes; Refused NOT_FOUND if there are none."""
        ...


@dataclass
class Writer:
    """A role's pen: elected once, it appends under its epoch."""

    journal: Journal
    role: str
    epoch: int

    @classmethod
    async def elected(cls, journal: Journal, role: str) -> "Writer":
        """Become the one writer of a role."""
        return cls(journal, role, await journal.elect(role))

    async def append(self, entries: Sequence[Entry], append_id: str | None = None) -> tuple[Stored, ...]:
        """Commit entries under the role's epoch."""
        return await self.journal.append(
            entries, writer=self.role, epoch=self.epoch, append_id=append_id or uuid.uuid4().hex
        )


@dataclass
class InMemoryJournal:
    """A journal that forgets: for simulations and tests. `recorded_at` is a counter, so that runs are repeatable."""

    journal_id: str = "memory"
    stored: list[Stored] = field(default_factory=list)
    epochs: dict[str, int] = field(default_factory=dict)
    appends: dict[str, tuple[Stored, ...]] = field(default_factory=dict)
    _waiting: dict[asyncio.Future[None], Only] = field(default_factory=dict)

    async def info(self) -> JournalInfo:
        """Return its identity and head."""
        return JournalInfo(self.journal_id, len(self.stored))

    async def elect(self, role: str) -> int:
        """Make the caller the one writer of a role."""
        self.epochs[role] = epoch = self.epochs.get(role, 0) + 1
        entry = Entry("writer_elected", {"role": role, "epoch": epoch}, sky_time=datetime.fromtimestamp(0, UTC))
        await self.append([entry], writer=role, epoch=epoch, append_id=f"elect:{role}:{epoch}")
        return epoch

    async def append(self, entries: Sequence[Entry], *, writer: str, epoch: int, append_id: str) -> tuple[Stored, ...]:
        """Commit entries in one step; whoever waits for it may be killed before or after it."""
        await asyncio.sleep(0)
        stored = await self._append(entries, writer, epoch, append_id)
        await asyncio.sleep(0)
        return stored

    async def _append(self, entries: Sequence[Entry], writer: str, epoch: int, append_id: str) -> tuple[Stored, ...]:
        if append_id in self.appends:
            return self.appends[append_id]
        if self.epochs.get(writer) != epoch:
            raise fenced(writer, epoch, self.epochs.get(writer, 0))
        for entry in entries:
            encoded_body(entry)
        at = datetime.fromtimestamp(len(self.stored), UTC)
        head = len(self.stored)
        new = tuple(Stored(head + 1 + i, at, writer, epoch, replace(e)) for i, e in enumerate(entries))
        self.stored.extend(new)
        self.appends[append_id] = new
        for waiting, only in self._waiting.items():
            if not waiting.done() and any(only.admits(one) for one in new):
                waiting.set_result(None)
        return new

    async def read(self, after_seq: int, *, only: Only = EVERYTHING, limit: int = 1000) -> Tail:
        """Read what comes after a sequence number."""
        found: list[Stored] = []
        for stored in self.stored[after_seq:]:
            if only.admits(stored):
                found.append(stored)
                if len(found) == limit:
                    return Tail(tuple(found), stored.seq)
        return Tail(tuple(found), len(self.stored))

    async def follow(self, after_seq: int, *, only: Only = EVERYTHING, wait_s: float = 10.0, limit: int = 1000) -> Tail:
        """Wait for something new that passes the filter."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait_s
        while True:
            tail = await self.read(after_seq, only=only, limit=limit)
            left = deadline - loop.time()
            if tail.entries or left <= 0:
                return tail
            after_seq = tail.head_seq
            waiting = loop.create_future()
            self._waiting[waiting] = only
            # An alarm alone: in a simulation most waiting ends by it, and a timeout costs three times as much.
            alarm = loop.call_at(loop.time() + left, _wake, waiting)
            try:
                await waiting
            finally:
                alarm.cancel()
                del self._waiting[waiting]


def _wake(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)


@dataclass
class InMemoryBlobs:
    """Content-addressed bytes that are forgotten."""

    data: dict[str, bytes] = field(default_factory=dict)

    async def put(self, data: bytes) -> str:
        """Store; return the sha256 in hex."""
        sha256 = blob_name(data)
        self.data[sha256] = data
        return sha256

    async def get(self, sha256: str) -> bytes:
        """Return the bytes."""
        try:
            return self.data[sha256]
        except KeyError:
            raise blob_missing(sha256) from None


def encoded_body(entry: Entry) -> bytes:
    """Encode a body as JSON for a journal.

    Raises
    ------
    Broken
        The body is too large or no plain JSON, or the entry's time is not aware.
    """
    where = f"entry {entry.kind} {entry.subject or ''}".rstrip()
    if entry.sky_time.tzinfo is None:
        raise Broken("sky_time is naive", where=where, mend="give an aware UTC datetime")
    try:
        body = msgspec.json.encode(entry.body)
    except TypeError as error:
        raise Broken(f"body is not plain JSON ({error})", where=where, mend="make it with entry_of") from error
    if len(body) > BODY_LIMIT_BYTES:
        raise Broken(
            f"body of {len(body)} bytes is above {BODY_LIMIT_BYTES}",
            where=where,
            mend="store the large part as a blob and name its sha256",
        )
    return body


def blob_name(data: bytes) -> str:
    """Return the name under which bytes are kept: their sha256 in hex."""
    return hashlib.sha256(data).hexdigest()


def blob_missing(sha256: str) -> Refused:
    """Return the error of a blob that nobody stored."""
    return Refused("there is no such blob", where=sha256, mend="restore the blob folder", reason="NOT_FOUND")


def fenced(role: str, epoch: int, newest: int) -> Broken:
    """Return the error of a writer that was replaced."""
    return Broken(
        f"epoch {epoch} was replaced by {newest}",
        where=f"writer {role}",
        mend="stop this process: another one writes now",
    )
