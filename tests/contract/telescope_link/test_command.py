"""`armillary conformance`, as it is typed."""

import asyncio
import re
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from builders.link_agent import our_agent
from builders.live_gateway import live_gateway
from builders.secured import SmallAuthority

from coordinator.cli.conformance import conformance
from coordinator.security.identity import Role
from telescopes.description.errors import Refused

ROOT = Path(__file__).resolve().parents[3]
A_WHILE_S = 120.0


async def started(*words: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "coordinator.cli", "conformance", *words),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def ended(process: asyncio.subprocess.Process) -> tuple[int | None, list[str], list[str]]:
    try:
        async with asyncio.timeout(A_WHILE_S):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode, out.decode().splitlines(), err.decode().splitlines()


@pytest.mark.slow
async def test_a_gateway_that_fails_is_told_line_by_line_with_status_1() -> None:
    async with live_gateway(offered=1) as live:
        status, lines, err = await ended(await started("--target", live.address, "--telescope", "tel-z"))
    assert (status, err) == (1, [])
    assert all(re.match(r"(ok|failed|not tried) +[0-9.]+ +\w", line) for line in lines[:-1])
    assert any("NOT_FOUND" in line for line in lines if line.startswith("failed"))
    assert re.fullmatch(r"\d+ ok, \d+ failed, \d+ not tried", lines[-1])


@pytest.mark.slow
async def test_our_agent_keeps_every_promise() -> None:
    process = await started("--agent", "--port", "0", "--within-s", "30")
    assert process.stderr is not None
    async with asyncio.timeout(A_WHILE_S):
        said = (await process.stderr.readline()).decode()
    found = re.search(r"127\.0\.0\.1:\d+", said)
    assert found, said
    async with our_agent(found.group()):
        status, lines, _ = await ended(process)
    assert [line for line in lines if not line.startswith("ok")] == [lines[-1]]
    assert (status, lines[-1].partition(" ok, ")[2]) == (0, "0 failed, 0 not tried")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({}, "wants one of --target and --agent"),
        ({"target": "x:1", "agent": True}, "wants one of --target and --agent"),
        ({"target": "127.0.0.1:1"}, "--telescope: wants a telescope"),
        ({"agent": True, "identity": Path("x")}, "--identity: goes with --target"),
        ({"target": "127.0.0.1:1", "identity": Path("nowhere")}, "nowhere/identity.key: is not there; enrol:"),
        ({"target": "127.0.0.1:1", "insecure": True}, "--insecure: goes with --agent"),
        ({"agent": True, "host": "192.0.2.1"}, "others can reach this address.*--insecure"),
    ],
    ids=["nothing", "both", "no telescope", "agent with identity", "no identity", "nothing to open", "open to others"],
)
def test_a_mistake_says_its_mend(words: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused, match=said):
        conformance(**words)


@pytest.mark.parametrize(
    ("name", "role", "said", "wrong"),
    [
        ("ada", Role.OPERATOR, "", "is no telescope's certificate"),
        ("tel-a", Role.TELESCOPE, "tel-b", "is tel-a's certificate, not tel-b's"),
    ],
)
def test_anothers_certificate_is_refused(tmp_path: Path, name: str, role: Role, said: str, wrong: str) -> None:
    folder = SmallAuthority(tmp_path / "ca").identity(tmp_path, name, role).key.parent
    with pytest.raises(Refused, match=wrong):
        conformance(target="127.0.0.1:1", telescope=said, identity=folder)


@pytest.mark.slow
async def test_a_certificate_says_whose_agent_is_played_and_a_gateway_without_it_says_that_it_wants_one(
    tmp_path: Path,
) -> None:
    authority = SmallAuthority(tmp_path / "ca")
    folder = authority.identity(tmp_path, "tel-a").key.parent
    async with live_gateway(offered=1, door=authority.door(link_now=lambda: 1000.0 * time.monotonic())) as live:
        status, lines, err = await ended(await started("--target", live.address, "--identity", str(folder)))
        assert (status, err, lines[-1].partition(" ok, ")[2].partition(",")[0]) == (0, [], "0 failed")
        words = ("--target", live.address, "--telescope", "tel-a", "--within-s", "0.5")
        _, _, err = await ended(await started(*words))
    assert len(err) == 1
    assert "wants a certificate, and this telescope has none" in err[0]


async def test_nobody_there_is_one_line_and_may_heal() -> None:
    words = ("--target", "127.0.0.1:1", "--telescope", "t", "--within-s", "0.2")
    status, _, err = await ended(await started(*words))
    assert (status, len(err)) == (75, 1)
    assert "nothing answers within 0.2 s" in err[0]
