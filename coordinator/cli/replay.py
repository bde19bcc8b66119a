"""`armillary replay`: fold the journal again, and compare."""

from pathlib import Path
from typing import Annotated, Any

import typer

from coordinator.cli.output import write_json
from coordinator.settings import read_settings
from telescopes.description.errors import Broken, Refused


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
    from coordinator.services.state_snapshot import read_state
    from coordinator.store.replay import fold_journal

    settings = read_settings(None, state=state)
    if not settings.journal_file.exists():
        raise Refused(
            "there is no journal", where=str(settings.state), mend="give the --state folder of an observatory"
        )
    snapshots = {
        s.applied_seq: s
        for s in (read_state(p.read_bytes(), None) for p in (settings.state / "snapshots" / "scheduler").glob("*.json"))
    }
    compared: list[dict[str, Any]] = []
    folded = None
    for folded in fold_journal(settings.journal_file, until, stops=sorted(snapshots)):
        shot = snapshots.get(folded.applied_seq)
        if shot is not None:
            compared.append({"seq": shot.applied_seq, "equal": shot.hash() == folded.hash()})
    assert folded is not None
    document = {
        "schema": "armillary.replay/1",
        "state_dir": str(settings.state),
        "seq": folded.applied_seq,
        "state_hash": folded.hash(),
        "event_hash": folded.event_hash(),
        "snapshots": compared,
    }
    if json is not None:
        write_json(document, json)
    else:
        typer.echo(f"seq {document['seq']}   state {document['state_hash']}   events {document['event_hash']}")
    if not all(c["equal"] for c in compared):
        raise Broken(
            "a snapshot differs from the journal", where=str(settings.state), mend="remove the folder `snapshots`"
        )
