"""Snapshots: they bound the time of a restart, for a service that starts reads the newest and then the tail.

A snapshot is made of one service's fold of one journal. One that is of another journal, of another version, or not
what was written, is passed over; the journal is the truth.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

import msgspec
import structlog

from coordinator.services.journal import Journal, JournalInfo
from telescopes.description.errors import Broken, RetryLater

KEPT = 2
"""The newest, and the one before in case that cannot be read."""

EVERY = 5000
"""A snapshot is made after so many folded entries."""

log = structlog.get_logger("snapshot")


class Folded(Protocol):
    """A fold of the journal."""

    applied_seq: int


class Snapshots(Protocol):
    """Where one service's snapshots lie."""

    def newest(self) -> Iterable[bytes]:
        """Return what was kept, newest first."""
        ...

    def keep(self, seq: int, data: bytes) -> None:
        """Keep a snapshot of the fold up to a sequence number, whole or not at all; RetryLater if it cannot."""
        ...


@dataclass
class InMemorySnapshots:
    """Snapshots that are forgotten: for simulations and tests."""

    kept: dict[int, bytes] = field(default_factory=dict)

    def newest(self) -> Iterable[bytes]:
        """Return what was kept, newest first."""
        return [self.kept[seq] for seq in sorted(self.kept, reverse=True)]

    def keep(self, seq: int, data: bytes) -> None:
        """Keep a snapshot and the one before it."""
        self.kept[seq] = data
        for old in sorted(self.kept)[:-KEPT]:
            del self.kept[old]


B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Sealed:
    """A snapshot with what tells whether it can be used."""

    version: int
    journal_id: str
    seq: int
    sha256: str
    body: msgspec.Raw


def seal(body: bytes, *, version: int, journal_id: str, seq: int) -> bytes:
    """Close a snapshot's JSON body."""
    sha256 = hashlib.sha256(body).hexdigest()
    return msgspec.json.encode(Sealed(version, journal_id, seq, sha256, msgspec.Raw(body)))


def opened(data: bytes, body_type: type[B], *, version: int, journal_id: str | None) -> B:
    """Return the body of a snapshot as `body_type`; `journal_id` None: of whatever journal.

    Raises
    ------
    Broken
        It is not what was written, or of another version or journal.
    """
    try:
        shot = msgspec.json.decode(data, type=Sealed)
    except msgspec.DecodeError as error:
        raise unusable(str(error)) from error
    body = bytes(shot.body)
    if shot.version != version:
        raise unusable(f"version {shot.version} is not {version}")
    if journal_id not in (None, shot.journal_id):
        raise unusable(f"it is of journal {shot.journal_id}, not of {journal_id}")
    if hashlib.sha256(body).hexdigest() != shot.sha256:
        raise unusable("its hash is not that of its contents")
    try:
        return msgspec.json.decode(body, type=body_type)
    except msgspec.DecodeError as error:
        raise unusable(str(error)) from error


def of_another_version(data: bytes, version: int) -> bool:
    """Say whether a snapshot is whole, and was written by a program with another form of it."""
    try:
        return msgspec.json.decode(data, type=Sealed).version != version
    except msgspec.DecodeError:
        return False


def unusable(why: str) -> Broken:
    """Return the error of a snapshot that is passed over."""
    return Broken(
        f"cannot be used: {why}", where="snapshot", mend="nothing to do: the journal is folded from its start"
    )


S = TypeVar("S", bound=Folded)


@dataclass
class SnapshotKeeper(Generic[S]):
    """Reads the newest sound snapshot of a service at its start, and keeps one now and then."""

    snapshots: Snapshots
    write: Callable[[S, str], bytes]
    read: Callable[[bytes, str], S]
    every: int = EVERY
    _journal_id: str = ""
    _since: int = 0

    async def newest(self, journal: Journal) -> S | None:
        """Return the state of the newest sound snapshot; None: the journal is folded from its start."""
        info = await journal.info()
        self._journal_id = info.journal_id
        return newest_sound(self.snapshots, self.read, info)

    def folded(self, state: S, entries: int) -> None:
        """Count what was folded, and keep a snapshot when it is time."""
        self._since += entries
        if self._since >= self.every:
            self._since = 0
            try:
                self.snapshots.keep(state.applied_seq, self.write(state, self._journal_id))
            except RetryLater as error:  # Without it a restart takes longer, and that is all.
                log.warning("not kept", because=str(error))


def newest_sound(snapshots: Snapshots, read: Callable[[bytes, str], S], info: JournalInfo) -> S | None:
    """Return the newest snapshot that can be read and is of this journal; None: there is none."""
    for data in snapshots.newest():
        try:
            state = read(data, info.journal_id)
        except Broken as error:
            log.warning("passed over", because=str(error))
            continue
        if state.applied_seq <= info.head_seq:
            return state
        log.warning("passed over", because=f"entry {state.applied_seq} is not in the journal")
    return None
