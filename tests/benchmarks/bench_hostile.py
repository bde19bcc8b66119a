"""A hostile agent beside honest ones: what it costs them, with it and without it by turns in the same run.

Run ``python tests/benchmarks/bench_hostile.py [--turns N] [--only KIND]``; it prints a markdown table. The gateway, its
scheduler and every telescope's session are one process, so that they share one core; the door has its certificates and
its measures as always. Twenty honest agents say five times a second how they are, and once a second how far they are.
The hostile one has a certificate of its own and four connections, over which it does all at once, as fast as it is
answered. It runs at a lower priority: it would not share the honest agents' machines.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import logging
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import psutil
from armillary.telescope.v1 import telescope_pb2 as pb

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from builders.live_gateway import live_gateway
from builders.secured import SmallAuthority, signed_for

from coordinator.actors.shell import keep_for_good
from telescopes.conformance.server import Server, now, refusal_of
from telescopes.credentials.identity_files import IdentityFiles

HONEST = tuple(f"honest-{n}" for n in range(20))
HOSTILE = "hostile"
EVERY_S = 0.2
REPORT_EACH = 5
TURN_S = 4.0
TURNS = 15
SETTLE_S = 1.0
CONNECTIONS = 4
WORKERS = 12
"""Of each kind of attack on each connection: with all kinds more than the many streams that a connection may have."""
TOO_LARGE = (4 << 20) + 1
IMPATIENT = "calls given up at once"
GIVES_UP_S = 0.02
KINDS = (
    "another's identity",
    "another's session",
    "an old session",
    "500 reports at once",
    "reports one by one",
    "illegal moves",
    "nearly 4 MiB",
    "4 MiB + 1",
    "large and admitted",
)
FULL_DETAIL = 8200
"""Characters in each of 500 reports: as much as fits into a message."""
UNKNOWN_FIELD = b"\xc2\x3e\xa0\x9f\xfa\x01" + b"x" * 4_100_000
"""Field 1000 of 4.1 MB, which nobody reads: a report of how it is, as large as a message may be."""
MOST_TIMES = 2.0
OWN = (("grpc.use_local_subchannel_pool", 1),)
"""Each has connections of its own, as agents on different machines have."""


# -- the gateway, in a process of its own


async def serve(folder: Path) -> None:
    """Serve until standard input ends; say the address, and at the end how everybody's pointings stand."""
    logging.disable(logging.WARNING)
    door = SmallAuthority(folder / "ca").door(link_now=time.monotonic)
    async with live_gateway(names=(*HONEST, HOSTILE), offered=1, door=door) as live:
        keep_for_good()  # as every actor does
        print(live.address, flush=True)
        await asyncio.to_thread(sys.stdin.read)
        print(json.dumps({name: list(live.states(name).values()) for name in live.names}), flush=True)


# -- the hostile agent, in a process of its own


@dataclass
class Attacker:
    """What one connection does, and what it is answered."""

    server: Server
    kinds: frozenset[str]
    answers: Counter[str] = field(default_factory=Counter)
    sent: Counter[str] = field(default_factory=Counter)

    def prepare(self, old: str, mine: str) -> None:
        """Take a session that is old and one that counts, and make what is large."""
        self.old, self.mine = old, mine
        self.large = pb.ReportPointingsRequest(session_id=self.mine, reports=[self.report()])
        self.large.reports[0].detail = "x" * TOO_LARGE
        self.admitted = pb.ReportStatusRequest(session_id=self.mine, client_time=now(), safe=True)
        self.admitted.MergeFromString(UNKNOWN_FIELD)
        self.full = pb.ReportPointingsRequest(session_id=self.mine, reports=[self.report() for _ in range(500)])
        for report in self.full.reports:
            report.detail = "x" * FULL_DETAIL

    def report(self, state: int = pb.POINTING_STATE_ACCEPTED) -> pb.PointingReport:
        """Make a report about its own pointing, new each time."""
        return self.server.report(f"{HOSTILE}-0", state)

    def attacks(self) -> dict[str, Callable[[], tuple[str, Any]]]:
        """Name the attacks, each a call to make."""
        others = itertools.cycle(HONEST)
        states = itertools.cycle((pb.POINTING_STATE_OFFERED, pb.POINTING_STATE_EXPIRED, 99))
        many = [self.report() for _ in range(500)]
        return {
            "another's identity": lambda: ("OpenSession", self.server.announcement(telescope_id=next(others))),
            "another's session": lambda: ("ReportPointings", self._reports(f"{next(others)}:1:token1000")),
            "an old session": lambda: ("ReportStatus", pb.ReportStatusRequest(session_id=self.old, client_time=now())),
            "500 reports at once": lambda: ("ReportPointings", self._reports(self.mine, *many)),
            "reports one by one": lambda: ("ReportPointings", self._reports(self.mine)),
            "illegal moves": lambda: ("ReportPointings", self._reports(self.mine, self.report(next(states)))),
            IMPATIENT: lambda: ("ReportPointings", self._reports(self.mine)),
            "nearly 4 MiB": lambda: ("ReportPointings", self.full),
            "4 MiB + 1": lambda: ("ReportPointings", self.large),
            "large and admitted": lambda: ("ReportStatus", self.admitted),
        }

    def _reports(self, session_id: str, *reports: pb.PointingReport) -> pb.ReportPointingsRequest:
        return pb.ReportPointingsRequest(session_id=session_id, reports=reports or [self.report()])

    async def attack(self, name: str, make: Callable[[], tuple[str, Any]]) -> None:
        """Do one thing again and again, as fast as it is answered."""
        while True:
            method, request = make()
            self.sent[name] += len(getattr(request, "reports", ())) or 1
            try:
                within_s = GIVES_UP_S if name == IMPATIENT else 10.0
                await getattr(self.server.stub, method)(request, timeout=within_s)
                self.answers[f"{name}: answered"] += 1
            except grpc.aio.AioRpcError as failed:
                refusal = refusal_of(failed)
                said = str(refusal) if refusal.reason else f"{refusal} ({(failed.details() or '')[:40]})"
                self.answers[f"{name}: {said}"] += 1

    async def rage(self) -> None:
        """Do everything at once, for ever."""
        kinds = [each for each in self.attacks().items() if each[0] in self.kinds] * WORKERS
        await asyncio.gather(*(self.attack(name, make) for name, make in kinds))


async def be_hostile(address: str, folder: Path, kinds: frozenset[str]) -> None:
    """Attack between a line of standard input and the next; say what was answered when there is none."""
    os.nice(10)
    files = IdentityFiles.in_folder(folder)
    attackers = [Attacker(Server(address, HOSTILE, identity=files, options=OWN), kinds) for _ in range(CONNECTIONS)]
    old, mine = [(await attackers[0].server.open()).session_id for _ in range(2)]
    for one in attackers:
        one.prepare(old, mine)
    print("ready", flush=True)
    raging: list[asyncio.Task[None]] = []
    while line := await asyncio.to_thread(sys.stdin.readline):
        for task in raging:
            task.cancel()
        await asyncio.gather(*raging, return_exceptions=True)
        raging = [asyncio.create_task(one.rage()) for one in attackers] if line == "go\n" else []
    said = {
        "answers": sum((one.answers for one in attackers), Counter[str]()),
        "sent": sum((one.sent for one in attackers), Counter[str]()),
    }
    print(json.dumps(said), flush=True)


# -- the honest agents, in this process


@dataclass
class Honest:
    """An agent that does what agents do; `spans_s` is how long its calls took, with and without the hostile one."""

    server: Server
    spans_s: dict[str, list[float]] = field(default_factory=lambda: {"quiet": [], "hostile": []})

    async def run(self, turns: "Turns") -> None:
        """Call again and again; what is due while an earlier call still waits counts from when it was due."""
        session_id, loop = (await self.server.open()).session_id, asyncio.get_running_loop()
        started, overran = loop.time(), False
        for turn in itertools.count(1):
            due = started + turn * EVERY_S
            await asyncio.sleep(due - loop.time())
            when, began = turns.arm, due if overran else loop.time()
            if turn % REPORT_EACH:
                status = pb.ReportStatusRequest(session_id=session_id, client_time=now(), safe=True)
                await self.server.call("ReportStatus", status)
            else:
                await self._report(session_id, turn == REPORT_EACH)
            ended = loop.time()
            overran = ended > due + EVERY_S
            if when is not None:
                self.spans_s[when].append(ended - began)

    async def _report(self, session_id: str, is_first: bool) -> None:
        name = f"{self.server.telescope_id}-0"
        state = pb.POINTING_STATE_ACCEPTED if is_first else pb.POINTING_STATE_EXPOSING
        (result,) = await self.server.send(session_id, self.server.report(name, state))
        assert result.code == 0, f"{name}: {result.code} {result.reason}"


@asynccontextmanager
async def process(*words: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a part of this script; end it in any case."""
    pipe = asyncio.subprocess.PIPE
    # What it says at its end is one long line.
    made = await asyncio.create_subprocess_exec(
        sys.executable, __file__, *words, stdin=pipe, stdout=pipe, limit=1 << 20
    )
    try:
        yield made
    finally:
        if made.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                made.kill()
        await made.wait()


async def said_at_the_end(one: asyncio.subprocess.Process) -> dict[str, Any]:
    """End a part, and read what it says."""
    assert one.stdin is not None and one.stdout is not None
    one.stdin.close()
    said: dict[str, Any] = json.loads(await one.stdout.readline())
    return said


async def line(one: asyncio.subprocess.Process) -> str:
    """Read a line that a part says."""
    assert one.stdout is not None
    return (await one.stdout.readline()).decode().strip()


@dataclass
class Turns:
    """What is measured now: an arm, or None between two."""

    arm: str | None = None

    async def take(self, hostile: asyncio.subprocess.Process, many: int) -> None:
        """Let the hostile agent rage and rest by turns."""
        assert hostile.stdin is not None
        for arm, word in (("quiet", "rest\n"), ("hostile", "go\n")) * many:
            hostile.stdin.write(word.encode())
            await asyncio.sleep(SETTLE_S)
            self.arm = arm
            await asyncio.sleep(TURN_S)
            self.arm = None


async def measured(
    address: str, folder: Path, hostile: asyncio.subprocess.Process, many: int
) -> dict[str, list[float]]:
    """Let the honest agents work through all turns; say how long their calls took."""
    files = {name: signed_for(folder / "ca", folder, name) for name in HONEST}
    honest = [Honest(Server(address, name, 60.0, files[name], OWN)) for name in HONEST]
    turns = Turns()
    working = [asyncio.create_task(one.run(turns)) for one in honest]
    await turns.take(hostile, many)
    for task in working:
        if task.done():
            task.result()
        task.cancel()
    await asyncio.gather(*working, return_exceptions=True)
    return {when: [s for one in honest for s in one.spans_s[when]] for when in ("quiet", "hostile")}


async def main(many: int, kinds: Sequence[str] = KINDS) -> float:
    """Measure, print the table, and return how many times longer the 99th percentile is."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        async with process("--serve", temporary) as gateway:
            address = await line(gateway)
            identity = signed_for(folder / "ca", folder, HOSTILE).key.parent
            async with process("--attack", address, str(identity), *kinds) as hostile:
                assert await line(hostile) == "ready"
                began = memory_mib(gateway)
                spans_s = await measured(address, folder, hostile, many)
                grown = memory_mib(gateway) - began
                told = await said_at_the_end(hostile)
            stand = await said_at_the_end(gateway)
    assert all(stand[name] == ["exposing"] for name in HONEST), stand
    return table(spans_s, told, grown, many)


def memory_mib(one: asyncio.subprocess.Process) -> float:
    """Say how much memory a part holds."""
    return float(psutil.Process(one.pid).memory_info().rss / 2**20)


def table(spans_s: dict[str, list[float]], told: dict[str, Any], grown_mib: float, many: int) -> float:
    """Print what was measured; return the ratio of the 99th percentiles."""
    rows = {arm: percentiles_ms(spans) for arm, spans in spans_s.items()}
    print("\n| calls of twenty honest agents | n | p50 ms | p99 ms | max ms |\n| --- | --- | --- | --- | --- |")
    for arm, name in (("quiet", "alone"), ("hostile", "beside the hostile one")):
        p50, p99 = rows[arm]
        print(f"| {name} | {len(spans_s[arm])} | {p50:.1f} | {p99:.1f} | {1e3 * max(spans_s[arm]):.1f} |")
    ratio = rows["hostile"][1] / rows["quiet"][1]
    p50_ratio = rows["hostile"][0] / rows["quiet"][0]
    print(f"| beside it to alone (budget {MOST_TIMES:g} at p99) | | {p50_ratio:.2f} | {ratio:.2f} | |")
    raged_s = many * (TURN_S + SETTLE_S)
    print("\n| what it did | reports or calls a second | what it was answered |\n| --- | --- | --- |")
    for name, sent in told["sent"].items():
        print(f"| {name} | {sent / raged_s:,.0f} | {', '.join(of(told['answers'], name))} |")
    print(f"\nThe gateway's memory grew by {grown_mib:.0f} MiB meanwhile.", flush=True)
    return ratio


def of(answers: dict[str, int], name: str) -> Iterator[str]:
    """Name the answers to one attack."""
    for answer, count in sorted(answers.items(), key=lambda each: -each[1]):
        if answer.startswith(f"{name}: "):
            yield f"{count:,} of {answer.removeprefix(f'{name}: ')}"


def percentiles_ms(spans_s: list[float]) -> tuple[float, float]:
    """Return the median and the 99th percentile, in milliseconds."""
    cuts = statistics.quantiles(spans_s, n=100)
    return 1e3 * cuts[49], 1e3 * cuts[98]


def test_a_hostile_agent_is_measured_beside_honest_ones() -> None:
    assert asyncio.run(main(1)) > 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        asyncio.run(serve(Path(sys.argv[2])))
    elif sys.argv[1:2] == ["--attack"]:
        asyncio.run(be_hostile(sys.argv[2], Path(sys.argv[3]), frozenset(sys.argv[4:])))
    else:
        words = argparse.ArgumentParser()
        words.add_argument("--turns", type=int, default=TURNS)
        words.add_argument(
            "--only",
            choices=(*KINDS, IMPATIENT),
            action="append",
            help="What it does; left out: all but calls that it gives up at once.",
        )
        given = words.parse_args()
        asyncio.run(main(given.turns, given.only or KINDS))
