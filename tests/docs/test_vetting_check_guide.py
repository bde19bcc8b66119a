"""A check is added exactly as `docs/guides/add-a-vetting-check.md` says: one file, one line, its test."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import healpy
import numpy as np
import pytest
from astropy.table import Table

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "guides" / "add-a-vetting-check.md").read_text(encoding="utf-8")
HEADED = re.compile(r"^## \w+ \w+: `(.+)`$", re.MULTILINE)


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)


CHECK, LINE, TEST = blocks("python")
(TABLE,) = blocks("text")
(COMMAND,) = blocks("sh")
CHECK_FILE, REGISTRY, TEST_FILE = HEADED.findall(GUIDE)
NAME = "bright enough"


@dataclass(frozen=True)
class Copy:
    """A folder with the guide's table and map, and the coordinator that runs in it."""

    folder: Path
    code: Path

    def vet(self) -> dict[str, Any]:
        """Type the guide's command."""
        words = COMMAND.split()
        assert words[0] == "armillary"
        document: dict[str, Any] = json.loads(self.run(sys.executable, "-P", "-m", "coordinator.cli", *words[1:]))
        return document

    def run(self, *command: str) -> str:
        path = os.pathsep.join([str(self.code), str(ROOT), str(ROOT / "protos")])
        environment = os.environ | {"PYTHONPATH": path}
        done = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lay out what the command of the guide reads."""
    folder = tmp_path_factory.mktemp("copy")
    (folder / "candidates.csv").write_text(TABLE)
    towards = healpy.ang2vec(197.45, -23.38, lonlat=True) @ np.array(healpy.pix2vec(64, np.arange(49152), nest=True))
    density = np.exp((towards - 1) / np.radians(3.0) ** 2)
    uniq = np.arange(49152) + 4 * 64**2
    sky = Table({"UNIQ": uniq, "PROBDENSITY": density / density.sum() / healpy.nside2pixarea(64)})
    sky.meta.update(ORDERING="NUNIQ", COORDSYS="C", INDXSCHM="EXPLICIT", **{"DATE-OBS": "2017-08-17T12:41:04"})
    sky.write(folder / "GW170817.fits")
    return folder


@pytest.fixture(scope="module")
def with_check(folder: Path) -> Copy:
    """Do what the guide says, to a copy: write the file, add the line and its import, write the test."""
    shutil.copytree(ROOT / "coordinator", folder / "coordinator", ignore=shutil.ignore_patterns("__pycache__"))
    assert not (folder / CHECK_FILE).exists()
    (folder / CHECK_FILE).write_text(CHECK, encoding="utf-8")
    (folder / TEST_FILE).parent.mkdir(parents=True)
    (folder / TEST_FILE).write_text(TEST, encoding="utf-8")
    registry = folder / REGISTRY
    text = registry.read_text(encoding="utf-8")
    for before, added in (
        ("    agn,\n", "    bright_enough,\n"),
        ("CHECKS: tuple[Check, ...] = (\n", f"    {LINE.strip()},\n"),
    ):
        assert text.count(before) == 1
        text = text.replace(before, before + added)
    registry.write_text(text, encoding="utf-8")
    return Copy(folder, folder)


def terms(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["id"]: {c["name"]: c for c in one["checks"]} for one in document["candidates"]}


def test_the_check_of_the_guide_weighs(folder: Path, with_check: Copy) -> None:
    before, after = Copy(folder, ROOT).vet(), with_check.vet()
    mine = {name: its[NAME] for name, its in terms(after).items()}
    said = {name: (c["passed"], round(c["log_bayes"], 2)) for name, c in mine.items()}
    assert said == {"clear": (True, 0.22), "faint": (False, -0.18), "silent": (None, 0.0)}
    others = {name: {k: c for k, c in its.items() if k != NAME} for name, its in terms(after).items()}
    assert others == terms(before)
    assert after["prior"] == before["prior"]


@pytest.mark.long
def test_a_check_that_knows_nothing_changes_no_odds(folder: Path, with_check: Copy) -> None:
    rows = [line.rpartition(",")[0] + "," for line in TABLE.splitlines()[1:]]
    (folder / "candidates.csv").write_text("\n".join([TABLE.splitlines()[0], *rows]) + "\n")
    try:
        before, after = Copy(folder, ROOT).vet(), with_check.vet()
    finally:
        (folder / "candidates.csv").write_text(TABLE)
    assert all(its.pop(NAME)["passed"] is None for its in terms(after).values())
    assert after["p_none"] == before["p_none"]
    for one, other in zip(after["candidates"], before["candidates"], strict=True):
        assert {k: v for k, v in one.items() if k != "checks"} == {k: v for k, v in other.items() if k != "checks"}


def test_the_test_of_the_guide_passes(with_check: Copy) -> None:
    options = ["-q", "-p", "no:cacheprovider", "--import-mode=importlib", "--rootdir", str(with_check.folder)]
    assert "4 passed" in with_check.run(sys.executable, "-m", "pytest", *options, TEST_FILE)


@pytest.mark.long
def test_the_files_of_the_guide_keep_the_house_style(with_check: Copy) -> None:
    command = [sys.executable, "-m", "ruff", "check", "-q", "--config", str(ROOT / "pyproject.toml")]
    assert with_check.run(*command, CHECK_FILE, TEST_FILE, REGISTRY) == ""
    strict = ["--strict", "--no-incremental", "--follow-imports=silent", "--ignore-missing-imports", CHECK_FILE]
    with_check.run(sys.executable, "-m", "mypy", *strict)
