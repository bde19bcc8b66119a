"""The system: a page and its REST, which say the same."""

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse

from coordinator.dashboard import views
from coordinator.dashboard.answers.base import told
from coordinator.dashboard.answers.openapi import answer
from coordinator.dashboard.answers.system import SystemAnswer
from coordinator.dashboard.api import ready_of
from coordinator.dashboard.machine.view import MachineView
from coordinator.dashboard.screens.shown import Pages


def build_system(pages: Pages, view: MachineView) -> APIRouter:
    """Return the routes of `/system` and `/api/v1/system`."""
    router, board = APIRouter(), pages.board

    @router.get("/system", include_in_schema=False)
    async def system(request: Request) -> HTMLResponse:
        wait = await pages.ready(request)
        return wait or pages.page(request, "system.html", {"system": await view.document()})

    @router.get("/api/v1/system", dependencies=[Depends(ready_of(board))], **answer(SystemAnswer))
    async def system_document() -> Response:
        """Return actors, alert streams, database, delays and versions; unknown is null."""
        return told(SystemAnswer, {"as_of": views.as_of(board), **await view.document()})

    return router
