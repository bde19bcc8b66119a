"""A program of the site gets JSON, prints lines, and leaves nothing behind."""

import asyncio
import os
import sys

import pytest

from telescopes.agent.program import run_program
from telescopes.description.errors import Refused


def shell(script):
    return ("sh", "-c", script)


async def test_it_hears_what_it_is_told_and_is_heard():
    assert await run_program(shell("cat; echo done"), b'{"a": 1}\n', 30.0) == [b'{"a": 1}', b"done"]
    assert await run_program(("true",), b"x" * 1_000_000, 30.0) == []


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("no-such-program-here",), "cannot be started"),
        (shell("echo first; echo no stars >&2; exit 3"), "status 3: no stars"),
        (shell("kill -9 $$"), "status -9"),
        (shell("yes"), "more than 10000 lines or 16 MiB"),
        (shell("cat /dev/zero"), "a line of more than 256 KiB"),
        (shell("while :; do head -c 200000 /dev/zero; echo; done"), "more than 10000 lines or 16 MiB"),
        (shell("cat > /dev/null; sleep 60"), "within 0.3 s"),
    ],
)
async def test_what_goes_wrong_is_said(command, said):
    within_s = 0.3 if "sleep" in command[-1] else 60.0
    with pytest.raises(Refused, match=said):
        await run_program(command, b"{}", within_s)


async def test_programs_that_print_without_end_are_given_up_and_not_waited_for():
    """Before Python 3.12 the end of a program is told when its output is read out, and nobody reads it any more."""
    asked = [run_program(shell("yes"), b"{}", 3600.0) for _ in range(8)]
    async with asyncio.timeout(60.0):
        ends = await asyncio.gather(*asked, return_exceptions=True)
    assert all(isinstance(end, Refused) and "more than 10000 lines" in str(end) for end in ends)


async def until_gone(pid):
    async with asyncio.timeout(90.0):
        while True:
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                return
            if (await asyncio.to_thread(state_of, pid)) == "Z":
                return
            await asyncio.sleep(0.02)


def state_of(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return "Z"


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
async def test_what_it_started_is_dead_afterwards_however_it_ended(tmp_path):
    leaves = shell(f"sleep 300 > /dev/null 2>&1 & echo $! > {tmp_path}/child; exit 0")
    await run_program(leaves, b"", 30.0)
    await until_gone(int((tmp_path / "child").read_text()))
    waits = shell(f"sleep 301 & echo $! > {tmp_path}/other; wait")
    running = asyncio.create_task(run_program(waits, b"", 30.0))
    async with asyncio.timeout(90.0):
        while not await asyncio.to_thread(lambda: (tmp_path / "other").exists() and (tmp_path / "other").read_text()):
            await asyncio.sleep(0.02)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await until_gone(int((tmp_path / "other").read_text()))
