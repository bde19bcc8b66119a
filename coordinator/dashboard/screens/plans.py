"""The plans of one event: what was planned, what changed from plan to plan, and what would be with other limits."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from coordinator.dashboard import problems, views
from coordinator.dashboard.acting import Acting, may
from coordinator.dashboard.board import Board
from coordinator.dashboard.doorkeeper import person_in
from coordinator.dashboard.plans import plan_row, plan_view, plans_of
from coordinator.dashboard.problems import not_found
from coordinator.dashboard.screens.shown import Pages
from coordinator.dashboard.sky.history import Histories
from coordinator.dashboard.what_if import ask, said_in
from coordinator.dispatch.event_limits import OBJECTIVES
from coordinator.events.event import Event
from telescopes.description.errors import ArmillaryError

ROWS = 50


def build_plans_page(pages: Pages, histories: Histories, acting: Acting | None) -> APIRouter:
    """Return the routes of `/events/{key}/plans` and `/events/{key}/what-if`."""
    router, board = APIRouter(include_in_schema=False), pages.board

    @router.get("/events/{key}/plans")
    async def plans(
        key: str, request: Request, of: int | None = None, before: Annotated[int | None, Query(ge=1)] = None
    ) -> HTMLResponse:
        wait = await pages.ready(request)
        return wait or pages.page(request, "plans.html", await plans_scene(board, histories, key, of, before))

    if acting is not None:

        @router.get("/events/{key}/what-if")
        async def what_if(key: str, request: Request) -> HTMLResponse:
            if (wait := await pages.ready(request)) is not None:
                return wait
            scene, status = await what_if_scene(board, acting, key, request)
            page = pages.page(request, "what_if.html", scene)
            page.status_code = status
            return page

    return router


async def plans_scene(
    board: Board, histories: Histories, key: str, of: int | None, before: int | None
) -> dict[str, Any]:
    """Return everything that the page of plans shows.

    Raises
    ------
    Refused
        There is no such event, or no such plan of it.
    """
    event = _event(board, key)
    made, more = await plans_of(board, histories, key, before, ROWS)
    chosen, wrong = None, ""
    if of is not None or made:
        try:
            chosen = await plan_view(board, histories, key, made[0]["seq"] if of is None else of)
        except ArmillaryError as error:
            if of is not None:
                raise
            wrong = str(error)
    return {
        **_common(board, event),
        "rows": [plan_row(m) for m in made],
        "more": more,
        "chosen": chosen,
        "wrong": wrong,
        "coverage": board.state.coverage.get(key, ()),
        "said": {},
    }


async def what_if_scene(board: Board, acting: Acting, key: str, request: Request) -> tuple[dict[str, Any], int]:
    """Return what the page of a what-if shows, and its status; a refusal is shown on the page."""
    event, person = _event(board, key), person_in(request)
    query = request.query_params.multi_items()
    scene = _common(board, event) | {"said": {}, "answer": None, "wrong": "", "decide_at": ""}
    try:
        said = said_in(query)
        scene["said"] = said
        scene["answer"] = await ask(acting, key, said, person)
    except ArmillaryError as error:
        return scene | {"wrong": str(error)}, problems.answer(error).status_code
    back = f"/events/{key}/plans"
    scene["decide_at"] = (
        f"/act/event/replan?{urlencode({'subject': key, 'back': back} | said)}" if may(person, None) else ""
    )
    return scene, 200


def _common(board: Board, event: Event) -> dict[str, Any]:
    return {
        "event": views.event_view(board, event),
        "limits": board.state.limits_on(event.key),
        "telescopes": sorted(board.port.telescopes),
        "objectives": OBJECTIVES,
    }


def _event(board: Board, key: str) -> Event:
    event = board.state.events.get(key)
    if event is None:
        raise not_found("event", key)
    return event
