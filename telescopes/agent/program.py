"""Runs a program of the site: words and no shell, JSON in, lines out, all of it bounded, nothing left behind."""

import asyncio
import os
import signal
import subprocess
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from telescopes.description.errors import Refused
from telescopes.drivers.child import read_out

MOST_OUTPUT_BYTES = 16 * 2**20
MOST_LINES = 10_000
CHUNK_BYTES = 65536
COMPLAINT_BYTES = 2000


async def run_program(command: Sequence[str], said: bytes, within_s: float) -> list[bytes]:
    """Run a program to its end; return the lines that it printed.

    Whatever way this ends, the program and what it started in its process group are dead afterwards.

    Raises
    ------
    Refused
        It could not be started, took too long, printed too much or ended with a status other than 0.
    """
    process = await _start(command)
    try:
        async with asyncio.timeout(within_s), asyncio.TaskGroup() as tasks:
            tasks.create_task(_say(process, said))
            complaint = tasks.create_task(_last_words(process))
            output = tasks.create_task(_listen(process))
            status = await process.wait()
    except TimeoutError:
        raise _failed(command, f"did not end within {within_s:g} s", "make it faster, or raise within_s") from None
    finally:
        _kill(process)
        await process.wait()
        await read_out(process)
    lines, too_much = output.result()
    if too_much is not None:
        raise _failed(command, too_much, "let it print a JSON object a line, and nothing else")
    if status != 0:
        words = " ".join(complaint.result().decode(errors="replace").split())
        raise _failed(command, f"ended with status {status}{': ' if words else ''}{words[-300:]}", "mend the program")
    return lines


async def _start(command: Sequence[str]) -> Process:
    try:
        return await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, stderr=PIPE, **_group_of_its_own()
        )
    except (OSError, ValueError) as error:
        raise _failed(command, f"cannot be started ({error})", "name a program that exists and may be run") from error


def _group_of_its_own() -> dict[str, Any]:
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


async def _say(process: Process, said: bytes) -> None:
    """Write what it is told; a program that does not listen to the end is its own affair."""
    assert process.stdin is not None
    with suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(said)
        await process.stdin.drain()
    process.stdin.close()
    with suppress(BrokenPipeError, ConnectionResetError):
        await process.stdin.wait_closed()


async def _listen(process: Process) -> tuple[list[bytes], str | None]:
    """Return its lines, and what was too much; then it is stopped."""
    assert process.stdout is not None
    said = bytearray()
    lines = 0
    while more := await process.stdout.read(CHUNK_BYTES):
        said += more
        lines += more.count(b"\n")
        if len(said) > MOST_OUTPUT_BYTES or lines > MOST_LINES:
            _kill(process)
            return [], f"printed more than {MOST_LINES} lines or {MOST_OUTPUT_BYTES // 2**20} MiB"
    return bytes(said).splitlines(keepends=True), None


async def _last_words(process: Process) -> bytes:
    """Return the end of what it says on standard error."""
    assert process.stderr is not None
    said = b""
    while more := await process.stderr.read(CHUNK_BYTES):
        said = (said + more)[-COMPLAINT_BYTES:]
    return said


def _kill(process: Process) -> None:
    """End it and all that it started; harmless when nothing is left."""
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        elif process.returncode is None:
            process.kill()


def _failed(command: Sequence[str], what: str, mend: str) -> Refused:
    return Refused(what, where=f"program {command[0]}", mend=mend, reason="PROGRAM_FAILED")
