"""`armillary dst`: what it prints, and how it ends."""

import json
from pathlib import Path

from typer.testing import CliRunner

from coordinator.cli.app import build

RUNNER = CliRunner()


def test_a_run_says_what_was_played(tmp_path: Path) -> None:
    file = tmp_path / "dst.json"
    done = RUNNER.invoke(build(), ["dst", "run", "--worlds", "2", "--processes", "1", "--json", str(file)])
    assert done.exit_code == 0, done.output
    document = json.loads(file.read_text())
    assert (document["schema"], document["worlds"], document["seed"]) == ("armillary.dst/1", 2, 1)
    assert document["broken"] == []


def test_a_replay_tells_the_script_of_what_is_kept() -> None:
    done = RUNNER.invoke(build(), ["dst", "replay", "--seed", "5", "--keep", "2"])
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert lines[0].startswith("world 5: ")
    assert lines[1].split()[0] == "2"
    assert lines[-1] == "no law is broken"


def test_a_trouble_that_is_not_there_is_refused() -> None:
    done = RUNNER.invoke(build(), ["dst", "replay", "--seed", "5", "--keep", "1,77,x"])
    assert done.exit_code != 0
    assert "77, x: no such trouble" in str(done.exception)


def test_a_world_that_breaks_nothing_is_not_shrunk() -> None:
    done = RUNNER.invoke(build(), ["dst", "shrink", "--seed", "5"])
    assert done.exit_code != 0
    assert "breaks no law" in str(done.exception)
