"""All candidates of an event, those too that lie in a table of the blobs: what is read is kept for a while."""

from dataclasses import dataclass, field

from coordinator.dashboard.board import Board
from coordinator.dashboard.remembered import Remembered
from coordinator.vetting.facts import CandidatesScored, ScoredCandidate
from coordinator.vetting.table import read_table

CACHED_TABLES = 4
Candidates = tuple[ScoredCandidate, ...]


@dataclass
class CandidateTables:
    """Tables by the sha256 of their file, and with them what the journal has in words."""

    board: Board
    _tables: Remembered[str, Candidates] = field(default_factory=lambda: Remembered(CACHED_TABLES))
    _whole: Remembered[str, tuple[CandidatesScored, Candidates]] = field(
        default_factory=lambda: Remembered(CACHED_TABLES)
    )

    async def of(self, event: str) -> Candidates:
        """Return an event's candidates by its newest odds, best first; none, where none was weighed.

        A table knows terms alone: those that the journal has in words are as it has them, with people's marks.
        """
        while True:
            scored = self.board.state.candidates.get(event)
            if scored is None:
                return ()
            sha256 = scored.table_sha256
            if sha256 is None:
                return scored.candidates
            known = self._tables.get(sha256)
            if known is not None:
                return self._in_words(event, scored, known)
            # New odds may come while the table is read: then it is theirs that is wanted.
            self._tables.put(sha256, tuple(read_table(await self.board.port.blobs.get(sha256))))

    def _in_words(self, event: str, scored: CandidatesScored, table: Candidates) -> Candidates:
        of, whole = self._whole.get(event) or (None, ())
        if of is not scored:
            told = {one.id: one for one in scored.candidates}
            _, whole = self._whole.put(event, (scored, tuple(told.get(one.id, one) for one in table)))
        return whole
