"""One event of a campaign alone: its nights are played again, and kept as an observatory keeps its own."""

import asyncio
import shlex
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from telescopes.description.errors import Refused

if TYPE_CHECKING:
    from coordinator.cli.simulate_asked import OneEvent
    from coordinator.services.journal import Entry
    from coordinator.simulation.campaign.asked import Asked
    from coordinator.simulation.night_record import NightRecord
    from coordinator.simulation.verdict import NightResult

AT_ONCE = 200
"""Entries in one append."""


def play_nights(asked: "Asked", one: "OneEvent", output: Path | None) -> None:
    """Play an event under each policy, and say the state's hash of every team's night.

    Parameters
    ----------
    output : Path, optional
        Each night goes into a state folder of its own in there.
    """
    from coordinator.simulation.campaign.drawn_world import drawn_world
    from coordinator.simulation.campaign.policy import load_policy
    from coordinator.simulation.night import run_night
    from coordinator.simulation.night_record import NightRecord

    world = drawn_world(asked.points[one.point].setting, one.seed, one.number)
    for name in one.policies:
        policy = load_policy(name)
        teams = policy.teams(world.telescopes)
        for number, (team, night) in enumerate(zip(teams, world.nights(policy), strict=True)):
            who = name if len(teams) == 1 else f"{name}/{'+'.join(t.id for t in team)}"
            result = run_night(night)
            typer.echo(f"{who}: {len(result.entries)} entries, state {result.state_hash}")
            if output is None:
                continue
            record = NightRecord(
                campaign=asked.name,
                point=one.point,
                campaign_seed=one.seed,
                event=one.number,
                policy=name,
                team=number,
                teams=len(teams),
                start=night.start,
                hours=night.hours,
                telescopes=night.telescopes,
                entries=len(result.entries),
                state_hash=result.state_hash,
            )
            kept = shlex.quote(str(_kept(output / who, result, record)))
            typer.echo(f"  armillary replay --state {kept}\n  armillary replay --state {kept} --dashboard")


def _kept(folder: Path, result: "NightResult", record: "NightRecord") -> Path:
    """Write a night as the real system would have: what the journal names first, then the journal."""
    from coordinator.settings import Settings
    from coordinator.store.blobs import FolderBlobs

    settings = Settings(state=folder)
    if settings.journal_file.exists():
        raise Refused("holds a journal", where=str(folder), mend="give -o another folder, or remove this one")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        blobs = FolderBlobs(settings.blob_folder)
        for data in result.blobs.values():
            blobs.put_now(data)
        asyncio.run(_written(settings.journal_file, [stored.entry for stored in result.entries]))
        record.write(folder)
    except OSError as error:
        mend = "give -o a writable folder"
        raise Refused(f"cannot be made ({error.strerror})", where=str(folder), mend=mend) from error
    return folder


async def _written(file: Path, entries: "Sequence[Entry]") -> None:
    """Append all entries as one writer: the state does not know who wrote what."""
    from coordinator.store.journal import SqliteJournal

    journal = SqliteJournal(file, lambda: datetime.now(UTC))
    try:
        epoch = await journal.elect("simulation")
        for first in range(0, len(entries), AT_ONCE):
            await journal.append(
                entries[first : first + AT_ONCE], writer="simulation", epoch=epoch, append_id=f"simulation:{first}"
            )
    finally:
        await journal.close()
