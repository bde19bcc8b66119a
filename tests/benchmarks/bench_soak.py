"""200 agents at one gateway for ten minutes, and after its death: memory, CPU, and how soon everybody is back.

Run ``python tests/benchmarks/bench_soak.py [--agents N] [--minutes N]``; it prints markdown rows. The agents are whole
ones, in two processes, each with its own connection and store; the gateway is the practice one, killed by SIGKILL.
"""

import argparse
import asyncio
import json
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from builders.running import poll

from coordinator.demo.ports import free_port
from telescopes.agent.agent import Agent
from telescopes.agent.grpc_link import GrpcLink
from telescopes.agent.link import Message
from telescopes.agent.sky_time import AgentSky
from telescopes.agent.store import Store
from telescopes.description.clocks import MonotonicClock, SystemSkyClock
from telescopes.description.limits import first_violation
from telescopes.description.site_file import default_sites_folder, read_site_file
from telescopes.drivers.simulated import SimulatedDriver

CLIENTS = 2
SAMPLE_S = 5.0
SETTLED = 0.3
"""The first part of a soak fills caches: the slope of memory is that of the rest."""


class CountingLink(GrpcLink):
    """A link that says when its stream begins to speak."""

    async def watch(self, session_id: str, after_seq: int) -> AsyncGenerator[Message, None]:
        """Iterate over the command stream; the first word is told."""
        first = True
        async for said in super().watch(session_id, after_seq):
            if first:
                print(time.monotonic(), flush=True)
            first = False
            yield said


async def one_agent(address: str, name: str, folder: Path, stop: asyncio.Event) -> None:
    """Run one whole agent."""
    site = read_site_file(default_sites_folder() / "oaj-t80.toml")
    telescope = replace(site, id=name, link=replace(site.link, gateway=address))
    clock = MonotonicClock()
    sky, store = AgentSky(clock), Store(folder / f"{name}.sqlite", name)
    agent = Agent(
        telescope,
        SimulatedDriver(telescope, sky),
        CountingLink(address),
        store,
        sky=sky,
        link_clock=clock,
        utc_now=SystemSkyClock().now,
        rng=np.random.default_rng(),
        violation=first_violation,
    )
    try:
        await agent.run(stop)
    finally:
        store.close()


async def client(address: str, first: int, count: int, folder: Path) -> None:
    """Run so many agents until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await asyncio.gather(*(one_agent(address, f"soak-{n}", folder, stop) for n in range(first, first + count)))


class Crowd:
    """The client processes; what they tell lies in files."""

    def __init__(self, address: str, agents: int, folder: Path) -> None:
        self._told = [folder / f"told-{n}" for n in range(CLIENTS)]
        each = agents // CLIENTS
        self.processes = [
            subprocess.Popen(
                [sys.executable, __file__, "--client", address, str(n * each), str(each), str(folder)],
                stdout=told.open("wb"),
                stderr=(folder / f"errors-{n}").open("wb"),
            )
            for n, told in enumerate(self._told)
        ]

    def spoken(self) -> list[float]:
        """When streams began to speak, in order."""
        return sorted(float(line) for told in self._told for line in told.read_text().split("\n")[:-1])

    def close(self) -> None:
        """End them."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(60.0)


class Gateway:
    """The practice gateway in a process of its own."""

    def __init__(self, port: int) -> None:
        words = ["-m", "coordinator.gateway.practice", "--port", str(port)]
        self.process = subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE)
        assert self.process.stdout is not None
        assert b"practice gateway" in self.process.stdout.readline()
        self.serves_since = time.monotonic()

    def kill(self) -> None:
        """End it at once."""
        self.process.kill()
        self.process.wait(10.0)


def soak(processes: dict[str, int], minutes: float) -> None:
    """Watch processes for a while, and print rows of CPU and memory."""
    watched = {name: psutil.Process(pid) for name, pid in processes.items()}
    began = {name: sum(p.cpu_times()[:2]) for name, p in watched.items()}
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name in watched}
    start = time.monotonic()
    while time.monotonic() - start < 60.0 * minutes:
        for name, process in watched.items():
            seen[name].append((time.monotonic() - start, process.memory_info().rss / 2**20))
        time.sleep(SAMPLE_S)
    for name, process in watched.items():
        cpu = (sum(process.cpu_times()[:2]) - began[name]) / (time.monotonic() - start)
        late = seen[name][int(SETTLED * len(seen[name])) :]
        slope = statistics.linear_regression(*zip(*late, strict=True)).slope
        print(
            f"| {name} | {100 * cpu:.1f} % of a core | {late[-1][1]:.0f} MiB | {3600 * slope:+.1f} MiB an hour |",
            flush=True,
        )


def back(crowd: Crowd, gateway: Gateway, agents: int) -> None:
    """Wait until everybody hears the gateway again, and say how long it took after it served."""
    poll("all streams speak", lambda: len(_since(crowd, gateway)) >= agents, 180.0)
    spans = _since(crowd, gateway)
    print(
        f"| {agents} agents back | p50 ≤ 5 s | p50 {statistics.median(spans):.2f} s, last {spans[-1]:.2f} s |",
        flush=True,
    )


def _since(crowd: Crowd, gateway: Gateway) -> list[float]:
    return [at - gateway.serves_since for at in crowd.spoken() if at > gateway.serves_since]


def main(agents: int, minutes: float, away_s: float) -> None:
    """Measure one crowd."""
    with tempfile.TemporaryDirectory() as temporary:
        port, folder = free_port(), Path(temporary)
        gateway = Gateway(port)
        crowd = Crowd(f"127.0.0.1:{port}", agents, folder)
        try:
            poll("all streams speak", lambda: len(crowd.spoken()) >= agents, 180.0)
            print("\n| process | CPU | memory | slope |\n| --- | --- | --- | --- |")
            pids = {f"{agents // CLIENTS} agents ({n + 1})": p.pid for n, p in enumerate(crowd.processes)}
            soak({"gateway": gateway.process.pid, **pids}, minutes)
            gateway.kill()
            time.sleep(away_s)
            print("\n| after SIGKILL of the gateway | budget | measured |\n| --- | --- | --- |")
            gateway = Gateway(port)
            back(crowd, gateway, agents)
        finally:
            crowd.close()
            gateway.kill()
            said = b"".join((folder / f"errors-{n}").read_bytes() for n in range(CLIENTS))
            print(json.dumps(said[-400:].decode(errors="replace"))) if said else None


if __name__ == "__main__":
    if sys.argv[1:2] == ["--client"]:
        with suppress(KeyboardInterrupt):
            asyncio.run(client(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), Path(sys.argv[5])))
    else:
        words = argparse.ArgumentParser()
        words.add_argument("--agents", type=int, default=200)
        words.add_argument("--minutes", type=float, default=10.0)
        words.add_argument("--away-s", type=float, default=2.0)
        given = words.parse_args()
        main(given.agents, given.minutes, given.away_s)
