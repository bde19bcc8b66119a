"""Signing in by an account elsewhere: out to the provider, and back with a code that this browser alone may spend."""

import asyncio
import hmac
import secrets
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from coordinator.dashboard.desk import Desk
from coordinator.dashboard.doorkeeper import asker_of, may_be_secret, over_tls
from coordinator.dashboard.networks import network_of
from coordinator.dashboard.sign_in import NO_STORE, Door
from coordinator.dashboard.way_back import local
from coordinator.security.openid import Begun, OpenId, hint
from coordinator.security.openid_settings import person_by
from coordinator.security.owners_file import hash_of
from telescopes.description.errors import ArmillaryError, Refused

PATH = "/sign-in/openid"
BACK = f"{PATH}/back"
PLAIN, SECURE = "armillary-openid", "__Secure-armillary-openid"
UNDER_WAY_S = 600
MOST_UNDER_WAY = 1000


@dataclass(frozen=True, slots=True)
class _UnderWay:
    """Somebody who was sent to the provider; of the cookie that their browser has only the hash."""

    begun: Begun
    cookie_sha256: str
    back: str
    until_s: float


def build_openid(desk: Desk, openid: OpenId, door: Door) -> APIRouter:
    """Return the routes of `/sign-in/openid`."""
    router, outside = APIRouter(include_in_schema=False), _OpenIdDoor(desk, openid, door)
    router.add_api_route(PATH, outside.leave, methods=["GET"], response_model=None)
    router.add_api_route(BACK, outside.come_back, methods=["GET"], response_model=None)
    return router


@dataclass
class _OpenIdDoor:
    desk: Desk
    openid: OpenId
    door: Door
    _under_way: dict[str, _UnderWay] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._throttle = self.desk.sign_ins()

    async def leave(self, request: Request, back: str = "/") -> Response:
        """Send somebody to the provider."""
        try:
            if not may_be_secret(request):
                mend = "put TLS before the dashboard (docs/guides/people.md), or come from this machine"
                raise Refused("nobody may sign in over plain text", where="sign-in", mend=mend)
            self._throttle.require(network_of(asker_of(request)))
            begun = await self.openid.begin()
        except ArmillaryError as error:
            return self.door.refused(request, error, hint(error), back)
        cookie, secure, now_s = secrets.token_urlsafe(32), over_tls(request), self.desk.link_s()
        self._forget(now_s)
        self._under_way[begun.state] = _UnderWay(begun, hash_of(cookie), local(back), now_s + UNDER_WAY_S)
        answer = RedirectResponse(begun.address, 303, NO_STORE)
        name = SECURE if secure else PLAIN
        answer.set_cookie(name, cookie, max_age=UNDER_WAY_S, path=PATH, secure=secure, httponly=True, samesite="lax")
        return answer

    async def come_back(
        self, request: Request, code: str = "", state: str = "", iss: str = "", error: str = ""
    ) -> Response:
        """Let in who comes back with what was given to them."""
        secure = over_tls(request)
        cookie = request.cookies.get(SECURE if secure else PLAIN, "")
        back = "/"
        try:
            sent = self._spent(state, cookie)
            back = sent.back
            if error or not code:
                what = f"the provider let nobody in: {_clean(error) or 'it sent no code'}"
                raise Refused(what, where="sign-in", mend="begin again at /sign-in", reason="UNAUTHENTICATED")
            if iss and iss != self.openid.settings.issuer:
                raise Refused("comes from another provider", where="sign-in", mend="begin again", reason="FORBIDDEN")
            claims = await self.openid.claims(code, sent.begun)
            secret = await asyncio.to_thread(self._let_in, claims, asker_of(request))
        except ArmillaryError as wrong:
            return self.door.refused(request, wrong, hint(wrong), back)
        answer = self.door.opened(request, secret, back)
        answer.delete_cookie(SECURE if secure else PLAIN, path=PATH, secure=secure, httponly=True, samesite="lax")
        return answer

    def _let_in(self, claims: dict[str, Any], origin: str) -> str:
        """Begin a session of whom the provider vouches for; end all of whom it does not any more."""
        people, now = self.desk.people, self.desk.utc()
        subject = f"{self.openid.settings.issuer} {claims['sub']}"
        try:
            person = person_by(self.openid.settings, claims)
        except Refused:
            people.turned_away(subject, now, origin)
            raise
        return people.admit(subject, person, now, origin)

    def _spent(self, state: str, cookie: str) -> _UnderWay:
        """Return what this browser was sent with, once."""
        self._forget(self.desk.link_s())
        sent = self._under_way.get(state)
        if sent is None or not hmac.compare_digest(sent.cookie_sha256, hash_of(cookie)):
            mend = "begin again at /sign-in; a sign-in is good for ten minutes, in one browser"
            raise Refused("this browser did not begin this", where="sign-in", mend=mend, reason="UNAUTHENTICATED")
        return self._under_way.pop(state)

    def _forget(self, now_s: float) -> None:
        self._under_way = {state: one for state, one in self._under_way.items() if one.until_s > now_s}
        while len(self._under_way) >= MOST_UNDER_WAY:
            del self._under_way[next(iter(self._under_way))]


def _clean(text: str) -> str:
    return "".join(c for c in text if c.isprintable())[:100]
