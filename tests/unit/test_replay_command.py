"""`armillary replay` beside snapshots that an older program left."""

import json
from pathlib import Path

import typer
from builders.dispatch import START, an_alert
from typer.testing import CliRunner

from coordinator.cli import replay
from coordinator.services.facts import entry_of
from coordinator.services.journal import Writer
from coordinator.services.snapshot import seal
from coordinator.services.state import ObservatoryState
from coordinator.services.state_snapshot import VERSION, write_state
from coordinator.store.journal import SqliteJournal


def app() -> typer.Typer:
    commands = typer.Typer()
    replay.register(commands)
    commands.callback()(lambda: None)
    return commands


async def test_a_snapshot_of_another_version_is_named_and_the_others_are_compared(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "journal.sqlite", lambda: START)
    state = ObservatoryState()
    writer = await Writer.elected(journal, "source/files")
    for stored in await writer.append([entry_of("alert_received", an_alert(), sky_time=START, event="lvk:S1")]):
        state.apply(stored)
    await journal.close()
    snapshots = tmp_path / "snapshots" / "scheduler"
    snapshots.mkdir(parents=True)
    (snapshots / "2.json").write_bytes(write_state(state, "x"))
    (snapshots / "1.json").write_bytes(seal(b"{}", version=VERSION - 1, journal_id="x", seq=1))
    result = CliRunner().invoke(app(), ["replay", "--state", str(tmp_path), "--json", "-"])
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["snapshots"] == [{"seq": state.applied_seq, "equal": True}]
    assert [Path(one).name for one in document["passed_over"]] == ["1.json"]
    assert document["state_hash"] == state.hash()
