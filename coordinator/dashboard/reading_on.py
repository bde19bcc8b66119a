"""Entries of some kinds, read from the journal when somebody asks, and from then on as it grows."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from coordinator.dashboard.board import Board
from coordinator.services.journal import Only, Stored

CHUNK = 1000


@dataclass
class ReadingOn:
    """How far one reader has come; nothing is read before somebody asks, and by one at a time.

    Attributes
    ----------
    only : Only
        What is read.
    forget : callable
        Lets go of all that was taken: another journal follows.
    take : callable
        Takes the next entry.
    """

    board: Board
    only: Only
    forget: Callable[[], None]
    take: Callable[[Stored], None]
    _journal_id: str | None = None
    _seq: int = 0
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def catch_up(self) -> None:
        """Read on until what the board shows."""
        async with self._turn:
            if self._journal_id != self.board.journal_id:
                self._journal_id, self._seq = self.board.journal_id, 0
                self.forget()
            while self._seq < self.board.seq:
                tail = await self.board.port.journal.read(self._seq, only=self.only, limit=CHUNK)
                for stored in tail.entries:
                    self.take(stored)
                self._seq = tail.head_seq
