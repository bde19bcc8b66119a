"""The page of what the journal has not spoken of yet: it says so, and shows the thing as soon as it does."""

from fastapi import Request
from fastapi.responses import HTMLResponse

from coordinator.dashboard import views
from coordinator.dashboard.problems import NotKnownYet
from coordinator.dashboard.screens.shown import Pages

SPOKEN_OF_BY = {"plan": "plan", "pointing": "plan", "candidate": "candidate"}
"""Topics of the stream that may bring a thing without naming it; all other things are named by what brings them."""


def awaiting_page(pages: Pages, request: Request, error: NotKnownYet) -> HTMLResponse:
    """Return the page, of the entry up to which the thing was looked for; its script waits (`static/awaited.js`)."""
    if not hasattr(request.state, "as_of"):
        request.state.as_of = views.as_of(pages.board)
    shown = {"kind": error.kind, "name": error.where, "mend": error.mend, "topic": SPOKEN_OF_BY.get(error.kind, "")}
    page = pages.page(request, "awaiting.html", shown)
    page.status_code = 404
    return page
