"""What is asked of the log: one filter for page and REST (pure but for the reading)."""

from dataclasses import astuple, dataclass

from coordinator.dashboard.board import Board
from coordinator.services.journal import Only, Stored

ACTED = "operator_acted"
MOST_READ = 20_000
"""Entries that one page of a filtered log looks through."""

CHUNK = 2000


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What entries must be about; empty: that does not matter.

    Attributes
    ----------
    event, telescope : str
        The event's key and the telescope's id.
    who : str
        A person: what they decided.
    kind : str
        A part of the kind of an entry.
    """

    event: str = ""
    telescope: str = ""
    who: str = ""
    kind: str = ""

    @property
    def is_any(self) -> bool:
        """Whether anything is asked for."""
        return any(astuple(self))

    @property
    def only(self) -> Only:
        """What the journal itself can tell apart."""
        kinds = frozenset({ACTED}) if self.who or self.kind == ACTED else None
        return Only(kinds, self.telescope or None)

    def admits(self, stored: Stored) -> bool:
        """Say whether an entry that the journal let through is asked for."""
        entry = stored.entry
        if self.event and self.event not in (entry.event, entry.subject):
            return False
        if self.who and (entry.kind != ACTED or entry.body.get("operator") != self.who):
            return False
        return self.kind in entry.kind


async def read_on(board: Board, asked: LogFilter, since: int, limit: int) -> tuple[list[Stored], int | None]:
    """Return entries after a sequence number that are asked for, oldest first, and after which to look on.

    A filter looks through so many entries at most, so there may be fewer entries than `limit`, or none, and more to
    come; None: the journal's head was reached.
    """
    found: list[Stored] = []
    seq = since
    while seq - since < MOST_READ:
        size = CHUNK if asked.is_any else limit
        tail = await board.port.journal.read(seq, only=asked.only, limit=size)
        for stored in tail.entries:
            if asked.admits(stored):
                found.append(stored)
                if len(found) == limit:
                    return found, stored.seq
        if len(tail.entries) < size:
            return found, None
        seq = tail.head_seq
    return found, seq
