"""REST of the sky: what `<sky-view>` draws, each as of an entry, and maps for ever by their sha256."""

import asyncio
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response

from coordinator.dashboard import views
from coordinator.dashboard.answers import sky
from coordinator.dashboard.answers.openapi import answer
from coordinator.dashboard.api import READING_S, ready_of
from coordinator.dashboard.board import Board
from coordinator.dashboard.candidate_tables import CandidateTables
from coordinator.dashboard.problems import not_found
from coordinator.dashboard.remembered import Remembered
from coordinator.dashboard.skies import Sky
from coordinator.dashboard.sky.cells import cells
from coordinator.dashboard.sky.columns import Columns
from coordinator.dashboard.sky.coverage_of import coverage_of
from coordinator.dashboard.sky.galaxies import likely_galaxies
from coordinator.dashboard.sky.history import Histories
from coordinator.dashboard.sky.packing import STEPS_OF_LINES, how_packed, packed_line
from coordinator.dashboard.sky.scene import epoch_of, names, news_since, whole_scene
from coordinator.events.event import Event

KEPT = 8
FOR_EVER = "private, max-age=31536000, immutable"
After = Annotated[int | None, Query(ge=0, description="`as_of.seq` of the answer before: what is new since then")]


class SkyRoutes:
    """Answers, and what of them is remembered."""

    def __init__(self, board: Board, histories: Histories, tables: CandidateTables) -> None:
        self.board = board
        self.candidates = tables
        self.histories = histories
        self._whole: Remembered[tuple[Any, ...], bytes] = Remembered(KEPT)
        self._galaxies: Remembered[str, dict[str, Any]] = Remembered(KEPT)

    def event(self, key: str) -> Event:
        """Return an event that is known."""
        found = self.board.state.events.get(key)
        if found is None:
            raise not_found("event", key)
        return found

    async def scene(self, key: str, after: int | None) -> bytes:
        """Return all of an event's sky, or what is new of it where that says enough."""
        every = await self.candidates.of(key)
        event = self.event(key)  # not sooner: it may be revised while a table of candidates is read
        fresh = None if after is None else news_since(self.board, event, after, every)
        if fresh is not None:
            return msgspec.json.encode(fresh)
        now = (key, self.board.journal_id, self.board.seq, int(self.board.port.utc().timestamp()))
        known = self._whole.get(now)
        return known or self._whole.put(now, msgspec.json.encode(whole_scene(self.board, event, every)))

    async def sky(self, sha256: str) -> Sky:
        """Return a map that some event has or had."""
        if sha256 not in {e.skymap_sha256 for e in self.board.state.events.values()} | await self.histories.maps():
            raise not_found("sky map", sha256)
        return await self.board.skies.get(sha256)

    async def planned(self, key: str, sha256: str) -> bytes:
        """Return what a plan of an event meant, whatever became of it."""
        event = self.event(key)
        if sha256 not in {plan["plan_sha256"] for plan in (await self.histories.of(key)).plans}:
            raise not_found("plan", sha256)
        columns = Columns(self.board.port.telescopes, epoch_of(event))
        record = msgspec.json.decode(await self.board.port.blobs.get(sha256))
        for plan_row, row in enumerate(record["pointings"]):
            if row["event"] == key:
                columns.add_planned(row, plan_row)
        return msgspec.json.encode({"event": key, "plan_sha256": sha256, **columns.document(named=True)})

    async def galaxies(self, key: str) -> dict[str, Any]:
        """Return the likeliest host galaxies of the event's map."""
        sha256 = self.event(key).skymap_sha256
        if sha256 is None:
            return {"source": None, "items": [], "because": "the event has no sky map"}
        known = self._galaxies.get(sha256)
        return known or self._galaxies.put(sha256, await likely_galaxies(self.board.port, sha256))


def build_sky_api(board: Board, histories: Histories, tables: CandidateTables) -> APIRouter:
    """Return the routes that `<sky-view>` asks."""
    api = APIRouter(prefix="/api/v1", dependencies=[Depends(ready_of(board))])
    routes = SkyRoutes(board, histories, tables)
    _add_events(api, routes)
    _add_maps(api, routes)
    return api


def _add_events(api: APIRouter, routes: SkyRoutes) -> None:
    @api.get("/events/{key}/scene", **answer(sky.SceneAnswer))
    async def scene(key: str, request: Request, after: After = None) -> Response:
        """Return fields (by column), candidates, sites, Sun and Moon of an event; with `after` what is new alone."""
        tag = f'"{routes.board.journal_id}-{routes.board.seq}"'
        if after is None and request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers={"ETag": tag})
        return _json(await routes.scene(key, after), {"Cache-Control": "no-cache", "ETag": tag})

    @api.get("/events/{key}/names", **answer(sky.Names))
    async def of_fields(key: str) -> Response:
        """Return the ids of all fields of the scene, by the camera and `command_seq`, or by the `plan_row`, of each."""
        return _json(msgspec.json.encode(names(routes.board, routes.event(key))))

    @api.get("/events/{key}/history", **answer(sky.HistoryAnswer))
    async def history(key: str) -> Response:
        """Return every move of the event's pointings, its revisions and its plans, by sky time."""
        event = routes.event(key)
        told = (await routes.histories.of(key)).document(epoch_of(event))
        return _json(msgspec.json.encode({"as_of": views.as_of(routes.board), "event": key, **told}))

    @api.get("/events/{key}/coverage", **answer(sky.CoverageAnswer))
    async def coverage(key: str) -> Response:
        """Return how much of the event's map was planned and observed, against time, and what bounds it."""
        event = routes.event(key)
        await routes.board.skies.within(event.skymap_sha256, READING_S)
        told = await coverage_of(routes.board, routes.event(key), await routes.histories.of(key))
        return _json(msgspec.json.encode({"as_of": views.as_of(routes.board), "event": key, **told}))

    @api.get("/events/{key}/planned/{sha256}", **answer(sky.Planned))
    async def planned(key: str, sha256: str) -> Response:
        """Return the fields that one of the event's plans meant, by column; times count from the event's newest T0."""
        return _json(await routes.planned(key, sha256))

    @api.get("/events/{key}/galaxies", **answer(sky.Galaxies))
    async def galaxies(key: str) -> Response:
        """Return the likeliest host galaxies, by share of the probability, where a catalogue is known."""
        return _json(msgspec.json.encode({"event": key, **await routes.galaxies(key)}))


def _add_maps(api: APIRouter, routes: SkyRoutes) -> None:
    @api.get("/skies/{sha256}/contours", **answer(sky.Contours))
    async def contours(sha256: str) -> Response:
        """Return the 50 and 90 % contours of a map that an event has or had (ICRS degrees, packed)."""
        sky = await routes.sky(sha256)
        lines = [
            {"level": c.level, "area_deg2": c.area_deg2, "polygons": [packed_line(p) for p in c.polygons]}
            for c in sky.contours
        ]
        packed = how_packed(STEPS_OF_LINES)
        told = {"skymap_sha256": sha256, "frame": "icrs", "packed": packed, "contours": lines}
        return _json(msgspec.json.encode(told), {"Cache-Control": FOR_EVER, "ETag": f'"{sha256}"'})

    @api.get("/skies/{sha256}/cells", response_class=Response)
    async def map_cells(sha256: str) -> Response:
        """Return the credible level of the whole sky: count n, first edge, n widths (uint32), n levels (uint8)."""
        encoded = await asyncio.to_thread(cells, (await routes.sky(sha256)).curve)
        headers = {"Cache-Control": FOR_EVER, "ETag": f'"{sha256}-cells"'}
        return Response(encoded, media_type="application/octet-stream", headers=headers)


def _json(encoded: bytes, headers: dict[str, str] | None = None) -> Response:
    return Response(encoded, media_type="application/json", headers=headers or {"Cache-Control": "no-store"})
