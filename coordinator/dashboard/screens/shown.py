"""What every page needs: who looks, as of when, and that the journal has been read."""

from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment

from coordinator.dashboard import views
from coordinator.dashboard.acting import may
from coordinator.dashboard.api import READING_S
from coordinator.dashboard.board import Board
from coordinator.dashboard.doorkeeper import person_in
from coordinator.dashboard.themes import theme_of
from coordinator.security.person import Person

NO_STORE = {"Cache-Control": "no-store"}


@dataclass(frozen=True)
class Pages:
    """Writes pages out of the fold.

    Attributes
    ----------
    hands : bool
        Whether people can act here at all.
    """

    board: Board
    templates: Environment
    hands: bool

    async def ready(self, request: Request) -> HTMLResponse | None:
        """Return what to show while the journal is still being read; None: it has been.

        What is shown is as of now: what comes while it is gathered follows on the page's stream, and is told twice
        rather than never.
        """
        if await self.board.until_ready(READING_S):
            request.state.as_of = views.as_of(self.board)
            return None
        wait = self.templates.get_template("reading.html").render(seq=self.board.seq)
        return HTMLResponse(wait, 503, {**NO_STORE, "Retry-After": "1", "Refresh": "1"})

    def looked_at_by(self, request: Request) -> dict[str, Any]:
        """Say who looks, and what they may; nobody, where nobody can act."""
        person: Person | None = person_in(request) if self.hands else None
        return {"person": person, "may": lambda telescope: person is not None and may(person, telescope)}

    def page(self, request: Request, template: str, shown: dict[str, Any]) -> HTMLResponse:
        """Write a page."""
        board = self.board
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        common = {
            "as_of": request.state.as_of,
            "status": views.status(board),
            "newest": views.newest(board),
            "machine_now": board.port.utc(),
            "sky_now": board.clock.now(),
            "theme": theme_of(request),
            "here": here,
            "event": None,
            **self.looked_at_by(request),
        }
        return HTMLResponse(self.templates.get_template(template).render(common | shown), headers=NO_STORE)
