"""`armillary simulate`: many events on a virtual clock, under one policy or several on the same worlds."""

import logging
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from telescopes.description.errors import Refused

if TYPE_CHECKING:
    from coordinator.simulation.campaign.drawn_world import Setting
    from coordinator.simulation.campaign.play import PlayedEvent

MOST_EVENTS = 676
"""As many as have names."""

MOST_HOURS = 24.0
SHOWN = (
    ("probability covered", "probability_covered", "{:.3f}"),
    ("probability of detection", "detection_probability", "{:.3f}"),
    ("counterpart found", "counterpart_found", "{:.2f}"),
    ("counterpart ranked first", "counterpart_rank1", "{:.2f}"),
    ("first pointing, s after the merger", "time_to_first_pointing_s", "{:.0f}"),
    ("first detection, s", "time_to_detection_s", "{:.0f}"),
    ("new sky, square degrees an hour", "distinct_deg2_per_hour", "{:.1f}"),
    ("redundancy", "redundancy", "{:.2f}"),
    ("share of offers asked back", "revoked_share", "{:.3f}"),
    ("telescope use", "telescope_use", "{:.3f}"),
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("simulate")(simulate)


def simulate(
    events: Annotated[int, typer.Option("--events", metavar="N", help="How many events.")] = 20,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="The same seed gives the same campaign.")] = 1,
    policy: Annotated[
        list[str] | None, typer.Option("--policy", metavar="NAME", help="Who plans how; several are compared.")
    ] = None,
    compare: Annotated[bool, typer.Option("--compare", help="Compare all policies on the same worlds.")] = False,
    hours: Annotated[float, typer.Option("--hours", metavar="H", help="Hours that each event is searched.")] = 12.0,
    sites: Annotated[Path | None, typer.Option("--sites", metavar="DIR|FILE", help="The network.")] = None,
    workers: Annotated[int, typer.Option("--workers", metavar="N", help="Processes, by Ray where more than 1.")] = 1,
    json_file: Annotated[
        str | None, typer.Option("--json", metavar="FILE", help="Write armillary.simulation/1 there; - for stdout.")
    ] = None,
) -> None:
    """Play many events on a virtual clock with the real services, and measure what comes of them."""
    from coordinator.cli.output import write_json
    from coordinator.simulation.campaign.document import Campaign, document
    from coordinator.simulation.campaign.drawn_world import Setting
    from coordinator.simulation.campaign.policy import OWN, load_policy
    from telescopes.description.site_file import default_sites_folder, read_sites

    _within("--events", events, 1, MOST_EVENTS)
    _within("--seed", seed, 0, 2**31)
    _within("--hours", hours, 0.5, MOST_HOURS)
    _within("--workers", workers, 1, 4 * (os.cpu_count() or 1))
    names = tuple(dict.fromkeys([*(OWN if compare else ()), *(policy or ())])) or ("coordinated",)
    for name in names:
        load_policy(name)
    _hush()
    setting = Setting(tuple(read_sites(sites or default_sites_folder())), hours)
    began_s = time.monotonic()
    played = sorted(_played(setting, seed, events, names, workers), key=lambda one: one.number)
    cpu_s = sum(o.cpu_s for one in played for o in one.outcomes)
    made = document(Campaign(seed, names, tuple(played), cpu_s, time.monotonic() - began_s))
    if json_file is not None:
        write_json(made, json_file)
    if json_file != "-":
        _show(made)


def _within(option: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise Refused(f"{value:g} cannot be used", where=option, mend=f"give {least:g} to {most:g}")


def _played(setting: "Setting", seed: int, events: int, names: Sequence[str], workers: int) -> "Iterator[PlayedEvent]":
    """Yield events as they are done, with a line of progress for people who watch."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    from coordinator.simulation.campaign.spread import in_turn, over_ray

    console = Console(stderr=True)
    with Progress("events", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console) as bar:
        done = bar.add_task("", total=events)
        if workers == 1:
            found = in_turn(setting, seed, range(events), names)
        else:
            found = over_ray(setting, seed, range(events), names, _ray(workers), workers)
        for one in found:
            bar.advance(done)
            for failure in one.failures:
                console.print(
                    f"event {one.number}, seed {failure.seed}, {failure.policy}: {failure.reason}", markup=False
                )
            yield one


def _hush() -> None:
    """Let services and agents of simulated nights log nothing: their cut links and deaths are meant."""
    import structlog

    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def _ray(workers: int) -> Any:
    """Join the cluster at RAY_ADDRESS, or start Ray on this machine for as many workers."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_worker_niceness", "0")
    import ray

    here: dict[str, Any] = {} if os.environ.get("RAY_ADDRESS") else {"address": "local", "num_cpus": workers}
    ray.init(include_dashboard=False if here else None, log_to_driver=False, logging_level=logging.ERROR, **here)
    return ray


def _show(made: dict[str, Any]) -> None:
    """Print policies side by side, and what ours is above the others."""
    out, worlds = Console(highlight=False), made["worlds"]
    table = Table(
        title=f"{made['events']} events of seed {made['seed']}; mean, and 90 % interval",
        caption=f"{worlds['source_in_reach']} of {made['events']} worlds hold a source in reach: {worlds['drawn']}",
        title_justify="left",
        caption_justify="left",
    )
    table.add_column("")
    for name in made["policies"]:
        table.add_column(name)
    for title, key, how in SHOWN:
        table.add_row(title, *(_interval(its[key], how) for its in made["policies"].values()))
    table.add_row("duplicates", *(str(its["duplicates"]) for its in made["policies"].values()))
    table.add_row("events that failed", *(str(len(its["failed"])) for its in made["policies"].values()))
    out.print(table)
    for name, gaps in made["differences"].items():
        said = ", ".join(
            f"{key.replace('_', ' ')} {_interval(gap, '{:+.3f}')}{'' if gap['significant'] else ' (may be chance)'}"
            for key, gap in gaps.items()
        )
        out.print(f"coordinated less {name}: {said}", soft_wrap=True)


def _interval(its: dict[str, Any], how: str) -> str:
    if its["mean"] is None:
        return "unknown"
    return f"{how.format(its['mean'])} ({how.format(its['low'])} to {how.format(its['high'])})"
