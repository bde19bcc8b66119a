"""Journal entry to browser, with 30 other streams open: how long until it is heard, seen, and all of the page is of it.

Run ``python tests/benchmarks/bench_live.py`` (``--entries N``); it prints a markdown table. The journal's actor and the
dashboard's Ray Serve replica are those of a running observatory, over an event with a thousand pointings; the page is
the first page, in Chromium. Times begin before the entry is handed to the journal, so that its commit is in them.
"""

import argparse
import asyncio
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psutil
from playwright.async_api import Page

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench_sky import the_story
from builders.big_sky import tell_big_sky
from builders.browser import opened

from coordinator.demo.ports import free_port
from coordinator.services.journal import Entry
from coordinator.settings import DashboardSettings, Settings
from coordinator.store.blobs import FolderBlobs

STREAMS, POINTINGS, BATCH = 30, 1000, 500
BETWEEN_S = (0.9, 1.6)
"""The page is fetched again every 700 ms at most: news that come closer together share one."""

LISTEN = """
const at = () => performance.timeOrigin + performance.now();
window.heard = {};
window.seen = {};
window.shown = {};
document.addEventListener("armillary:news", ({ detail }) => { heard[detail.seq] ??= at(); });
const drawn = (then) => requestAnimationFrame(() => setTimeout(then)); // after the frame that it is part of
new MutationObserver(() => {
  const newest = document.getElementById("newest")?.textContent.match(/#(\\d+)/)?.[1];
  if (newest && !(newest in seen)) { seen[newest] = null; drawn(() => { seen[newest] = at(); }); }
  for (const row of document.querySelectorAll("#log tbody tr")) shown[row.dataset.key] ??= at();
}).observe(document, { childList: true, subtree: true });
"""


@asynccontextmanager
async def observatory(folder: Path) -> AsyncIterator[tuple[Any, str]]:
    """The journal's actor, told a story, and the address of the dashboard that is served beside it."""
    import ray

    from coordinator.actors.journal import JournalActor
    from coordinator.dashboard import serve_app

    settings = Settings(state=folder, dashboard=DashboardSettings(port=free_port()))
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    ray.init(
        address="local", namespace="armillary", num_cpus=2, include_dashboard=False, object_store_memory=100 * 2**20,
        log_to_driver=False, logging_level="error",
    )  # fmt: skip
    try:
        actor = ray.remote(JournalActor).options(name="journal", num_cpus=0, max_restarts=-1).remote(settings)
        await tell(actor, settings)
        yield actor, await asyncio.to_thread(serve_app.serve_dashboard, settings)
        serve_app.end_dashboard()
    finally:
        ray.shutdown()


async def tell(actor: Any, settings: Settings) -> None:
    """Hand the journal of a story to the actor, and its files to the folder."""
    telling = the_story()
    story = telling.Story(blobs=FolderBlobs(settings.state / "blobs"))
    await tell_big_sky(story, telling.a_map(), telling.T0, pointings=POINTINGS, candidates=200)
    entries = [s.entry for s in story.journal.stored if s.entry.kind != "writer_elected"]
    epoch = await actor.elect.remote("scheduler")
    for n, first in enumerate(range(0, len(entries), BATCH)):
        await actor.append.remote(
            entries[first : first + BATCH], writer="scheduler", epoch=epoch, append_id=f"story-{n}"
        )


async def follow(address: str, arrived: dict[int, float]) -> None:
    """Keep a stream open, and note when each entry comes."""
    async with httpx.AsyncClient(timeout=None) as client, client.stream("GET", f"{address}stream") as answer:
        async for line in answer.aiter_lines():
            if line.startswith("id: "):
                arrived[int(line[4:])] = time.time() * 1000


async def write(actor: Any, page: Page, entries: int) -> dict[int, float]:
    """Append entries one by one; return when each was handed over."""
    chance, given = random.Random(1), {}
    epoch = await actor.elect.remote("operators")
    noted = Entry("operator_noted", {"text": "hello"}, sky_time=datetime(2017, 8, 17, 13, tzinfo=UTC))
    for n in range(entries):
        began = time.time() * 1000
        (stored,) = await actor.append.remote([noted], writer="operators", epoch=epoch, append_id=f"note-{n}")
        given[int(stored.seq)] = began
        await asyncio.sleep(chance.uniform(*BETWEEN_S))
    async with asyncio.timeout(30):
        while str(max(given)) not in await page.evaluate("shown"):
            await asyncio.sleep(0.2)
    return given


def row(name: str, spans: list[float], of: int) -> str:
    """Return one row of the table."""
    cuts = statistics.quantiles(spans, n=100)
    return f"| {name} | {len(spans)} of {of} | {cuts[49]:.0f} | {cuts[89]:.0f} | {cuts[98]:.0f} |"


async def main(entries: int) -> None:
    """Measure, and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        async with observatory(Path(folder)) as (actor, address), AsyncExitStack() as stack:
            page = await stack.enter_async_context(opened(f"{address}static/icon.svg", []))
            await page.context.add_init_script(LISTEN)
            await page.goto(address, wait_until="domcontentloaded")
            await page.wait_for_selector("sky-view[data-ready]", timeout=60_000)
            streams: list[dict[int, float]] = [{} for _ in range(STREAMS)]
            following = [asyncio.create_task(follow(address, arrived)) for arrived in streams]
            await asyncio.sleep(5.0)
            given, load = await write(actor, page, entries), psutil.getloadavg()[0]
            heard, seen, shown = [await page.evaluate(name) for name in ("heard", "seen", "shown")]
            for task in following:
                task.cancel()
            await asyncio.gather(*following, return_exceptions=True)
    print(f"{entries} entries, {STREAMS} streams besides the browser, load {load:.1f}\n")
    print("| journal entry, from before its commit | came | p50 ms | p90 ms | p99 ms |")
    print("| --- | --- | --- | --- | --- |")
    followed = [stream[seq] - at for seq, at in given.items() for stream in streams if seq in stream]
    print(row("heard by a stream", followed, entries * STREAMS))
    noted = {"heard in the browser": heard, "seen on the page": seen, "all of the page is of it": shown}
    for name, when in noted.items():
        print(row(name, [when[str(seq)] - at for seq, at in given.items() if str(seq) in when], entries))


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--entries", type=int, default=100)
    asyncio.run(main(options.parse_args().entries))
