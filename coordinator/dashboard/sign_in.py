"""Signing in and out: by a password, by a link that opens once, and by an invitation to set a password."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment

from coordinator.dashboard import problems
from coordinator.dashboard.act_page import form_of
from coordinator.dashboard.desk import Desk
from coordinator.dashboard.doorkeeper import PLAIN, SECURE, asker_of, may_be_secret, over_tls, person_in, session_of
from coordinator.dashboard.networks import network_of
from coordinator.dashboard.themes import theme_of
from coordinator.dashboard.way_back import local
from coordinator.security.people import SESSION, People
from telescopes.description.errors import ArmillaryError, Refused

NO_STORE = {"Cache-Control": "no-store"}
AT_ONCE = 2
"""Passwords that are checked at the same time: each takes 64 MiB."""


def build_sign_in(door: "Door") -> APIRouter:
    """Return the routes of people who come and go."""
    router = APIRouter(include_in_schema=False)
    router.add_api_route("/sign-in", door.ask, methods=["GET"], response_model=None)
    router.add_api_route("/sign-in", door.sign_in, methods=["POST"], response_model=None)
    router.add_api_route("/enter/{secret}", door.ask_to_enter, methods=["GET"], response_model=None)
    router.add_api_route("/enter/{secret}", door.enter, methods=["POST"], response_model=None)
    router.add_api_route("/invitation/{secret}", door.ask_for_password, methods=["GET"], response_model=None)
    router.add_api_route("/invitation/{secret}", door.accept, methods=["POST"], response_model=None)
    router.add_api_route("/sign-out", door.sign_out, methods=["POST"], response_model=None)

    @router.get("/api/v1/me", include_in_schema=True)
    async def me(request: Request) -> dict[str, object]:
        """Say who asks, and what they may."""
        person = person_in(request)
        return {"name": person.name, "role": person.standing, "telescopes": sorted(person.telescopes)}

    return router


class Door:
    """Lets people in and out."""

    def __init__(self, desk: Desk, templates: Environment) -> None:
        self._desk, self._templates = desk, templates
        self._by_address, self._by_name = desk.sign_ins(), desk.sign_ins_of_one()
        self._checking = asyncio.Semaphore(AT_ONCE)

    async def ask(self, request: Request, back: str = "/") -> HTMLResponse:
        """Show where one signs in by a password."""
        return self._page(request, "password", {"back": back})

    async def ask_to_enter(self, secret: str, request: Request) -> HTMLResponse:
        """Show the button that spends a link."""
        return self._page(request, "link", {"secret": secret})

    async def ask_for_password(self, secret: str, request: Request) -> HTMLResponse:
        """Show where a password is chosen."""
        return self._page(request, "invitation", {"secret": secret})

    async def sign_in(self, request: Request) -> Response:
        """Sign in by a password."""
        said = await form_of(request)
        name, password = said.get("name", "").strip().lower(), said.get("password", "")
        return await self._opened(
            request, "password", said, lambda now, at: self._people.sign_in(name, password, now, at)
        )

    async def enter(self, secret: str, request: Request) -> Response:
        """Sign in by a link."""
        said = await form_of(request) | {"secret": secret}
        return await self._opened(request, "link", said, lambda now, at: self._people.enter(secret, now, at))

    async def accept(self, secret: str, request: Request) -> Response:
        """Set the password of who was invited, and sign in."""
        said = await form_of(request) | {"secret": secret}
        password = said.get("password", "")

        def accepted(now: datetime, at: str) -> str:
            person = self._people.accept(secret, password, now, at)
            return self._people.sign_in(person.name, password, now, at)

        return await self._opened(request, "invitation", said, accepted)

    async def sign_out(self, request: Request) -> Response:
        """End the session."""
        secret, secure = session_of(request), over_tls(request)
        if secret is not None:
            await asyncio.to_thread(self._people.sign_out, secret, self._desk.utc())
        answer = RedirectResponse("/sign-in", 303, NO_STORE)
        answer.delete_cookie(SECURE if secure else PLAIN, secure=secure, httponly=True, samesite="lax")
        return answer

    @property
    def _people(self) -> People:
        return self._desk.people

    def _page(
        self, request: Request, kind: str, said: dict[str, str], status: int = 200, wrong: str = ""
    ) -> HTMLResponse:
        shown = {
            "theme": theme_of(request),
            "kind": kind,
            "said": said,
            "wrong": wrong,
            "back": local(said.get("back")),
            "elsewhere": "" if self._desk.openid is None else self._desk.openid.settings.label,
        }
        return HTMLResponse(self._templates.get_template("sign_in.html").render(shown), status, NO_STORE)

    async def _opened(
        self, request: Request, kind: str, said: dict[str, str], open_it: Callable[[datetime, str], str]
    ) -> Response:
        """Let somebody in, or show the same page with what was wrong."""
        address = asker_of(request)
        try:
            _require_secrecy(request)
            self._by_address.require(network_of(address))
            if kind == "password":
                self._by_name.require(said.get("name", "").strip().lower()[:64])
            async with self._checking:
                secret = await asyncio.to_thread(open_it, self._desk.utc(), address)
        except ArmillaryError as error:
            return self._page(request, kind, said | {"password": ""}, problems.answer(error).status_code, str(error))
        return self.opened(request, secret, said.get("back"))

    def refused(self, request: Request, error: ArmillaryError, wrong: str, back: str) -> HTMLResponse:
        """Show the page on which one signs in, with what was wrong."""
        return self._page(request, "password", {"back": back}, problems.answer(error).status_code, wrong)

    def opened(self, request: Request, secret: str, back: str | None) -> RedirectResponse:
        """Let in who has a session's secret."""
        answer, secure = RedirectResponse(local(back), 303, NO_STORE), over_tls(request)
        name, life_s = SECURE if secure else PLAIN, int(SESSION.total_seconds())
        answer.set_cookie(name, secret, max_age=life_s, secure=secure, httponly=True, samesite="lax")
        return answer


def _require_secrecy(request: Request) -> None:
    if not may_be_secret(request):
        mend = "put TLS before the dashboard (docs/guides/people.md), or come from this machine"
        raise Refused("nobody may sign in over plain text", where="sign-in", mend=mend)
