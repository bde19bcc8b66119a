"""One telescope: how it is and why, what it does and will do, its night, what it has done."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from coordinator.dashboard import views
from coordinator.dashboard.board import Board
from coordinator.dashboard.night_chart import Field, night_chart
from coordinator.dashboard.pointings import pointing_view, still_planned
from coordinator.dashboard.problems import not_found
from coordinator.dashboard.screens.shown import Pages

HISTORY_ROWS = 200
QUEUE_ROWS = 100


def build_telescope_page(pages: Pages) -> APIRouter:
    """Return the route of `/telescopes/{id}`."""
    router, board = APIRouter(include_in_schema=False), pages.board

    @router.get("/telescopes/{id}")
    async def telescope(id: str, request: Request) -> HTMLResponse:
        wait = await pages.ready(request)
        return wait or pages.page(request, "telescope.html", telescope_scene(board, id))

    return router


def telescope_scene(board: Board, id: str) -> dict[str, Any]:
    """Return everything that the page of a telescope shows.

    Raises
    ------
    Refused
        Neither site files nor journal know it.
    """
    mine = next((t for t in views.all_telescopes(board) if t["id"] == id), None)
    if mine is None:
        raise not_found("telescope", id)
    queue, history = _queue(board, id), _history(board, id)
    coming = [pointing_view(board, one) for one in queue[:QUEUE_ROWS]]
    described, now = board.port.telescopes.get(id), board.clock.now()
    fields = [
        Field(p["id"], p["ra_deg"], p["dec_deg"], datetime.fromisoformat(p["start"]), datetime.fromisoformat(p["end"]))
        for p in coming
    ]
    state = board.state.telescope(id)
    return {
        "telescope": mine,
        "described": described,
        "closings": state.closings,
        "vetoed": state.vetoed,
        "asked_for": [a for a in state.asked_for if a.end > now],
        "queue": coming,
        "queue_left_out": max(len(queue) - QUEUE_ROWS, 0),
        "history": [pointing_view(board, one) for one in history[:HISTORY_ROWS]],
        "history_left_out": max(len(history) - HISTORY_ROWS, 0),
        "chart": None if described is None else night_chart(described, fields, now),
        "t0s": views.t0s(board),
        "events": [e.key for e in board.state.open_events()],
    }


def _queue(board: Board, id: str) -> list[str]:
    """Return what it holds and what is planned for it, by start."""
    plan = board.planned or {}
    starts = {a.id: a.offered.pointing.planned_start for a in board.state.pointings.live(telescope=id)}
    planned = (one for one in still_planned(board, None) if plan[one]["telescope"] == id)
    starts |= {one: datetime.fromisoformat(plan[one]["start"]) for one in planned}
    return sorted(starts, key=lambda one: (starts[one], one))


def _history(board: Board, id: str) -> list[str]:
    """Return what has ended, the newest first."""
    ended = (a for a in board.state.pointings.assignments.values() if a.telescope == id and not a.live)
    return [a.id for a in sorted(ended, key=lambda a: (a.since, a.id), reverse=True)]
