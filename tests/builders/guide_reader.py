"""Whoever follows a guide: a folder, an environment, commands typed there, and a practice gateway beside them."""

import asyncio
import contextlib
import os
import re
import shlex
import signal
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

GENEROUS_S = 150.0


@dataclass(frozen=True)
class Site:
    """The reader's folder, and the environment in which the reader types."""

    folder: Path
    environment: Mapping[str, str]

    def write(self, name: str, text: str, gateway: str) -> None:
        """Write a file as the guide shows it, but for the port of the practice gateway."""
        (self.folder / name).write_text(text.replace("127.0.0.1:50051", gateway))

    @contextlib.asynccontextmanager
    async def typed(self, line: str) -> AsyncIterator[asyncio.subprocess.Process]:
        """Run one command until the block ends, which is the reader's Ctrl-C."""
        with (self.folder / "log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *shlex.split(line),
                cwd=self.folder,
                env=dict(self.environment),
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        try:
            yield process
            if process.returncode is None:
                process.send_signal(signal.SIGINT)
                assert await asyncio.wait_for(process.wait(), 120.0) == 130
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    async def output(self, line: str) -> str:
        """Run one command to its end."""
        async with self.typed(line) as process, asyncio.timeout(GENEROUS_S):
            out, _ = await process.communicate()
        assert process.returncode == 0, out.decode() + (self.folder / "log").read_text()
        return out.decode()


def a_site(folder: Path, programs: Path, environment: Mapping[str, str]) -> Site:
    path = os.pathsep.join([str(programs), environment.get("PATH", "")])
    return Site(folder, {**environment, "PATH": path, "HOME": str(folder)})


@contextlib.asynccontextmanager
async def practising(site: Site, command: str) -> AsyncIterator[tuple[str, asyncio.StreamReader]]:
    """Start the practice gateway as the guide does, but on a free port."""
    async with site.typed(command.replace("--port 50051", "--port 0")) as process:
        assert process.stdout is not None
        async with asyncio.timeout(GENEROUS_S):
            line = (await process.stdout.readline()).decode()
        found = re.search(r"127\.0\.0\.1:\d+", line)
        assert found, line
        yield found.group(), process.stdout


async def first_pointing(said: asyncio.StreamReader) -> list[str]:
    """Return what is told of the pointing that is completed first, each state once."""
    told: dict[str, list[str]] = {}
    async with asyncio.timeout(GENEROUS_S):
        while line := (await said.readline()).decode():
            name, state = line.strip().split(": ", 1)
            told.setdefault(name, []).append(state)
            if state == "completed":
                return list(dict.fromkeys(told[name]))
    raise AssertionError(f"the gateway ended: {told}")
