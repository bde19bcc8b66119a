"""What is wrong at the doors is told in one clear line, and leaves nothing behind."""

import fcntl
import json
import resource
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from builders.notices import a_map

from coordinator.actors.observatory import give_back, take_state_folder
from coordinator.cli.up import wait_until_it_serves
from coordinator.operator_link import running_on
from coordinator.settings import Settings
from telescopes.description.errors import Refused

THREE_MISTAKES = """
id = "Broken"
[site]
latitude_deg = 95
longitude_deg = 0
[[instruments]]
filters = ["r"]
footprint = {shape = "circle", radius_deg = 1}
[observing]
exposure_s = -1
"""
NAMED = ("id: 'Broken'", "site.latitude_deg: 95", "observing.exposure_s: -1")
WRONG_CONFIG = """
port = "x"
prot = 3
[policy]
own_sharee = 1
[[streams]]
idd = "gcn"
"""
WRONG_KEYS = ("port: 'x'", "prot: unknown", "policy.own_sharee: unknown", "streams.0.idd: unknown")


def armillary(*words: object, full_disk: bool = False) -> tuple[int, str, str]:
    """Run a command; return its exit status and what it said on standard output and error."""

    def fill_the_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    done = subprocess.run(
        [sys.executable, "-m", "coordinator.cli", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
        preexec_fn=fill_the_disk if full_disk else None,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def refused(*words: object, full_disk: bool = False) -> str:
    """Run a command that must fail with exactly one line; return the line."""
    code, said, complained = armillary(*words, full_disk=full_disk)
    assert code != 0 and said == ""
    (line,) = complained.splitlines()
    assert "Traceback" not in line
    return line


def a_config(folder: Path, port: int, dashboard: int | None = None) -> Path:
    path = folder / "armillary.toml"
    shown = f"port = {dashboard}" if dashboard else "enabled = false"
    path.write_text(f"port = {port}\n[dashboard]\n{shown}\n")
    return path


@contextmanager
def a_busy_port() -> Iterator[int]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield int(listening.getsockname()[1])


@pytest.mark.parametrize("command", ["up", "check"])
def test_every_mistake_of_a_site_file_is_named_in_one_go(tmp_path: Path, command: str) -> None:
    site = tmp_path / "site.toml"
    site.write_text(THREE_MISTAKES)
    if command == "up":
        said = refused("up", "--sites", site, "--state", tmp_path / "state")
    else:
        code, said, _ = armillary("check", site)
        assert code == 1 and len(said.splitlines()) == 3
    assert all(mistake in said for mistake in NAMED)
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("command", ["up", "check"])
def test_every_mistake_of_a_config_file_is_named_in_one_go(tmp_path: Path, command: str) -> None:
    config = tmp_path / "armillary.toml"
    config.write_text(WRONG_CONFIG)
    said = refused("up", "--config", config) if command == "up" else armillary("check", config)[1]
    assert all(mistake in said for mistake in WRONG_KEYS)
    assert not (tmp_path / "armillary").exists()


def test_a_truncated_map_is_refused_and_rejected(tmp_path: Path) -> None:
    cut = tmp_path / "cut.fits"
    cut.write_bytes(a_map()[:-30_000])
    assert "ends early" in refused("plan", cut)
    code, said, complained = armillary("ingest", cut, "--dry-run", "--json", "-")
    assert (code, complained) == (1, "")
    (rejected,) = json.loads(said)["rejected"]
    assert rejected["file"] == str(cut) and "ends early" in rejected["reason"]


@pytest.mark.slow
def test_a_busy_port_is_refused_before_anything_starts(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with a_busy_port() as port:
        assert f"127.0.0.1:{port}: cannot listen there" in refused("up", "--port", port, "--state", state)
        config = a_config(tmp_path, port=1, dashboard=port)
        assert f"127.0.0.1:{port}: cannot listen there" in refused("up", "--config", config, "--state", state)
    assert not state.exists()


def test_a_port_that_is_none_is_refused(tmp_path: Path) -> None:
    assert ":70000: cannot listen there" in refused("up", "--port", 70000, "--state", tmp_path / "state")
    assert not (tmp_path / "state").exists()


@pytest.mark.slow
def test_a_state_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "cannot be written" in refused("up", "--state", tmp_path / "file" / "state")
    assert "cannot be written" in refused("up", "--state", "/proc/armillary")


@pytest.mark.slow
def test_a_full_disk_is_refused(tmp_path: Path) -> None:
    assert "free the disk" in refused("up", "--state", tmp_path / "state", full_disk=True)
    assert not (tmp_path / "state").exists()


def test_a_second_observatory_on_one_state_is_refused_and_harms_nothing(tmp_path: Path) -> None:
    settings = Settings(state=tmp_path / "state")
    lock = take_state_folder(settings)
    settings.run_file.write_text('{"gateway": "127.0.0.1:1", "pid": 1}')
    try:
        assert "another observatory runs on this state" in refused("up", "--state", settings.state)
        assert settings.run_file.exists()
    finally:
        give_back(settings, lock)


def test_one_who_only_asks_does_not_keep_an_observatory_from_starting(tmp_path: Path) -> None:
    asking = (tmp_path / "lock").open("a+")
    fcntl.flock(asking, fcntl.LOCK_SH)
    threading.Timer(0.2, asking.close).start()
    take_state_folder(Settings(state=tmp_path), patience_s=30.0).close()
    assert asking.closed


SERVING = """
import sys, os, fcntl
lock = open(sys.argv[1] + "/lock", "a+")
fcntl.flock(lock, fcntl.LOCK_EX)
open(sys.argv[1] + "/draft", "w").write('{"gateway": "127.0.0.1:1", "pid": %d}' % os.getpid())
os.replace(sys.argv[1] + "/draft", sys.argv[1] + "/run.json")
input()
"""


@contextmanager
def a_killed_observatory_and(state: Path, program: str) -> Iterator[subprocess.Popen[bytes]]:
    """Leave what a killed observatory leaves, and start a process that says how it goes on."""
    (state / "lock").touch()
    (state / "run.json").write_text('{"gateway": "127.0.0.1:1", "pid": 1}')
    (state / "up.log").write_text("")
    with subprocess.Popen([sys.executable, "-c", program, state], stdin=subprocess.PIPE) as child:
        try:
            yield child
        finally:
            child.kill()


def test_an_observatory_comes_up_where_one_was_killed(tmp_path: Path) -> None:
    with a_killed_observatory_and(tmp_path, SERVING) as child:
        wait_until_it_serves(tmp_path, child, tmp_path / "up.log", at_most_s=60.0)
        assert running_on(tmp_path).pid == child.pid


def test_one_that_never_serves_is_given_up_and_ended(tmp_path: Path) -> None:
    with a_killed_observatory_and(tmp_path, "input()") as child:
        with pytest.raises(Refused, match="did not come up within"):
            wait_until_it_serves(tmp_path, child, tmp_path / "up.log", at_most_s=0.0)
        assert child.poll() is not None


@pytest.mark.parametrize("command", ["status", "down", "ingest"])
def test_where_nothing_runs_there_is_nothing_to_ask(tmp_path: Path, command: str) -> None:
    words = [command, *([__file__] if command == "ingest" else []), "--state", tmp_path]
    assert "no observatory runs here" in refused(*words)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("command", ["status", *(pytest.param(c, marks=pytest.mark.long) for c in ("down", "ingest"))])
def test_an_observatory_that_was_killed_is_not_taken_for_one_that_runs(tmp_path: Path, command: str) -> None:
    (tmp_path / "lock").touch()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as innocent:
        # Its process id is somebody else's by now.
        (tmp_path / "run.json").write_text(json.dumps({"gateway": "127.0.0.1:1", "pid": innocent.pid}))
        words = [command, *([__file__] if command == "ingest" else []), "--state", tmp_path]
        assert "no observatory runs here any more" in refused(*words)
        assert innocent.poll() is None
        innocent.kill()
