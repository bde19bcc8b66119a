"""`armillary replay`: fold the journal again, and compare."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from coordinator.cli.output import write_json
from coordinator.cli.replay_dashboard import PORT, show_night
from coordinator.config_file import read_settings
from telescopes.description.errors import Broken, Refused

if TYPE_CHECKING:
    from coordinator.services.state import ObservatoryState
    from coordinator.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("replay")(replay)


def replay(
    state: Annotated[Path | None, typer.Option(help="State folder.")] = None,
    until: Annotated[int | None, typer.Option(help="Stop after this sequence number.")] = None,
    json: Annotated[
        str | None, typer.Option(help="Write armillary.replay/1 to a file, or - for standard output.")
    ] = None,
    dashboard: Annotated[
        bool, typer.Option("--dashboard", help="Show a kept night of a simulation on the dashboard's screens.")
    ] = False,
    port: Annotated[int | None, typer.Option(help="With --dashboard: its port; 0: a free one. [8020]")] = None,
) -> None:
    """Fold the journal from its start and compare the state's hash with the snapshots."""
    settings = read_settings(None, state=state)
    _require_one_of_both(dashboard, port, json)
    if dashboard:
        show_night(settings, until, PORT if port is None else port)
    else:
        _fold(settings, until, json)


def _require_one_of_both(dashboard: bool, port: int | None, json: str | None) -> None:
    """Refuse an option of the other thing that this command does."""
    if dashboard and json is not None:
        raise Refused("is for hashes", where="--json", mend="leave it out, or leave out --dashboard")
    if port is not None and not dashboard:
        raise Refused("is for the dashboard", where="--port", mend="give --dashboard too, or leave it out")


def _fold(settings: "Settings", until: int | None, json: str | None) -> None:
    from coordinator.store.replay import fold_journal

    if not settings.journal_file.exists():
        raise Refused(
            "there is no journal", where=str(settings.state), mend="give the --state folder of an observatory"
        )
    snapshots, passed_over = _snapshots(settings.state / "snapshots" / "scheduler")
    compared: list[dict[str, Any]] = []
    folded = None
    for folded in fold_journal(settings.journal_file, until, stops=sorted(snapshots)):
        shot = snapshots.get(folded.applied_seq)
        if shot is not None and all(c["seq"] != shot.applied_seq for c in compared):
            compared.append({"seq": shot.applied_seq, "equal": shot.hash() == folded.hash()})
    assert folded is not None
    document = {
        "schema": "armillary.replay/1",
        "state_dir": str(settings.state),
        "seq": folded.applied_seq,
        "state_hash": folded.hash(),
        "event_hash": folded.event_hash(),
        "snapshots": compared,
        "passed_over": passed_over,
    }
    if json is not None:
        write_json(document, json)
    else:
        typer.echo(f"seq {document['seq']}   state {document['state_hash']}   events {document['event_hash']}")
    for one in passed_over:
        typer.echo(f"passed over, for another version wrote it: {one}", err=True)
    if not all(c["equal"] for c in compared):
        raise Broken(
            "a snapshot differs from the journal", where=str(settings.state), mend="remove the folder `snapshots`"
        )


def _snapshots(folder: Path) -> tuple[dict[int, "ObservatoryState"], list[str]]:
    """Read the scheduler's snapshots, by sequence number; those of another version are only named.

    An older program wrote them, and the scheduler passes them over at its start.
    """
    from coordinator.services.snapshot import of_another_version
    from coordinator.services.state_snapshot import VERSION, read_state

    files = {file: file.read_bytes() for file in sorted(folder.glob("*.json"))}
    others = [file for file, data in files.items() if of_another_version(data, VERSION)]
    found = (read_state(data, None) for file, data in files.items() if file not in others)
    return {state.applied_seq: state for state in found}, [str(file) for file in others]
