"""REST: what people and their scripts decide; durable, and in the journal, when it is answered."""

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from coordinator.dashboard import views
from coordinator.dashboard.acting import Acting
from coordinator.dashboard.acts import About, Act, act_named
from coordinator.dashboard.answers.base import told
from coordinator.dashboard.answers.decisions import Decided
from coordinator.dashboard.answers.openapi import answer
from coordinator.dashboard.board import Board
from coordinator.dashboard.doorkeeper import person_in
from coordinator.dispatch.asked_for import name_of
from coordinator.services.journal import Stored
from coordinator.services.shift import SUBJECT
from coordinator.services.telescope_acts import ASK
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
    start: str | None = Field(None, description="of maintenance, or of a pointing's window: ISO 8601, UTC")
    end: str | None = Field(None, description="of maintenance, or of a pointing's window: ISO 8601, UTC")
    candidate: str | None = Field(None, description="of ask-pointing, instead of a place: one of the event's best")
    ra_deg: float | None = Field(None, description="of ask-pointing: ICRS, degrees")
    dec_deg: float | None = Field(None, description="of ask-pointing: ICRS, degrees")
    filter: str | None = Field(None, description="of ask-pointing and follow-up; left out: as the site has it")
    exposure_s: float | None = Field(None, description="of ask-pointing, one exposure; left out: the site's own")
    count: int | None = Field(None, description="of ask-pointing: exposures; left out: the site's own")
    anyway: bool | None = Field(None, description="of ask-pointing: also where its sky is somebody's already")
    without: str | None = Field(None, description="of replan: telescopes that are left out, with commas")
    until: str | None = Field(None, description="of replan: when its pointings have ended; ISO 8601, UTC")
    visits: str | None = Field(None, description="of replan: passes over the sky by name, with commas")
    objective: str | None = Field(None, description="of replan: auto, probability or detection")
    coverage: str | None = Field(None, description="of withdraw-coverage: its name")
    pointing: str | None = Field(None, description="of withdraw-pointing: the name of what was asked for (hand-…)")


def build_decisions(board: Board, acting: Acting) -> APIRouter:
    """Return the routes that change something."""
    api = APIRouter(prefix="/api/v1", tags=["decisions"])

    async def decide(about: About, subject: str, path: str, said: Said, key: str, request: Request) -> Response:
        require_json(request)
        act = act_named(about, path)
        words = {name: str(value) for name, value in said.model_dump(exclude_none=True).items()}
        person = person_in(request)
        stored = await acting.decide(act, subject, words, seen=said.expected_version, key=key, person=person)
        view = {
            "as_of": views.as_of(board),
            "seq": stored.seq,
            "text": views.log_row(stored)["text"],
            "version": acting.version(act, subject, said.event or ""),
            "undo": _undo(act, subject),
            **_made(act, stored),
        }
        return told(Decided, view)

    @api.post("/telescopes/{id}/{act}", **answer(Decided))
    async def telescope(id: str, act: str, said: Said, key: Key, request: Request) -> Response:
        """Pause, resume, close, maintain or keep an event from a telescope, or ask it for a pointing by hand.

        The acts: pause, resume, veto-night, veto-event, allow-event, maintenance, cancel-maintenance, ask-pointing,
        withdraw-pointing.
        """
        return await decide("telescope", id, act, said, key, request)

    @api.post("/pointings/{id}/{act}", **answer(Decided))
    async def pointing(id: str, act: str, said: Said, key: Key, request: Request) -> Response:
        """Revoke or approve."""
        return await decide("pointing", id, act, said, key, request)

    @api.post("/events/{key}/{act}", **answer(Decided))
    async def event(key: str, act: str, said: Said, once: Key, request: Request) -> Response:
        """Go, stop, retract, replan, lift-limits, comment or withdraw-coverage."""
        return await decide("event", key, act, said, once, request)

    @api.post("/candidates/{id}/{act}", **answer(Decided))
    async def candidate(id: str, act: str, said: Said, key: Key, request: Request) -> Response:
        """Counterpart, reject, withdraw, follow-up, withdraw-follow-up or comment; `event` says of which event."""
        return await decide("candidate", id, act, said, key, request)

    @api.post("/shift/{act}", **answer(Decided))
    async def shift(act: str, said: Said, key: Key, request: Request) -> Response:
        """Take-over, hand-over, comment or leave."""
        return await decide("shift", SUBJECT, act, said, key, request)

    return api


def require_json(request: Request) -> None:
    """Refuse what does not say that it is JSON: no form of another site's page can say so."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        raise Refused("is no JSON", where="Content-Type", mend=f"send {JSON}")


def _undo(act: Act, subject: str) -> str | None:
    """Return where to send a decision that takes this one back; None: nothing does."""
    return None if act.undo is None else f"/api/v1/{act.about}s/{subject}/{act.undo}"


def _made(act: Act, stored: Stored) -> dict[str, str]:
    """Return the name of what a decision made, where it made something that can be named."""
    return {"pointing": name_of(stored.entry.body["action_id"])} if act.action == ASK else {}
