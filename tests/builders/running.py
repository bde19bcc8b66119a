"""A whole observatory of real processes for tests that kill parts of it: Ray, gateway, journal file, agents."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psutil

from coordinator.demo.options import Options, Pace
from coordinator.demo.processes import Processes
from coordinator.demo.stage import Stage, set_stage
from coordinator.operator_link import Operator, Submission
from coordinator.services.journal import Stored
from coordinator.services.state import ObservatoryState
from coordinator.simulation.laws import broken_laws
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.read import read_skymap
from coordinator.store.blobs import FolderBlobs
from coordinator.store.journal_file import JournalFile
from telescopes.description.errors import ArmillaryError

T = TypeVar("T")
LOOK_S = 0.1
GENEROUS_S = 150.0
PACE = Pace(rate=40.0, heartbeat_s=0.5, lease_s=20.0, acceptance_s=10.0)


def poll(what: str, look: Callable[[], T | None], at_most_s: float = GENEROUS_S) -> T:
    """Look until there is something that is true; fail with what was waited for."""
    give_up = time.monotonic() + at_most_s
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > give_up:
            raise AssertionError(f"not within {at_most_s:g} s: {what}")
        time.sleep(LOOK_S)


@dataclass
class Running:
    """One observatory and its agents, and hands to ask, feed and kill it."""

    stage: Stage
    processes: Processes
    known: dict[int, psutil.Process] = field(default_factory=dict)

    @classmethod
    def staged(cls, state: Path, telescopes: int = 3, pace: Pace = PACE, dashboard: bool = False) -> "Running":
        """Write site files, world and config; start nothing."""
        options = Options(telescopes=telescopes, seed=3, dashboard=dashboard, pace=pace)
        stage = set_stage(options, state)
        # The notices of a long night all tell of one T0.
        stage.config.write_text(stage.config.read_text().replace("[policy]\n", "[policy]\noldest_event_h = 8760\n"))
        return cls(stage, Processes(state / "logs"))

    # -- start and end

    def start(self) -> None:
        """Start the observatory; it does not serve yet."""
        self.processes.start("observatory", ["up", "--config", str(self.stage.config)])

    def up(self) -> None:
        """Start the observatory and wait until it serves."""
        self.start()
        self.wait_until_up()

    def wait_until_up(self) -> None:
        """Wait until everybody is there."""
        poll("the observatory serves", self._serves, 240.0)

    def _serves(self) -> bool:
        self.processes.require_alive("observatory")
        run = self.stage.state / "run.json"
        return run.exists() and json.loads(run.read_bytes())["pid"] == self.processes.children["observatory"].pid

    def agents_up(self) -> None:
        """Start every agent and wait until its session is open."""
        for one in self.telescopes:
            self.start_agent(one)
        self.wait_for_agents()

    def wait_for_agents(self) -> None:
        """Wait until every agent's session is open."""
        poll("all agents are connected", lambda: all(self.links().get(t) == "up" for t in self.telescopes))

    def start_agent(self, telescope: str) -> None:
        """Start one agent; it has no session yet."""
        config, state = self.stage.site_file(telescope), self.stage.state / "agents" / telescope
        words = ["agent", "simulate", "--config", str(config), "--world", str(self.stage.world_file)]
        self.processes.start(f"agent-{telescope}", [*words, "--state", str(state)])

    def close(self) -> None:
        """End everything; nothing that was ever started may live on."""
        try:
            self.note_processes()
        finally:
            self.processes.close()
            for one in self.known.values():
                with contextlib.suppress(psutil.NoSuchProcess):
                    one.kill()

    def note_processes(self) -> list[psutil.Process]:
        """Remember every process that belongs to it; return those of the observatory itself."""
        every: list[psutil.Process] = []
        with contextlib.suppress(psutil.NoSuchProcess, KeyError):
            root = psutil.Process(self.processes.children["observatory"].pid)
            every = [root, *root.children(recursive=True)]
        self.known |= {p.pid: p for p in every}
        return every

    def left(self) -> list[str]:
        """What still runs of all that was remembered."""
        return [_named(p) for p in self.known.values() if lives(p)]

    # -- asking and feeding

    @property
    def telescopes(self) -> list[str]:
        """Ids of its telescopes."""
        return [t.id for t in self.stage.cast.telescopes]

    def status(self) -> dict[str, Any]:
        """Return armillary.status/1."""
        with Operator(self.stage.gateway) as operator:
            return operator.status()

    def pids(self) -> dict[str, int]:
        """Process ids by role; empty while nobody answers."""
        try:
            pids: dict[str, int] = self.status()["pids"]
        except ArmillaryError:
            return {}
        return pids

    def links(self) -> dict[str, str]:
        """State of every telescope's link."""
        return {i: t.link for i, t in self.state().telescopes.items()}

    def hand_in(self, name: str, data: bytes) -> int:
        """Hand an alert in as `armillary ingest` does; return its journal entry."""
        with Operator(self.stage.gateway) as operator:
            answer = operator.submit(Submission(name, data))
        assert answer.outcome != "rejected", answer.reason
        return int(answer.seq)

    # -- its dashboard, where there is one

    @property
    def dashboard(self) -> str:
        """Its address, without a slash."""
        return f"http://127.0.0.1:{self.stage.dashboard_port}"

    def dashboard_answers(self) -> bool:
        """Say whether it serves."""
        try:
            return httpx.get(f"{self.dashboard}/api/v1/status", timeout=30.0).status_code < 500
        except httpx.HTTPError:
            return False

    def sign_in_link(self) -> str:
        """The address that opens once, as the terminal shows it."""
        return poll("a link to sign in", lambda: self._said(r"^sign in +(http\S+)"))

    def _said(self, what: str) -> str | None:
        log = self.processes.logs / "observatory.log"
        found = re.search(what, log.read_text(errors="replace"), re.MULTILINE)
        return None if found is None else found[1]

    # -- the journal, read beside its writer

    def entries(self, after_seq: int = 0) -> list[Stored]:
        """Everything in the journal after a sequence number."""
        return list(self.read(after_seq))

    def read(self, after_seq: int = 0) -> Iterator[Stored]:
        """Yield the journal after a sequence number."""
        if not self.journal.exists():
            return
        file = JournalFile.for_reading(self.journal)
        try:
            while tail := file.read(after_seq).entries:
                yield from tail
                after_seq = tail[-1].seq
        finally:
            file.close()

    def head(self) -> int:
        """The last sequence number."""
        file = JournalFile.for_reading(self.journal)
        try:
            return file.info().head_seq
        finally:
            file.close()

    @property
    def journal(self) -> Path:
        """The journal's file."""
        return self.stage.state / "journal.sqlite"

    def state(self) -> ObservatoryState:
        """Fold the journal."""
        state = ObservatoryState()
        for stored in self.read():
            state.apply(stored)
        return state

    def first(self, after_seq: int, *kinds: str, event: str | None = None, telescope: str | None = None) -> Stored:
        """Wait for the first entry of one of these kinds after a sequence number."""

        def look() -> Stored | None:
            for stored in self.read(after_seq):
                entry = stored.entry
                if entry.kind in kinds and event in (None, entry.event) and telescope in (None, entry.telescope):
                    return stored
            return None

        return poll(f"{' or '.join(kinds)} after {after_seq} for {event or telescope or 'anybody'}", look)

    def broken_laws(self) -> list[str]:
        """Check every law over the whole journal."""
        blobs = FolderBlobs(self.stage.state / "blobs")
        curves: dict[str, ProbabilityCurve] = {}

        def sky(sha256: str) -> ProbabilityCurve:
            if sha256 not in curves:
                curves[sha256] = ProbabilityCurve.of(read_skymap(blobs.get_now(sha256)))
            return curves[sha256]

        return list(broken_laws(self.read(), sky, {t.id: t for t in self.stage.cast.telescopes}))

    # -- killing

    def kill_role(self, role: str) -> int:
        """Kill the process of a role with SIGKILL; return its process id."""
        pid = poll(f"{role} has a process", lambda: self.pids().get(role))
        self.note_processes()
        os.kill(pid, signal.SIGKILL)
        return pid

    def new_pid(self, role: str, old: int) -> int:
        """Wait until a role lives in another process."""
        return poll(f"{role} has a new process", lambda: ((p := self.pids().get(role)) != old and p) or None)

    def kill_everything(self) -> None:
        """Kill the observatory and all its children at once; the agents live on."""
        for one in self.note_processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        self.processes.children.pop("observatory").wait()
        poll("nothing of it runs", lambda: not self.left())

    def replay(self, until: int | None = None) -> dict[str, Any]:
        """Run `armillary replay`."""
        words = ["replay", "--state", str(self.stage.state), "--json", "-"]
        words += [] if until is None else ["--until", str(until)]
        done = subprocess.run([sys.executable, "-m", "coordinator.cli", *words], capture_output=True, timeout=120)
        assert done.returncode == 0, done.stderr.decode()
        document: dict[str, Any] = json.loads(done.stdout)
        return document


def lives(process: psutil.Process) -> bool:
    """Say whether a process is there, and no zombie."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _named(process: psutil.Process) -> str:
    try:
        return f"{process.pid} {' '.join(process.cmdline())[:80]}"
    except psutil.Error:
        return str(process.pid)
