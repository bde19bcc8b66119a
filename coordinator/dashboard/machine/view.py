"""How the machine is, as plain JSON data: what the journal, the supervisor and the files tell; unknown is null."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import msgspec

from coordinator.dashboard import views
from coordinator.dashboard.arrivals import SOURCE, Arrivals
from coordinator.dashboard.board import Board
from coordinator.dashboard.machine.delays import delays
from coordinator.dashboard.machine.streams import stream_rows
from coordinator.dashboard.machine.versions import versions
from coordinator.dashboard.remembered import Remembered
from coordinator.dashboard.sky.history import Histories
from telescopes.description.errors import ArmillaryError

PATIENCE_S = 2.0
NOBODY = "nobody here can tell: this dashboard was started without a supervisor"
Rows = list[dict[str, Any]]


@dataclass
class MachineView:
    """Gathers it for page and REST; actors are asked once in a second, whoever looks how often."""

    board: Board
    arrivals: Arrivals
    histories: Histories
    _asked: Remembered[int, tuple[Rows | None, str | None]] = field(default_factory=lambda: Remembered(1))

    async def document(self) -> dict[str, Any]:
        """Return everything that the page of the system shows."""
        board, machine = self.board, self.board.port.machine
        actors, because = await self._actors()
        heard, by_event = await self.arrivals.heard(), await self.arrivals.by_event()
        offered = await self.histories.first_offers()
        says = {str(a["name"]).removeprefix(SOURCE): a["says"] for a in actors or () if _is_source(a)}
        return {
            "journal": self._journal(),
            "actors": actors,
            "actors_because": because,
            "streams": stream_rows(machine.streams, says, board.state.streams, heard, board.port.utc()),
            "streams_configured": None if machine.streams is None else len(machine.streams),
            "delays": {"heard_s": board.heard_after_s, "events": delays(by_event, offered)},
            "versions": versions(),
        }

    def _journal(self) -> dict[str, Any]:
        board, files = self.board, self.board.port.machine.files
        known = {"kind": None, "journal_bytes": None, "snapshot_seq": None} if files is None else files()
        return {
            "id": board.journal_id,
            "entries": board.seq,
            "recorded_at": views.iso(board.recorded_at),
            "heard_at": views.iso(board.heard_at),
            **msgspec.to_builtins(known),
        }

    async def _actors(self) -> tuple[Rows | None, str | None]:
        """Return a row an actor, or why none can be given."""
        second = int(self.board.port.utc().timestamp())
        return self._asked.get(second) or self._asked.put(second, await self._ask())

    async def _ask(self) -> tuple[Rows | None, str | None]:
        ask = self.board.port.machine.actors
        if ask is None:
            return None, NOBODY
        try:
            async with asyncio.timeout(PATIENCE_S):
                return [_with_instant(row, self.board) for row in await ask()], None
        except TimeoutError:
            return None, f"the supervisor has not answered for {PATIENCE_S:g} s"
        except ArmillaryError as error:
            return None, str(error)


def _with_instant(row: dict[str, Any], board: Board) -> dict[str, Any]:
    """Say when an actor last answered, for its age grows while it is shown."""
    ago_s = row["answered_ago_s"]
    return {**row, "answered_at": None if ago_s is None else views.iso(board.port.utc() - timedelta(seconds=ago_s))}


def _is_source(actor: dict[str, Any]) -> bool:
    return str(actor["name"]).startswith(SOURCE) and bool(actor["says"])
