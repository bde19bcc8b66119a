"""Start, memory and the way of a command: `armillary up` with 10 and with 30 telescopes.

Run ``python tests/benchmarks/bench_up.py [TELESCOPES]... [--alerts N]``; it prints markdown rows. With ten, the
agents are connected and alerts come in: times go from handing one in to the journal's entry of a telescope's offer, and
from there to the line in the agent's log that the pointing is durable at the site.
"""

import argparse
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from builders.notices import a_map, a_notice
from builders.running import PACE, Running, poll

from telescopes.description.site_file import default_sites_folder

IN_TIME_S = 6.0
"""First offers later than this after an alert are of plans for later hours."""

LINE = re.compile(r"^(\S+ \S+),(\d+) INFO (\S+) accepted$")


def staged(folder: Path, telescopes: int) -> Running:
    """Write a network of so many telescopes; beyond those that ship, copies of them stand in."""
    shipped = sorted(default_sites_folder().glob("*.toml"))
    running = Running.staged(folder, min(telescopes, len(shipped)), PACE)
    for number in range(telescopes - len(shipped)):
        text = shipped[number].read_text()
        name = shipped[number].stem
        (folder / "sites" / f"{name}-2.toml").write_text(text.replace(f'id = "{name}"', f'id = "{name}-2"', 1))
    return running


def start(running: Running) -> tuple[float, float]:
    """Start it; say after how many seconds the gateway answered for everybody, and all actors were there."""
    began = time.monotonic()
    running.start()
    poll("the gateway answers", lambda: answers(running), 300.0)
    served = time.monotonic() - began
    running.wait_until_up()
    return served, time.monotonic() - began


def answers(running: Running) -> bool:
    """Say whether gateway, supervisor and scheduler answer, and an alert could come in."""
    return {"gateway", "scheduler", "source/files"} <= set(running.pids())


def memory(running: Running) -> tuple[float, float, int]:
    """Return the proportional memory of the observatory and of its telescope actors (each), MiB, and its processes."""
    every = [(p.memory_full_info().pss / 2**20, " ".join(p.cmdline())) for p in running.note_processes()]
    actors = [mib for mib, command in every if command.startswith(("ray::telescope", "ray::TelescopeActor"))]
    return sum(mib for mib, _ in every), statistics.mean(actors), len(every)


def first_offers(running: Running, number: int) -> tuple[datetime, dict[str, tuple[datetime, str]]]:
    """Hand an alert in; return when, and each telescope's first offer: when, and which pointing."""
    name = f"S260320b{chr(ord('a') + number)}"
    given = datetime.now(UTC)
    seq = running.hand_in("alert.json", a_notice(name, "PRELIMINARY", 0, a_map(number)))
    time.sleep(IN_TIME_S)
    found: dict[str, tuple[datetime, str]] = {}
    for stored in running.read(seq):
        entry = stored.entry
        if entry.kind == "pointing_offered" and entry.event == f"lvk:{name}" and entry.telescope and entry.subject:
            found.setdefault(entry.telescope, (stored.recorded_at, entry.subject))
    running.hand_in("retraction.json", a_notice(name, "RETRACTION", 60, None))
    time.sleep(IN_TIME_S / 2)
    return given, found


def received(running: Running) -> dict[str, datetime]:
    """When each pointing was durable at its agent, by the agents' own logs."""
    found: dict[str, datetime] = {}
    for one in running.telescopes:
        for line in (running.processes.logs / f"agent-{one}.log").read_text().splitlines():
            if match := LINE.match(line):
                at = datetime.strptime(f"{match[1]}.{match[2]}", "%Y-%m-%d %H:%M:%S.%f").astimezone(UTC)
                found.setdefault(match[3], at)
    return found


def offers(running: Running) -> Iterator[tuple[str, datetime]]:
    """Yield every pointing that was offered, and when."""
    for stored in running.read():
        if stored.entry.kind == "pointing_offered" and stored.entry.subject:
            yield stored.entry.subject, stored.recorded_at


def commands(running: Running, alerts: int) -> None:
    """Print how fast alerts became commands, and commands reached their agents."""
    first, last, telescopes = [], [], []
    for number in range(alerts):
        given, found = first_offers(running, number)
        if found:
            spans = [(at - given).total_seconds() for at, _ in found.values()]
            first.append(min(spans))
            last.append(max(spans))
            telescopes.append(len(found))
    at = received(running)
    way = [(at[pointing] - offered).total_seconds() for pointing, offered in offers(running) if pointing in at]
    agents = len(running.telescopes)
    row(f"alert → first command, {agents} agents", "none", spread(first))
    row(f"alert → last of the commands ({min(telescopes)} to {max(telescopes)} telescopes)", "none", spread(last))
    row(f"pointing → durable at the agent, {agents} agents", "none", spread(way))


def row(what: str, budget: str, measured: str) -> None:
    """Print a row."""
    print(f"| {what} | {budget} | {measured} |", flush=True)


def spread(values: Sequence[float]) -> str:
    return f"p50 {statistics.median(values):.2f} s, max {max(values):.2f} s (n = {len(values)})"


def main(telescopes: int, alerts: int) -> None:
    """Measure one network."""
    with tempfile.TemporaryDirectory() as temporary:
        running = staged(Path(temporary).resolve(), telescopes)
        try:
            print(f"\nload {os.getloadavg()[0]:.1f}, {psutil.cpu_count()} cores\n", flush=True)
            served, ready = start(running)
            row(f"alerts and gateway serving, {telescopes} telescopes", "≤ 20 s", f"{served:.1f} s")
            row(f"{telescopes} telescope actors", "≤ 60 s", f"{ready:.1f} s")
            if alerts:
                running.agents_up()
                commands(running, alerts)
            else:
                seq = running.hand_in("alert.json", a_notice("S260320ba", "PRELIMINARY", 0, a_map()))
                running.first(seq, "plan_made")
            total, each, processes = memory(running)
            figures = f"{total:.0f} MiB in {processes} processes, {each:.0f} MiB a telescope actor"
            row(f"memory, {telescopes} telescopes", "≤ 4 GiB at 30", figures)
        finally:
            running.close()


if __name__ == "__main__":
    words = argparse.ArgumentParser()
    words.add_argument("telescopes", nargs="*", type=int, default=[10, 30])
    words.add_argument("--alerts", type=int, default=10)
    given = words.parse_args()
    for count in given.telescopes:
        main(count, given.alerts if count <= 10 else 0)
