"""`armillary replay` beside snapshots that an older program left."""

import json
import socket
from pathlib import Path

import typer
from builders.dispatch import START, an_alert
from builders.kept_nights import a_night, keep_night
from typer.testing import CliRunner

from coordinator.cli import replay
from coordinator.services.facts import entry_of
from coordinator.services.journal import Stored, Writer
from coordinator.services.snapshot import seal
from coordinator.services.state import ObservatoryState
from coordinator.services.state_snapshot import VERSION, write_state
from coordinator.store.journal import SqliteJournal
from telescopes.description.errors import Refused


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


def refused(*words: str) -> str:
    result = CliRunner().invoke(app(), ["replay", *words])
    assert isinstance(result.exception, Refused)
    return str(result.exception)


def test_a_dashboard_is_for_a_kept_night_of_a_simulation_alone(tmp_path: Path) -> None:
    assert "holds no kept night of a simulation" in refused("--state", str(tmp_path), "--dashboard")


async def test_an_entry_that_is_not_there_and_a_port_that_is_taken_are_refused(tmp_path: Path) -> None:
    entries = [Stored(1, START, "x", 1, entry_of("alert_received", an_alert(), sky_time=START, event="lvk:S1"))]
    night = tmp_path / "night"
    await keep_night(night, entries, {}, a_night())
    show = ("--state", str(night), "--dashboard")
    assert "there is no entry 99; give 1 to 3" in refused(*show, "--until", "99")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert "cannot be used" in refused(*show, "--port", str(taken.getsockname()[1]))
    assert "99999 is no port" in refused(*show, "--port", "99999")


def test_options_of_the_other_thing_are_refused(tmp_path: Path) -> None:
    assert "give --dashboard too" in refused("--state", str(tmp_path), "--port", "8020")
    assert "leave out --dashboard" in refused("--state", str(tmp_path), "--dashboard", "--json", "-")
