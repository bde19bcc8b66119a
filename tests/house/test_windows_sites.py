"""Nothing at the site needs a POSIX system: observatories on Windows run it, too.

What only POSIX has is hidden in a process of its own, and all is imported anew with the platform said to be Windows.
It shows what our code asks for, and not that Windows itself does it.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

PROGRAM = Path(__file__).resolve().parents[1] / "builders" / "programs" / "as_on_windows.py"


def tried(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, PROGRAM, *words], capture_output=True, text=True, timeout=300)


def test_the_site_is_imported_and_an_agent_observes_without_what_only_posix_has(tmp_path: Path) -> None:
    ran = tried(str(tmp_path))
    assert ran.returncode == 0, ran.stderr[-3000:]
    said = json.loads(ran.stdout.splitlines()[-1])
    assert {"telescopes.agent.agent", "telescopes.drivers.child", "telescopes.drivers.command"} <= set(said["modules"])
    assert (said["told"][0], said["told"][-1]) == ("accepted", "completed")


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("import fcntl", "telescopes.new imports fcntl, which Windows has not"),
        ("from pwd import getpwnam", "telescopes.new imports pwd, which Windows has not"),
        ("import os; os.killpg", "has no attribute 'killpg'"),
        ("import signal; signal.SIGKILL", "has no attribute 'SIGKILL'"),
    ],
)
def test_what_only_posix_has_is_found(code: str, why: str, tmp_path: Path) -> None:
    assert why in tried(str(tmp_path), "telescopes.new", code).stderr
