"""A dashboard that cannot follow the journal any more says so at once to whoever can start another."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx
from builders.served import app_served

from coordinator.dashboard.app import build_app
from coordinator.dashboard.board import DashboardPort
from coordinator.services.journal import InMemoryBlobs, InMemoryJournal

NOW = datetime(2026, 11, 23, 3, 12, tzinfo=UTC)


class Torn(InMemoryJournal):
    """A journal that fails in a way that nobody foresaw, once it is followed."""

    async def follow(self, *args: Any, **named: Any) -> Any:
        """Fail."""
        raise ZeroDivisionError("nobody foresaw this")


async def test_what_nobody_foresaw_ends_it_and_is_told_once() -> None:
    given_up: list[bool] = []
    app = build_app(DashboardPort(Torn(), InMemoryBlobs(), {}, lambda: NOW), gave_up=lambda: given_up.append(True))
    async with app_served(app) as address, httpx.AsyncClient(base_url=address, timeout=60.0) as client:
        async with asyncio.timeout(60.0):
            while not given_up:
                await asyncio.sleep(0.02)
        answer = await client.get("/api/v1/status")
    assert answer.status_code == 503, "what is not followed is not shown"
    assert given_up == [True]


async def test_an_end_that_was_asked_for_is_none() -> None:
    given_up: list[bool] = []
    port = DashboardPort(InMemoryJournal(), InMemoryBlobs(), {}, lambda: NOW)
    app = build_app(port, gave_up=lambda: given_up.append(True))
    async with app_served(app) as address, httpx.AsyncClient(base_url=address, timeout=60.0) as client:
        assert (await client.get("/api/v1/status")).status_code in (200, 503)
    assert given_up == []
