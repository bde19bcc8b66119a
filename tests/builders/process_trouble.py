"""What goes wrong with real processes: drawn from a seed, and done to a running observatory."""

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from builders.running import PACE, Running, poll
from builders.tcp_proxy import TcpProxy

PROGRAM = Path(__file__).parent / "programs" / "agent_with_a_clock.py"
SHORT_S, LONG_S = 4.0, PACE.lease_s + 6.0
"""Shorter, and longer, than the lease."""
CLOCK_OFF_S = 5.0
LOOK_S = 0.2
NOTHING_MORE = 0
"""Bytes that a file may hold on a disk that is full."""
MOST_ACTS = 3
BEHIND_THE_PROXY = 0


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that goes wrong: its kind, the number of the telescope, and for how long."""

    kind: str
    telescope: int
    for_s: float
    sign: int

    def __str__(self) -> str:
        return f"{self.kind} (telescope {self.telescope}, {self.for_s:.1f} s, {self.sign:+d})"


class TimedRunning(Running):
    """An observatory whose agents have clocks that can be set wrong."""

    def start_agent(self, telescope: str) -> None:
        """Start one agent; it has no session yet."""
        config, state = self.stage.site_file(telescope), self.agent_state(telescope)
        self.processes.run(f"agent-{telescope}", [str(PROGRAM), str(config), str(self.stage.world_file), str(state)])

    def agent_state(self, telescope: str) -> Path:
        """Return the folder of an agent's memory."""
        return self.stage.state / "agents" / telescope


@dataclass
class Trouble:
    """A running observatory whose first telescope is behind a proxy."""

    running: TimedRunning
    proxy: TcpProxy

    def happen(self, act: Act) -> None:
        """Let something go wrong, and let it be right again."""
        KINDS[act.kind](self, act)

    def kill_gateway(self, act: Act) -> None:
        """SIGKILL; the supervisor brings it back."""
        self.running.new_pid("gateway", self.running.kill_role("gateway"))

    def kill_scheduler(self, act: Act) -> None:
        """SIGKILL; the supervisor brings it back."""
        self.running.new_pid("scheduler", self.running.kill_role("scheduler"))

    def kill_agent(self, act: Act) -> None:
        """SIGKILL, and started again."""
        name = self._name(act)
        child = self.running.processes.children.pop(f"agent-{name}")
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        self.running.start_agent(name)

    def freeze_gateway(self, act: Act) -> None:
        """SIGSTOP: the agents must notice, whether the supervisor replaces it or it goes on."""
        frozen = psutil.Process(poll("the gateway has a process", lambda: self.running.pids().get("gateway")))
        frozen.suspend()
        time.sleep(act.for_s)
        with suppress(psutil.NoSuchProcess):
            frozen.resume()

    def freeze_agent(self, act: Act) -> None:
        """SIGSTOP: beyond its lease it is told as lost."""
        name, before = self._name(act), self.running.head()
        frozen = psutil.Process(self.running.processes.children[f"agent-{name}"].pid)
        frozen.suspend()
        try:
            if act.for_s >= LONG_S:
                poll("its loss is told", lambda: "lost" in self._links(name, before))
            else:
                time.sleep(act.for_s)
        finally:
            frozen.resume()

    def cut(self, act: Act) -> None:
        """The line breaks, and comes back."""
        self.proxy.cut()
        try:
            time.sleep(act.for_s)
        finally:
            self.proxy.mend()

    def slow(self, act: Act) -> None:
        """The line is slow."""
        self.proxy.delay_s = 0.7
        time.sleep(act.for_s)
        self.proxy.delay_s = 0.0

    def silence(self, act: Act) -> None:
        """Nothing passes on the line, and nobody is told."""
        self.proxy.fall_silent()
        time.sleep(act.for_s)
        self.proxy.speak()

    def fill_agents_disk(self, act: Act) -> None:
        """No file of the agent may grow; an agent that ends of it is started again."""
        name = self._name(act)
        child = self.running.processes.children[f"agent-{name}"]
        with suppress(psutil.NoSuchProcess):
            limited(psutil.Process(child.pid), NOTHING_MORE)
        try:
            time.sleep(act.for_s)
        finally:
            with suppress(psutil.NoSuchProcess):
                limited(psutil.Process(child.pid), psutil.RLIM_INFINITY)
        ended = child.poll()
        sys.stdout.write(f"the agent without disk {'went on' if ended is None else f'ended with {ended}'}\n")
        if ended is not None:
            self.running.start_agent(name)

    def fill_journals_disk(self, act: Act) -> None:
        """No file of the journal's process may grow, nor of those that the supervisor puts in its place."""
        full: set[int] = set()
        before = self.running.head()
        ends = time.monotonic() + act.for_s
        try:
            while time.monotonic() < ends or not full:
                pid = self.running.pids().get("journal")
                if pid is not None and pid not in full:
                    with suppress(psutil.NoSuchProcess):
                        limited(psutil.Process(pid), NOTHING_MORE)
                        full.add(pid)
                time.sleep(LOOK_S)
            sys.stdout.write(f"{len(full)} journals without disk wrote {self.running.head() - before} entries\n")
        finally:
            for pid in full:
                with suppress(psutil.NoSuchProcess):
                    limited(psutil.Process(pid), psutil.RLIM_INFINITY)

    def set_clock_wrong(self, act: Act) -> None:
        """An agent's machine is 5 s off, and is set right again; the coordinator is told of it."""
        name, before, error_s = self._name(act), self.running.head(), act.sign * CLOCK_OFF_S
        file = self.running.agent_state(name) / "clock_error_s"
        beside = file.with_suffix(".new")
        beside.write_text(str(error_s))
        beside.replace(file)
        try:
            time.sleep(act.for_s)
            if act.for_s >= LONG_S:
                poll(
                    "its clock is told",
                    lambda: any(abs(s + error_s) < CLOCK_OFF_S / 2 for s in self._offsets(name, before)),
                )
        finally:
            file.unlink()

    def _links(self, telescope: str, after_seq: int) -> list[str]:
        """How the link to an agent was since an entry."""
        kind = "telescope_status_changed"
        every = (s.entry for s in self.running.read(after_seq) if s.entry.kind == kind)
        return [entry.body["link"] for entry in every if entry.telescope == telescope]

    def _offsets(self, telescope: str, after_seq: int) -> list[float]:
        """What an agent said of its clock since an entry: the coordinator's minus its own, seconds."""
        bodies = (s.entry.body for s in self.running.read(after_seq) if s.entry.telescope == telescope)
        return [body["clock_offset_s"] for body in bodies if body.get("clock_offset_s") is not None]

    def _name(self, act: Act) -> str:
        return self.running.telescopes[act.telescope]


def limited(process: psutil.Process, most_bytes: int) -> None:
    """Let a running process write no file beyond so many bytes: what a full disk does to it, and to nobody else."""
    _, hard = process.rlimit(psutil.RLIMIT_FSIZE)
    process.rlimit(psutil.RLIMIT_FSIZE, (most_bytes, hard))


KINDS: dict[str, Callable[[Trouble, Act], None]] = {
    "gateway killed": Trouble.kill_gateway,
    "scheduler killed": Trouble.kill_scheduler,
    "agent killed": Trouble.kill_agent,
    "gateway frozen": Trouble.freeze_gateway,
    "agent frozen": Trouble.freeze_agent,
    "line cut": Trouble.cut,
    "line slow": Trouble.slow,
    "line silent": Trouble.silence,
    "disk full at the agent": Trouble.fill_agents_disk,
    "disk full at the coordinator": Trouble.fill_journals_disk,
    "clock off": Trouble.set_clock_wrong,
}


def drawn(seed: int, number: int, telescopes: int) -> tuple[Act, ...]:
    """Draw a schedule: each in turn begins with another kind, beyond the lease, and goes on with any, long or short."""
    rng = np.random.default_rng([seed, number])
    kinds = list(KINDS)
    acts = [_drawn(rng, kinds[number % len(kinds)], telescopes, (LONG_S,))]
    for kind in rng.choice(kinds, rng.integers(0, MOST_ACTS)):
        acts.append(_drawn(rng, str(kind), telescopes, (float(rng.uniform(1.0, SHORT_S)), LONG_S)))
    return tuple(acts)


def _drawn(rng: np.random.Generator, kind: str, telescopes: int, lasts_s: tuple[float, ...]) -> Act:
    telescope = int(rng.integers(telescopes))
    return Act(
        kind,
        BEHIND_THE_PROXY if kind.startswith("line") else telescope,
        float(rng.choice(lasts_s)),
        int(rng.choice([-1, 1])),
    )
