"""What catalogues and sources elsewhere know around candidates, read from the journal when somebody looks."""

import asyncio
from dataclasses import dataclass, field

from coordinator.dashboard.board import Board
from coordinator.services.facts import fact_of
from coordinator.services.journal import Only
from coordinator.vetting.facts import NeighboursFound
from coordinator.vetting.neighbours import Neighbours

KINDS = Only(frozenset({"neighbours_found"}))
CHUNK = 1000


@dataclass
class AskedAround:
    """The newest answer of each source, by event and candidate; nothing is read before somebody asks."""

    board: Board
    _journal_id: str | None = None
    _seq: int = 0
    _known: dict[tuple[str, str], dict[str, Neighbours]] = field(default_factory=dict)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def of(self, event: str, candidate: str) -> list[tuple[str, Neighbours]]:
        """Return what each source said of a candidate's place, by its name."""
        async with self._turn:
            if self._journal_id != self.board.journal_id:
                self._journal_id, self._seq, self._known = self.board.journal_id, 0, {}
            while self._seq < self.board.seq:
                tail = await self.board.port.journal.read(self._seq, only=KINDS, limit=CHUNK)
                for stored in tail.entries:
                    fact = fact_of(stored.entry)
                    if isinstance(fact, NeighboursFound):
                        self._known.setdefault((fact.event, fact.candidate), {})[fact.source] = fact.near
                self._seq = tail.head_seq
        return sorted(self._known.get((event, candidate), {}).items())
