"""The Python in the guide to the gateway does what the guide says, as a program of its own, on a real port."""

import asyncio
import ctypes
import re
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "guides" / "talk-to-the-gateway.md").read_text(encoding="utf-8")
A_WHILE_S = 120.0


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)


async def run(*words: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, *words, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )


@pytest.fixture
async def practice() -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """The practice gateway as the guide starts it, but on a free port."""
    process = await run("-m", "coordinator.gateway.practice", "--port", "0")
    assert process.stdout is not None
    async with asyncio.timeout(A_WHILE_S):
        line = (await process.stdout.readline()).decode()
    found = re.search(r"127\.0\.0\.1:\d+", line)
    assert found, line
    yield found.group(), process
    if process.returncode is None:
        process.kill()
    await process.communicate()


async def test_the_python_of_the_guide_accepts_a_pointing(
    practice: tuple[str, asyncio.subprocess.Process], tmp_path: Path
) -> None:
    (code,) = blocks("python")
    (printed,) = blocks("text")
    script = tmp_path / "client.py"
    script.write_text(code, encoding="utf-8")
    client = await run(str(script), practice[0])
    async with asyncio.timeout(A_WHILE_S):
        out, err = await client.communicate()
    assert (client.returncode, out.decode()) == (0, printed), err.decode()


def test_the_python_of_the_guide_is_short() -> None:
    (code,) = blocks("python")
    lines = [line for line in code.splitlines() if line.strip() and not line.startswith(("import", "from"))]
    assert len(lines) <= 23


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)], ids=["ctrl-c", "sigterm"])
async def test_ctrl_c_and_sigterm_end_the_practice_gateway_quietly(
    practice: tuple[str, asyncio.subprocess.Process], number: signal.Signals, status: int
) -> None:
    process = practice[1]
    process.send_signal(number)
    async with asyncio.timeout(A_WHILE_S):
        _, err = await process.communicate()
    assert (process.returncode, err) == (status, b"")


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone can send a signal to one thread of another process")
async def test_ctrl_c_ends_the_practice_gateway_whichever_thread_it_reaches(
    practice: tuple[str, asyncio.subprocess.Process],
) -> None:
    """The system may hand a signal to any thread; the one that waits in the loop has to wake all the same."""
    process = practice[1]
    other = min({thread.id for thread in psutil.Process(process.pid).threads()} - {process.pid})
    assert ctypes.CDLL(None).tgkill(process.pid, other, signal.SIGINT) == 0
    async with asyncio.timeout(A_WHILE_S):
        _, err = await process.communicate()
    assert (process.returncode, err) == (130, b"")


async def test_a_practice_gateway_on_a_busy_port_says_so_in_one_line(
    practice: tuple[str, asyncio.subprocess.Process],
) -> None:
    second = await run("-m", "coordinator.gateway.practice", "--port", practice[0].rpartition(":")[2])
    async with asyncio.timeout(A_WHILE_S):
        _, err = await second.communicate()
    assert second.returncode == 1
    assert "Address already in use" in err.decode()
    assert len(err.decode().splitlines()) == 1


async def test_a_practice_gateway_is_shown_to_others_by_who_says_so_alone() -> None:
    refused = await run("-m", "coordinator.gateway.practice", "--host", "0.0.0.0", "--port", "0")
    async with asyncio.timeout(A_WHILE_S):
        _, err = await refused.communicate()
    assert refused.returncode == 1
    (line,) = err.decode().splitlines()
    assert "others can reach this address" in line and "--insecure" in line
    served = await run("-m", "coordinator.gateway.practice", "--host", "0.0.0.0", "--port", "0", "--insecure")
    assert served.stdout is not None
    async with asyncio.timeout(A_WHILE_S):
        assert b"practice gateway at 0.0.0.0:" in await served.stdout.readline()
        served.terminate()
        await served.wait()
