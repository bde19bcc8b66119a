"""REST: what people and their scripts decide; durable, and in the journal, when it is answered."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, ConfigDict, Field

from coordinator.dashboard import views
from coordinator.dashboard.acting import Acting
from coordinator.dashboard.acts import About, Act, act_named
from coordinator.dashboard.board import Board
from coordinator.dashboard.doorkeeper import person_in
from coordinator.services.shift import SUBJECT
from telescopes.description.errors import Refused

Key = Annotated[str, Header(alias="Idempotency-Key", description="a UUID; the same for every repetition")]
JSON = "application/json"


class Said(BaseModel):
    """What comes with every decision."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(description="why; it stands in the journal")
    expected_version: str = Field(description="`version` of the subject as the person saw it")
    event: str | None = Field(None, description="the event's key, where the act is about one, or about a candidate")
    to: str | None = Field(None, description="of a shift: who comes next")
    note: str | None = Field(None, description="of a shift: what is left to the next one")
    start: str | None = Field(None, description="of maintenance: ISO 8601, UTC")
    end: str | None = Field(None, description="of maintenance: ISO 8601, UTC")


def build_decisions(board: Board, acting: Acting) -> APIRouter:
    """Return the routes that change something."""
    api = APIRouter(prefix="/api/v1", tags=["decisions"])

    async def decide(about: About, subject: str, path: str, said: Said, key: str, request: Request) -> dict[str, Any]:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
            raise Refused("is no JSON", where="Content-Type", mend=f"send {JSON}")
        act = act_named(about, path)
        words = {name: str(value) for name, value in said.model_dump(exclude_none=True).items()}
        person = person_in(request)
        stored = await acting.decide(act, subject, words, seen=said.expected_version, key=key, person=person)
        return {
            "as_of": views.as_of(board),
            "seq": stored.seq,
            "text": views.log_row(stored)["text"],
            "version": acting.version(act, subject, said.event or ""),
            "undo": _undo(act, subject),
        }

    @api.post("/telescopes/{id}/{act}")
    async def telescope(id: str, act: str, said: Said, key: Key, request: Request) -> dict[str, Any]:
        """Pause, resume, veto-night, veto-event, allow-event, maintenance or cancel-maintenance."""
        return await decide("telescope", id, act, said, key, request)

    @api.post("/pointings/{id}/{act}")
    async def pointing(id: str, act: str, said: Said, key: Key, request: Request) -> dict[str, Any]:
        """Revoke or approve."""
        return await decide("pointing", id, act, said, key, request)

    @api.post("/events/{key}/{act}")
    async def event(key: str, act: str, said: Said, once: Key, request: Request) -> dict[str, Any]:
        """Go or stop."""
        return await decide("event", key, act, said, once, request)

    @api.post("/candidates/{id}/{act}")
    async def candidate(id: str, act: str, said: Said, key: Key, request: Request) -> dict[str, Any]:
        """Counterpart, reject, withdraw or comment; `event` says of which event."""
        return await decide("candidate", id, act, said, key, request)

    @api.post("/shift/{act}")
    async def shift(act: str, said: Said, key: Key, request: Request) -> dict[str, Any]:
        """Take-over, hand-over, comment or leave."""
        return await decide("shift", SUBJECT, act, said, key, request)

    return api


def _undo(act: Act, subject: str) -> str | None:
    """Return where to send a decision that takes this one back; None: nothing does."""
    return None if act.undo is None else f"/api/v1/{act.about}s/{subject}/{act.undo}"
