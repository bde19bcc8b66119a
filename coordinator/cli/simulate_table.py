"""The tables that `armillary simulate` prints."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from coordinator.simulation.campaign.words_of_figures import SHOWN, interval


def show(made: dict[str, Any]) -> None:
    """Print policies side by side, and what ours is above the others, at every point of the sweep."""
    out = Console(highlight=False)
    for point in made["sweep"] or [made]:
        _point(out, point, made["seeds"])
    if made["report"] is not None:
        out.print(f"report {made['report']}", markup=False, soft_wrap=True)


def _point(out: Console, made: Mapping[str, Any], seeds: list[int]) -> None:
    worlds = made["worlds"]
    of = f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {seeds[0]} to {seeds[-1]}"
    at = "".join(f"{key} = {value}; " for key, value in made.get("at", {}).items())
    table = Table(
        title=f"{at}{made['events']} events of {of}; mean, and 90 % interval (in brackets: of so many alone)",
        caption=f"{worlds['source_in_reach']} of {made['events']} worlds hold a source in reach: {worlds['drawn']}",
        title_justify="left",
        caption_justify="left",
    )
    table.add_column("")
    for name in made["policies"]:
        table.add_column(name)
    for shown in SHOWN:
        table.add_row(
            shown.title, *(interval(its[shown.key], shown.how, made["events"]) for its in made["policies"].values())
        )
    table.add_row("duplicates", *(str(its["duplicates"]) for its in made["policies"].values()))
    table.add_row("events that failed", *(str(len(its["failed"])) for its in made["policies"].values()))
    out.print(table)
    for name, gaps in made["differences"].items():
        said = ", ".join(
            f"{key.replace('_', ' ')} {interval(gap, '{:+.3f}', made['events'])}{_doubt(gap)}"
            for key, gap in gaps.items()
        )
        out.print(f"coordinated less {name}: {said}", soft_wrap=True)
    for name, lost in made["marginal_worth"].items():
        out.print(
            f"lost without {name}: {interval(lost['detection_probability'], '{:+.4f}', made['events'])} of detection",
            soft_wrap=True,
        )


def _doubt(gap: Mapping[str, Any]) -> str:
    return "" if gap["significant"] else " (may be chance)"
