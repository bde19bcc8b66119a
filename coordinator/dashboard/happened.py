"""What happened between two entries of the journal that somebody who comes later should know."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from coordinator.dashboard import views
from coordinator.dashboard.board import Board
from coordinator.services.journal import Only, Stored

CHUNK = 2000
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
class Happened:
    """Reads a shift's part of the journal; what was read before is not read again.

    Parameters
    ----------
    board : Board
        The fold.
    """

    board: Board
    _since: tuple[str | None, int] = (None, -1)
    _upto: int = 0
    _rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    async def between(self, since_seq: int, until_seq: int | None) -> dict[str, list[dict[str, Any]]]:
        """Return rows of the log by heading, the newest first; None: up to now."""
        if until_seq is not None:
            return await self._read({}, since_seq, until_seq)
        if self._since != (self.board.journal_id, since_seq):
            self._since, self._upto, self._rows = (self.board.journal_id, since_seq), since_seq, {}
        upto = self.board.seq
        if upto > self._upto:
            after, self._upto = self._upto, upto
            await self._read(self._rows, after, upto)
        return self._rows

    async def _read(
        self, rows: dict[str, list[dict[str, Any]]], after: int, until: int
    ) -> dict[str, list[dict[str, Any]]]:
        while after < until:
            tail = await self.board.port.journal.read(after, only=TOLD, limit=CHUNK)
            for stored in tail.entries:
                if stored.seq <= until:
                    _add(rows, stored)
            if tail.head_seq <= after:
                break
            after = tail.head_seq
        return rows


def _add(rows: dict[str, list[dict[str, Any]]], stored: Stored) -> None:
    """Put a row before the others of its heading; of what is said again and again of one thing the last word stays."""
    heading, row = HEADINGS[stored.entry.kind], views.log_row(stored)
    mine = rows.setdefault(heading, [])
    if stored.entry.kind in ("event_revised", "candidates_scored"):
        same = (stored.entry.kind, stored.entry.event or stored.entry.body.get("event"))
        mine[:] = [one for one in mine if (one["kind"], one["of"]) != same]
    mine.insert(0, {**row, "of": stored.entry.event or stored.entry.body.get("event")})
    del mine[MOST_ROWS:]
