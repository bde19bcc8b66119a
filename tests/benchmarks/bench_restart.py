"""Killed to serving: every part against a bare Ray actor in the same Ray, and the whole system.

Run ``python tests/benchmarks/bench_restart.py [ENTRIES] [KILLS]``; it prints markdown tables. The journal is filled
beforehand with that many entries (100,000 unless said otherwise), and every part is killed so often (3).
"""

import asyncio
import contextlib
import os
import signal
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from builders.running import Running, poll

from coordinator.actors.observatory import Observatory, bring_up
from coordinator.config_file import read_settings
from coordinator.dispatch.facts import TelescopeStatusChanged
from coordinator.services.facts import entry_of
from coordinator.services.journal import Writer
from coordinator.settings import Settings
from coordinator.store.journal import SqliteJournal

SKY = datetime(2026, 3, 20, 15, tzinfo=UTC)
NETWORK = 30
BATCH = 1000
BETWEEN_S = 1.0
GIVE_UP_S = 120.0
say = partial(print, file=sys.__stdout__, flush=True)


class Bare:
    """The least that an actor can be."""

    def ready(self) -> int:
        """Return the process's id."""
        return os.getpid()


async def fill(path: Path, telescopes: list[str], entries: int) -> None:
    """Write a long history: the changing weather of a network of thirty, of which only these are left."""
    telescopes = [*telescopes, *(f"closed-{n}" for n in range(NETWORK - len(telescopes)))]
    journal = SqliteJournal(path, now=lambda: datetime.now(UTC))
    for one in telescopes:
        writer = await Writer.elected(journal, f"telescope/{one}")
        share = entries // len(telescopes)
        for start in range(0, share, BATCH):
            await writer.append(
                [
                    entry_of(
                        "telescope_status_changed",
                        TelescopeStatusChanged("up", True, cloud_cover_pct=float(n % 100)),
                        sky_time=SKY + timedelta(seconds=n),
                        telescope=one,
                    )
                    for n in range(start, min(start + BATCH, share))
                ]
            )
    await journal.close()


def killed_to_serving_s(actor: Any) -> float:
    """Kill an actor's process and wait until it answers as one that is ready."""
    import ray  # reads its environment when it is imported, and the observatory sets that

    old = ray.get(actor.ready.remote(), timeout=GIVE_UP_S)
    began = time.monotonic()
    os.kill(old, signal.SIGKILL)
    while time.monotonic() - began < GIVE_UP_S:
        try:
            if ray.get(actor.ready.remote(), timeout=GIVE_UP_S) != old:
                return time.monotonic() - began
        except ray.exceptions.RayError:
            time.sleep(0.02)
    raise AssertionError("it did not come back")


def roles(settings: Settings, telescope: str) -> list[str]:
    """Names of the actors that are killed, the busiest telescope's among them."""
    sources = [f"source/{s.id}" for s in settings.streams]
    return ["journal", "scheduler", f"telescope/{telescope}", "vetter", "gateway", *sources, "supervisor", "planner"]


def measure(observatory: Observatory, telescope: str, kills: int) -> None:
    """Kill every part and the bare actor in turns; print a row for each."""
    import ray

    bare = ray.remote(Bare).options(num_cpus=0, max_restarts=-1, name="bare", lifetime="detached").remote()
    spans: dict[str, list[float]] = {}
    theirs: list[float] = []
    for role in roles(observatory.settings, telescope):
        for _ in range(kills):
            spans.setdefault(role, []).append(killed_to_serving_s(observatory.actor(role)))
            time.sleep(BETWEEN_S)
            theirs.append(killed_to_serving_s(bare))
            time.sleep(BETWEEN_S)
    say("\n| killed | ratio | p50 s | max s |\n| --- | --- | --- | --- |")
    usual = statistics.median(theirs)
    for role, mine in [*spans.items(), ("a bare actor", theirs)]:
        p50 = statistics.median(mine)
        say(f"| {role} | {p50 / usual:.2f} | {p50:.2f} | {max(mine):.2f} |")


def everything(running: Running) -> None:
    """Kill the whole system and start it again; print the row."""
    running.up()
    stood = running.head()
    running.kill_everything()
    before = running.replay()
    began = time.monotonic()
    running.start()
    poll("gateway and scheduler serve", lambda: "scheduler" in running.pids())
    took = time.monotonic() - began
    same = running.replay(stood)["state_hash"] == before["state_hash"] if before["seq"] == stood else None
    say(f"\n| everything: gateway and scheduler serving, same state hash: {same} | {took:.1f} s |")


def main(folder: Path, entries: int, kills: int) -> None:
    """Fill a journal, start the system on it, kill it in parts and as a whole."""
    running = Running.staged(folder)
    asyncio.run(fill(running.journal, running.telescopes, entries))
    say(f"journal of {running.head():,} entries; load {os.getloadavg()[0]:.1f}")
    settings = read_settings(running.stage.config)
    # Ray tells of every process that was killed.
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
        observatory = bring_up(settings, lambda _: None)
        try:
            measure(observatory, running.telescopes[0], kills)
        finally:
            observatory.close()
    try:
        everything(running)
    finally:
        running.close()


if __name__ == "__main__":
    words = [int(word) for word in sys.argv[1:]]
    with tempfile.TemporaryDirectory() as temporary:
        main(Path(temporary).resolve(), *(words + [100_000, 3][len(words) :]))
