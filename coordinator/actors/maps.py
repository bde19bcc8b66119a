"""The actor that fetches the maps to which alerts link: no alert waits for it."""

from coordinator.actors.remote import RemoteJournal
from coordinator.actors.shell import Shell
from coordinator.settings import Settings


class MapFetchActor(Shell):
    """The fetching of linked maps behind an actor's door."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    async def _start(self) -> None:
        from coordinator import factory

        clock = factory.sky_clock()
        await clock.catch_up(RemoteJournal())
        self._keep(clock.follow(RemoteJournal()), "sky clock")
        fetch = await factory.map_fetch(self._settings, RemoteJournal(), clock)
        self._keep(fetch.run(), "linked maps")
