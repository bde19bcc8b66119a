"""One candidate: its odds as a waterfall of checks, its light curve, cutouts, the field around it, what people say."""

from dataclasses import asdict, dataclass
from typing import Any

import msgspec
import numpy as np
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse

from coordinator.dashboard import views
from coordinator.dashboard.answers.base import told
from coordinator.dashboard.answers.candidates import CandidateAnswer
from coordinator.dashboard.answers.openapi import answer
from coordinator.dashboard.api import ready_of
from coordinator.dashboard.asked_around import AskedAround
from coordinator.dashboard.board import Board
from coordinator.dashboard.candidate_tables import CandidateTables
from coordinator.dashboard.charts import light_curve, waterfall
from coordinator.dashboard.cutouts import Cutouts, with_cutout
from coordinator.dashboard.finder import finder
from coordinator.dashboard.problems import not_found
from coordinator.dashboard.screens.shown import Pages
from coordinator.dashboard.sightings import Sightings
from coordinator.vetting.facts import ScoredCandidate, StoredDetection
from telescopes.description.geometry import separation_deg, unit_vectors

NEIGHBOURS = 8
NEIGHBOURS_WITHIN_DEG = 1.0
FOR_EVER = "private, max-age=31536000, immutable"


@dataclass(frozen=True)
class CandidateParts:
    """What a candidate's page is made of."""

    board: Board
    sightings: Sightings
    tables: CandidateTables
    cutouts: Cutouts
    around: AskedAround


def build_candidate_page(pages: Pages, parts: CandidateParts) -> APIRouter:
    """Return the routes of `/events/{key}/candidates/{id}`, the page, and of the same by REST with its cutouts."""
    router, board = APIRouter(), pages.board
    api = APIRouter(prefix="/api/v1", dependencies=[Depends(ready_of(board))])

    @router.get("/events/{key}/candidates/{id}", include_in_schema=False)
    async def page(key: str, id: str, request: Request) -> HTMLResponse:
        wait = await pages.ready(request)
        return wait or pages.page(request, "candidate.html", await candidate_scene(parts, key, id))

    @api.get("/events/{key}/candidates/{id}", **answer(CandidateAnswer))
    async def document(key: str, id: str) -> Response:
        """Return one candidate with what was measured, its cutouts, what lies around it, and what people said."""
        scene = await candidate_scene(parts, key, id)
        return told(CandidateAnswer, {"as_of": views.as_of(board), **_document(scene)})

    @api.get("/events/{key}/candidates/{id}/cutouts/{sha256}")
    async def cutout(key: str, id: str, sha256: str) -> Response:
        """Return a cutout as a PNG that was written anew, at most 256 pixels a side."""
        mine, _, _ = await _found(parts, key, id)
        png = await parts.cutouts.png(await _measured(parts, key, mine), sha256)
        return Response(png, media_type="image/png", headers={"Cache-Control": FOR_EVER})

    router.include_router(api)
    return router


async def candidate_scene(parts: CandidateParts, key: str, id: str) -> dict[str, Any]:
    """Return everything that the page of a candidate shows.

    Raises
    ------
    Refused
        There is no such event, or no such candidate of it today.
    """
    board = parts.board
    mine, rank, every = await _found(parts, key, id)
    event, scored = board.state.events[key], board.state.candidates[key]
    seen = await _measured(parts, key, mine)
    beside = _beside(mine, every)
    return {
        "event": views.event_view(board, event),
        "candidate": views.candidate_view(board, key, mine, rank),
        "of": scored.weighed or len(every),
        "p_none": scored.p_none,
        "believed": scored.believed,
        "seen": seen,
        "curve": light_curve(seen, event.t0),
        "waterfall": waterfall(mine.checks),
        "words": [w for w in board.state.candidate_words.get(key, ()) if w.candidate == id],
        "telescopes": sorted(board.port.telescopes),
        "beside": beside,
        "cutouts": await parts.cutouts.views(seen),
        "cutouts_kept": len(with_cutout(seen)),
        "finder": finder(mine, seen, beside, await parts.around.of(key, id)),
    }


async def _found(parts: CandidateParts, key: str, id: str) -> tuple[ScoredCandidate, int, tuple[ScoredCandidate, ...]]:
    """Return a candidate, its rank, and all of its event."""
    if key not in parts.board.state.events:
        raise not_found("event", key)
    every = await parts.tables.of(key)
    rank, mine = next(((n, c) for n, c in enumerate(every, 1) if c.id == id), (0, None))
    if key not in parts.board.state.candidates or mine is None:
        raise not_found("candidate", id)
    return mine, rank, every


async def _measured(parts: CandidateParts, key: str, mine: ScoredCandidate) -> list[StoredDetection]:
    return await parts.sightings.near(key, mine.ra_deg, mine.dec_deg)


def _document(scene: dict[str, Any]) -> dict[str, Any]:
    """Return a scene as plain data, without what is drawn of it alone."""
    drawn = scene["finder"]
    kept = ("of", "p_none", "believed", "cutouts", "cutouts_kept")
    return {
        **scene["candidate"],
        **{name: scene[name] for name in kept},
        "measurements": [{"id": one.key, **_plain(one)} for one in scene["seen"]],
        "people": msgspec.to_builtins(scene["words"]),
        "around": [asdict(one) for one in drawn.around],
        "around_silent": list(drawn.silent),
        "position_error_arcsec": drawn.error_arcsec,
    }


def _plain(one: StoredDetection) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(one)
    told["detection"].pop("cutout_png", None)
    return told


def _beside(mine: ScoredCandidate, every: tuple[ScoredCandidate, ...]) -> list[tuple[float, ScoredCandidate]]:
    """Return other candidates within a degree, the nearest first, each with its distance (arcsec)."""
    others = [c for c in every if c.id != mine.id]
    if not others:
        return []
    vectors = unit_vectors([c.ra_deg for c in others], [c.dec_deg for c in others])
    away = np.atleast_1d(separation_deg(vectors, unit_vectors(mine.ra_deg, mine.dec_deg)))
    near = sorted((float(d), n) for n, d in enumerate(away) if d <= NEIGHBOURS_WITHIN_DEG)
    return [(3600.0 * d, others[n]) for d, n in near[:NEIGHBOURS]]
