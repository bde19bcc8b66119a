"""Programs of other projects that tests speak to: found or skipped, on ports of their own, ended by their pid."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

REQUIRED = "ARMILLARY_PEERS"
"""Set to `required`, a peer that is not installed fails its tests."""


def absent(what: str, mend: str) -> NoReturn:
    """Skip, or fail where peers are required."""
    said = f"{what} is not installed: {mend}"
    if os.environ.get(REQUIRED) == "required":
        pytest.fail(said)
    pytest.skip(said)


@contextmanager
def running(
    words: Sequence[str], folder: Path, up: Callable[[], bool], environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program until the block ends, its output in `folder`; begin once it is up."""
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            words,
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            cwd=folder,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
        )
    try:
        give_up = time.monotonic() + 120.0
        while not up():
            assert process.poll() is None, log.read_text(errors="replace")
            assert time.monotonic() < give_up, log.read_text(errors="replace")
            time.sleep(0.05)
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a program and all that it started, in any case; the group is its own."""
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(5.0)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10.0)


def listens(port: int) -> bool:
    """Say whether somebody listens on a port of this machine."""
    try:
        with socket.create_connection(("127.0.0.1", port), 1.0):
            return True
    except OSError:
        return False
