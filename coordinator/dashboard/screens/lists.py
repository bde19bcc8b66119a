"""The log and the quarantine: what happened, and what nobody understood."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from coordinator.dashboard import views
from coordinator.dashboard.board import Board
from coordinator.dashboard.log_filter import CHUNK, MOST_READ, LogFilter
from coordinator.dashboard.remembered import Remembered
from coordinator.dashboard.screens.shown import Pages

LOG_ROWS = 200
CACHED_CHUNKS = 64
QUARANTINE_ROWS = 200
Text = Annotated[str, Query(max_length=200)]
Looked = Remembered[tuple[Any, ...], list[dict[str, Any]]]


def build_lists(pages: Pages) -> APIRouter:
    """Return the routes of `/log` and `/quarantine`."""
    router, board = APIRouter(include_in_schema=False), pages.board
    looked: Looked = Remembered(CACHED_CHUNKS)

    @router.get("/log")
    async def log(
        request: Request,
        event: Text = "",
        telescope: Text = "",
        who: Text = "",
        kind: Text = "",
        before: Annotated[int | None, Query(ge=1)] = None,
    ) -> HTMLResponse:
        wait = await pages.ready(request)
        asked = LogFilter(event, telescope, who, kind)
        return wait or pages.page(request, "journal.html", await log_scene(board, asked, before, looked))

    @router.get("/quarantine")
    async def quarantine(request: Request) -> HTMLResponse:
        wait = await pages.ready(request)
        kept = list(board.state.quarantine.values())[::-1]
        shown = {"kept": kept[:QUARANTINE_ROWS], "left_out": max(len(kept) - QUARANTINE_ROWS, 0)}
        return wait or pages.page(request, "quarantine.html", shown)

    return router


async def log_scene(board: Board, asked: LogFilter, before: int | None, looked: Looked) -> dict[str, Any]:
    """Return a page of the journal, the newest first, backwards from `before`.

    A filter looks through so many entries at most; then the page says from where to look on. `looked` keeps what it
    found in whole stretches of the journal, which never changes: a page that is fetched again reads the newest alone.
    """
    stretch = CHUNK if asked.is_any else LOG_ROWS
    upto = board.seq if before is None else min(before - 1, board.seq)
    rows: list[dict[str, Any]] = []
    low = upto
    while low > 0 and len(rows) < LOG_ROWS and upto - low < MOST_READ:
        first = (low - 1) // stretch * stretch
        key = (board.journal_id, first, low, asked)
        found = looked.get(key)
        if found is None:
            found = await _found(board, asked, first, low)
            if low == first + stretch:
                looked.put(key, found)
        rows += found
        low = first
    more = rows[LOG_ROWS - 1]["seq"] if len(rows) > LOG_ROWS else low + 1 if low > 0 else None
    return {"rows": rows[:LOG_ROWS], "asked": asdict(asked), "more": more, "t0s": views.t0s(board)}


async def _found(board: Board, asked: LogFilter, first: int, last: int) -> list[dict[str, Any]]:
    """Return what was asked for of the entries after `first` up to `last`, the newest first."""
    tail = await board.port.journal.read(first, only=asked.only, limit=last - first)
    return [views.log_row(s) for s in reversed(tail.entries) if s.seq <= last and asked.admits(s)]
