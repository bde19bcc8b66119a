"""One event: where it may be, who looks where, how much is covered, what the last revision changed, what was found."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from coordinator.dashboard import views
from coordinator.dashboard.arrivals import Arrivals, Noted
from coordinator.dashboard.board import Board
from coordinator.dashboard.correlations import correlations
from coordinator.dashboard.coverage_chart import coverage_chart
from coordinator.dashboard.notices import RawNotices, notice_views, timeline
from coordinator.dashboard.page import MAP_S, POINTING_ROWS
from coordinator.dashboard.pointings import ids_by_interest, pointing_view
from coordinator.dashboard.problems import not_found
from coordinator.dashboard.remembered import Remembered
from coordinator.dashboard.screens.shown import Pages
from coordinator.dashboard.sky.coverage_of import coverage_of
from coordinator.dashboard.sky.history import Histories, History

CANDIDATE_ROWS = 50
PLAN_ROWS = 20
TIMELINE_ROWS, NOTICE_ROWS = 100, 10
CACHED = 8


def build_event_page(pages: Pages, histories: Histories, arrivals: Arrivals, notices: RawNotices) -> APIRouter:
    """Return the route of `/events/{key}`."""
    router, board = APIRouter(include_in_schema=False), pages.board
    shown: Remembered[tuple[Any, ...], dict[str, Any]] = Remembered(CACHED)

    @router.get("/events/{key}")
    async def event(key: str, request: Request) -> HTMLResponse:
        if (wait := await pages.ready(request)) is not None:
            return wait
        if key not in board.state.events:
            raise not_found("event", key)
        await board.skies.within(board.state.events[key].skymap_sha256, MAP_S)
        history = await histories.of(key)
        now = (key, board.journal_id, board.seq, board.skies.version, int(board.port.utc().timestamp()))
        scene = shown.get(now)
        if scene is None:
            told = await told_scene(board, key, await arrivals.of(key), notices)
            scene = shown.put(now, await event_scene(board, key, history) | told)
        return pages.page(request, "event.html", scene)

    return router


async def event_scene(board: Board, key: str, history: History) -> dict[str, Any]:
    """Return everything that the page of an event shows, but for its sky, which `<sky-view>` asks for."""
    coverage = await coverage_of(board, board.state.events[key], history)
    if coverage["skymap_sha256"] != board.state.events[key].skymap_sha256:  # a new map came meanwhile
        coverage = await coverage_of(board, board.state.events[key], history)
    # Read after every wait: a plan that comes meanwhile has other pointings.
    event, ids = board.state.events[key], ids_by_interest(board, key)
    candidates = views.best_candidates(board, key)
    return {
        "event": views.event_view(board, event),
        "coverage": coverage,
        "chart": coverage_chart(coverage),
        "revisions": _with_changes(history.revisions),
        "plans": list(reversed(history.plans[-PLAN_ROWS:])),
        "pointings": [pointing_view(board, id) for id in ids[:POINTING_ROWS]],
        "pointings_left_out": max(len(ids) - POINTING_ROWS, 0),
        "telescopes": views.all_telescopes(board),
        "candidates": candidates[:CANDIDATE_ROWS],
        "candidates_left_out": max(len(candidates) - CANDIDATE_ROWS, 0),
        "scored": board.state.candidates.get(key),
        "plan_because": None if board.state.plan is None else board.state.plan.because,
    }


async def told_scene(board: Board, key: str, noted: list[Noted], notices: RawNotices) -> dict[str, Any]:
    """Return what was told and decided of an event, with the newest notices as they came."""
    told = notice_views(key, noted)
    return {
        "correlations": correlations(board.state, key),
        "timeline": timeline(noted)[-TIMELINE_ROWS:],
        "timeline_left_out": max(len(noted) - TIMELINE_ROWS, 0),
        "notices": [{**one, "excerpt": await notices.excerpt(one["raw_sha256"])} for one in told[-NOTICE_ROWS:][::-1]],
        "notices_left_out": max(len(told) - NOTICE_ROWS, 0),
    }


def _with_changes(revisions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add to each revision what it changed of the one before; the newest first."""
    told = []
    for before, one in zip([None, *revisions], revisions, strict=False):
        told.append({**one, "changed": [] if before is None else list(_changes(before, one))})
    return told[::-1]


def _changes(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    said = []
    if after["retracted"] and not before["retracted"]:
        said.append("taken back")
    if after["skymap_sha256"] != before["skymap_sha256"]:
        said.append("another sky map")
    for name, what, unit in (
        ("area50_deg2", "50 % area", "deg²"), ("area90_deg2", "90 % area", "deg²"), ("distance_mpc", "distance", "Mpc"),
    ):  # fmt: skip
        old, new = before[name], after[name]
        if old != new and old is not None and new is not None:
            said.append(f"{what} {old:.1f} to {new:.1f} {unit}")
    if after["phase"] != before["phase"]:
        said.append(f"{before['phase'] or 'phase unknown'} to {after['phase'] or 'phase unknown'}")
    return said or ["nothing of its sky"]
