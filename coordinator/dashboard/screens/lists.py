"""The log, the quarantine and the system: what happened, what nobody understood, and how the machine is."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from coordinator.dashboard import views
from coordinator.dashboard.board import Board
from coordinator.dashboard.screens.shown import Pages
from coordinator.services.journal import Only

LOG_ROWS = 200
MOST_READ = 20_000
"""Entries that one page of a filtered log looks through, backwards."""

CHUNK = 2000
QUARANTINE_ROWS = 200
Text = Annotated[str, Query(max_length=200)]


def build_lists(pages: Pages) -> APIRouter:
    """Return the routes of `/log`, `/quarantine` and `/system`."""
    router, board = APIRouter(include_in_schema=False), pages.board

    @router.get("/log")
    async def log(
        request: Request,
        event: Text = "",
        telescope: Text = "",
        who: Text = "",
        kind: Text = "",
        before: int | None = None,
    ) -> HTMLResponse:
        wait = await pages.ready()
        asked = {"event": event, "telescope": telescope, "who": who, "kind": kind}
        return wait or pages.page(request, "journal.html", await log_scene(board, asked, before))

    @router.get("/quarantine")
    async def quarantine(request: Request) -> HTMLResponse:
        wait = await pages.ready()
        kept = list(board.state.quarantine.values())[::-1]
        shown = {"kept": kept[:QUARANTINE_ROWS], "left_out": max(len(kept) - QUARANTINE_ROWS, 0)}
        return wait or pages.page(request, "quarantine.html", shown)

    @router.get("/system")
    async def system(request: Request) -> HTMLResponse:
        wait = await pages.ready()
        return wait or pages.page(request, "system.html", {"streams": sorted(board.state.streams.items())})

    return router


async def log_scene(board: Board, asked: dict[str, str], before: int | None) -> dict[str, Any]:
    """Return a page of the journal, the newest first, backwards from `before`.

    A filter looks through so many entries at most; then the page says from where to look on.
    """
    upto = board.seq if before is None else min(before - 1, board.seq)
    rows: list[dict[str, Any]] = []
    low = upto
    while low > 0 and len(rows) < LOG_ROWS and upto - low < MOST_READ:
        first = max(low - CHUNK, 0)
        only = Only(telescope=asked["telescope"] or None)
        tail = await board.port.journal.read(first, only=only, limit=CHUNK)
        found = [views.log_row(s) for s in tail.entries if first < s.seq <= low]
        rows += [row for row in reversed(found) if _asked_for(row, asked)]
        low = first
    more = rows[LOG_ROWS - 1]["seq"] if len(rows) > LOG_ROWS else low + 1 if low > 0 else None
    return {"rows": rows[:LOG_ROWS], "asked": asked, "more": more}


def _asked_for(row: dict[str, Any], asked: dict[str, str]) -> bool:
    if asked["event"] and row["event"] != asked["event"] and row["subject"] != asked["event"]:
        return False
    if asked["who"] and (row["kind"] != "operator_acted" or not str(row["text"]).startswith(asked["who"])):
        return False
    return asked["kind"] in str(row["kind"])
