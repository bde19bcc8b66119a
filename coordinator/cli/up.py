"""`armillary up`: run the observatory until it is told to end."""

import contextlib
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from coordinator.config_file import read_settings
from coordinator.settings import Settings
from telescopes.description.errors import Refused

UP_AT_MOST_S = 300.0
"""Link time: more than actors and dashboard may take together."""

END_AT_MOST_S = 30.0


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("up")(up)


def up(
    config: Annotated[Path | None, typer.Option(help="Config file (TOML).")] = None,
    state: Annotated[Path | None, typer.Option(help="Folder of the journal and everything else that is kept.")] = None,
    port: Annotated[int | None, typer.Option(help="Port of the gateway.")] = None,
    sites: Annotated[Path | None, typer.Option(help="Folder of site files.")] = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Plain text, whoever can reach it: something else protects the port.")
    ] = False,
    detach: Annotated[bool, typer.Option("--detach", help="Return when it serves, and leave it running.")] = False,
) -> None:
    """Run the observatory on this machine, or on the cluster at RAY_ADDRESS, until Ctrl-C or `armillary down`."""
    settings = read_settings(config, state=state, port=port, sites=sites)
    if insecure:
        settings = replace(settings, security=replace(settings.security, insecure=True))
    if detach:
        _detached(settings)
        return
    run(settings, Console(stderr=True))


def run(settings: Settings, console: Console) -> None:
    """Bring everything up, say where it is, and wait for a signal."""
    from coordinator.actors.observatory import bring_up

    ended = threading.Event()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    observatory = bring_up(settings, lambda word: console.print(word, style="dim"))
    # Only now: Ray puts handlers of its own in place, which print a trace.
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, lambda *_: ended.set())
    with (settings.state / "ray.log").open("a") as said, contextlib.redirect_stdout(said):
        try:
            _serve(settings, console, ended)
        finally:
            console.print("ending", style="dim")
            observatory.close()


def _serve(settings: Settings, console: Console, ended: threading.Event) -> None:
    from coordinator.factory import transport

    console.print(f"gateway {settings.gateway} {transport(settings).said}", soft_wrap=True)
    if settings.dashboard.enabled and not ended.is_set():
        from coordinator.dashboard.address import first_link
        from coordinator.dashboard.serve_app import serve_dashboard
        from coordinator.factory import people, utc_now

        console.print(f"dashboard {serve_dashboard(settings)}")
        link = first_link(settings.dashboard, people(settings), utc_now())
        if link is not None:
            console.print(
                f"sign in   {link}  (once, within half an hour; again: armillary people link local)", soft_wrap=True
            )
    console.print("serving; Ctrl-C or `armillary down` ends it")
    ended.wait()


def _detached(settings: Settings) -> None:
    """Start another `armillary up` in a session of its own, and wait until it serves."""
    command = [sys.executable, "-m", "coordinator.cli", *_without_detach(sys.argv[1:])]
    settings.state.mkdir(parents=True, exist_ok=True)
    log = settings.state / "up.log"
    with log.open("ab") as out:
        child = subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True)
    wait_until_it_serves(settings.state, child, log)
    typer.echo(f"serving on {settings.gateway}; `armillary down` ends it")


def wait_until_it_serves(
    state: Path, child: subprocess.Popen[bytes], log: Path, at_most_s: float = UP_AT_MOST_S
) -> None:
    """Wait until a process that was started serves on a state folder.

    Parameters
    ----------
    state : Path
        The state folder.
    child : subprocess.Popen
        The process; one that does not serve in time is ended.
    log : Path
        What it says.
    at_most_s : float
        Link seconds.

    Raises
    ------
    Refused
        It has ended, or does not serve in time.
    """
    give_up = time.monotonic() + at_most_s
    while not _serves(state, child.pid):
        if child.poll() is not None:
            last = log.read_text().strip().splitlines()[-1:] or ["it said nothing"]
            raise Refused(f"did not come up: {last[0]}", where=f"process {child.pid}", mend=f"see {log}")
        if time.monotonic() > give_up:
            _end(child)
            raise Refused(
                f"did not come up within {at_most_s:g} s and was ended", where=f"process {child.pid}", mend=f"see {log}"
            )
        time.sleep(0.2)


def _serves(state: Path, pid: int) -> bool:
    """Say whether it is this process that serves, and not one that was there before."""
    from coordinator.operator_link import running_on

    try:
        return running_on(state).pid == pid
    except Refused:  # nobody yet; what one that was killed has left is no answer either
        return False


def _end(child: subprocess.Popen[bytes]) -> None:
    """End it in order; kill what does not end."""
    child.terminate()
    try:
        child.wait(END_AT_MOST_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _without_detach(arguments: list[str]) -> list[str]:
    return [a for a in arguments if a != "--detach"]
