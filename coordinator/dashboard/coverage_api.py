"""REST: what others have observed is handed in here; plans then leave that sky to them."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from coordinator.dashboard import views
from coordinator.dashboard.acting import Acting
from coordinator.dashboard.acts import reason_of
from coordinator.dashboard.answers.base import told
from coordinator.dashboard.answers.decisions import CoverageTaken
from coordinator.dashboard.answers.openapi import answer
from coordinator.dashboard.board import Board
from coordinator.dashboard.decisions import Key, require_json
from coordinator.dashboard.doorkeeper import person_in
from coordinator.dashboard.problems import not_found
from coordinator.dispatch.coverage import coverage_of
from coordinator.dispatch.facts import OperatorActed
from coordinator.planning.others import MocSaid, of_moc, of_treasure_map
from coordinator.planning.reported import FAINTEST_MAG
from coordinator.planning.treasure_map import Observed
from coordinator.security.person import require_may_act
from coordinator.services.coverage import written
from coordinator.services.event_acts import COVER
from coordinator.services.seen_version import SEEN
from coordinator.sky.ranges import Ranges
from telescopes.description.errors import Refused

Depth = Annotated[float | None, Field(None, ge=0.0, le=FAINTEST_MAG)]


class Reported(BaseModel):
    """What others have observed: `treasure_map` or `moc`, one of them."""

    model_config = ConfigDict(extra="forbid")

    event: str = Field(description="the event's key")
    reason: str = Field(description="why it is handed in; it stands in the journal")
    source: str = Field("", max_length=64, description="whose looks they are")
    treasure_map: list[Any] | dict[str, Any] | None = Field(
        None,
        description="pointings as the Treasure Map gives them, or with their own `footprints` and `instruments`",
    )
    moc: str | dict[str, Any] | None = Field(None, description="IVOA MOC 2.0, ASCII or JSON")
    time: datetime | None = Field(None, description="of a MOC: when it was looked at; without a zone it is UTC")
    visit: str = Field("1", max_length=64, description="of a MOC: the pass over the sky that it counts in")
    limit_mag_ab: Depth
    filter: str | None = Field(None, max_length=64, description="of a MOC")
    expected_version: str | None = Field(None, description="of the event; left out: a fact needs none")


def build_coverage_api(board: Board, acting: Acting) -> APIRouter:
    """Return the route."""
    api = APIRouter(prefix="/api/v1", tags=["decisions"])

    @api.post("/coverage", **answer(CoverageTaken))
    async def coverage(said: Reported, key: Key, request: Request) -> Response:
        """Take what others have observed of an event; the plans from then on take it into account."""
        require_json(request)
        person = person_in(request)
        require_may_act(person, None)
        action_id = acting.admitted(person, key)
        if said.event not in board.state.events:
            raise not_found("event", said.event)
        reason = reason_of(said.reason)
        seen = await asyncio.to_thread(observed, said, board)
        looked, sky = seen.looks, Ranges.union_of(look.ranges for look in seen.looks)
        details = {
            "sha256": await board.port.blobs.put(written(looked)),
            "looks": str(len(looked)),
            "area_deg2": f"{sky.area_deg2:.3f}",
            "source": said.source,
        }
        if said.expected_version is not None:
            details[SEEN] = said.expected_version
        wanted = OperatorActed(action_id, COVER, said.event, person.name, reason, details)
        stored = await acting.hand_over(wanted)
        view = {
            "as_of": views.as_of(board),
            "seq": stored.seq,
            "text": views.log_row(stored)["text"],
            "coverage": coverage_of(details, reason).id,
            "looks": len(looked),
            "area_deg2": round(sky.area_deg2, 3),
            "notes": list(seen.notes),
            "undo": f"/api/v1/events/{said.event}/withdraw-coverage",
        }
        return told(CoverageTaken, view)

    return api


def observed(said: Reported, board: Board) -> Observed:
    """Read what was handed in.

    Raises
    ------
    Refused
        It is neither, both, or cannot be understood.
    """
    if (said.treasure_map is None) == (said.moc is None):
        raise Refused("needs one of treasure_map and moc", where="coverage", mend="send one of them")
    if said.treasure_map is not None:
        return of_treasure_map(said.treasure_map, said.event, board.port.telescopes.values(), said.source)
    if said.time is None or said.moc is None:
        raise Refused("is left out", where="time", mend="say when the sky of the MOC was looked at")
    when = said.time.replace(tzinfo=UTC) if said.time.tzinfo is None else said.time.astimezone(UTC)
    return of_moc(MocSaid(said.moc, when, said.visit, said.limit_mag_ab, said.filter), said.event, said.source)
