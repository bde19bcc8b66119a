"""`armillary simulate FILE -o DIR` killed half way goes on where it stood, and comes to the same."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from coordinator.simulation.campaign.document import without_timings

pytestmark = [pytest.mark.slow, pytest.mark.chaos]

CAMPAIGN = """
[network]
telescopes = ["nowt", "tca"]
[events]
count = 6
hours = 1.0
in_reach = 0.0
[seeds]
first = 3
"""
BATCHES = 3


def started(folder: Path) -> subprocess.Popen[str]:
    folder.mkdir(exist_ok=True)
    (folder / "campaign.toml").write_text(CAMPAIGN)
    command = [sys.executable, "-m", "coordinator.cli", "simulate", "campaign.toml", "-o", "out", "--json", "made.json"]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def came_to(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "made.json").read_text())
    return found


def parts(folder: Path) -> list[Path]:
    return sorted((folder / "out" / "parts").glob("*.sqlite"))


def killed_half_way(folder: Path) -> int:
    """Kill a campaign as soon as it has kept something; return how many parts it left."""
    running = started(folder)
    give_up_s = time.monotonic() + 150.0
    while not parts(folder) and running.poll() is None and time.monotonic() < give_up_s:
        time.sleep(0.005)
    running.send_signal(signal.SIGKILL)
    running.communicate()
    assert running.returncode == -signal.SIGKILL
    return len(parts(folder))


@pytest.mark.timeout(900)
def test_a_campaign_that_is_killed_and_given_again_comes_to_the_same(tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    out, err = started(whole).communicate()
    assert "probability covered" in out and err == "", "no bar where nobody watches"
    assert 0 < killed_half_way(broken) < BATCHES
    kept = {file: file.stat().st_mtime_ns for file in parts(broken)}
    again = started(broken)
    again.communicate()
    assert again.returncode == 0
    assert len(parts(broken)) == BATCHES
    assert all(file.stat().st_mtime_ns == at for file, at in kept.items()), "what was kept is not played again"
    assert without_timings(came_to(broken)) == without_timings(came_to(whole))
    assert (broken / "out" / "report.html").is_file()
