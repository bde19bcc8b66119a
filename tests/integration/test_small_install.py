"""The base install is the agent: it stays small, and says so when a command needs more."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOT_THERE = ("ray", "astropy", "healpy", "sqlalchemy", "fastapi", "scipy", "matplotlib")
LOOK = f"""
import importlib.util, json
import coordinator, telescopes, armillary.telescope.v1.telescope_pb2_grpc, armillary.operator.v1.operator_pb2
print(json.dumps([name for name in {NOT_THERE!r} if importlib.util.find_spec(name)]))
"""


def run(command: Sequence[str | Path], cwd: Path) -> subprocess.CompletedProcess[str]:
    quiet = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"}
    return subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | quiet,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the distribution without an extra into an environment of its own, from a copy of the sources."""
    folder = tmp_path_factory.mktemp("small")
    source = folder / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"):
        shutil.copy(ROOT / name, source)
    for name in ("coordinator", "telescopes", "protos", "deploy"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    made = run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], folder)
    assert made.returncode == 0, made.stdout + made.stderr
    python = folder / "venv" / "bin" / "python"
    # It needs no pip of its own, which would cost as much again.
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "-qq"]
    done = run([*pip, "-c", source / "deploy" / "constraints.txt", source], folder)
    if "No matching distribution found for hatchling" in done.stderr:
        pytest.skip("no package index can be reached from here")
    assert done.returncode == 0, done.stderr
    return python


def test_the_small_install_holds_the_three_packages_and_nothing_heavy(site_python: Path, tmp_path: Path) -> None:
    done = run([site_python, "-c", LOOK], tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []


def test_the_small_install_is_consistent(site_python: Path, tmp_path: Path) -> None:
    done = run([sys.executable, "-m", "pip", "--python", site_python, "check"], tmp_path)
    assert done.returncode == 0, done.stdout


def test_every_command_of_the_small_install_shows_its_help(site_python: Path, tmp_path: Path) -> None:
    armillary = site_python.parent / "armillary"
    commands = [path.stem for path in (ROOT / "coordinator" / "cli").glob("*.py")]
    there = [
        name
        for name in ("demo", "plan", "ingest", "up", "status", "down", "replay", "check", "agent")
        if name in commands
    ]
    if not there:
        pytest.skip("no command is written yet")
    helps = {name: run([armillary, name, "--help"], tmp_path) for name in there}
    assert {name: done.stderr for name, done in helps.items() if done.returncode != 0} == {}


def test_a_command_that_needs_the_coordinator_says_what_to_install(site_python: Path, tmp_path: Path) -> None:
    if not (ROOT / "coordinator" / "cli" / "plan.py").exists():
        pytest.skip("armillary plan is not written yet")
    (tmp_path / "map.fits").write_bytes(b"SIMPLE  =                    T")
    done = run([site_python.parent / "armillary", "plan", "map.fits"], tmp_path)
    assert done.returncode != 0
    assert "armillary[coordinator]" in done.stderr
    assert len(done.stderr.splitlines()) == 1
