"""The dashboard as an ASGI application; it needs neither Ray nor a file of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import structlog
from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.staticfiles import StaticFiles

from coordinator.dashboard import problems, views
from coordinator.dashboard.act_page import build_act_page
from coordinator.dashboard.acting import Acting
from coordinator.dashboard.answers.openapi import describe
from coordinator.dashboard.api import build_api, ready_of
from coordinator.dashboard.arrivals import Arrivals
from coordinator.dashboard.asked_around import AskedAround
from coordinator.dashboard.board import Board, DashboardPort
from coordinator.dashboard.candidate_tables import CandidateTables
from coordinator.dashboard.coverage_api import build_coverage_api
from coordinator.dashboard.cutouts import Cutouts
from coordinator.dashboard.decisions import build_decisions
from coordinator.dashboard.desk import Desk
from coordinator.dashboard.doorkeeper import Doorkeeper
from coordinator.dashboard.headers import SafeHeaders
from coordinator.dashboard.machine.routes import build_system
from coordinator.dashboard.machine.view import MachineView
from coordinator.dashboard.markup import read_templates
from coordinator.dashboard.notices import RawNotices, build_notices_api
from coordinator.dashboard.page import build_page
from coordinator.dashboard.plan_api import build_plan_api
from coordinator.dashboard.recorded import ReadOnly, build_moment
from coordinator.dashboard.screens.awaiting import awaiting_page
from coordinator.dashboard.screens.candidate import CandidateParts, build_candidate_page
from coordinator.dashboard.screens.event import build_event_page
from coordinator.dashboard.screens.lists import build_lists
from coordinator.dashboard.screens.plans import build_plans_page
from coordinator.dashboard.screens.shift import build_shift_page
from coordinator.dashboard.screens.shown import Pages
from coordinator.dashboard.screens.telescope import build_telescope_page
from coordinator.dashboard.sightings import Sightings
from coordinator.dashboard.sign_in import Door, build_sign_in
from coordinator.dashboard.simulations.routes import build_simulations
from coordinator.dashboard.simulations.shelf import Shelf
from coordinator.dashboard.sky.history import Histories
from coordinator.dashboard.sky.routes import build_sky_api
from coordinator.dashboard.stream import build_stream
from coordinator.dashboard.themes import build_themes

log = structlog.get_logger("dashboard")
LOCAL_HOSTS = ("127.0.0.1", "localhost")


def build_app(
    state: DashboardPort,
    hosts: Sequence[str] = LOCAL_HOSTS,
    desk: Desk | None = None,
    gave_up: Callable[[], None] = lambda: None,
) -> FastAPI:
    """Make the application: page, REST and stream over one fold of the journal.

    Parameters
    ----------
    state : DashboardPort
        What it may read.
    hosts : sequence of str
        Names under which it may be asked (`*.example.org` for all below); others are refused.
    desk : Desk, optional
        Where people's decisions go; None: everybody looks, and nobody acts.
    gave_up : callable
        Called where the journal is not followed any more because of an error that nobody foresaw.
    """
    board = Board(state)
    acting = None if desk is None else Acting(board, desk)

    app = FastAPI(
        title="Armillary",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        lifespan=partial(_following, board, gave_up),
    )
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=6)
    if desk is not None:
        app.add_middleware(Doorkeeper, desk=desk)
    if state.showing is not None:
        app.add_middleware(ReadOnly)
    app.add_middleware(SafeHeaders)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False)
    histories, arrivals, tables = Histories(board), Arrivals(board), CandidateTables(board)
    notices = RawNotices(state.blobs)
    app.include_router(build_api(board, tables))
    app.include_router(build_sky_api(board, histories, tables))
    app.include_router(build_plan_api(board, histories, ready_of(board), acting))
    app.include_router(build_stream(board))
    parts = CandidateParts(board, Sightings(board), tables, Cutouts(state.blobs), AskedAround(board))
    templates = read_templates(has_campaigns=state.campaigns is not None, showing=state.showing)
    pages = Pages(board, templates, hands=desk is not None)
    problems.install(app, lambda: views.as_of(board), lambda request, error: awaiting_page(pages, request, error))
    app.include_router(build_page(pages))
    app.include_router(build_event_page(pages, histories, arrivals, notices))
    app.include_router(build_notices_api(board, arrivals, notices))
    app.include_router(build_telescope_page(pages))
    app.include_router(build_candidate_page(pages, parts))
    app.include_router(build_plans_page(pages, histories, acting))
    app.include_router(build_lists(pages))
    app.include_router(build_system(pages, MachineView(board, arrivals, histories)))
    app.include_router(build_shift_page(pages))
    app.include_router(build_themes())
    if state.campaigns is not None:
        app.include_router(build_simulations(pages, Shelf(state.campaigns)))
    if state.showing is not None:
        app.include_router(build_moment(state.showing))
    if desk is not None and acting is not None:
        _let_people_act(app, pages, desk, acting)
    describe(app)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"))
    return app


def _let_people_act(app: FastAPI, pages: Pages, desk: Desk, acting: Acting) -> None:
    """Add where people sign in and decide."""
    app.include_router(build_coverage_api(pages.board, acting))
    app.include_router(build_decisions(pages.board, acting))
    app.include_router(build_act_page(pages, acting))
    door = Door(desk, pages.templates)
    app.include_router(build_sign_in(door))
    if desk.openid is not None:
        from coordinator.dashboard.openid_door import build_openid  # What it imports, others need not have.

        app.include_router(build_openid(desk, desk.openid, door))


@asynccontextmanager
async def _following(board: Board, gave_up: Callable[[], None], _app: FastAPI) -> AsyncIterator[None]:
    task = asyncio.create_task(board.run(), name="dashboard follows the journal")
    task.add_done_callback(partial(_shout, gave_up))
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def _shout(gave_up: Callable[[], None], task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("the dashboard has stopped following the journal", exc_info=error)
        gave_up()
