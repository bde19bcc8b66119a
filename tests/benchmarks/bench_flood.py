"""A hostile coordinator that offers a million pointings: what one agent makes of them, and what it costs there.

Run ``python tests/benchmarks/bench_flood.py [--pointings N]``; it prints a markdown table, and fails where something
moved or grew. The agent is the whole one, in a process of its own with its memory on disk and a simulated telescope;
the coordinator streams as fast as it is read. No telescope may take any of the offers: below the horizon, at the Sun,
nonsense, shell text in every name. TMPDIR says on what disk the memory lies.
"""

import argparse
import asyncio
import itertools
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from armillary.telescope.v1 import telescope_pb2 as pb

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from builders.agent_commands import SITE

from telescopes.conformance.agent_offers import nonsense
from telescopes.conformance.agent_peer import AgentPeer
from telescopes.conformance.server import now
from telescopes.conformance.sun import sun_place
from telescopes.conformance.toy_gateway import HEARTBEAT_S, ToyGateway

POINTINGS = 1_000_000
MOST_MIB = 120.0
LOOK_S = 1.0
TOLD_EVERY = 60
TOUCHED = "touched"
NAMES = tuple(pb.PointingState.keys())


class Flood(ToyGateway):
    """A coordinator that makes its offers as they are read, and counts the answers instead of keeping them."""

    def __init__(self, many: int, shell: str) -> None:
        super().__init__()
        self.many = many
        self.shell = shell
        self.answers: Counter[str] = Counter()
        self.last_agent_seq = 0
        self._kinds: list[pb.Pointing] = []

    def offer(self, number: int) -> pb.Pointing:
        """Make an offer that nobody may take; its own name is for a shell, too."""
        if not self._kinds:
            agent = AgentPeer(self)
            ra_deg, dec_deg = sun_place(datetime.now(UTC))
            words = dict.fromkeys(("plan_id", "event_id", "visit", "field_id", "traceparent"), self.shell)
            self._kinds = [
                *(pointing for _, pointing in nonsense(agent)),
                agent.pointing(ra_deg=ra_deg, dec_deg=dec_deg),
                agent.pointing(ra_deg=10.0, dec_deg=-89.0),
                agent.pointing(ra_deg=10.0, dec_deg=-89.0, **words),
            ]
        kind = self._kinds[number % len(self._kinds)]
        kind.pointing_id = f"{number} {self.shell}"
        return kind

    async def WatchCommands(
        self, request: pb.WatchCommandsRequest, context: Any
    ) -> AsyncIterator[pb.WatchCommandsResponse]:
        """Stream all offers, then heartbeats."""
        self.heard.watches.append(request)
        await self._check(request.session_id, context)
        for seq in range(request.after_seq + 1, self.many + 1):
            yield pb.WatchCommandsResponse(seq=seq, pointing=self.offer(seq))
        while True:
            beat = pb.Heartbeat(server_time=now(), sky_clock=pb.SkyClock(sky_time=now(), rate=1.0))
            yield pb.WatchCommandsResponse(seq=self.many, heartbeat=beat)
            await asyncio.sleep(HEARTBEAT_S)

    async def ReportPointings(self, request: pb.ReportPointingsRequest, context: Any) -> pb.ReportPointingsResponse:
        """Count answers, each once."""
        await self._check(request.session_id, context)
        for report in request.reports:
            if report.agent_seq > self.last_agent_seq:
                self.last_agent_seq = report.agent_seq
                self.answers[NAMES[report.state]] += 1
        results = [pb.ItemResult(item_id=r.report_id, current_state=r.state) for r in request.reports]
        return pb.ReportPointingsResponse(results=results, server_time=now())


@asynccontextmanager
async def agent(address: str, folder: Path) -> AsyncIterator[psutil.Process]:
    """Run the agent in a process of its own; what it says goes to a file."""
    site = folder / "site.toml"
    site.write_text(SITE.format(port=address.rpartition(":")[2]))
    words = ("-m", "coordinator.cli", "agent", "run", "--config", str(site), "--state", str(folder / "state"))
    with (folder / "said").open("wb") as said:
        process = await asyncio.create_subprocess_exec(sys.executable, *words, stdout=said, stderr=said)
        try:
            yield psutil.Process(process.pid)
            assert process.returncode is None, (folder / "said").read_text()[-2000:]
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


@dataclass(frozen=True, slots=True)
class Cost:
    """What a flood cost at the site."""

    peak_mib: float
    last_mib: float
    cpu_s: float
    took_s: float


async def watched(gateway: Flood, process: psutil.Process) -> Cost:
    """Watch the agent until it has answered everything, and is still there afterwards."""
    began, peak_mib = time.monotonic(), 0.0
    for turn in itertools.count(1):
        now_mib, answered = process.memory_info().rss / 2**20, gateway.answers.total()
        peak_mib = max(peak_mib, now_mib)
        if answered >= gateway.many:
            break
        if turn % TOLD_EVERY == 0:
            print(f"{answered} answered, {now_mib:.0f} MiB", file=sys.stderr, flush=True)
        await asyncio.sleep(LOOK_S)
    cost = Cost(peak_mib, now_mib, sum(process.cpu_times()[:2]), time.monotonic() - began)
    heard = len(gateway.heard.statuses)
    assert await gateway.until(lambda: len(gateway.heard.statuses) > heard, 60.0), "it fell silent"
    return cost


async def flooded(folder: Path, many: int) -> tuple[Flood, Cost]:
    """Flood one agent whose memory lies in a folder."""
    gateway = Flood(many, f"$(touch {folder / TOUCHED})")
    address = await gateway.start("127.0.0.1", 0)
    try:
        async with agent(address, folder) as process:
            return gateway, await watched(gateway, process)
    finally:
        await gateway.stop()


def main(many: int) -> None:
    """Flood, print the table, and fail where something moved or grew."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        gateway, cost = asyncio.run(flooded(folder, many))
        disk_mib = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) / 2**20
        touched = (folder / TOUCHED).exists()
    said = {name.removeprefix("POINTING_STATE_"): count for name, count in gateway.answers.items()}
    per_offer_us, rate = 1e6 * cost.cpu_s / many, many / cost.took_s
    answers = ", ".join(f"{count:,} {name}" for name, count in said.items())
    print("\n| what | budget | measured |\n| --- | --- | --- |")
    print(f"| answers to {many:,} offers that no telescope may take | all REJECTED | {answers} |")
    print(f"| the agent's memory: most, at the end | ≤ 120 MiB | {cost.peak_mib:.0f}, {cost.last_mib:.0f} MiB |")
    print(f"| its folder with its log | bounded | {disk_mib:.1f} MiB |")
    print(f"| its CPU an offer; offers a second | - | {per_offer_us:.0f} µs; {rate:.0f} |")
    print(f"| sessions that it opened | 1 | {len(gateway.heard.sessions)} |", flush=True)
    assert said == {"REJECTED": many}, said
    assert cost.peak_mib <= MOST_MIB, f"{cost.peak_mib:.0f} MiB"
    assert not touched, "shell text was run"
    assert len(gateway.heard.sessions) == 1, "it fell, and came back"


def test_a_flood_of_offers_moves_nothing_and_fills_nothing() -> None:
    main(5_000)


if __name__ == "__main__":
    words = argparse.ArgumentParser()
    words.add_argument("--pointings", type=int, default=POINTINGS)
    main(words.parse_args().pointings)
