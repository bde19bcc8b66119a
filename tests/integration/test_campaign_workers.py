"""`armillary simulate` gives the same document whoever plays the events."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from coordinator.simulation.campaign.document import without_timings
from telescopes.description.site_file import default_sites_folder

pytestmark = [pytest.mark.slow, pytest.mark.long]


@pytest.fixture
def sites(tmp_path: Path) -> Path:
    folder = tmp_path / "sites"
    folder.mkdir()
    for name in ("oaj-t80", "soar", "tch"):
        shutil.copy(default_sites_folder() / f"{name}.toml", folder)
    return folder


def simulated(sites: Path, workers: int) -> dict[str, Any]:
    asked = ["--events", "3", "--seed", "2", "--hours", "6", "--compare", "--json", "-", "--workers", str(workers)]
    done = subprocess.run(
        [sys.executable, "-m", "coordinator.cli", "simulate", *asked, "--sites", str(sites)],
        capture_output=True,
        text=True,
        check=True,
        timeout=900,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.timeout(1900)
def test_one_worker_and_two_give_the_same_document_but_for_timings(sites: Path) -> None:
    alone, shared = simulated(sites, 1), simulated(sites, 2)
    assert without_timings(alone) == without_timings(shared)
    assert alone["worlds"]["source_in_reach"] >= 2
    assert alone["policies"]["coordinated"]["duplicates"] == 0
    assert not any(its["failed"] for its in alone["policies"].values())
