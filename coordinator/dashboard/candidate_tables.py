"""All candidates of an event, those too that lie in a table of the blobs: what is read is kept for a while."""

from dataclasses import dataclass, field

from coordinator.dashboard.board import Board
from coordinator.dashboard.remembered import Remembered
from coordinator.vetting.facts import ScoredCandidate
from coordinator.vetting.table import read_table

CACHED_TABLES = 4


@dataclass
class CandidateTables:
    """Tables by the sha256 of their file."""

    board: Board
    _tables: Remembered[str, tuple[ScoredCandidate, ...]] = field(default_factory=lambda: Remembered(CACHED_TABLES))

    async def of(self, event: str) -> tuple[ScoredCandidate, ...]:
        """Return an event's candidates by its newest odds, best first; none, where none was weighed."""
        while True:
            scored = self.board.state.candidates.get(event)
            if scored is None:
                return ()
            sha256 = scored.table_sha256
            if sha256 is None:
                return scored.candidates
            known = self._tables.get(sha256)
            if known is not None:
                return known
            # New odds may come while the table is read: then it is theirs that is wanted.
            self._tables.put(sha256, tuple(read_table(await self.board.port.blobs.get(sha256))))
