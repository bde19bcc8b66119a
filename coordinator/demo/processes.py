"""The processes of a demonstration: each a real command in a session of its own, and all of them ended for certain."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from telescopes.description.errors import Broken

END_S = 20.0
PR_SET_PDEATHSIG = 1


@dataclass
class Processes:
    """What was started, by name; closing ends the youngest first."""

    logs: Path
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, arguments: Sequence[str]) -> None:
        """Start `armillary` with these arguments; its words go to a log of its own."""
        self.run(name, ["-m", "coordinator.cli", *arguments])

    def run(self, name: str, words: Sequence[str]) -> None:
        """Start this interpreter with these words."""
        self.logs.mkdir(parents=True, exist_ok=True)
        with (self.logs / f"{name}.log").open("ab") as log:
            self.children[name] = subprocess.Popen(
                [sys.executable, *words],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
                env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            )

    def require_alive(self, name: str) -> None:
        """Raise if a process has ended, with its own last word."""
        child = self.children[name]
        if child.poll() is not None:
            log = self.logs / f"{name}.log"
            last = log.read_text(errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
            raise Broken(f"ended with {child.returncode}: {last[0]}", where=name, mend=f"see {log}")

    def signal(self, name: str, number: int) -> None:
        """Send a signal to one process."""
        _signal(self.children[name], number)

    def close(self) -> None:
        """End everything: asked first, killed after a while, and waited for; a second Ctrl-C does not stop that."""
        with _undisturbed():
            for name in reversed(list(self.children)):
                _signal(self.children[name], signal.SIGTERM)
            give_up = time.monotonic() + END_S
            for child in self.children.values():
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(max(0.1, give_up - time.monotonic()))
                _signal(child, signal.SIGKILL)
                child.wait()
            self.children.clear()


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Ignore SIGINT and SIGTERM for a while; what is started later must not inherit that."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)  # None: it was not Python that had put it there


def _end_with_parent() -> None:
    """Let the kernel end this process when the one that started it is gone, however that ended."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _signal(child: subprocess.Popen[bytes], number: int) -> None:
    """Signal a process; when killing, its whole session."""
    with contextlib.suppress(ProcessLookupError):
        if number == signal.SIGKILL:
            os.killpg(child.pid, number)
        elif child.poll() is None:
            child.send_signal(number)
