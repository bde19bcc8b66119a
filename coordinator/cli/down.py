"""`armillary down`: end a running observatory, in order."""

import os
import signal
import time
from pathlib import Path
from typing import Annotated

import typer

from coordinator.settings import default_state_dir
from telescopes.description.errors import Refused

PATIENCE_S = 60.0


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("down")(down)


def down(state: Annotated[Path | None, typer.Option(help="State folder of the running observatory.")] = None) -> None:
    """End the observatory that runs on a state folder, and wait until it is gone."""
    folder = (state or default_state_dir()).expanduser().resolve()
    from coordinator.operator_link import running_on

    pid = running_on(folder).pid
    if pid is None:
        raise Refused("does not say which process it is", where=str(folder / "run.json"), mend="end it by hand")
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        (folder / "run.json").unlink(missing_ok=True)
        typer.echo(f"nothing runs on {folder} any more")
        return
    give_up = time.monotonic() + PATIENCE_S
    while _lives(pid):
        if time.monotonic() > give_up:
            raise Refused(
                "does not end", where=f"process {pid}", mend=f"kill -9 {pid}; nothing that was acknowledged is lost"
            )
        time.sleep(0.1)
    typer.echo(f"the observatory on {folder} has ended")


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    # A process that nobody has waited for yet has ended all the same.
    return not (stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z")
