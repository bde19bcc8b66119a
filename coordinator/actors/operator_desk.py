"""People's side of the running system: questions and decisions, passed to the actors that answer for them."""

from datetime import datetime
from typing import Any

from coordinator.actors import names
from coordinator.actors.remote import Remote, RemoteScheduler
from coordinator.dispatch.facts import OperatorActed
from coordinator.services.intake import Received
from coordinator.services.ports import Submitted, TelescopeView
from coordinator.services.quarantined import Page


class OperatorDesk:
    """The OperatorPort of the gateway; alerts that are handed over enter by the source `stream_id`."""

    def __init__(self, stream_id: str, now: datetime) -> None:
        self._supervisor = Remote(names.SUPERVISOR)
        self._scheduler = RemoteScheduler()
        self._source = Remote(names.source(stream_id))
        self._since = now

    async def status(self) -> dict[str, Any]:
        """Return the document armillary.status/1."""
        document: dict[str, Any] = await self._supervisor.call("status")
        return document

    async def telescopes(self) -> list[TelescopeView]:
        """Say how every telescope is, by id."""
        return [self._view(row) for row in (await self.status())["telescopes"]]

    def _view(self, row: dict[str, Any]) -> TelescopeView:
        since = row["since"]
        return TelescopeView(
            telescope_id=row["id"],
            state=row["state"],
            since=self._since if since is None else datetime.fromisoformat(since),
            open_pointings=row["open_pointings"],
            lease_left_s=row["lease_left_s"],
            clock_offset_s=row["clock_offset_s"],
            blocked_because=row["because"] or "",
        )

    async def act(self, action: OperatorActed) -> int:
        """Take a decision."""
        return await self._scheduler.act(action)

    async def retry_quarantine(self, after: str) -> Page:
        """Read a page of the quarantine again."""
        page: Page = await self._source.call("retry_quarantine", after, at_most_s=300.0)
        return page

    async def submit(self, name: str, data: bytes, purpose: str, event_key: str) -> Submitted:
        """Take one alert or sky map."""
        received: Received = await self._source.call("submit", name, data, purpose, event_key, at_most_s=300.0)
        return Submitted(received.seq or 0, received.outcome, received.event_key or "", received.reason or "")
