"""The guide to add a driver, followed: its package on the path, its name in a site file, a check, one pointing."""

import asyncio
import os
import re
import sys
import tomllib
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest
from builders.guide_reader import GENEROUS_S, Site, a_site, first_pointing, practising

GUIDES = Path(__file__).resolve().parents[2] / "docs" / "guides"
GUIDE = (GUIDES / "add-a-driver.md").read_text(encoding="utf-8")
CONNECT = (GUIDES / "connect-a-telescope.md").read_text(encoding="utf-8")
(PYTHON,) = re.findall(r"^```python\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
ENTRY, CHOICE = re.findall(r"^```toml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
SITE = re.search(r"^`site.toml`:\n\n```toml\n(.*?)^\[driver\]", CONNECT, re.MULTILINE | re.DOTALL)
PRACTICE = "python -m coordinator.gateway.practice --port 50051 --dec-deg 80 --start-in-s 2 --exposure-s 1"
CHECK, RUN = "armillary agent check --config site.toml", "armillary agent run --config site.toml"


@pytest.fixture
async def controller() -> AsyncIterator[tuple[int, list[str]]]:
    """A controller as the guide's driver expects one: its port, and what it was told."""
    told: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = (await reader.readline()).decode().strip()
        verb, *words = line.split()
        told.append(line)
        answers = {"parked?": "no", "safe?": "yes", "expose": "file image.fits", "slew": f"at {' '.join(words[:2])}"}
        writer.write(answers.get(verb, "done").encode() + b"\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], told


def installed(folder: Path) -> Path:
    """Lay the guide's package out as an installer does: its module, and its entry point as the guide declares it."""
    groups = tomllib.loads(ENTRY)["project"]["entry-points"]
    module, _, _ = groups["armillary.drivers"]["line"].partition(":")
    source = folder.joinpath(*module.split(".")).with_suffix(".py")
    source.parent.mkdir(parents=True)
    (source.parent / "__init__.py").touch()
    source.write_text(PYTHON)
    about = folder / "my_observatory-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: my-observatory\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("\n".join(_ini(groups.items())))
    return folder


def _ini(groups: Iterable[tuple[str, dict[str, str]]]) -> list[str]:
    return [line for group, rows in groups for line in (f"[{group}]", *(f"{k} = {v}" for k, v in rows.items()))]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    packages = installed(tmp_path / "packages")
    path = os.pathsep.join(filter(None, (str(packages), os.environ.get("PYTHONPATH", ""))))
    return a_site(tmp_path, Path(sys.executable).parent, {**os.environ, "PYTHONPATH": path})


async def test_the_driver_of_the_guide_completes_a_pointing(site: Site, controller: tuple[int, list[str]]) -> None:
    port, told = controller
    assert SITE is not None
    assert "port = 7000" in CHOICE
    async with practising(site, PRACTICE) as (gateway, said):
        site.write("site.toml", SITE[1] + CHOICE.replace("7000", str(port)), gateway)
        assert "ok        driver line" in await site.output(CHECK)
        async with site.typed(RUN):
            assert (await first_pointing(said))[-1] == "completed"
    verbs = [line.split()[0] for line in told]
    assert {"safe?", "slew", "expose"} <= set(verbs)


@pytest.mark.slow
async def test_a_wrong_setting_of_the_driver_is_named_by_the_check(site: Site) -> None:
    assert SITE is not None
    site.write("site.toml", SITE[1] + CHOICE.replace("port = 7000", "port = 70000\nprot = 1"), "127.0.0.1:1")
    async with site.typed(CHECK) as process, asyncio.timeout(GENEROUS_S):
        out, _ = await process.communicate()
    said = out.decode() + (site.folder / "log").read_text()
    assert "driver.port: 70000 is above 65535" in said
    assert "driver.prot" in said
