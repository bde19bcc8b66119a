"""What a telescope's session knows: a fold of the telescope's own entries."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import msgspec

from coordinator.dispatch.assignment import Assignment
from coordinator.dispatch.book import Book
from coordinator.dispatch.facts import (
    PointingApproved,
    PointingMoved,
    PointingNoted,
    PointingOffered,
    RevocationRequested,
    SessionOpened,
    TelescopeStatusChanged,
)
from coordinator.services.command_log import CommandLog
from coordinator.services.facts import fact_of
from coordinator.services.journal import Stored
from coordinator.services.snapshot import opened, seal
from telescopes.description.messages import Command, Pointing, Revocation

VERSION = 2


@dataclass
class SessionState:
    """The telescope's pointings, its command log, its newest session and its status.

    Pointings that ended are let go with the commands that brought them, so that neither grows for ever.
    """

    applied_seq: int = 0
    book: Book = field(default_factory=Book)
    log: CommandLog = field(default_factory=CommandLog)
    session: SessionOpened | None = None
    status: TelescopeStatusChanged = field(default_factory=lambda: TelescopeStatusChanged(link="lost"))

    @property
    def head(self) -> int:
        """Number of the last command."""
        return self.log.head

    def apply(self, entries: Sequence[Stored]) -> int:
        """Fold entries that are new; return how many were."""
        fresh = [s for s in entries if s.seq > self.applied_seq]
        for stored in fresh:
            self.applied_seq = stored.seq
            self._take(fact_of(stored.entry), stored.entry.sky_time)
        return len(fresh)

    def _take(self, fact: object, at: datetime) -> None:
        match fact:
            case PointingOffered() | PointingApproved() | RevocationRequested():
                self._take_command(fact, at)
            case PointingMoved() if fact.pointing_id in self.book.assignments:
                self.book.move(fact, at)
            case PointingNoted() if fact.pointing_id in self.book.assignments:
                self.book.note(fact)
            case PointingMoved() | PointingNoted():
                pass  # Late truth about what was let go here: the scheduler's book has it.
            case SessionOpened():
                self.session = fact
                self.status = replace(self.status, link="up")
            case TelescopeStatusChanged():
                self.status = fact

    def _take_command(self, fact: PointingOffered | PointingApproved | RevocationRequested, at: datetime) -> None:
        match fact:
            case PointingOffered():
                self.book.offer(fact, at)
                self._add(Command(fact.command_seq, fact.pointing))
            case PointingApproved():
                self.book.approve(fact)
                approved = self.book.assignments[fact.pointing_id].offered.pointing
                self._add(Command(fact.command_seq, approved))
            case RevocationRequested():
                # One that ended is asked back too, from a telescope that was cut off: it may be let go here already.
                if fact.pointing_id in self.book.assignments:
                    self.book.ask_back(fact)
                revocation = Revocation(fact.pointing_id, fact.revision, fact.reason, fact.abort_if_started)
                self._add(Command(fact.command_seq, revocation))

    def _add(self, command: Command) -> None:
        """Log a command; what has ended, and no command names any more, is let go with the log's beginning."""
        if not self.log.add(command):
            return
        named = {c.body.pointing_id for c in self.log.kept if isinstance(c.body, Pointing)}
        every = self.book.assignments.values()
        self.book.forget(
            a.id for a in every if not a.live and a.id not in named and a.offered.command_seq <= self.log.base
        )


@dataclass(frozen=True, slots=True)
class CommandRecord:
    """A command in a snapshot: an offer names its pointing, which lies with its assignment."""

    seq: int
    offered: str | None
    revocation: Revocation | None


@dataclass(frozen=True, slots=True)
class SessionSnapshot:
    """A session's state after `seq`."""

    seq: int
    assignments: list[Assignment]
    command_head: dict[str, int]
    command_base: int
    commands: list[CommandRecord]
    session: SessionOpened | None
    status: TelescopeStatusChanged


def write_session(state: SessionState, journal_id: str) -> bytes:
    """Write a session's state down."""
    shot = SessionSnapshot(
        seq=state.applied_seq,
        assignments=list(state.book.assignments.values()),
        command_head=state.book.command_head,
        command_base=state.log.base,
        commands=[_record(c) for c in state.log.kept],
        session=state.session,
        status=state.status,
    )
    return seal(msgspec.json.encode(shot), version=VERSION, journal_id=journal_id, seq=shot.seq)


def read_session(data: bytes, journal_id: str | None) -> SessionState:
    """Read a session's state again; Broken if it is not what was written, or of another version or journal."""
    shot = opened(data, SessionSnapshot, version=VERSION, journal_id=journal_id)
    book = Book.of(shot.assignments, shot.command_head)
    log = CommandLog(shot.command_base, [_command(r, book) for r in shot.commands])
    return SessionState(shot.seq, book, log, shot.session, shot.status)


def _record(command: Command) -> CommandRecord:
    if isinstance(command.body, Pointing):
        return CommandRecord(command.seq, command.body.pointing_id, None)
    return CommandRecord(command.seq, None, command.body)


def _command(record: CommandRecord, book: Book) -> Command:
    if record.revocation is not None:
        return Command(record.seq, record.revocation)
    assert record.offered is not None
    return Command(record.seq, book.assignments[record.offered].offered.pointing)
