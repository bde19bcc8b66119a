"""Snapshots as files: the newest two of each service."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from coordinator.services.snapshot import KEPT
from telescopes.description.errors import RetryLater
from telescopes.description.whole_file import write_whole


@dataclass(frozen=True, slots=True)
class FolderSnapshots:
    """A folder for the snapshots of one service; it is made when there is something to keep."""

    folder: Path

    def newest(self) -> Iterable[bytes]:
        """Return what was kept, newest first."""
        return _read(sorted(self.folder.glob("*.json"), reverse=True))

    def newest_seq(self) -> int | None:
        """Return up to which entry the newest one goes; None: nothing was kept."""
        return max((int(path.stem) for path in self.folder.glob("*.json")), default=None)

    def keep(self, seq: int, data: bytes) -> None:
        """Keep a snapshot and the one before it; a half-written one never has its name.

        Raises
        ------
        RetryLater
            The folder cannot be written.
        """
        try:
            self._keep(seq, data)
        except OSError as error:
            mend = "free space, and see who may write there"
            raise RetryLater(f"cannot be written: {error.strerror}", where=str(self.folder), mend=mend) from error

    def _keep(self, seq: int, data: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        write_whole(self.folder / f"{seq:012d}.json", data)
        for old in sorted(self.folder.glob("*.json"))[:-KEPT]:
            old.unlink(missing_ok=True)


def _read(paths: Iterable[Path]) -> Iterator[bytes]:
    for path in paths:
        yield path.read_bytes()
