"""A decision as a page of its own: it names what will happen, asks once, and works without script."""

import uuid
from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment

from coordinator.dashboard import problems
from coordinator.dashboard.acting import Acting
from coordinator.dashboard.acts import Act, act_named
from coordinator.dashboard.board import Board
from coordinator.dashboard.doorkeeper import person_in
from coordinator.dashboard.problems import not_found
from coordinator.dashboard.themes import theme_of
from coordinator.dashboard.way_back import local
from telescopes.description.errors import ArmillaryError, Refused

MOST_BYTES = 16 * 1024
NO_STORE = {"Cache-Control": "no-store"}
FORM = "application/x-www-form-urlencoded"


def build_act_page(board: Board, acting: Acting, templates: Environment) -> APIRouter:
    """Return the routes of `/act/{about}/{act}`."""
    router = APIRouter(include_in_schema=False)

    def page(request: Request, act: Act, said: dict[str, str], status: int = 200, wrong: str = "") -> HTMLResponse:
        subject, event = said.get("subject", ""), said.get("event", "")
        version = acting.version(act, subject, event)
        if version is None:
            raise not_found(act.about, subject)
        shown: dict[str, Any] = {
            "theme": theme_of(request), "act": act,
            "subject": subject, "said": said, "wrong": wrong, "version": version, "key": uuid.uuid4(),
            "back": local(said.get("back")), "person": person_in(request),
            "telescope": acting.telescope_of(act, subject),
            "events": [e.key for e in board.state.open_events()],
        }  # fmt: skip
        return HTMLResponse(templates.get_template("act.html").render(shown), status, NO_STORE)

    @router.get("/act/{about}/{path}")
    async def ask(about: str, path: str, request: Request) -> HTMLResponse:
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
            return page(request, act, said, problems.answer(error).status_code, str(error))
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
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=40))
