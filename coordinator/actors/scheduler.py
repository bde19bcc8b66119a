"""The scheduler actor."""

from collections.abc import Sequence
from typing import Any

from coordinator.actors.remote import RemoteJournal, RemotePlanner
from coordinator.actors.shell import Shell
from coordinator.dispatch.event_limits import EventLimits
from coordinator.dispatch.facts import OperatorActed
from coordinator.settings import Settings
from telescopes.description.messages import ItemResult, PointingReport


class SchedulerActor(Shell):
    """The scheduler service behind an actor's door."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    async def _start(self) -> None:
        from coordinator import factory

        self._scheduler = factory.scheduler(self._settings, RemoteJournal(), RemotePlanner())
        await self._scheduler.start()
        self._keep(self._scheduler.run(), "scheduler")

    async def report(self, telescope_id: str, reports: Sequence[PointingReport]) -> tuple[ItemResult, ...]:
        """Take a telescope's reports."""
        await self.ready()
        return await self._scheduler.report(telescope_id, reports)

    async def act(self, action: OperatorActed) -> int:
        """Take a person's decision."""
        await self.ready()
        return await self._scheduler.act(action)

    async def what_if(self, event: str, limits: EventLimits) -> dict[str, Any]:
        """Say what a plan with other limits on an event would be; nothing is given out."""
        await self.ready()
        return await self._scheduler.what_if(event, limits)

    async def status(self) -> dict[str, Any]:
        """Return the scheduler's part of the status."""
        from coordinator.services.status import event_rows, quarantine_rows, telescope_rows

        await self.ready()
        mine = self._scheduler
        skies = {key: sky.curve for key, (_, sky) in mine.plans.skies.items()}
        return {
            "seq": mine.state.applied_seq,
            "state_hash": mine.state.hash(),
            "event_hash": mine.state.event_hash(),
            "sky_time": mine.clock.now().isoformat().replace("+00:00", "Z"),
            "events": event_rows(mine.state, skies),
            "quarantined": {"count": len(mine.state.quarantine), "newest": quarantine_rows(mine.state)},
            "telescopes": telescope_rows(mine.state, sorted(mine.telescopes), mine.clock.now()),
        }
