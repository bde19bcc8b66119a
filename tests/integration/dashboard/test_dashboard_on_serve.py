"""The dashboard where it really runs: in a Ray Serve replica that follows the journal's actor."""

import asyncio
import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from coordinator.demo.ports import free_port
from coordinator.services.journal import Entry
from coordinator.settings import DashboardSettings, Settings

pytestmark = [pytest.mark.ray, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
ENTRY = Entry("operator_noted", {"text": "hello"}, sky_time=datetime(2026, 8, 17, tzinfo=UTC))


@pytest.fixture
def observatory(tmp_path: Path) -> Iterator[tuple[Any, str]]:
    """The journal's actor, and the address of a dashboard that is served beside it."""
    import ray

    from coordinator.actors.journal import JournalActor
    from coordinator.dashboard import serve_app

    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ["RAY_SERVE_PROXY_READY_CHECK_TIMEOUT_S"] = "30"
    settings = Settings(state=tmp_path, dashboard=DashboardSettings(port=free_port()))
    ray.init(
        address="local",
        namespace="armillary",
        num_cpus=2,
        include_dashboard=False,
        object_store_memory=100 * 2**20,
        log_to_driver=False,
        logging_level="error",
    )
    try:
        actor = ray.remote(JournalActor).options(name="journal", num_cpus=0, max_restarts=-1)
        journal = actor.remote(settings)
        ray.get(journal.ready.remote(), timeout=150)
        yield journal, serve_app.serve_dashboard(settings)
        serve_app.end_dashboard()
    finally:
        ray.shutdown()


async def append(journal: Any, append_id: str) -> int:
    """Write one entry, whatever happens to the actor meanwhile; return its number."""
    from ray.exceptions import RayActorError

    async with asyncio.timeout(150):
        while True:
            try:
                epoch = await journal.elect.remote("scheduler")
                named = {"writer": "scheduler", "epoch": epoch, "append_id": append_id}
                (stored,) = await journal.append.remote([ENTRY], **named)
                return int(stored.seq)
            except RayActorError:
                await asyncio.sleep(0.1)


@pytest.mark.slow
async def test_the_dashboard_follows_the_journal_through_its_restart(observatory: tuple[Any, str]) -> None:
    journal, address = observatory
    seq = await append(journal, "one")
    streamed: list[int] = []

    async def collect() -> None:
        path = f"{address}stream?after={seq}"
        async with httpx.AsyncClient(timeout=150) as client, client.stream("GET", path) as answer:
            async for line in answer.aiter_lines():
                if line.startswith("id: "):
                    streamed.append(int(line.removeprefix("id: ")))

    async with httpx.AsyncClient(base_url=address, timeout=150) as client:
        await until(client, seq)
        assert "Armillary" in (await client.get("/")).text
        collecting = asyncio.create_task(collect())
        os.kill(await journal.ready.remote(), signal.SIGKILL)
        last = await append(journal, "two")
        await until(client, last)
        rows = (await client.get("/api/v1/log")).json()["items"]
        assert [row["seq"] for row in rows] == list(range(1, last + 1))
        async with asyncio.timeout(150):
            while not streamed or streamed[-1] < last:
                await asyncio.sleep(0.05)
        assert streamed == list(range(seq + 1, last + 1))
        collecting.cancel()
        await asyncio.gather(collecting, return_exceptions=True)
        async with asyncio.timeout(150):
            while (await client.get("/api/v1/status")).json()["streams_open"]:
                await asyncio.sleep(0.05)


async def until(client: httpx.AsyncClient, seq: int) -> None:
    """Ask until the dashboard has read so far."""
    async with asyncio.timeout(150):
        while True:
            answer = await client.get("/api/v1/status")
            if answer.status_code == 200 and answer.json()["as_of"]["seq"] >= seq:
                return
            await asyncio.sleep(0.1)
