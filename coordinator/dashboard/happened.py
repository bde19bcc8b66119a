"""What happened between two entries of the journal that somebody who comes later should know."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from coordinator.dashboard import views
from coordinator.dashboard.board import Board
from coordinator.dashboard.remembered import Remembered
from coordinator.services.journal import Only, Stored
from coordinator.services.shift import KEPT

CHUNK = 2000
Rows = dict[str, list[dict[str, Any]]]
MOST_ROWS = 500
"""Of one kind, the newest; the log has all."""

HEADINGS: Mapping[str, str] = MappingProxyType(
    {
        "event_revised": "Events",
        "event_retracted": "Events",
        "operator_acted": "What people decided",
        "telescope_status_changed": "Telescopes lost and back, closed and open",
        "session_opened": "Telescopes lost and back, closed and open",
        "candidates_scored": "Candidates",
        "follow_up_requested": "Candidates",
        "stream_state_changed": "Streams",
        "alert_quarantined": "Quarantine",
        "notice_not_told": "Could not be told",
    }
)
TOLD = Only(frozenset(HEADINGS))


@dataclass
class Span:
    """A part of the journal by heading, as far as it has been read.

    Attributes
    ----------
    upto : int
        The last entry that is in the rows, or that nobody need know.
    """

    upto: int
    rows: Rows = field(default_factory=dict)

    async def read_on(self, board: Board, until: int) -> Rows:
        """Read to an entry; who is interrupted has kept what was read, and no more."""
        while self.upto < until:
            tail = await board.port.journal.read(self.upto, only=TOLD, limit=CHUNK)
            for stored in tail.entries:
                if stored.seq <= until:
                    _add(self.rows, stored)
            if tail.head_seq <= self.upto:
                break
            self.upto = min(tail.head_seq, until)
        return self.rows


class Happened:
    """Reads a shift's part of the journal; what was read before is not read again, and of many who ask one reads.

    Parameters
    ----------
    board : Board
        The fold.
    """

    def __init__(self, board: Board) -> None:
        self._board = board
        self._since: tuple[str | None, int] = (None, -1)
        self._now = Span(0)
        self._over: Remembered[tuple[str | None, int, int], Rows] = Remembered(KEPT)
        self._turn, self._turn_of_past = asyncio.Lock(), asyncio.Lock()  # who runs a shift waits for no past one

    async def between(self, since_seq: int, until_seq: int | None) -> Rows:
        """Return rows of the log by heading, the newest first; None: up to now."""
        if until_seq is not None:
            return await self._past(since_seq, until_seq)
        async with self._turn:
            if self._since != (self._board.journal_id, since_seq):
                self._since, self._now = (self._board.journal_id, since_seq), Span(since_seq)
            return await self._now.read_on(self._board, self._board.seq)

    async def _past(self, since_seq: int, until_seq: int) -> Rows:
        async with self._turn_of_past:
            which = (self._board.journal_id, since_seq, until_seq)
            known = self._over.get(which)
            if known is None:
                known = self._over.put(which, await Span(since_seq).read_on(self._board, until_seq))
            return known


def _add(rows: Rows, stored: Stored) -> None:
    """Put a row before the others of its heading; of what is said again and again of one thing the last word stays."""
    heading, row = HEADINGS[stored.entry.kind], views.log_row(stored)
    mine = rows.setdefault(heading, [])
    if stored.entry.kind in ("event_revised", "candidates_scored"):
        same = (stored.entry.kind, stored.entry.event or stored.entry.body.get("event"))
        mine[:] = [one for one in mine if (one["kind"], one["of"]) != same]
    mine.insert(0, {**row, "of": stored.entry.event or stored.entry.body.get("event")})
    del mine[MOST_ROWS:]
