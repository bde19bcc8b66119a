"""Who asks, and whether the request comes from our own page; pure ASGI, as `headers` says why."""

import asyncio
from functools import partial
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coordinator.dashboard import problems
from coordinator.dashboard.desk import Desk
from coordinator.security.people import UNAUTHENTICATED
from coordinator.security.person import ANYBODY, FORBIDDEN, Person, Standing
from telescopes.description.errors import ArmillaryError, Refused

MOST_BYTES = 64 * 1024
LARGER = {"/api/v1/coverage": 4 * 1024 * 1024}
"""Where lists of pointings or of cells come in, from those alone who may hand them in."""

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
OPEN = ("/sign-in", "/invitation/", "/enter/", "/static/", "/favicon.ico")
"""What is shown to who has not signed in."""

PLAIN, SECURE = "armillary", "__Host-armillary"
"""Names of the cookie: a browser takes the second one over TLS alone, and gives it to this host alone."""

BEARER = "bearer "
LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})


class Doorkeeper:
    """Finds out who asks, and turns away who may not even look and what another site's page sent."""

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self._app, self._desk = app, desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        try:
            person = await self._person(request)
            refused = self._closed(request, person)
        except ArmillaryError as error:
            refused = problems.answer(error)
        if refused is not None:
            await refused(scope, receive, send)
            return
        scope.setdefault("state", {}).update(person=person, still_in=partial(self._still_in, request))
        await self._app(scope, bounded(receive, most_bytes(request.url.path, person)), send)

    async def _still_in(self, request: Request) -> bool:
        """Say whether who opened a stream may still look."""
        try:
            return await self._person(request) is not None
        except Refused:
            return False

    async def _person(self, request: Request) -> Person | None:
        """Find out whose session or token it is.

        Raises
        ------
        Refused
            A token opens nothing, or another site's page sends this with somebody's cookie.
        """
        people, now = self._desk.people, self._desk.utc()
        said = request.headers.get("authorization", "")
        if said:
            token = said[len(BEARER) :].strip() if said.lower().startswith(BEARER) else ""
            person = await asyncio.to_thread(people.of_token, token, now)
            if person is None:
                mend = "send `Authorization: Bearer TOKEN`; `armillary people token NAME` makes one"
                raise Refused("this token opens nothing", where="Authorization", mend=mend, reason=UNAUTHENTICATED)
            return person
        if request.method not in SAFE and not from_our_own_page(request):
            mend = "use the dashboard's own page; scripts send a token, see docs/guides/people.md"
            raise Refused("comes from another site's page", where="Origin", mend=mend, reason=FORBIDDEN)
        secret = session_of(request)
        person = None if secret is None else await asyncio.to_thread(people.signed_in, secret, now)
        return person or (ANYBODY if self._desk.open_reading else None)

    def _closed(self, request: Request, person: Person | None) -> Response | None:
        """Say how to sign in to who must; None: the way is open."""
        path = request.url.path
        if person is not None or path.startswith(OPEN):
            return None
        if request.method in SAFE and "text/html" in request.headers.get("accept", ""):
            back = quote(path + (f"?{request.url.query}" if request.url.query else ""), safe="")
            return RedirectResponse(f"/sign-in?back={back}", 303, {"Cache-Control": "no-store"})
        mend = "sign in at /sign-in, or send `Authorization: Bearer TOKEN`"
        return problems.answer(Refused("who asks is not known", where=path, mend=mend, reason=UNAUTHENTICATED))


def from_our_own_page(request: Request) -> bool:
    """Say whether a browser sent this from a page of ours; what no browser sent has a token instead of a cookie."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:  # No page can forge it; a form of ours has no Origin, for we send no referrer.
        return site == "same-origin"
    try:
        return origin is not None and urlsplit(origin).netloc == request.headers.get("host", "")
    except ValueError:  # no address at all
        return False


def session_of(request: Request) -> str | None:
    """Return the secret of the session that a request carries."""
    return request.cookies.get(SECURE if over_tls(request) else PLAIN)


def over_tls(request: Request) -> bool:
    """Say whether a request came over TLS, as far as the server or a proxy on this machine says."""
    return request.url.scheme == "https" or (
        _from_this_machine(request) and request.headers.get("x-forwarded-proto") == "https"
    )


def asker_of(request: Request) -> str:
    """Return the address from which somebody asks, as far as the server or a proxy on this machine says."""
    said = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    if said and _from_this_machine(request):
        return "".join(c for c in said if c.isprintable())[:64]
    return "unknown" if request.client is None else request.client.host


def may_be_secret(request: Request) -> bool:
    """Say whether nobody between can read what is sent: it came over TLS, or from this machine to itself."""
    forwarded = request.headers.get("x-forwarded-for") is not None
    return over_tls(request) or (_from_this_machine(request) and not forwarded)


def person_in(request: Request) -> Person:
    """Return who asks, as the doorkeeper found out; without one everybody only looks."""
    found = getattr(request.state, "person", None)
    return found if isinstance(found, Person) else ANYBODY


async def may_still_look(request: Request) -> bool:
    """Say whether the session or token with which a stream was opened still holds."""
    still_in = getattr(request.state, "still_in", None)
    return still_in is None or bool(await still_in())


def most_bytes(path: str, person: Person | None) -> int:
    """Return how much is read of a request: it is parsed before its handler asks who may."""
    may_more = person is not None and person.standing in (Standing.COORDINATOR, Standing.ADMIN)
    return LARGER.get(path, MOST_BYTES) if may_more else MOST_BYTES


def bounded(receive: Receive, most: int = MOST_BYTES) -> Receive:
    """Refuse to read what is larger than anything that is sent to us."""
    read = 0

    async def receive_some() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > most:
            raise Refused("is too large", where="body", mend=f"send at most {most} bytes")
        return message

    return receive_some


def _from_this_machine(request: Request) -> bool:
    return request.client is not None and request.client.host in LOCAL
