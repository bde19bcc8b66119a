"""An observatory from the shell: up where one was killed, fed, asked, replayed, down."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from builders.running import lives, poll

from coordinator.demo.ports import free_port
from telescopes.description.site_file import default_sites_folder

A_NOTICE = b'{"superevent_id": "S261122qx", "alert_type": "RETRACTION", "time_created": "2026-11-22T21:18:31Z"}'
STATUS_KEYS = {
    "schema", "state_dir", "journal_id", "seq", "state_hash", "gateway", "dashboard_url", "pids", "streams", "events",
    "telescopes",
}  # fmt: skip


def armillary(*words: object) -> str:
    """Run a command that must succeed; return what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "coordinator.cli", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=400,
        stdin=subprocess.DEVNULL,
        env=os.environ | {"COLUMNS": "200"},
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def family(state: Path) -> list[psutil.Process]:
    """Every process of the observatory that says of itself that it runs on a state folder."""
    with contextlib.suppress(psutil.NoSuchProcess, FileNotFoundError):
        root = psutil.Process(json.loads((state / "run.json").read_bytes())["pid"])
        return [root, *root.children(recursive=True)]
    return []


def kill(processes: list[psutil.Process]) -> None:
    for one in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
    psutil.wait_procs(processes, timeout=60.0)


@pytest.fixture
def config(tmp_path: Path) -> Iterator[Path]:
    port = free_port()
    (tmp_path / "sites").mkdir()
    shutil.copy(default_sites_folder() / "tca.toml", tmp_path / "sites")
    path = tmp_path / "armillary.toml"
    path.write_text(f'state = "state"\nsites = "sites"\nport = {port}\n[dashboard]\nenabled = false\n')
    yield path
    kill(family(tmp_path / "state"))


@pytest.mark.slow
@pytest.mark.e2e
@pytest.mark.ray
@pytest.mark.timeout(600)
def test_an_observatory_lives_through_its_commands(config: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    (state / "run.json").write_text('{"gateway": "127.0.0.1:1", "pid": 1}')  # of one that was killed
    assert "serving on" in armillary("up", "--config", config, "--detach")
    everybody = family(state)

    notice = tmp_path / "a.json"
    notice.write_bytes(A_NOTICE)
    assert "a.json: alert, lvk:S261122qx" in armillary("ingest", notice, "--state", state)
    document = json.loads(armillary("status", "--state", state, "--json", "-"))
    assert set(document) >= STATUS_KEYS
    assert [one["key"] for one in document["events"]] in ([], ["lvk:S261122qx"])
    assert "tca" in armillary("status", "--state", state)
    assert "has ended" in armillary("down", "--state", state)
    poll("nothing of it runs", lambda: not any(lives(one) for one in everybody))
    assert json.loads(armillary("replay", "--state", state, "--json", "-"))["seq"] >= document["seq"]
