"""The actor that tells people what happens: nobody waits for it."""

from coordinator.actors.remote import RemoteJournal
from coordinator.actors.shell import Shell
from coordinator.settings import Settings


class NotifierActor(Shell):
    """The notifier behind an actor's door."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    async def _start(self) -> None:
        from coordinator import factory

        clock = factory.sky_clock()
        await clock.catch_up(RemoteJournal())
        self._keep(clock.follow(RemoteJournal()), "sky clock")
        notifier = await factory.notifier(self._settings, RemoteJournal(), clock)
        self._keep(notifier.run(), "notifier")
