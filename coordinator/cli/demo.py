"""`armillary demo`: the main job on one machine."""

import signal
import threading
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from coordinator.cli.output import write_json
from coordinator.demo.options import FULL_RATE, Options, Pace


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    skymap: Annotated[
        list[Path] | None, typer.Option(help="Sky map; several are successive revisions of one event.")
    ] = None,
    telescopes: Annotated[int, typer.Option(min=1, max=20, help="How many simulated telescopes.")] = 6,
    seed: Annotated[int, typer.Option(help="Seed of the injected world.")] = 1,
    hours: Annotated[float, typer.Option(min=1.0, max=24.0, help="Hours of sky time at most.")] = 8.0,
    rate: Annotated[
        float,
        typer.Option(min=20.0, max=FULL_RATE, help="How many times as fast the sky runs; less on a busy machine."),
    ] = FULL_RATE,
    json: Annotated[
        str | None, typer.Option(help="Write armillary.demo/1 to a file, or - for standard output.")
    ] = None,
    keep_running: Annotated[
        bool, typer.Option("--keep-running", help="Leave all running at the end, until Ctrl-C.")
    ] = False,
    state: Annotated[Path | None, typer.Option(help="State folder. Left out: a fresh one.")] = None,
) -> None:
    """Show the main job: an alert comes in, the sky is searched, the counterpart is found, vetted and followed up."""
    from coordinator.demo.run import run_demo

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    console = Console(stderr=True, highlight=False)
    options = Options(
        skymaps=tuple(skymap or ()),
        telescopes=telescopes,
        seed=seed,
        hours=hours,
        keep_running=keep_running,
        state=state,
        pace=Pace(rate=rate),
    )
    outcome = run_demo(options, console.print, lambda address: _hold(console, address))
    table = Table(title="promised and kept", title_justify="left")
    for column in ("what", "promised", "happened", ""):
        table.add_column(column)
    for one in outcome.promises:
        table.add_row(*map(Text, (one.what, one.promised, one.happened)), "kept" if one.kept else "[red]not kept[/]")
    console.print(table)
    console.print(Text(f"report {outcome.summary['report']}"))
    if json is not None:
        write_json(outcome.summary, json)
    if not outcome.kept:
        raise typer.Exit(1)


def _hold(console: Console, address: str) -> None:
    """Wait for Ctrl-C."""
    console.print(f"everything runs on: dashboard {address}; Ctrl-C ends it")
    ended = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: ended.set())
    ended.wait()
