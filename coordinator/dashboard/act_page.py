"""A decision as a page of its own: it names what will happen, asks once, and works without script."""

import uuid
from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from coordinator.dashboard import problems
from coordinator.dashboard.act_words import WORDS
from coordinator.dashboard.acting import Acting
from coordinator.dashboard.acts import Act, act_named
from coordinator.dashboard.board import Board
from coordinator.dashboard.doorkeeper import person_in
from coordinator.dashboard.problems import not_found
from coordinator.dashboard.screens.shown import Pages
from coordinator.dashboard.themes import theme_of
from coordinator.dashboard.way_back import local
from coordinator.dispatch.event_limits import OBJECTIVES
from telescopes.description.errors import ArmillaryError, Refused, RetryLater

MOST_BYTES, MOST_FIELDS = 16 * 1024, 40
NO_STORE = {"Cache-Control": "no-store"}
FORM = "application/x-www-form-urlencoded"


def build_act_page(pages: Pages, acting: Acting) -> APIRouter:
    """Return the routes of `/act/{about}/{act}`."""
    router, board = APIRouter(include_in_schema=False), pages.board

    def page(
        request: Request, act: Act, said: dict[str, str], status: int = 200, wrong: str = "", *, again: bool = False
    ) -> HTMLResponse:
        subject, event = said.get("subject", ""), said.get("event", "")
        version = acting.version(act, subject, event)
        if version is None:
            raise not_found(act.about, subject)
        shown: dict[str, Any] = {
            "theme": theme_of(request), "act": act,
            "subject": subject, "said": said, "wrong": wrong, "version": version, "again": again,
            # What may be durable already is sent again as it was, so that it is decided once.
            "key": said.get("key") if again else uuid.uuid4(), "seen": said.get("seen") if again else version,
            "back": local(said.get("back")), "person": person_in(request),
            "telescope": acting.telescope_of(act, subject),
            "events": [e.key for e in board.state.open_events()],
            "shift": board.state.shift,
            "words": WORDS, "choices": choices_for(act, subject, board),
        }  # fmt: skip
        return HTMLResponse(pages.templates.get_template("act.html").render(shown), status, NO_STORE)

    @router.get("/act/{about}/{path}")
    async def ask(about: str, path: str, request: Request) -> HTMLResponse:
        if (wait := await pages.ready(request)) is not None:
            return wait
        act, said = act_named(about, path), dict(request.query_params)
        acting.require_may(act, said.get("subject", ""), person_in(request))
        return page(request, act, said)

    @router.post("/act/{about}/{path}")
    async def take(about: str, path: str, request: Request) -> Response:
        act, said = act_named(about, path), await form_of(request)
        try:
            await acting.decide(
                act,
                said.get("subject", ""),
                said,
                seen=said.get("seen", ""),
                key=said.get("key", ""),
                person=person_in(request),
            )
        except ArmillaryError as error:
            status, again = problems.answer(error).status_code, isinstance(error, RetryLater)
            return page(request, act, said, status, str(error), again=again)
        return RedirectResponse(local(said.get("back")), 303, NO_STORE)

    return router


async def form_of(request: Request) -> dict[str, str]:
    """Read what a form sent.

    Raises
    ------
    Refused
        It is no form, or too large to be one of ours.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise Refused("is no form", where="Content-Type", mend=f"send {FORM}")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise Refused("is too large", where="form", mend=f"send at most {MOST_BYTES} bytes")
    try:
        return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError as error:
        raise Refused("has too many fields", where="form", mend=f"send at most {MOST_FIELDS}") from error


def choices_for(act: Act, subject: str, board: Board) -> dict[str, list[tuple[str, str]]]:
    """Return what can be chosen for a word of an act, and what the page says of each; else it is typed."""
    state, every = board.state, board.port.telescopes
    mine = [every[subject]] if subject in every else every.values()
    filters = sorted({f for t in mine for i in t.instruments for f in i.filters})
    asked = state.telescope(subject).asked_for if act.about == "telescope" else ()
    reported = state.coverage.get(subject, ()) if act.about == "event" else ()
    return {
        "filter": [(f, f) for f in filters],
        "pointing": [(a.id, f"{a.says}, {a.because}") for a in asked],
        "objective": [(name, name) for name in OBJECTIVES],
        "coverage": [(c.id, f"{c.looks} looks of {c.source or 'others'}, {c.because}") for c in reported],
    }
