"""REST: plans that were made of an event, and what a plan with other limits would be."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from coordinator.dashboard import views
from coordinator.dashboard.acting import Acting
from coordinator.dashboard.answers.base import Page, told
from coordinator.dashboard.answers.openapi import answer
from coordinator.dashboard.answers.plans import OthersLooks, PlanAnswer, WhatIf
from coordinator.dashboard.board import Board
from coordinator.dashboard.doorkeeper import person_in
from coordinator.dashboard.plans import plan_row, plan_view, plans_of
from coordinator.dashboard.problems import not_found
from coordinator.dashboard.sky.history import Histories
from coordinator.dashboard.what_if import ask, said_in
from coordinator.services.coverage import summary

Many = Annotated[list[str] | None, Query()]


def build_plan_api(
    board: Board, histories: Histories, ready: Callable[[], Awaitable[None]], acting: Acting | None
) -> APIRouter:
    """Return the routes; without hands nobody asks what would be."""
    api = APIRouter(prefix="/api/v1", dependencies=[Depends(ready)], tags=["plans"])

    @api.get("/events/{key}/plans", **answer(Page[PlanAnswer]))
    async def plans(
        key: str,
        after: Annotated[int | None, Query(ge=1, description="`next` of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Response:
        """Return plans that were made of an event, the newest first, with what changed in each."""
        _known(board, key)
        made, more = await plans_of(board, histories, key, after, limit)
        items = [plan_row(m) for m in made]
        return told(Page[PlanAnswer], {"as_of": views.as_of(board), "items": items, "next": more})

    @api.get("/events/{key}/plans/{seq}", **answer(PlanAnswer))
    async def plan(key: str, seq: int) -> Response:
        """Return one plan by its entry in the journal, with what changed since the one before."""
        _known(board, key)
        return told(PlanAnswer, {"as_of": views.as_of(board), **await plan_view(board, histories, key, seq)})

    @api.get("/events/{key}/others", **answer(Page[OthersLooks]))
    async def coverage(key: str) -> Response:
        """Return what others were reported to have looked at."""
        _known(board, key)
        items = [summary(c) for c in board.state.coverage.get(key, ())]
        return told(Page[OthersLooks], {"as_of": views.as_of(board), "items": items, "next": None})

    if acting is not None:

        @api.get("/events/{key}/what-if", **answer(WhatIf))
        async def what_if(
            key: str,
            request: Request,
            without: Many = None,
            until: str | None = None,
            visits: Many = None,
            objective: str | None = None,
        ) -> Response:
            """Return a plan with other limits beside the same without; nothing of it is given out."""
            _known(board, key)
            said = said_in(request.query_params.multi_items())
            made = await ask(acting, key, said, person_in(request))
            return told(WhatIf, {"as_of": views.as_of(board), **made})

    return api


def _known(board: Board, key: str) -> None:
    if key not in board.state.events:
        raise not_found("event", key)
