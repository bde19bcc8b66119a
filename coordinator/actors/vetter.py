"""The vetter's actor."""

from collections.abc import Sequence

from coordinator.actors.remote import RemoteJournal
from coordinator.actors.shell import Shell
from coordinator.settings import Settings
from telescopes.description.messages import Detection, ItemResult


class VetterActor(Shell):
    """The vetter service behind an actor's door."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    async def _start(self) -> None:
        from coordinator import factory

        clock = factory.sky_clock()
        await clock.catch_up(RemoteJournal())
        self._keep(clock.follow(RemoteJournal()), "sky clock")
        self._vetter = await factory.vetter(self._settings, RemoteJournal(), clock)
        self._keep(self._vetter.run(), "vetter")

    async def store(self, telescope_id: str, detections: Sequence[Detection]) -> tuple[ItemResult, ...]:
        """Take detections."""
        await self.ready()
        return await self._vetter.store(telescope_id, detections)
