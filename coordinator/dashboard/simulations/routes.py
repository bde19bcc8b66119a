"""Pages and REST of simulated campaigns."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse

from coordinator.dashboard import views
from coordinator.dashboard.answers.base import Page, told
from coordinator.dashboard.answers.openapi import answer
from coordinator.dashboard.answers.simulations import Campaign, Campaigns, Played
from coordinator.dashboard.api import PAGE, After, Limit, cut, ready_of
from coordinator.dashboard.screens.shown import Pages
from coordinator.dashboard.simulations.shelf import Shelf
from coordinator.dashboard.simulations.views import asked_for, campaign_view, compared, row_view, whole_view
from coordinator.simulation.campaign.folder_read import KeptCampaign
from coordinator.simulation.campaign.results import EventRow
from coordinator.simulation.campaign.words_of_figures import distance
from telescopes.description.errors import Refused

Answer = dict[str, Any]
CAMPAIGN_ROWS, EVENT_ROWS = 100, 100
Key = Annotated[str | None, Query(max_length=500)]


def build_simulations(pages: Pages, shelf: Shelf) -> APIRouter:
    """Return the routes of `/simulations`, `/simulations/{id}` and `/api/v1/simulations`."""
    router = APIRouter()
    _add_pages(router, pages, shelf)
    router.include_router(_api(pages, shelf))
    return router


def _api(pages: Pages, shelf: Shelf) -> APIRouter:
    board = pages.board
    api = APIRouter(prefix="/api/v1", tags=["simulations"], dependencies=[Depends(ready_of(board))])

    @api.get("/simulations", **answer(Campaigns))
    async def simulations(after: After = None, limit: Limit = PAGE) -> Response:
        """Return the campaigns that are kept, the one that changed last first."""
        shown, more = cut(await shelf.folders(), after, limit, lambda folder: folder.name)
        items = [campaign_view(one) for one in await shelf.read(shown)]
        page = {"as_of": views.as_of(board), "folder": str(shelf.folder), "items": items, "next": more}
        return told(Campaigns, page)

    @api.get("/simulations/{id}", **answer(Campaign))
    async def simulation(id: str) -> Response:
        """Return one campaign: how far it is, and what came of every policy at every point, with 90 % intervals."""
        return told(Campaign, {"as_of": views.as_of(board), **whole_view(await shelf.campaign(id))})

    @api.get("/simulations/{id}/events", **answer(Page[Played]))
    async def events(id: str, after: After = None, limit: Limit = PAGE) -> Response:
        """Return each event under each policy, and how its night is opened, or made where it is not kept."""
        items, more = await _events(shelf, await shelf.campaign(id), after, limit)
        return told(Page[Played], {"as_of": views.as_of(board), "items": items, "next": more})

    return api


def _add_pages(router: APIRouter, pages: Pages, shelf: Shelf) -> None:
    @router.get("/simulations", include_in_schema=False)
    async def simulations(request: Request, after: Key = None) -> HTMLResponse:
        wait = await pages.ready(request)
        return wait or pages.page(request, "simulations.html", await _list_scene(shelf, after))

    @router.get("/simulations/{id}", include_in_schema=False)
    async def simulation(id: str, request: Request, after: Key = None) -> HTMLResponse:
        wait = await pages.ready(request)
        return wait or pages.page(request, "simulation.html", await _campaign_scene(shelf, id, after))


async def _list_scene(shelf: Shelf, after: str | None) -> Answer:
    wrong, folders = "", []
    try:
        folders = await shelf.folders()
    except Refused as error:
        wrong = str(error)
    shown, more = cut(folders, after, CAMPAIGN_ROWS, lambda folder: folder.name)
    campaigns = [campaign_view(one) for one in await shelf.read(shown)]
    return {"folder": shelf.folder, "campaigns": campaigns, "more": more, "wrong": wrong}


async def _campaign_scene(shelf: Shelf, id: str, after: str | None) -> Answer:
    """Return everything that the page of a campaign shows, and how it writes a distance.

    Raises
    ------
    Refused
        There is no such campaign.
    """
    campaign = await shelf.campaign(id)
    events, more = await _events(shelf, campaign, after, EVENT_ROWS)
    result = campaign.result
    return {
        "campaign": whole_view(campaign),
        "asked": "" if campaign.mark is None else asked_for(campaign.mark),
        "points": [] if result is None else [compared(point) for point in result.points],
        "events": events,
        "more": more,
        "distance": distance,
        "all_events": 0 if result is None else len(result.rows),
    }


async def _events(
    shelf: Shelf, campaign: KeptCampaign, after: str | None, limit: int
) -> tuple[list[Answer], str | None]:
    rows: list[EventRow] = [] if campaign.result is None else list(campaign.result.rows)
    shown, more = cut(rows, after, limit, lambda row: row.key)
    nights = await shelf.nights(campaign, shown)
    return [row_view(campaign, row, its) for row, its in zip(shown, nights, strict=True)], more
