"""`armillary replay`: fold the journal again, and compare."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from coordinator.cli.output import write_json
from coordinator.config_file import read_settings
from telescopes.description.errors import Broken, Refused

if TYPE_CHECKING:
    from coordinator.services.state import ObservatoryState


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("replay")(replay)


def replay(
    state: Annotated[Path | None, typer.Option(help="State folder.")] = None,
    until: Annotated[int | None, typer.Option(help="Stop after this sequence number.")] = None,
    json: Annotated[
        str | None, typer.Option(help="Write armillary.replay/1 to a file, or - for standard output.")
    ] = None,
) -> None:
    """Fold the journal from its start and compare the state's hash with the snapshots."""
    from coordinator.store.replay import fold_journal

    settings = read_settings(None, state=state)
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
