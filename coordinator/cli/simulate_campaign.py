"""A whole campaign: played here or over Ray, with a bar for people who watch, kept in parts, summed up and shown."""

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from telescopes.description.errors import Refused

if TYPE_CHECKING:
    from coordinator.simulation.campaign.asked import Asked, Batch
    from coordinator.simulation.campaign.folder import Commands
    from coordinator.simulation.campaign.parts import Parts
    from coordinator.simulation.campaign.play import PlayedEvent


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a campaign is played and what is to come of it; `commands` play the same again."""

    commands: "Commands"
    workers: int
    output: Path | None
    json_file: str | None


def play_campaign(asked: "Asked", wanted: Wanted) -> None:
    """Play it, or what of it is not played yet, and say what it came to.

    Raises
    ------
    Refused
        No event at all could be played.
    """
    from coordinator.cli.output import write_json
    from coordinator.cli.simulate_table import show
    from coordinator.simulation.campaign.document import Campaign, document
    from coordinator.simulation.campaign.folder import REPORT
    from coordinator.simulation.campaign.parts import Parts
    from coordinator.simulation.campaign.report import write_results

    began_s = time.monotonic()
    parts = None if wanted.output is None else Parts.opened(wanted.output, asked, wanted.commands)
    played = sorted(_played(asked, parts, wanted.workers), key=lambda one: (one.point, one.campaign_seed, one.number))
    _any_at_all(played)
    campaign = Campaign(asked, tuple(played), time.monotonic() - began_s)
    report = None if wanted.output is None else wanted.output / REPORT
    made = document(campaign, None if report is None else str(report))
    if wanted.output is not None:
        write_results(wanted.output, campaign, made, wanted.commands)
    if wanted.json_file is not None:
        write_json(made, wanted.json_file)
    if wanted.json_file != "-":
        show(made)


def _any_at_all(played: "list[PlayedEvent]") -> None:
    """Refuse a campaign of which nothing could be played: its first failure says why."""
    if not any(one.outcomes for one in played):
        first = played[0].failures[0]
        where = f"event {first.number} of seed {played[0].campaign_seed}, {first.policy}"
        raise Refused(f"no event could be played: {first.reason}", where=where, mend="mend that, and play again")


def _played(asked: "Asked", parts: "Parts | None", workers: int) -> "Iterator[PlayedEvent]":
    """Yield all events: those that are kept already, then those that are played."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    console = Console(stderr=True, highlight=False)
    kept = set() if parts is None else parts.done()
    left: list[Batch] = []
    for batch in asked.batches():
        if parts is None or batch.number not in kept:
            left.append(batch)
        else:
            yield from parts.read(batch.number)
    before = asked.events_in_all - sum(len(batch.events) for batch in left)
    columns = ("events", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with (
        Progress(*columns, console=console, disable=not console.is_terminal) as bar,
        _told_how_to_go_on(console, parts),
    ):
        task = bar.add_task("", total=asked.events_in_all, completed=before)
        for batch, events in _batches(asked, left, workers):
            if parts is not None:
                parts.keep(batch, events)
            bar.advance(task, len(batch.events))
            for one in events:
                _tell(one, console)
                yield one


@contextmanager
def _told_how_to_go_on(console: Console, parts: "Parts | None") -> Iterator[None]:
    """Say what becomes of a campaign that a person stops."""
    try:
        yield
    except KeyboardInterrupt:
        if parts is not None:
            console.print(
                f"{len(parts.done())} batches are kept; the same command goes on with the others", markup=False
            )
        raise


def _batches(asked: "Asked", left: "list[Batch]", workers: int) -> "Iterator[tuple[Batch, tuple[PlayedEvent, ...]]]":
    from coordinator.simulation.campaign.spread import in_turn, over_ray

    if workers == 1 or not left:
        return in_turn(asked, left)
    return over_ray(asked, left, _ray(workers), workers)


def _tell(one: "PlayedEvent", console: Console) -> None:
    for failure in one.failures:
        who = failure.policy if failure.without is None else f"{failure.policy} without {failure.without}"
        said = f"event {one.number} of seed {one.campaign_seed} (its own: {failure.seed}), {who}: {failure.reason}"
        console.print(said, markup=False, soft_wrap=True)


def _ray(workers: int) -> Any:
    """Join the cluster at RAY_ADDRESS, or start Ray on this machine for as many workers."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_worker_niceness", "0")
    import ray

    here: dict[str, Any] = {} if os.environ.get("RAY_ADDRESS") else {"address": "local", "num_cpus": workers}
    ray.init(include_dashboard=False if here else None, log_to_driver=False, logging_level=logging.ERROR, **here)
    return ray
