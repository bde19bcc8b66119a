"""`armillary ingest`, without a running system."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from coordinator.cli import ingest
from coordinator.operator_link import running_on
from telescopes.description.errors import Refused

RUNNER = CliRunner()


def app() -> typer.Typer:
    commands = typer.Typer()
    ingest.register(commands)
    commands.callback()(lambda: None)
    return commands


def a_notice(**changes: Any) -> bytes:
    notice = {"superevent_id": "S261122qx", "alert_type": "RETRACTION", "time_created": "2026-11-22T21:18:31Z"}
    return json.dumps(notice | {"event": None} | changes).encode()


def put(folder: Path, name: str, raw: bytes) -> str:
    (folder / name).write_bytes(raw)
    return str(folder / name)


def test_a_dry_run_says_what_the_files_mean_as_one_document(tmp_path: Path) -> None:
    good = put(tmp_path, "good.json", a_notice())
    heartbeat = put(tmp_path, "beat.json", b'{"$schema": "https://gcn.nasa.gov/schema/main/gcn/heartbeat.schema.json"}')
    result = RUNNER.invoke(app(), ["ingest", good, heartbeat, "--dry-run", "--json", "-"])
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert document["schema"] == "armillary.alerts/1"
    assert [(alert["file"], alert["event_key"]) for alert in document["alerts"]] == [(good, "lvk:S261122qx")]
    assert document["ignored"] == [{"file": heartbeat, "reason": "heartbeat: liveness only"}]


def test_a_dry_run_says_which_rule_fired_and_why(tmp_path: Path) -> None:
    event = {"time": "2026-11-22T21:14:07Z", "significant": True, "far": 1e-10, "classification": {"BBH": 1.0}}
    file = put(tmp_path, "a.json", a_notice(alert_type="PRELIMINARY", event=event))
    at = ["--at", "2026-11-23T00:00:00Z"]
    result = RUNNER.invoke(app(), ["ingest", file, "--dry-run", "--json", "-", *at])
    (made,) = json.loads(result.stdout)["decisions"]
    assert (made["event_key"], made["action"], made["rule"]) == ("lvk:S261122qx", "watch", "black holes")
    assert "p_bbh 1 is at least 0.5" in made["because"]
    assert "not 'black holes in a small region': area90_deg2 unknown" in made["because"]
    told = RUNNER.invoke(app(), ["ingest", file, "--dry-run", *at]).stdout
    assert "lvk:S261122qx: watch by rule 'black holes': " in told


def test_a_dry_run_asks_the_rules_of_a_config_file(tmp_path: Path) -> None:
    rules = tmp_path / "up.toml"
    rules.write_text('[[policy.rules]]\nname = "mine"\naction = "ask"\nvisits = ["1"]\npriority = 7\n')
    file = put(tmp_path, "a.json", a_notice(alert_type="UPDATE"))
    result = RUNNER.invoke(app(), ["ingest", file, "--dry-run", "--json", "-", "--config", str(rules)])
    assert json.loads(result.stdout)["decisions"] == [
        {
            "event_key": "lvk:S261122qx",
            "action": "ask",
            "rule": "mine",
            "because": "it speaks of every event",
            "visits": ["1"],
            "priority": 7,
        }
    ]


def test_a_rejected_file_is_told_and_ends_with_status_1(tmp_path: Path) -> None:
    bad = put(tmp_path, "[red]bad[nothing].json", b"{")
    good = put(tmp_path, "good.json", a_notice(alert_type="[/x]"))
    result = RUNNER.invoke(app(), ["ingest", bad, good, "--dry-run"])
    assert result.exit_code == 1
    assert "[red]bad[nothing].json" in result.stdout and "not JSON" in result.stdout and "[/x]" in result.stdout


def test_folders_that_a_pattern_brings_along_are_passed_over_and_told(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    result = RUNNER.invoke(
        app(), ["ingest", put(tmp_path, "a", a_notice()), str(tmp_path / "inner"), "--dry-run", "--json", "-"]
    )
    assert result.exit_code == 0 and len(json.loads(result.stdout)["alerts"]) == 1
    assert f"passed over, for it is a folder: {tmp_path / 'inner'}" in result.stderr


def test_json_goes_to_a_file(tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    result = RUNNER.invoke(app(), ["ingest", put(tmp_path, "a", a_notice()), "--dry-run", "--json", str(target)])
    assert result.exit_code == 0 and len(json.loads(target.read_text())["alerts"]) == 1


def test_headers_beside_a_file_are_heard(tmp_path: Path) -> None:
    file = put(tmp_path, "a.json", a_notice())
    put(tmp_path, "a.json.headers.json", b'{"_test": "true"}')
    result = RUNNER.invoke(app(), ["ingest", file, "--dry-run", "--json", "-"])
    assert json.loads(result.stdout)["alerts"][0]["purpose"] == "test"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nowhere.json", "--dry-run"], "nowhere.json: cannot be read"),
        (["{file}", "--dry-run", "--purpose", "fun"], "'fun' is no purpose"),
        (["{file}", "--dry-run", "--event", "S1"], "'S1' is no event key"),
        (["{file}", "--state", "{folder}"], "no observatory runs here"),
        (["{file}", "--retry-quarantine"], "FILE and --retry-quarantine exclude each other"),
        (["--retry-quarantine", "--state", "{folder}"], "no observatory runs here"),
        ([], "there is nothing to read"),
        (["{folder}", "--dry-run"], "only folders are given"),
        (["{file}", "--dry-run", "--at", "soon"], "'soon' is no time"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(tmp_path: Path, arguments: list[str], says: str) -> None:
    file = put(tmp_path, "a.json", a_notice())
    filled = [argument.format(file=file, folder=tmp_path) for argument in arguments]
    result = RUNNER.invoke(app(), ["ingest", *filled])
    assert isinstance(result.exception, Refused)
    assert says in str(result.exception) and "\n" not in str(result.exception)


def test_an_address_where_nobody_answers_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "run.json", b'{"gateway": "127.0.0.1:1"}')
    result = RUNNER.invoke(app(), ["ingest", put(tmp_path, "a.json", a_notice()), "--state", str(tmp_path)])
    assert isinstance(result.exception, Refused) and "127.0.0.1:1: no observatory answers" in str(result.exception)


@pytest.mark.parametrize("content", [b"", b"[]", b'{"other": 1}', b'{"gateway": 7}', b"\xff"])
def test_a_run_file_that_says_nothing_is_refused(tmp_path: Path, content: bytes) -> None:
    put(tmp_path, "run.json", content)
    with pytest.raises(Refused, match=r"run\.json: does not say where the gateway is"):
        running_on(tmp_path)
