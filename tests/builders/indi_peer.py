"""A real indiserver on this machine with INDI's simulators, in a home of its own."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from builders.peers import absent, listens, running
from coordinator.demo.ports import free_port

DRIVERS = ("telescope", "ccd", "wheel", "weather", "dome")
SERVER = "indiserver"


@dataclass(frozen=True)
class IndiPeer:
    """Where it listens, and what it is."""

    port: int
    process: psutil.Process

    @property
    def server(self) -> str:
        """Its address."""
        return f"127.0.0.1:{self.port}"

    def put(self, *assignments: str) -> None:
        """Set properties as another client would: ``device.property.element=value``."""
        words = ["indi_setprop", "-p", str(self.port), *assignments]
        subprocess.run(words, check=True, capture_output=True, timeout=60.0)

    def get(self, name: str) -> str:
        """Read one value, ``device.property.element``, as another client would."""
        words = ["indi_getprop", "-1", "-p", str(self.port), name]
        return subprocess.run(words, check=True, capture_output=True, timeout=60.0, text=True).stdout.strip()

    def driver(self, name: str) -> psutil.Process:
        """Return the process of one of its drivers."""
        return next(one for one in self.process.children() if one.cmdline()[-1].endswith(f"_{name}"))


@contextmanager
def an_indi_peer(folder: Path) -> Iterator[IndiPeer]:
    """Run it; what its drivers remember lies in `folder`, not in the user's home."""
    if shutil.which(SERVER) is None:
        absent(SERVER, "apt-get install indi-bin")
    port = free_port()
    words = [SERVER, "-v", "-p", str(port), "-u", str(folder / "socket"), "-m", "200"]
    words += [f"indi_simulator_{driver}" for driver in DRIVERS]
    with running(words, folder, lambda: listens(port), {"HOME": str(folder)}) as process:
        yield IndiPeer(port, psutil.Process(process.pid))
