"""A recorded night is looked at and not acted on: what may be asked of its dashboard, and the moment that it shows."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from coordinator.dashboard import problems
from coordinator.dashboard.act_page import form_of
from coordinator.dashboard.doorkeeper import SAFE, from_our_own_page
from coordinator.dashboard.recording import RATES, Showing
from coordinator.dashboard.way_back import local
from coordinator.security.person import FORBIDDEN
from telescopes.description.errors import Refused

MOMENT = "/moment"
ACTS = "/act/"
BEGIN, END = "begin", "end"


class ReadOnly:
    """Turns away whatever would ask something of a telescope or a person; pure ASGI, as `headers` says why."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] == "http" and _asks_something(scope):
            await problems.answer(_read_only(scope["path"]))(scope, receive, send)
            return
        await self._app(scope, receive, send)


def build_moment(showing: Showing) -> APIRouter:
    """Return the route by which another moment of the night is chosen."""
    router = APIRouter(include_in_schema=False)

    @router.post(MOMENT)
    async def moment(request: Request) -> RedirectResponse:
        if not from_our_own_page(request):
            mend = "use the page's own form"
            raise Refused("comes from another site's page", where="Origin", mend=mend, reason=FORBIDDEN)
        said = await form_of(request)
        await showing.move(_moment_in(said, showing), _rate_in(said))
        return RedirectResponse(local(said.get("back")), 303, {"Cache-Control": "no-store"})

    return router


def _asks_something(scope: Scope) -> bool:
    path: str = scope["path"]
    return path.startswith(ACTS) or (scope["method"] not in SAFE and path != MOMENT)


def _read_only(path: str) -> Refused:
    mend = "decide on the dashboard of a running observatory (`armillary up`)"
    what = "this is a recorded simulation: nothing can be asked of telescopes here"
    return Refused(what, where=path, mend=mend, reason=FORBIDDEN)


def _moment_in(said: dict[str, str], showing: Showing) -> datetime:
    """Read which moment is wanted; what lies outside the night is its nearest one.

    Raises
    ------
    Refused
        It is no time.
    """
    recording, jump = showing.recording, said.get("jump")
    if jump in (BEGIN, END):
        return recording.begin if jump == BEGIN else recording.end
    text = said.get("at", "")
    try:
        at = datetime.fromisoformat(text)
        return recording.within(at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC))
    except (ValueError, OverflowError) as error:
        raise Refused(f"{text[:40]!r} is no time", where="at", mend="give UTC as 2026-01-05 03:00:00") from error


def _rate_in(said: dict[str, str]) -> float:
    text = said.get("rate", "0")
    known = {f"{rate:g}": rate for rate in RATES}
    if text not in known:
        raise Refused(f"{text[:20]!r} is no rate", where="rate", mend=f"give one of {', '.join(known)}")
    return known[text]
