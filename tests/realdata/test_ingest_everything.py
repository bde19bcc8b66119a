"""Every recorded file through the command, as a shell's pattern gives them: what is rejected is what should be."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from coordinator.cli.app import build

pytestmark = [pytest.mark.realdata, pytest.mark.slow]


def test_all_files_at_once_are_read_or_rejected_as_the_manifest_says(shared_data: Path) -> None:
    alerts = shared_data / "alerts"
    given = sorted(alerts.glob("*/*"))  # `**/*` of a shell without globstar: folders are among them
    result = CliRunner().invoke(build(), ["ingest", "--dry-run", "--json", "-", *map(str, given)])
    told = json.loads(result.stdout)

    files = {str(path.relative_to(alerts)) for path in given if path.is_file()}
    expected = {
        one["file"]: one["expect"]["outcome"] for one in json.loads((alerts / "manifest.json").read_text())["files"]
    }
    rejected = {str(Path(one["file"]).relative_to(alerts)) for one in told["rejected"]}
    read = {str(Path(one["file"]).relative_to(alerts)) for one in (*told["alerts"], *told["ignored"])}
    assert rejected == {file for file, outcome in expected.items() if outcome == "reject"} & files
    assert rejected | read == files and not rejected & read
    assert result.exit_code == 1
    folders = [str(path) for path in given if path.is_dir()]
    assert folders and all(folder in result.stderr for folder in folders)
