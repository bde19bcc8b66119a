"""Appends per second to the SQLite journal: one by one, from many at once, and in batches.

Run ``python tests/benchmarks/bench_journal.py [FOLDER]``; it prints a markdown table.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from coordinator.services.journal import Entry, Writer
from coordinator.store.journal import SqliteJournal

SKY = datetime(2026, 8, 17, tzinfo=UTC)
BODY = {"pointing_id": "p-0001", "to": "completed", "detail": "x" * 200, "fraction_done": 1.0}


def entries(count: int) -> list[Entry]:
    """Return facts of a usual size (about 300 bytes of body)."""
    return [
        Entry("pointing_completed", BODY, sky_time=SKY, event="e", telescope="tca", subject="p") for _ in range(count)
    ]


async def one_by_one(writer: Writer) -> tuple[int, list[float]]:
    """One caller that waits for each answer."""
    spans = []
    for _ in range(2000):
        began = time.perf_counter()
        await writer.append(entries(1))
        spans.append(time.perf_counter() - began)
    return 2000, spans


async def many_at_once(writer: Writer) -> tuple[int, list[float]]:
    """100 callers, each one entry at a time: what group commit is for."""
    spans: list[float] = []

    async def caller() -> None:
        for _ in range(100):
            began = time.perf_counter()
            await writer.append(entries(1))
            spans.append(time.perf_counter() - began)

    await asyncio.gather(*(caller() for _ in range(100)))
    return 10_000, spans


async def in_batches(writer: Writer) -> tuple[int, list[float]]:
    """One caller, 200 entries in each append."""
    batch, spans = entries(200), []
    for _ in range(200):
        began = time.perf_counter()
        await writer.append(batch)
        spans.append(time.perf_counter() - began)
    return 40_000, spans


async def measure(folder: Path, name: str, way: Callable[[Writer], Awaitable[tuple[int, list[float]]]]) -> str:
    """Return one row of the table."""
    journal = SqliteJournal(folder / f"{way.__name__}.db", now=lambda: datetime.now(UTC))
    writer = await Writer.elected(journal, "scheduler")
    began = time.perf_counter()
    count, spans = await way(writer)
    took = time.perf_counter() - began
    await journal.close()
    percentiles = statistics.quantiles(spans, n=100)
    return f"| {name} | {count / took:,.0f} | {percentiles[49] * 1e3:.2f} | {percentiles[98] * 1e3:.2f} |"


async def main(folder: Path) -> None:
    """Measure each way and print the table."""
    print("| appends | entries/s | p50 ms | p99 ms |\n| --- | --- | --- | --- |")
    ways = (("one by one", one_by_one), ("100 callers at once", many_at_once), ("batches of 200", in_batches))
    for name, way in ways:
        print(await measure(folder, name, way))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asyncio.run(main(Path(sys.argv[1])))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            asyncio.run(main(Path(temporary)))
