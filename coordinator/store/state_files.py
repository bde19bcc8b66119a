"""What lies on disk of an observatory's state: the journal's file and the newest snapshot of its fold."""

from dataclasses import dataclass
from pathlib import Path

from coordinator.store.snapshots import FolderSnapshots


@dataclass(frozen=True, slots=True)
class StateFiles:
    """Sizes and sequence numbers; None: there is no such file yet."""

    kind: str
    journal_bytes: int | None
    snapshot_seq: int | None


def state_files(journal: Path, snapshots: FolderSnapshots) -> StateFiles:
    """Look at the journal of a state folder: its file with what is written ahead, and the newest snapshot."""
    parts = [path.stat().st_size for path in (journal, journal.with_name(f"{journal.name}-wal")) if path.exists()]
    return StateFiles("SQLite file", sum(parts) if parts else None, snapshots.newest_seq())
