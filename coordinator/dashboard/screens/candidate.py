"""One candidate: its odds as a waterfall of checks, its light curve, what people say, what lies beside it."""

from typing import Any

import numpy as np
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from coordinator.dashboard import views
from coordinator.dashboard.board import Board
from coordinator.dashboard.candidate_tables import CandidateTables
from coordinator.dashboard.charts import light_curve, waterfall
from coordinator.dashboard.problems import not_found
from coordinator.dashboard.screens.shown import Pages
from coordinator.dashboard.sightings import Sightings
from coordinator.vetting.facts import ScoredCandidate
from telescopes.description.geometry import separation_deg, unit_vectors

NEIGHBOURS = 8
NEIGHBOURS_WITHIN_DEG = 1.0


def build_candidate_page(pages: Pages, sightings: Sightings, tables: CandidateTables) -> APIRouter:
    """Return the route of `/events/{key}/candidates/{id}`."""
    router, board = APIRouter(include_in_schema=False), pages.board

    @router.get("/events/{key}/candidates/{id}")
    async def candidate(key: str, id: str, request: Request) -> HTMLResponse:
        wait = await pages.ready(request)
        return wait or pages.page(request, "candidate.html", await candidate_scene(board, sightings, tables, key, id))

    return router


async def candidate_scene(
    board: Board, sightings: Sightings, tables: CandidateTables, key: str, id: str
) -> dict[str, Any]:
    """Return everything that the page of a candidate shows.

    Raises
    ------
    Refused
        There is no such event, or no such candidate of it today.
    """
    event, scored = board.state.events.get(key), board.state.candidates.get(key)
    if event is None:
        raise not_found("event", key)
    every = await tables.of(key)
    rank, mine = next(((n, c) for n, c in enumerate(every, 1) if c.id == id), (0, None))
    if scored is None or mine is None:
        raise not_found("candidate", id)
    seen = await sightings.near(key, mine.ra_deg, mine.dec_deg)
    words = [w for w in board.state.candidate_words.get(key, ()) if w.candidate == id]
    return {
        "event": views.event_view(board, event),
        "candidate": views.candidate_view(board, key, mine, rank),
        "of": scored.weighed or len(every),
        "p_none": scored.p_none,
        "believed": scored.believed,
        "seen": seen,
        "curve": light_curve(seen, event.t0),
        "waterfall": waterfall(mine.checks),
        "words": words,
        "telescopes": sorted(board.port.telescopes),
        "beside": _beside(mine, every),
    }


def _beside(mine: ScoredCandidate, every: tuple[ScoredCandidate, ...]) -> list[tuple[float, ScoredCandidate]]:
    """Return other candidates within a degree, the nearest first, each with its distance (arcsec)."""
    others = [c for c in every if c.id != mine.id]
    if not others:
        return []
    vectors = unit_vectors([c.ra_deg for c in others], [c.dec_deg for c in others])
    away = np.atleast_1d(separation_deg(vectors, unit_vectors(mine.ra_deg, mine.dec_deg)))
    near = sorted((float(d), n) for n, d in enumerate(away) if d <= NEIGHBOURS_WITHIN_DEG)
    return [(3600.0 * d, others[n]) for d, n in near[:NEIGHBOURS]]
