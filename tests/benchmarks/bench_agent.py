"""One idle agent: its memory and CPU; and how soon a frozen peer is noticed, on either side of the link.

Run ``python tests/benchmarks/bench_agent.py [--idle-s S] [--freezes N]``; it prints a markdown table, and ends with 1
where a budget is missed. The agent is the command itself, the gateway one with the default heartbeat, each in a process
of its own. Agents with Alpaca and INDI devices speak to alpaca-simulators and indiserver, as often as by default. A
side has noticed when it has closed the connection that it had.
"""

import argparse
import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from builders.alpaca_peer import an_alpaca_peer
from builders.indi_peer import an_indi_peer
from builders.link_hub import Hub
from builders.running import poll

from coordinator.services.settings import SessionSettings
from telescopes.description.site_file import default_sites_folder

MOST_MIB, MOST_CPU, NOTICED_S = 120.0, 0.01, 20.0
SETTLE_S, SAMPLE_S, LOOK_S = 10.0, 1.0, 0.02
GIVE_UP_S = 90.0
OPEN = "OPEN "


async def gateway() -> None:
    """Serve telescope `t1` with the default heartbeat until SIGTERM, and tell the port."""
    hub = Hub(heartbeat_s=SessionSettings().heartbeat_s)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await hub.start()
    print(f"{OPEN}{hub.port}", flush=True)
    await stop.wait()
    await hub.stop()


@dataclass(frozen=True)
class Pair:
    """A gateway's process, an agent's, and the port between them."""

    gateway: psutil.Process
    agent: psutil.Process
    port: int

    def gateway_ends(self) -> set[int]:
        """Connections that the gateway holds, by the agent's port."""
        return {c.raddr.port for c in connections(self.gateway) if c.laddr.port == self.port}

    def agent_ends(self) -> set[int]:
        """Connections that the agent holds, by its own port."""
        return {c.laddr.port for c in connections(self.agent) if c.raddr.port == self.port}

    def connect(self) -> set[int]:
        """Wait until both hold the same connections, at least one; return which."""
        return poll("both are connected", lambda: self.gateway_ends() & self.agent_ends(), GIVE_UP_S)


def connections(process: psutil.Process) -> "list[psutil._common.pconn]":
    """Return a process's connections to others."""
    return [c for c in process.net_connections("tcp") if c.raddr]


SIMULATED = '[driver]\nname = "simulated"\n'


@contextmanager
def driver_of(name: str, folder: Path) -> Iterator[str]:
    """Give the table of a site file for a driver, with what it speaks to running."""
    images = f'images = "{folder}"\nfilters = {{ r = "Red", g = 1 }}\n'
    peer = folder / "peer"
    peer.mkdir()
    if name == "alpaca":
        with an_alpaca_peer(peer) as alpaca:
            devices = "".join(f"{one} = 0\n" for one in ("telescope", "camera", "filterwheel", "safetymonitor"))
            yield f'[driver]\nname = "alpaca"\nserver = "{alpaca.server}"\n{devices}{images}'
    elif name == "indi":
        with an_indi_peer(peer) as indi:
            devices = 'telescope = "Telescope Simulator"\ncamera = "CCD Simulator"\nfilterwheel = "Filter Simulator"\n'
            weather = 'weather = "Weather Simulator"\n'
            yield f'[driver]\nname = "indi"\nserver = "{indi.server}"\n{devices}{weather}{images}'
    else:
        yield SIMULATED


def site_file(folder: Path, port: int, driver: str) -> Path:
    """Write the site file of an agent that speaks with a port of this machine."""
    text = (default_sites_folder() / "oaj-t80.toml").read_text().replace('id = "oaj-t80"', 'id = "t1"')
    path = folder / "t1.toml"
    before, link, after = text.partition("[link]\n")
    after = "\n".join(line for line in after.split("\n") if not line.startswith("gateway"))
    text = f'{before}{link or "[link]"}\ngateway = "127.0.0.1:{port}"\n{after}'
    path.write_text(text.replace(SIMULATED, driver) if SIMULATED in text else f"{text}\n{driver}")
    return path


@contextmanager
def pair(driver: str = "simulated") -> Iterator[Pair]:
    """Run a gateway and an agent that is idle."""
    with tempfile.TemporaryDirectory() as temporary, driver_of(driver, Path(temporary)) as table:
        folder = Path(temporary)
        there = subprocess.Popen([sys.executable, __file__, "--gateway"], stdout=subprocess.PIPE)
        assert there.stdout is not None
        port = int(there.stdout.readline().decode().removeprefix(OPEN))
        words = ["agent", "run", "--config", str(site_file(folder, port, table)), "--state", str(folder / "state")]
        with (folder / "log").open("wb") as log:
            here = subprocess.Popen([sys.executable, "-m", "coordinator.cli", *words], stdout=log, stderr=log)
        try:
            made = Pair(psutil.Process(there.pid), psutil.Process(here.pid), port)
            made.connect()
            yield made
        finally:
            for process in (here, there):
                process.send_signal(signal.SIGCONT)
                process.terminate()
                process.wait(30.0)


def idle(agent: psutil.Process, for_s: float) -> tuple[float, float]:
    """Watch a process; return the most memory, MiB, and its share of a core."""
    time.sleep(SETTLE_S)
    began, cpu_s, most = time.monotonic(), sum(agent.cpu_times()[:2]), 0
    while time.monotonic() - began < for_s:
        most = max(most, agent.memory_info().rss)
        time.sleep(SAMPLE_S)
    used_s = sum(agent.cpu_times()[:2]) - cpu_s
    return most / 2**20, used_s / (time.monotonic() - began)


def noticed_s(made: Pair, frozen: psutil.Process, ends: Callable[[], set[int]]) -> float:
    """Freeze one side; return after how long the other has closed what it had."""
    before = made.connect()
    frozen.suspend()
    began = time.monotonic()
    try:
        while before & ends():
            if time.monotonic() - began > GIVE_UP_S:
                raise AssertionError(f"not noticed within {GIVE_UP_S:g} s")
            time.sleep(LOOK_S)
        return time.monotonic() - began
    finally:
        frozen.resume()


def row(what: str, budget: str, measured: str, kept: bool) -> bool:
    """Print a row; bold where the budget is missed."""
    print(f"| {what} | {budget} | {measured if kept else f'**{measured}**'} |", flush=True)
    return kept


def idle_rows(made: Pair, driver: str, idle_s: float) -> list[bool]:
    """Print what an idle agent takes."""
    memory_mib, cpu = idle(made.agent, idle_s)
    what = f"idle agent, driver {driver}"
    return [
        row(f"{what}: memory, the most", f"≤ {MOST_MIB:g} MiB", f"{memory_mib:.0f} MiB", memory_mib <= MOST_MIB),
        row(f"{what}: CPU over {idle_s:g} s", "≤ 1 % of a core", f"{100 * cpu:.2f} %", cpu <= MOST_CPU),
    ]


def main(idle_s: float, freezes: int) -> int:
    """Measure idle agents, and a frozen side of a pair."""
    print(
        f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n\n| what | budget | measured |\n| --- | --- | --- |"
    )
    kept = []
    for driver in ("alpaca", "indi"):
        try:
            with pair(driver) as made:
                kept += idle_rows(made, driver, idle_s)
        except pytest.skip.Exception as absent:
            print(f"| idle agent, driver {driver} | - | not measured: {absent} |")
    with pair() as made:
        kept += idle_rows(made, "simulated", idle_s)
        for what, frozen, ends in (
            ("a frozen agent, noticed by the gateway", made.agent, made.gateway_ends),
            ("a frozen gateway, noticed by the agent", made.gateway, made.agent_ends),
        ):
            spans = sorted(noticed_s(made, frozen, ends) for _ in range(freezes))
            said = ", ".join(f"{span:.1f}" for span in spans)
            kept.append(row(what, f"≤ {NOTICED_S:g} s", f"{said} s", spans[-1] <= NOTICED_S))
    print(f"\nload {os.getloadavg()[0]:.1f} at the end")
    return 0 if all(kept) else 1


if __name__ == "__main__":
    if sys.argv[1:] == ["--gateway"]:
        asyncio.run(gateway())
    else:
        words = argparse.ArgumentParser()
        words.add_argument("--idle-s", type=float, default=60.0)
        words.add_argument("--freezes", type=int, default=3)
        given = words.parse_args()
        sys.exit(main(given.idle_s, given.freezes))
