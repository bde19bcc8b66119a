"""Kept nights that nobody played: a journal of a test's own, kept as `armillary simulate --event N` keeps one."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from coordinator.services.journal import Stored
from coordinator.settings import Settings
from coordinator.simulation.night_record import NightRecord
from coordinator.store.blobs import FolderBlobs
from coordinator.store.journal import SqliteJournal
from telescopes.description.telescope import Telescope


def a_night(telescopes: Iterable[Telescope] = (), **changes: Any) -> NightRecord:
    """Return what a night of seed 5 says of itself."""
    usual: dict[str, Any] = {
        "campaign": "a test's",
        "point": 0,
        "campaign_seed": 5,
        "event": 0,
        "policy": "coordinated",
        "team": 0,
        "teams": 1,
        "start": datetime(2017, 8, 17, 12, 40, tzinfo=UTC),
        "hours": 3.0,
        "telescopes": tuple(telescopes),
        "entries": 0,
        "state_hash": "0" * 64,
    }
    return NightRecord(**{**usual, **changes})


async def keep_night(folder: Path, stored: Sequence[Stored], blobs: Mapping[str, bytes], record: NightRecord) -> None:
    """Keep a night."""
    settings = Settings(state=folder)
    await asyncio.to_thread(lambda: folder.mkdir(parents=True))
    kept = FolderBlobs(settings.blob_folder)
    for data in blobs.values():
        await kept.put(data)
    journal = SqliteJournal(settings.journal_file, lambda: datetime.now(UTC))
    epoch = await journal.elect("simulation")
    await journal.append([s.entry for s in stored], writer="simulation", epoch=epoch, append_id="all")
    await journal.close()
    record.write(folder)
