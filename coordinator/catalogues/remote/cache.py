"""Answers kept on disk, by source and question, with their age: the same place is not asked twice."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from telescopes.description.whole_file import write_whole


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it came, when, and to which question."""

    at: datetime
    question: str
    body: bytes


@dataclass(frozen=True, slots=True)
class FolderCache:
    """A folder of answers of one source.

    Attributes
    ----------
    folder : Path
        It is made when the first answer comes.
    keep : timedelta
        What is older is not there.
    now : callable
        UTC.
    most : int
        So many answers are kept; the oldest go first.
    """

    folder: Path
    keep: timedelta
    now: Callable[[], datetime]
    most: int = 2000

    def get(self, question: str) -> Kept | None:
        """Return what is kept and not too old; a file that cannot be read is as good as none."""
        try:
            kept = msgspec.json.decode(self._file(question).read_bytes(), type=Kept)
        except (OSError, msgspec.DecodeError):
            return None
        if kept.at.tzinfo is None:
            return None
        age = self.now() - kept.at
        return kept if kept.question == question and timedelta(0) <= age <= self.keep else None

    def put(self, kept: Kept) -> None:
        """Keep an answer that was understood."""
        file = self._file(kept.question)
        self.folder.mkdir(parents=True, exist_ok=True)
        write_whole(file, msgspec.json.encode(kept))
        self._drop_oldest()

    def _file(self, question: str) -> Path:
        return self.folder / f"{hashlib.sha256(question.encode()).hexdigest()[:32]}.json"

    def _drop_oldest(self) -> None:
        files = list(self.folder.glob("*.json"))
        if len(files) > self.most:
            files.sort(key=lambda file: (file.stat().st_mtime_ns, file.name))
            for file in files[: len(files) - self.most]:
                file.unlink(missing_ok=True)
