"""The guide to connect a telescope, followed word for word: from the install to the first completed pointing."""

import asyncio
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from builders.alpaca_peer import AlpacaPeer, an_alpaca_peer
from builders.guide_reader import Site, a_site, first_pointing, practising

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "guides" / "connect-a-telescope.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^`([\w.]+)`:\n\n```\w+\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL))
SHELL = re.findall(r"^```sh\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
PRINTED = re.findall(r"^```text\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
INSTALL, PRACTICE, CHECK, RUN, ALPACA = (block.strip() for block in SHELL)
CHECKED, REPORTED = (block.splitlines() for block in PRINTED)
PROGRAM = '[driver]\nname = "command"\nprogram = ["python", "observe.py"]\n'


def pattern_of(line: str) -> str:
    """Make a shown line one that any figures match."""
    return re.sub(r"\d+", r"\\d+", re.escape(line))


def without_clock(lines: list[str]) -> list[str]:
    """Leave out what a busy machine may turn into a warning: ways there and back of different length."""
    return [line for line in lines if "machine's clock" not in line]


async def follow(site: Site) -> None:
    """Follow the part about a program."""
    async with practising(site, PRACTICE) as (gateway, said):
        for name in ("site.toml", "observe.py"):
            site.write(name, FILES[name], gateway)
        checked = without_clock((await site.output(CHECK)).splitlines())
        for line, shown in zip(checked, without_clock(CHECKED), strict=True):
            assert re.fullmatch(pattern_of(shown), line), (line, shown)
        async with site.typed(RUN):
            assert await first_pointing(said) == [line.split(": ")[1] for line in REPORTED]
    assert (site.folder / ".local/state/armillary/agents/garden/agent.sqlite").exists()


async def test_a_program_completes_its_first_pointing(tmp_path: Path) -> None:
    await follow(a_site(tmp_path, Path(sys.executable).parent, os.environ))


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[AlpacaPeer]:
    folder = tmp_path / "peer"
    folder.mkdir()
    with an_alpaca_peer(folder) as made:
        yield made


async def follow_alpaca(site: Site, peer: AlpacaPeer, images: Path) -> None:
    """Follow the part about Alpaca's devices."""
    text = FILES["site.toml"].replace('filters = ["clear"]', 'filters = ["r", "g"]')
    assert text.endswith(PROGRAM)
    text = text.removesuffix(PROGRAM) + FILES["driver.toml"].replace("http://127.0.0.1:11111", peer.server)
    check, run = ALPACA.splitlines()
    async with practising(site, PRACTICE) as (gateway, said):
        site.write("site.toml", text, gateway)
        assert "ok        driver alpaca" in await site.output(check)
        async with site.typed(run):
            assert (await first_pointing(said))[-1] == "completed"
    assert len(await asyncio.to_thread(lambda: list(images.rglob("*.fits")))) >= 3


@pytest.mark.peer
@pytest.mark.slow
async def test_alpaca_devices_complete_their_first_pointing(peer: AlpacaPeer, tmp_path: Path) -> None:
    await follow_alpaca(a_site(tmp_path, Path(sys.executable).parent, os.environ), peer, tmp_path / "images")


@pytest.mark.peer
@pytest.mark.long
async def test_the_guide_is_followed_from_its_install(peer: AlpacaPeer, tmp_path: Path) -> None:
    plain = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    plain["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), plain.get("PATH", "")])
    plain |= {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_CONSTRAINT": str(ROOT / "deploy" / "constraints.txt")}
    made = shell(f"pip wheel -q --no-deps -w wheels {shlex.quote(str(ROOT))}", tmp_path, plain)
    if "No matching distribution found for hatchling" in made.stderr:
        pytest.skip("no package index can be reached from here")
    assert made.returncode == 0, made.stderr
    (wheel,) = (tmp_path / "wheels").glob("*.whl")
    done = shell(INSTALL.replace('"armillary[', f'"{wheel}['), tmp_path, plain)
    assert done.returncode == 0, done.stderr
    for way in ("program", "alpaca"):
        (tmp_path / way).mkdir()
    await follow(a_site(tmp_path / "program", tmp_path / "armillary" / "bin", plain))
    alpaca = a_site(tmp_path / "alpaca", tmp_path / "armillary" / "bin", plain)
    await follow_alpaca(alpaca, peer, tmp_path / "alpaca" / "images")


def shell(lines: str, folder: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-e", "-c", lines],
        cwd=folder,
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
