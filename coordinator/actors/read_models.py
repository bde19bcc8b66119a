"""The actor that writes the read models, behind the journal: nobody waits for it."""

import os

from coordinator.actors.remote import RemoteJournal
from coordinator.actors.shell import Shell
from coordinator.settings import Settings

GIVES_WAY = 5
"""Pages may show a report a little later: commands and the plans before them go first."""


class ReadModelsActor(Shell):
    """The projection behind an actor's door."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    async def _start(self) -> None:
        from coordinator import factory

        os.nice(GIVES_WAY)
        self._keep(factory.projection(self._settings, RemoteJournal()).run(), "projection")
