"""A telescope's actor: one for every telescope, lean, thin around its session."""

from collections.abc import Sequence
from typing import Any

from coordinator.actors.remote import RemoteJournal, RemoteScheduler, RemoteVetter
from coordinator.actors.shell import Shell
from coordinator.services.telescope_session import Commands
from coordinator.settings import Settings
from telescopes.description.messages import (
    Detection,
    ItemResult,
    PointingPage,
    PointingReport,
    SessionGrant,
    SessionRequest,
    StatusReply,
    StatusReport,
)
from telescopes.description.states import PointingState
from telescopes.description.telescope import Telescope


class TelescopeActor(Shell):
    """The telescope's session behind an actor's door."""

    def __init__(self, settings: Settings, telescope: Telescope) -> None:
        self._settings = settings
        self._telescope = telescope
        super().__init__()

    async def _start(self) -> None:
        from coordinator import factory

        self._session = factory.session(
            self._settings, self._telescope, RemoteJournal(), RemoteScheduler(), RemoteVetter()
        )
        await self._session.start()
        self._keep(self._session.run(), "session")

    def _says(self) -> dict[str, Any]:
        return {"lease_left_s": self._session.lease_left_s()}

    async def open_session(self, request: SessionRequest) -> SessionGrant:
        """Open a session."""
        await self.ready()
        return await self._session.open_session(request)

    async def next_commands(self, session_id: str, after_seq: int, wait_s: float) -> Commands:
        """Return what comes after a cursor."""
        await self.ready()
        return await self._session.next_commands(session_id, after_seq, wait_s)

    async def report_pointings(
        self, session_id: str, acked_seq: int, reports: Sequence[PointingReport]
    ) -> tuple[ItemResult, ...]:
        """Hand reports to the scheduler."""
        await self.ready()
        return await self._session.report_pointings(session_id, acked_seq, reports)

    async def report_status(self, session_id: str, report: StatusReport) -> StatusReply:
        """Take the site's status."""
        await self.ready()
        return await self._session.report_status(session_id, report)

    async def report_detections(self, session_id: str, detections: Sequence[Detection]) -> tuple[ItemResult, ...]:
        """Hand detections to the vetter."""
        await self.ready()
        return await self._session.report_detections(session_id, detections)

    async def list_pointings(
        self, session_id: str, states: Sequence[PointingState], page_size: int, page_token: str
    ) -> PointingPage:
        """Return one page of pointings."""
        await self.ready()
        return await self._session.list_pointings(session_id, states, page_size, page_token)
