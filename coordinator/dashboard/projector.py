"""Shows a recorded night as an application: another moment is another application, so that nothing ever goes back."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any

from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from coordinator.dashboard.app import build_app
from coordinator.dashboard.board import DashboardPort
from coordinator.dashboard.recording import Playback, Recording, Showing
from coordinator.services.journal import Blobs


class Projector:
    """The dashboard of a recording, as ASGI; it needs no observatory, no Ray and no accounts.

    Parameters
    ----------
    recording : Recording
        The night.
    blobs : Blobs
        Its maps, plans and tables.
    link_s : callable
        Link time, seconds.
    at : datetime, optional
        What it shows first; None: all of it.
    """

    def __init__(
        self, recording: Recording, blobs: Blobs, link_s: Callable[[], float], at: datetime | None = None
    ) -> None:
        self._recording, self._blobs, self._link_s = recording, blobs, link_s
        self._turn = asyncio.Lock()
        self._living: AbstractAsyncContextManager[Any] | None = None
        self._app = self._built(recording.end if at is None else at, 0.0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on to what is shown now."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await self._app(scope, receive, send)

    async def move(self, at: datetime, rate: float) -> None:
        """Show the night from another moment on; streams that are open end, and their pages come back."""
        async with self._turn:
            await self._show(self._built(at, rate))

    def _built(self, at: datetime, rate: float) -> FastAPI:
        playback = Playback(self._recording, at, rate, self._link_s)
        port = DashboardPort(
            playback,
            self._blobs,
            {one.id: one for one in self._recording.record.telescopes},
            playback.utc,
            showing=Showing(playback, self.move),
        )
        return build_app(port)

    async def _show(self, app: FastAPI | None) -> None:
        before, self._living = self._living, None
        if app is not None:
            living = app.router.lifespan_context(app)
            await living.__aenter__()
            self._app, self._living = app, living
        if before is not None:
            await before.__aexit__(None, None, None)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()  # lifespan.startup
        await self._show(self._app)
        await send({"type": "lifespan.startup.complete"})
        await receive()  # lifespan.shutdown
        await self._show(None)
        await send({"type": "lifespan.shutdown.complete"})
