"""The agent in JavaScript of the guide, against the real gateway: the protos alone suffice."""

import asyncio
import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from builders.live_gateway import live_gateway

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "node-client"
GUIDE = ROOT / "docs" / "guides" / "another-language.md"
A_WHILE_S = 120.0


def missing(what: str) -> None:
    """Skip, and say why; fail where this test is required (ARMILLARY_REQUIRE_NODE)."""
    (pytest.fail if os.environ.get("ARMILLARY_REQUIRE_NODE") else pytest.skip)(
        f"the JavaScript agent is not run: {what}"
    )


@pytest.fixture(scope="module")
def node_modules() -> Path:
    """The example's packages, installed once for each list of versions into the user's cache."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        missing("no node or npm here (Debian: apt-get install nodejs npm)")
    package = EXAMPLE / "package.json"
    name = f"node-client-{hashlib.sha256(package.read_bytes()).hexdigest()[:12]}"
    folder = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "armillary" / name
    if not (folder / "installed").exists():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(package, folder)
        words = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"]
        try:
            subprocess.run(words, cwd=folder, check=True, capture_output=True, timeout=200)
        except (subprocess.SubprocessError, OSError) as error:
            missing(f"npm cannot install its packages ({error})")
        (folder / "installed").touch()
    return folder / "node_modules"


async def run(folder: Path, *words: str) -> tuple[int | None, str, str]:
    process = await asyncio.create_subprocess_exec(
        "node", "client.mjs", *words, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(A_WHILE_S):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode, out.decode(), err.decode()


async def test_the_javascript_agent_accepts_and_completes_pointings(node_modules: Path, tmp_path: Path) -> None:
    shutil.copy(EXAMPLE / "client.mjs", tmp_path)
    (tmp_path / "node_modules").symlink_to(node_modules)
    async with live_gateway(offered=3) as live:
        status, out, err = await run(tmp_path, str(ROOT / "protos"), live.address, "tel-a", "state.json", "3")
        assert (status, err) == (0, "")
        assert out.startswith("session 1 open, commands after")
        assert set(live.states("tel-a").values()) == {"completed"}
        assert set(live.states("tel-b").values()) == {"offered"}
        done = [s for s in live.journal.stored if s.entry.kind == "pointing_completed"]
        assert [len(s.entry.body["report"]["exposures"]) for s in done] == [1, 1, 1]
    kept = json.loads((tmp_path / "state.json").read_bytes())
    assert (kept["unsent"], list(kept["cursors"].values())) == ([], [3])


def test_the_guide_and_the_example_name_the_same_versions() -> None:
    wanted = json.loads((EXAMPLE / "package.json").read_bytes())["dependencies"]
    text = GUIDE.read_text(encoding="utf-8")
    assert all(f"{name}@{version}" in text for name, version in wanted.items())
    assert all(version[0].isdigit() for version in wanted.values())
