"""REST: every answer says as of which entry of the journal it is; unknown is null."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Query, Response
from msgspec import to_builtins

from coordinator.dashboard import views
from coordinator.dashboard.answers.base import Page, told
from coordinator.dashboard.answers.candidates import CandidateAnswer
from coordinator.dashboard.answers.events import EventAnswer, EventSky
from coordinator.dashboard.answers.observatory import LogEntry, Quarantined, Status
from coordinator.dashboard.answers.openapi import answer
from coordinator.dashboard.answers.telescopes import PointingAnswer, TelescopeAnswer
from coordinator.dashboard.board import Board, newest_first
from coordinator.dashboard.candidate_tables import CandidateTables
from coordinator.dashboard.correlations import correlations
from coordinator.dashboard.log_filter import LogFilter, read_on
from coordinator.dashboard.pointings import STATES, pointing_ids, pointing_view
from coordinator.dashboard.problems import not_found
from coordinator.events.event import Event
from coordinator.services.inbox import Waiting, inbox
from telescopes.description.errors import ArmillaryError, Refused, RetryLater

READING_S = 5.0
PAGE = 200
Limit = Annotated[int, Query(ge=1, le=1000, description="items on a page")]
About = Annotated[str, Query(max_length=200, description="empty: any")]
After = Annotated[str | None, Query(description="`next` of the page before")]
Answer = dict[str, Any]
T = TypeVar("T")


def build_api(board: Board, tables: CandidateTables) -> APIRouter:
    """Return the routes of `/api/v1`."""
    api = APIRouter(prefix="/api/v1", dependencies=[Depends(ready_of(board))])
    _add_observatory(api, board)
    _add_events(api, board)
    _add_lists(api, board, tables)
    _add_single(api, board)
    _add_waiting(api, board)
    return api


def ready_of(board: Board) -> Callable[[], Awaitable[None]]:
    """Return what lets a question wait until the journal has been read."""

    async def ready() -> None:
        if not await board.until_ready(READING_S):
            raise RetryLater("the journal is still being read", where="dashboard", mend="ask again", after_s=1.0)

    return ready


def _add_observatory(api: APIRouter, board: Board) -> None:
    @api.get("/status", **answer(Status))
    async def status() -> Response:
        """Return the observatory at a glance."""
        return told(Status, {"as_of": views.as_of(board), **views.status(board)})

    @api.get("/log", **answer(Page[LogEntry]))
    async def log(
        since: Annotated[int, Query(ge=0)] = 0,
        limit: Limit = PAGE,
        event: About = "",
        telescope: About = "",
        who: Annotated[str, Query(max_length=200, description="a person: what they decided")] = "",
        kind: Annotated[str, Query(max_length=200, description="a part of the kind")] = "",
    ) -> Response:
        """Return journal entries after a sequence number, oldest first; `next` may follow a page without any."""
        found, following = await read_on(board, LogFilter(event, telescope, who, kind), since, limit)
        return _page(board, Page[LogEntry], [views.log_row(stored) for stored in found], following)


def _add_events(api: APIRouter, board: Board) -> None:
    @api.get("/events", **answer(Page[EventAnswer]))
    async def events(after: After = None, limit: Limit = PAGE) -> Response:
        """Return all events, the newest word first; what was observed is told of those that are searched now."""
        shown, more = cut(newest_first(board.state.events.values()), after, limit, lambda e: e.key)
        return _page(board, Page[EventAnswer], [views.event_view(board, e) for e in shown], more)

    @api.get("/events/{key}", **answer(EventAnswer))
    async def event(key: str) -> Response:
        """Return one event."""
        await board.skies.within(known_event(board, key).skymap_sha256, READING_S)
        shown = views.event_view(board, known_event(board, key))
        tied = correlations(board.state, key)
        return told(EventAnswer, {"as_of": views.as_of(board), **shown, "correlations": tied})

    @api.get("/events/{key}/sky", **answer(EventSky))
    async def sky(key: str) -> Response:
        """Return the 50 and 90 % contours of the event's map (ICRS degrees), or why there are none."""
        known = known_event(board, key)
        sha256 = known.skymap_sha256
        contours, because = await _contours(board, sha256)
        view = {
            "as_of": views.as_of(board),
            "event": key,
            "revision": known.revision,
            "skymap_sha256": sha256,
            "frame": "icrs",
            "contours": contours,
            "because": because,
        }
        return told(EventSky, view)


def _add_waiting(api: APIRouter, board: Board) -> None:
    @api.get("/inbox", **answer(Page[Waiting]))
    async def waiting() -> Response:
        """Return what waits for a person, by kind: what keeps a search from beginning first."""
        return _page(board, Page[Waiting], [to_builtins(one) for one in inbox(board.state)], None)

    @api.get("/quarantine", **answer(Page[Quarantined]))
    async def quarantine(after: After = None, limit: Limit = PAGE) -> Response:
        """Return what nobody has understood yet, by delivery."""
        kept = [{"id": key, **to_builtins(one)} for key, one in sorted(board.state.quarantine.items())]
        return _page(board, Page[Quarantined], *cut(kept, after, limit, lambda q: str(q["id"])))


def _add_single(api: APIRouter, board: Board) -> None:
    @api.get("/telescopes/{id}", **answer(TelescopeAnswer))
    async def telescope(id: str) -> Response:
        """Return one telescope."""
        found = next((t for t in views.all_telescopes(board) if t["id"] == id), None)
        if found is None:
            raise not_found("telescope", id)
        return told(TelescopeAnswer, {"as_of": views.as_of(board), **found})

    @api.get("/pointings/{id}", **answer(PointingAnswer))
    async def pointing(id: str) -> Response:
        """Return one pointing, offered or planned."""
        if id not in board.state.pointings.assignments and id not in (board.planned or {}):
            raise not_found("pointing", id)
        return told(PointingAnswer, {"as_of": views.as_of(board), **pointing_view(board, id)})


def _add_lists(api: APIRouter, board: Board, tables: CandidateTables) -> None:
    @api.get("/telescopes", **answer(Page[TelescopeAnswer]))
    async def telescopes(after: After = None, limit: Limit = PAGE) -> Response:
        """Return all telescopes, by id."""
        return _page(
            board, Page[TelescopeAnswer], *cut(views.all_telescopes(board), after, limit, lambda t: str(t["id"]))
        )

    @api.get("/pointings", **answer(Page[PointingAnswer]))
    async def pointings(
        event: str | None = None,
        state: Annotated[list[str] | None, Query()] = None,
        after: After = None,
        limit: Limit = PAGE,
    ) -> Response:
        """Return pointings of an event and in some states; `planned` ones are owned by nobody yet."""
        ids, more = cut(pointing_ids(board, event, _known_states(state or ())), after, limit, str)
        return _page(board, Page[PointingAnswer], [pointing_view(board, id) for id in ids], more)

    @api.get("/candidates", **answer(Page[CandidateAnswer]))
    async def candidates(event: str | None = None, after: After = None, limit: Limit = PAGE) -> Response:
        """Return candidates, best first within each event."""
        keys = [key for key in sorted(board.state.candidates) if event in (None, key)]
        every = [(key, n, c) for key in keys for n, c in enumerate(await tables.of(key), 1)]
        # Two events may have a candidate of the same id.
        shown, more = cut(every, after, limit, lambda one: f"{one[0]}/{one[2].id}")
        items = [views.candidate_view(board, key, c, n) for key, n, c in shown]
        return _page(board, Page[CandidateAnswer], items, more)


def known_event(board: Board, key: str) -> Event:
    """Return an event.

    Raises
    ------
    Refused
        There is none of this key.
    """
    found = board.state.events.get(key)
    if found is None:
        raise not_found("event", key)
    return found


def _known_states(states: Sequence[str]) -> Sequence[str]:
    for state in states:
        if state not in STATES:
            raise Refused("no such state", where=f"state={state}", mend=f"use {', '.join(STATES)}")
    return states


async def _contours(board: Board, sha256: str | None) -> tuple[list[Answer] | None, str | None]:
    if sha256 is None:
        return None, "the event has no sky map"
    try:
        sky = await board.skies.get(sha256)
    except ArmillaryError as error:
        return None, str(error)
    return [{"level": c.level, "area_deg2": c.area_deg2, "polygons": c.polygons} for c in sky.contours], None


def _page(board: Board, kind: Any, items: list[Answer], more: str | int | None) -> Response:
    return told(kind, {"as_of": views.as_of(board), "items": items, "next": more})


def cut(items: list[T], after: str | None, limit: int, key: Callable[[T], str]) -> tuple[list[T], str | None]:
    """Return what follows the item whose key is `after`, and the cursor of what is left; no two keys are equal."""
    start = 0
    if after is not None:
        places = [place for place, item in enumerate(items) if key(item) == after]
        if not places:
            raise Refused("the cursor points at nothing", where=f"after={after}", mend="begin again without it")
        start = places[0] + 1
    shown = items[start : start + limit]
    return shown, key(shown[-1]) if start + limit < len(items) else None
