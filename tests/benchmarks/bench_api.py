"""Lists by REST over a long journal: how long an answer takes.

Run ``python tests/benchmarks/bench_api.py`` (``--entries N``, ``--asks N``); it prints a markdown table. One event with
thousands of pointings and candidates, all other entries the telescopes' statuses; the journal is a file, server and
client are one process on one core, so that a time holds both.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import psutil
import uvicorn

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench_sky import the_story
from builders.big_sky import EVENT, tell_big_sky

from coordinator.dashboard.app import build_app
from coordinator.dashboard.board import DashboardPort
from coordinator.dispatch.facts import TelescopeStatusChanged
from coordinator.services.facts import entry_of
from coordinator.services.journal import Writer
from coordinator.store.journal import SqliteJournal

POINTINGS, CANDIDATES, BATCH = 20_000, 2_000, 500
BUDGET_MS = 100.0
LISTS = {
    "events": "/api/v1/events",
    "telescopes": "/api/v1/telescopes",
    "pointings": f"/api/v1/pointings?event={EVENT}",
    "pointings, completed": f"/api/v1/pointings?event={EVENT}&state=completed",
    "candidates": f"/api/v1/candidates?event={EVENT}",
    "inbox": "/api/v1/inbox",
    "quarantine": "/api/v1/quarantine",
    "log": "/api/v1/log?since=99000",
    "status": "/api/v1/status",
}


async def told(telling: ModuleType, entries: int) -> Any:
    """Tell a long story."""
    story = telling.Story()
    await tell_big_sky(story, telling.a_map(width_deg=12.0), telling.T0, pointings=POINTINGS, candidates=CANDIDATES)
    ids = sorted(story.telescopes)
    statuses = [
        entry_of(
            "telescope_status_changed",
            TelescopeStatusChanged("up", True, cloud_cover_pct=float(n % 100)),
            sky_time=telling.T0,
            telescope=ids[n % len(ids)],
        )
        for n in range(entries - len(story.journal.stored))
    ]
    writer = await Writer.elected(story.journal, "telescope/tca")
    for first in range(0, len(statuses), BATCH):
        await writer.append(statuses[first : first + BATCH])
    return story


async def written(story: Any, path: Path) -> SqliteJournal:
    """Write a story's journal to a file."""
    journal = SqliteJournal(path, lambda: datetime.now(UTC))
    writer, told = await Writer.elected(journal, "scheduler"), [s.entry for s in story.journal.stored]
    for first in range(0, len(told), BATCH):
        await writer.append([e for e in told[first : first + BATCH] if e.kind != "writer_elected"])
    return journal


@asynccontextmanager
async def served(story: Any, journal: SqliteJournal) -> AsyncIterator[str]:
    """Serve it over that file."""
    port = DashboardPort(journal, story.blobs, story.telescopes, lambda: story.now)
    config = uvicorn.Config(build_app(port), host="127.0.0.1", port=0, log_config=None, ws="none")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.05)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await task


async def asked(site: httpx.AsyncClient, path: str, asks: int) -> tuple[list[float], float, int]:
    """Return milliseconds of each answer, CPU milliseconds of one, and its bytes."""
    await site.get(path)
    spans, before = [], time.process_time()
    for _ in range(asks):
        began = time.perf_counter()
        answer = await site.get(path)
        spans.append((time.perf_counter() - began) * 1000)
        answer.raise_for_status()
    return spans, (time.process_time() - before) / asks * 1000, len(answer.content)


async def main(entries: int, asks: int) -> None:
    """Measure every list and print the table."""
    story = await told(the_story(), entries)
    with tempfile.TemporaryDirectory() as folder:
        journal = await written(story, Path(folder) / "journal.sqlite")
        head = (await journal.info()).head_seq
        async with served(story, journal) as address, httpx.AsyncClient(base_url=address, timeout=60.0) as site:
            while (await site.get("/api/v1/status")).status_code != 200:
                await asyncio.sleep(0.5)
            load = psutil.getloadavg()[0]
            print(f"{head:,} entries, {POINTINGS:,} pointings, {CANDIDATES:,} candidates; load {load:.1f}\n")
            print("| list, 200 a page | kB | p50 ms | p99 ms | longest ms | CPU of an answer ms |")
            print("| --- | --- | --- | --- | --- | --- |")
            for name, path in LISTS.items():
                spans, cpu_ms, size = await asked(site, path, asks)
                p50, p99 = statistics.median(spans), statistics.quantiles(spans, n=100)[98]
                over = "" if p99 <= BUDGET_MS else " **over**"
                print(f"| {name} | {size / 1000:.0f} | {p50:.1f} | {p99:.1f}{over} | {max(spans):.1f} | {cpu_ms:.1f} |")
        await journal.close()


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--entries", type=int, default=100_000)
    options.add_argument("--asks", type=int, default=300)
    given = options.parse_args()
    asyncio.run(main(given.entries, given.asks))
