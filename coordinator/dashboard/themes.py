"""Dark, light and night-red: a cookie says which, so that no page flashes in another one."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

from coordinator.dashboard.doorkeeper import over_tls
from coordinator.dashboard.way_back import local

THEMES = ("dark", "light", "red")
COOKIE = "armillary-theme"
YEAR_S = 365 * 86400


def theme_of(request: Request) -> str:
    """Return the theme that a browser wants."""
    said = request.cookies.get(COOKIE)
    return said if said in THEMES else THEMES[0]


def build_themes() -> APIRouter:
    """Return the route of `/theme`."""
    router = APIRouter(include_in_schema=False)

    @router.get("/theme")
    async def choose(request: Request, to: str = "", back: str = "/") -> RedirectResponse:
        answer = RedirectResponse(local(back), 303, {"Cache-Control": "no-store"})
        if to in THEMES:
            answer.set_cookie(COOKIE, to, max_age=YEAR_S, samesite="lax", secure=over_tls(request), httponly=True)
        return answer

    return router
