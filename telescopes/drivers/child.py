"""A program that the agent starts: its lines as they come, and its whole process group ended when it must."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Sequence
from typing import NamedTuple

log = logging.getLogger(__name__)

LONGEST_LINE = 256 * 1024
MOST_OUTPUT = 64 * 1024 * 1024
"""Bytes of one run; a program that prints more is ended."""
CHUNK = 64 * 1024
LAST_WORDS_S = 5.0
"""How long what a program printed may still be read once it has ended."""
TAIL = 2000

Line = Callable[[bytes | None], None]
"""Takes a line without its end; None: one that was too long."""


class Ended(NamedTuple):
    """How a run ended: its status, the end of its standard error, and whether it printed more than is read."""

    status: int
    last_error: str
    too_much: bool


class Child:
    """One run of a program; `too_much`: it printed more than is read."""

    def __init__(self, process: Process, heard: Line) -> None:
        self._process = process
        self._heard = heard
        self.too_much = False
        self.last_error = ""
        self._reading = [asyncio.ensure_future(self._read_lines()), asyncio.ensure_future(self._read_errors())]
        self._reading_out = asyncio.Lock()

    @classmethod
    async def start(cls, program: Sequence[str], given: bytes, heard: Line) -> "Child":
        """Start a program in a process group of its own, and hand it its input; raises OSError if there is none."""
        starting = asyncio.ensure_future(start_group(program))
        try:
            process = await asyncio.shield(starting)
        except asyncio.CancelledError:
            with contextlib.suppress(OSError):  # it is on its way, and nobody would end it
                await cls(await starting, heard).end(0.0)
            raise
        child = cls(process, heard)
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it need not read what it is given
            process.stdin.write(given)
            process.stdin.close()
        return child

    async def ended(self) -> int:
        """Wait until it has ended and everything is read; return its status, negative: the signal that ended it.

        Where `heard` failed nobody hears the program any more: its group is ended, and the failure raised here.
        """
        status = await self._process.wait()
        await asyncio.wait(self._reading, timeout=LAST_WORDS_S)
        kill_group(self._process)  # what it left behind
        if not all(reading.done() for reading in self._reading):
            log.warning("process %d left others behind that held its output open", self._process.pid)
            await asyncio.wait(self._reading, timeout=LAST_WORDS_S)
        for reading in self._reading:
            reading.cancel()
        ends = await asyncio.gather(*self._reading, return_exceptions=True)
        async with self._reading_out:  # it may be ended from two sides
            await _read_out(self._process)
        for end in ends:
            if isinstance(end, Exception):
                raise end
        return status

    async def end(self, grace_s: float) -> int:
        """Ask the whole group to end, make it end after the grace, and return as `ended` does."""
        try:
            if self._process.returncode is None:
                terminate_group(self._process)
                async with asyncio.timeout(grace_s):
                    await self._process.wait()
        except TimeoutError:
            log.warning("process %d did not end within %g s and is killed", self._process.pid, grace_s)
        except asyncio.CancelledError:  # who waits is cancelled once more
            await self._killed()
            raise
        kill_group(self._process)
        return await self.ended()

    async def _killed(self) -> None:
        """Kill the whole group, and see that the program is gone: it ends in no time."""
        kill_group(self._process)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_S):
                await self._process.wait()

    async def _read_lines(self) -> None:
        try:
            await self._hear_lines()
        except Exception:
            kill_group(self._process)
            await self._read_rest()
            raise
        except BaseException:
            kill_group(self._process)
            raise

    async def _hear_lines(self) -> None:
        """Cut the output into lines; one that is too long is told as soon as it is, and dropped up to its end."""
        stream, waiting, dropping, total = self._process.stdout, b"", False, 0
        assert stream is not None
        while chunk := await stream.read(CHUNK):
            total += len(chunk)
            if total > MOST_OUTPUT:
                self.too_much = True
                kill_group(self._process)
                await self._read_rest()
                return
            *lines, waiting = (waiting + chunk).split(b"\n")
            for line in lines:
                if not dropping:
                    self._heard(None if len(line) > LONGEST_LINE else line)
                dropping = False
            if len(waiting) > LONGEST_LINE and not dropping:
                self._heard(None)
                dropping = True
            waiting = b"" if dropping else waiting
        if waiting:
            self._heard(waiting)

    async def _read_rest(self) -> None:
        """Read what a killed program left: before Python 3.12 its end is not told while its output is not read out."""
        stream = self._process.stdout
        assert stream is not None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_S):
                while await stream.read(CHUNK):
                    pass

    async def _read_errors(self) -> None:
        """Keep the last words of what it says on standard error."""
        stream = self._process.stderr
        assert stream is not None
        while chunk := await stream.read(CHUNK):
            self.last_error = (self.last_error + chunk.decode(errors="replace"))[-TAIL:]


async def _read_out(process: Process) -> None:
    """Read what is left in the pipes of a program that has ended: unread, they outlive the loop."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LAST_WORDS_S):
            for stream in (process.stdout, process.stderr):
                while stream is not None and await stream.read(CHUNK):
                    pass


async def run_to_end(program: Sequence[str], given: bytes, heard: Line, *, within_s: float, grace_s: float) -> Ended:
    """Run a program to its end, and return how it ended.

    Whatever way this ends, nothing of its process group is left.

    Raises
    ------
    OSError
        It cannot be started.
    TimeoutError
        It took longer than `within_s`, and was ended.
    """
    child = await Child.start(program, given, heard)
    try:
        async with asyncio.timeout(within_s):
            return Ended(await child.ended(), child.last_error, child.too_much)
    except (TimeoutError, asyncio.CancelledError):
        await child.end(grace_s)
        raise


if sys.platform == "win32":
    import subprocess

    async def start_group(program: Sequence[str]) -> Process:
        """Start a program in a process group of its own."""
        group = subprocess.CREATE_NEW_PROCESS_GROUP
        return await asyncio.create_subprocess_exec(*program, stdin=PIPE, stdout=PIPE, stderr=PIPE, creationflags=group)

    def terminate_group(process: Process) -> None:
        """Ask a process and everything that it started to end."""
        with contextlib.suppress(ProcessLookupError, OSError):
            process.send_signal(signal.CTRL_BREAK_EVENT)

    def kill_group(process: Process) -> None:
        """End a process and everything that it started."""
        if process.returncode is None:
            command = ["taskkill", "/T", "/F", "/PID", str(process.pid)]
            subprocess.run(command, stdin=DEVNULL, capture_output=True, check=False, timeout=LAST_WORDS_S)
else:

    async def start_group(program: Sequence[str]) -> Process:
        """Start a program in a process group of its own."""
        return await asyncio.create_subprocess_exec(
            *program, stdin=PIPE, stdout=PIPE, stderr=PIPE, start_new_session=True
        )

    def terminate_group(process: Process) -> None:
        """Ask a process and everything that it started to end."""
        _signal_group(process, signal.SIGTERM)

    def kill_group(process: Process) -> None:
        """End a process and everything that it started."""
        _signal_group(process, signal.SIGKILL)

    def _signal_group(process: Process, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
