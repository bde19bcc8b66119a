"""Kept nights that nobody played: a journal of a test's own, kept as `armillary simulate --event N` keeps one."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from builders.served import app_served
from coordinator.dashboard.projector import Projector
from coordinator.dashboard.recording import Recording
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


@asynccontextmanager
async def a_recorded_story(story: Any, folder: Path) -> AsyncIterator[str]:
    """Keep all of a story as if it had been a simulated night, and serve it; give the address."""
    await story.whole()
    await keep_night(folder / "night", story.journal.stored, story.blobs.data, a_night(story.telescopes.values()))
    recording = Recording.opened(folder / "night")
    projector = Projector(recording, FolderBlobs(folder / "night" / "blobs"), time.monotonic)
    async with app_served(projector) as address:
        yield address
