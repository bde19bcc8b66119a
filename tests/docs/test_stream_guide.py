"""A stream is added exactly as `docs/guides/add-a-stream.md` says: one file, one line, and the rule that it shows."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "guides" / "add-a-stream.md").read_text(encoding="utf-8")
FILE = re.compile(r"^## The file: `(.+)`$", re.MULTILINE)


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)


MESSAGE: dict[str, Any] = json.loads(blocks("json")[0])
READER, LINE = blocks("python")
(RULE,) = blocks("toml")


@dataclass(frozen=True)
class Observatory:
    """A copy of the coordinator to which the guide's stream was added."""

    folder: Path

    def ingest(self, *messages: bytes) -> dict[str, Any]:
        """Say what messages mean, under the guide's rule."""
        files = []
        for number, raw in enumerate(messages):
            files.append(self.folder / f"flash-{number}.json")
            files[-1].write_bytes(raw)
        command = [sys.executable, "-m", "coordinator.cli", "ingest", "--dry-run", "--json", "-"]
        options = ["--config", str(self.folder / "observatory.toml"), "--at", "2026-11-23T00:00:00Z"]
        done = self.run(*command, *options, *map(str, files))
        document: dict[str, Any] = json.loads(done)
        return document

    def run(self, *command: str) -> str:
        path = os.pathsep.join([str(self.folder), str(ROOT), str(ROOT / "protos")])
        environment = os.environ | {"PYTHONPATH": path}
        done = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode in (0, 1), done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def observatory(tmp_path_factory: pytest.TempPathFactory) -> Observatory:
    """Do what the guide says, to a copy: write the file, add the line and its import, write the rule."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "coordinator", folder / "coordinator", ignore=shutil.ignore_patterns("__pycache__"))
    (name,) = FILE.findall(GUIDE)
    assert not (folder / name).exists()
    (folder / name).write_text(READER, encoding="utf-8")
    registry = folder / "coordinator" / "alerts" / "registry.py"
    text = registry.read_text(encoding="utf-8")
    text = text.replace("FORMATS = (\n", f"FORMATS = (\n    {LINE.strip()},\n", 1)
    text = text.replace(
        "from coordinator.alerts import", "from coordinator.alerts import lighthouse\nfrom coordinator.alerts import", 1
    )
    registry.write_text(text, encoding="utf-8")
    (folder / "observatory.toml").write_text(RULE, encoding="utf-8")
    return Observatory(folder)


def said(**changes: Any) -> bytes:
    return json.dumps(MESSAGE | changes).encode()


def test_the_stream_of_the_guide_is_read_and_its_rule_fires(observatory: Observatory) -> None:
    document = observatory.ingest(said())
    (alert,) = document["alerts"]
    assert (alert["stream"], alert["event_key"], alert["phase"]) == ("lighthouse", "lighthouse:LH-7", "initial")
    assert (alert["purpose"], alert["t0"], alert["revision_number"]) == ("observation", "2026-11-22T21:14:07Z", 2)
    where = alert["localization"]
    assert [where[key] for key in ("kind", "ra_deg", "dec_deg", "radius_deg")] == ["cone", 133.25, -12.04, 0.5]
    (made,) = document["decisions"]
    assert (made["action"], made["rule"]) == ("follow", "a flash of the lighthouse")


@pytest.mark.slow
def test_revisions_retractions_and_markers_are_heard(observatory: Observatory) -> None:
    later = said(sent_at="2026-11-22T22:15:00Z", revision=3, withdrawn=True)
    document = observatory.ingest(said(is_test="True"), said(alert_tense="injection"), later)
    assert [alert["purpose"] for alert in document["alerts"]] == ["test", "injection", "observation"]
    assert document["alerts"][2]["phase"] == "retraction"
    (made,) = document["decisions"]
    assert (made["action"], made["rule"]) == ("ignore", "retracted")


@pytest.mark.slow
def test_damaged_messages_are_refused_or_read_without_what_is_damaged(observatory: Observatory) -> None:
    document = observatory.ingest(said(id=None), said(ra=512.0), said(error_deg="wide"), said(sent_at="soon"), b"{")
    assert [entry["reason"] for entry in document["rejected"]][:2] == ["lighthouse message without id or sent_at"] * 2
    far, vague = (alert["localization"] for alert in document["alerts"])
    assert far["refused"] == "position out of range: 512, -12.04"
    assert vague["kind"] == "point"


@pytest.mark.slow
def test_the_rule_of_the_guide_has_no_mistake(observatory: Observatory) -> None:
    rule = str(observatory.folder / "observatory.toml")
    assert "no problem" in observatory.run(sys.executable, "-m", "coordinator.cli", "check", rule)


def test_the_file_of_the_guide_keeps_the_house_style(observatory: Observatory) -> None:
    (name,) = FILE.findall(GUIDE)
    command = [sys.executable, "-m", "ruff", "check", "-q", "--config", str(ROOT / "pyproject.toml"), name]
    assert observatory.run(*command) == ""
