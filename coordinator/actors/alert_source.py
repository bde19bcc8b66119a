"""An alert source's actor: one for every stream."""

import time
from typing import Any

from coordinator.actors import names
from coordinator.actors.remote import RemoteJournal
from coordinator.actors.shell import Shell
from coordinator.services.intake import Received
from coordinator.services.quarantine import read_again
from coordinator.services.quarantined import Page
from coordinator.settings import Settings, StreamSettings


class AlertSourceActor(Shell):
    """A watched folder and its intake behind an actor's door."""

    def __init__(self, settings: Settings, stream: StreamSettings) -> None:
        self._settings = settings
        self._stream = stream
        self._heard = 0
        self._last_message: float | None = None
        super().__init__()

    async def _start(self) -> None:
        from coordinator import factory

        clock = factory.sky_clock()
        await clock.catch_up(RemoteJournal())
        self._keep(clock.follow(RemoteJournal()), "sky clock")
        self._intake = await factory.intake(self._settings, RemoteJournal(), clock, names.source(self._stream.id))
        source = factory.folder_source(self._stream, self._intake)
        self._keep(source.run(), "folder")

    def _says(self) -> dict[str, Any]:
        if self._intake.heard > self._heard:
            self._heard, self._last_message = self._intake.heard, time.monotonic()
        age = None if self._last_message is None else round(time.monotonic() - self._last_message, 1)
        return {"id": self._stream.id, "last_message_age_s": age, "state": "watching"}

    async def retry_quarantine(self, after: str) -> Page:
        """Read a page of the quarantine again."""
        await self.ready()
        return await read_again(self._intake, after)

    async def submit(self, name: str, data: bytes, purpose: str, event_key: str) -> Received:
        """Take a message that somebody hands over; durable on return."""
        await self.ready()
        return await self._intake.receive(data, name=name, purpose=purpose or None, event_key=event_key or None)
