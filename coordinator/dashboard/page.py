"""The live page: complete without script; scripts only fetch it again and draw the sky (`<sky-view>`, by REST)."""

from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup

from coordinator.dashboard import views
from coordinator.dashboard.board import Board, newest_first
from coordinator.dashboard.pointings import ids_by_interest, pointing_view
from coordinator.dashboard.problems import not_found
from coordinator.dashboard.remembered import Remembered
from coordinator.dashboard.screens.shown import NO_STORE, Pages
from coordinator.dashboard.themes import theme_of
from coordinator.events.event import Event
from coordinator.services.inbox import inbox

LOG_ROWS = 40
EVENT_ROWS = 50
POINTING_ROWS = 200
CACHED_SCENES, CACHED_PAGES = 4, 16
MAP_S = 1.0
"""So long the page waits for the map of the event that it shows; then it is shown without."""


def build_page(pages: Pages) -> APIRouter:
    """Return the route of `/`."""
    router, board, templates = APIRouter(include_in_schema=False), pages.board, pages.templates
    scenes: Remembered[tuple[Any, ...], dict[str, Any]] = Remembered(CACHED_SCENES)
    rendered: Remembered[tuple[Any, ...], Markup] = Remembered(CACHED_PAGES)

    @router.get("/")
    async def live(request: Request, event: str | None = None) -> HTMLResponse:
        if (wait := await pages.ready(request)) is not None:
            return wait
        chosen = chosen_event(board, event)
        await board.skies.within(None if chosen is None else chosen.skymap_sha256, MAP_S)
        # Who asks within the same second, with nothing new between, shares what is shown; who may do the same, also
        # the panels. Theme and name are written for each.
        now = (event, board.journal_id, board.seq, board.skies.version, int(board.port.utc().timestamp()))
        shown = scenes.get(now) or scenes.put(now, scene(board, chosen_event(board, event)))
        shown = shown | pages.looked_at_by(request)
        person = shown["person"]
        rights = (*now, person and (person.standing, person.telescopes))
        panels = rendered.get(rights)
        if panels is None:
            panels = rendered.put(rights, Markup(templates.get_template("panels.html").render(shown)))
        mine = shown | {"theme": theme_of(request), "panels": panels}
        return HTMLResponse(templates.get_template("live.html").render(mine), headers=NO_STORE)

    @router.get("/favicon.ico")
    async def favicon() -> RedirectResponse:
        return RedirectResponse("/static/icon.svg")

    return router


def scene(board: Board, chosen: Event | None) -> dict[str, Any]:
    """Return everything that the page shows to whomever, all as of one entry of the journal.

    Parameters
    ----------
    board : Board
        The fold.
    chosen : Event, optional
        The event that is shown at length.
    """
    events = newest_first(board.state.events.values())
    listed = [e for i, e in enumerate(events) if i < EVENT_ROWS or e is chosen]
    chosen_key = None if chosen is None else chosen.key
    ids = [] if chosen_key is None else ids_by_interest(board, chosen_key)
    return {
        "as_of": views.as_of(board),
        "here": "/" if chosen_key is None else f"/?event={quote(chosen_key, safe='')}",
        "status": views.status(board),
        "newest": views.newest(board),
        "machine_now": board.port.utc(),
        "inbox": inbox(board.state),
        "sky_now": board.clock.now(),
        "events": [views.event_view(board, e) for e in listed],
        "events_left_out": len(events) - len(listed),
        "event": None if chosen is None else views.event_view(board, chosen),
        "pointings": [pointing_view(board, id) for id in ids[:POINTING_ROWS]],
        "pointings_left_out": max(len(ids) - POINTING_ROWS, 0),
        "telescopes": views.all_telescopes(board),
        "candidates": [] if chosen_key is None else views.best_candidates(board, chosen_key),
        "scored": None if chosen_key is None else board.state.candidates.get(chosen_key),
        "plan_because": None if board.state.plan is None else board.state.plan.because,
        "t0s": views.t0s(board),
        "log": [views.log_row(stored) for stored in reversed(list(board.entries)[-LOG_ROWS:])],
    }


def chosen_event(board: Board, key: str | None) -> Event | None:
    """Return the event asked for, else the newest that is not retracted, else the newest."""
    if key is not None:
        if key not in board.state.events:
            raise not_found("event", key)
        return board.state.events[key]
    events = newest_first(board.state.events.values())
    return next((e for e in events if not e.retracted), events[0] if events else None)
