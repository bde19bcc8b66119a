"""The live page: complete without script; the script only fetches it again and draws the sky from its tables."""

from collections import OrderedDict
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment

from coordinator.dashboard import views
from coordinator.dashboard.acting import may
from coordinator.dashboard.board import Board, newest_first
from coordinator.dashboard.doorkeeper import person_in
from coordinator.dashboard.inbox import inbox
from coordinator.dashboard.pointings import ids_by_interest, pointing_view
from coordinator.dashboard.problems import not_found
from coordinator.dashboard.themes import theme_of
from coordinator.events.event import Event
from coordinator.security.person import Person

LOG_ROWS = 40
EVENT_ROWS = 50
POINTING_ROWS = 1000
CACHED_PAGES = 16
READING_S = 5.0
MAP_S = 1.0
"""So long the page waits for the map of the event that it shows; then it is shown without."""
NO_STORE = {"Cache-Control": "no-store"}


def build_page(board: Board, templates: Environment, *, hands: bool) -> APIRouter:
    """Return the route of `/`; `hands`: whether people can act here at all."""
    router = APIRouter(include_in_schema=False)
    rendered: OrderedDict[tuple[Any, ...], str] = OrderedDict()

    @router.get("/")
    async def live(request: Request, event: str | None = None) -> HTMLResponse:
        if not await board.until_ready(READING_S):
            wait = templates.get_template("reading.html").render(seq=board.seq)
            return HTMLResponse(wait, 503, {**NO_STORE, "Retry-After": "1", "Refresh": "1"})
        person = person_in(request) if hands else None
        chosen = chosen_event(board, event)
        await board.skies.within(None if chosen is None else chosen.skymap_sha256, MAP_S)
        # Clients that ask within the same second, with nothing new between them, share one rendering.
        theme = theme_of(request)
        key = (event, person, theme, board.seq, board.skies.version, int(board.port.utc().timestamp()))
        if key not in rendered:
            shown = scene(board, chosen_event(board, event), person) | {"theme": theme}
            rendered[key] = templates.get_template("live.html").render(shown)
            while len(rendered) > CACHED_PAGES:
                rendered.popitem(last=False)
        return HTMLResponse(rendered[key], headers=NO_STORE)

    @router.get("/favicon.ico")
    async def favicon() -> RedirectResponse:
        return RedirectResponse("/static/icon.svg")

    return router


def scene(board: Board, chosen: Event | None, person: Person | None = None) -> dict[str, Any]:
    """Return everything that the page shows, all as of one entry of the journal.

    Parameters
    ----------
    board : Board
        The fold.
    chosen : Event, optional
        The event that is shown at length.
    person : Person, optional
        Who looks; None: nobody can act here.
    """
    events = newest_first(board.state.events.values())
    listed = [e for i, e in enumerate(events) if i < EVENT_ROWS or e is chosen]
    chosen_key = None if chosen is None else chosen.key
    ids = [] if chosen_key is None else ids_by_interest(board, chosen_key)
    return {
        "as_of": views.as_of(board),
        "person": person,
        "here": "/" if chosen_key is None else f"/?event={quote(chosen_key, safe='')}",
        "may": lambda telescope: person is not None and may(person, telescope),
        "status": views.status(board),
        "machine_now": board.port.utc(),
        "inbox": inbox(board),
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
