"""Shifts: who is on duty, what happened since, what waits, and what one leaves to the next."""

from typing import Any

import msgspec
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse

from coordinator.dashboard import views
from coordinator.dashboard.answers.base import told
from coordinator.dashboard.answers.observatory import ShiftAnswer
from coordinator.dashboard.answers.openapi import answer
from coordinator.dashboard.api import ready_of
from coordinator.dashboard.board import Board
from coordinator.dashboard.happened import Happened
from coordinator.dashboard.screens.shown import Pages
from coordinator.services.inbox import inbox
from coordinator.services.shift import shift_version
from telescopes.description.errors import Refused


def build_shift_page(pages: Pages) -> APIRouter:
    """Return the routes of `/shift`, `/shift/{seq}` and `/api/v1/shift`."""
    router, board = APIRouter(), pages.board
    happened = Happened(board)

    @router.get("/shift", include_in_schema=False)
    async def now(request: Request) -> HTMLResponse:
        wait = await pages.ready(request)
        return wait or pages.page(request, "shift.html", await shift_scene(board, happened, None))

    @router.get("/shift/{seq}", include_in_schema=False)
    async def past(seq: int, request: Request) -> HTMLResponse:
        wait = await pages.ready(request)
        return wait or pages.page(request, "shift.html", await shift_scene(board, happened, seq))

    @router.get("/api/v1/shift", dependencies=[Depends(ready_of(board))], **answer(ShiftAnswer))
    async def shift(since: int | None = None) -> Response:
        """Return who is on duty, or with `since` a shift that is over, and what happened in it."""
        shown = await shift_scene(board, happened, since)
        one = shown["over"] if since is not None else shown["shift"]
        view = {
            "as_of": views.as_of(board),
            "version": shown["version"],
            **({} if one is None else msgspec.to_builtins(one)),
            "happened": shown["happened"],
            "waits": [msgspec.to_builtins(w) for w in shown["inbox"]],
        }
        return told(ShiftAnswer, view)

    return router


async def shift_scene(board: Board, happened: Happened, since_seq: int | None) -> dict[str, Any]:
    """Return everything that the page shows of the shift that runs, or of one that is over.

    Raises
    ------
    Refused
        There was no such shift, or it is long ago.
    """
    shift = board.state.shift
    past = () if shift is None else shift.past
    over = next((p for p in past if p.since_seq == since_seq), None)
    if since_seq is not None and over is None:
        mend = "see the shifts on the page of the shift"  # it is long ago, or never was: nothing brings it
        raise Refused("no such shift", where=str(since_seq), mend=mend, reason="NOT_FOUND")
    found: dict[str, list[dict[str, Any]]] = {}
    if over is not None:
        found = await happened.between(over.since_seq, over.until_seq)
    elif shift is not None:
        found = await happened.between(shift.since_seq, None)
    return {
        "shift": shift,
        "over": over,
        "version": shift_version(shift),
        "happened": found,
        "inbox": inbox(board.state),
        "open_events": [views.event_view(board, e) for e in board.state.open_events() if e.closed is None],
    }
