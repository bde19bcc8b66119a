"""A watched folder: what is put into it is taken in, then moved to `done` or `quarantine` beside it."""

import asyncio
import contextlib
import hashlib
import logging
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from coordinator.alerts.opening import MAX_RAW_BYTES
from coordinator.services.intake import NOTHING_SAID, Received, Said
from coordinator.sources.hand_over import Taker, hand_over
from coordinator.sources.pulse import Pulse
from coordinator.sources.sidecar import SUFFIX, read_headers_beside, sidecar_of
from telescopes.description.clocks import MonotonicClock
from telescopes.description.errors import Refused, RetryLater

POLL_S = 0.2
UNFINISHED = (".part", ".tmp", ".crdownload", "~", SUFFIX)
log = logging.getLogger(__name__)


class FolderTaker(Taker, Protocol):
    """The intake, as a folder sees it."""

    async def quarantine_unread(
        self, raw_sha256: str, *, name: str, reason: str, said: Said = NOTHING_SAID
    ) -> Received:
        """Journal the quarantine of bytes that are kept elsewhere."""
        ...


@dataclass(frozen=True, slots=True)
class Stamp:
    """When a file changed last, and how long it is: while this changes, somebody writes.

    `ctime_ns` changes too where only its owner or its mode does.
    """

    mtime_ns: int
    ctime_ns: int
    size: int


@dataclass
class FolderSource:
    """Hands new, complete files to the intake, oldest first.

    A file is complete when two looks find it unchanged. A crash between the commit and the move is harmless: the file
    is handed over again, and the intake knows it.

    Whoever writes a message whose transport marked it (a test, say) puts the file of headers there first, then the
    message: a complete message is taken as it lies there, and headers that come later are not heard.

    Attributes
    ----------
    folder : Path
        The watched folder; `done` and `quarantine` are made inside it.
    intake : FolderTaker
        Who takes the messages.
    poll_s : float
        Seconds of link time between two looks.
    pulse : Pulse
        What is told of it.
    """

    folder: Path
    intake: FolderTaker
    poll_s: float = POLL_S
    pulse: Pulse = field(default_factory=lambda: Pulse("folder", MonotonicClock()))
    _seen: dict[Path, Stamp] = field(default_factory=dict)
    _stuck: dict[Path, Stamp] = field(default_factory=dict)

    @property
    def failed(self) -> int:
        """How many messages broke their reader, or could not be read at all."""
        return self.pulse.counts.get("broke", 0) + self.pulse.counts.get("unreadable", 0)

    async def run(self) -> None:
        """Watch for ever."""
        while True:
            wait_s = self.poll_s
            try:
                await self.sweep()
                self.pulse.away_because = None
            except RetryLater as error:
                wait_s = max(wait_s, error.after_s)
                self.pulse.away_because = error.what
                log.warning("%s: %s", self.folder, error)
            await asyncio.sleep(wait_s)

    async def sweep(self) -> tuple[Received, ...]:
        """Look once, and take what is complete.

        Raises
        ------
        RetryLater
            The folder or the journal cannot be reached now.
        """
        found = await asyncio.to_thread(_look, self.folder)
        unchanged = [path for path, stamp in found.items() if self._seen.get(path) == stamp]
        complete = [path for path in unchanged if self._stuck.get(path) != found[path]]
        self._seen = found
        self._stuck = {path: stamp for path, stamp in self._stuck.items() if found.get(path) == stamp}
        oldest_first = sorted(complete, key=lambda path: (found[path].mtime_ns, path.name))
        taken = [await self._take(path) for path in oldest_first]
        return tuple(received for received in taken if received is not None)

    async def _take(self, path: Path) -> Received | None:
        """Hand one file over and move it away; None: it is still being written, or went away."""
        stamp = self._seen[path]
        received = await self._hand_over(path, stamp)
        if received is None or await asyncio.to_thread(_stamp, path) != stamp:
            return received
        target = "quarantine" if received.outcome == "rejected" else "done"
        try:
            await asyncio.to_thread(_move, path, self.folder / target)
        except OSError as error:
            self._stuck[path] = stamp
            log.error("%s: cannot be moved to %s (%s); it was taken in", path, target, error.strerror)
        return received

    async def _hand_over(self, path: Path, stamp: Stamp) -> Received | None:
        try:
            if stamp.size > MAX_RAW_BYTES:
                digest = await asyncio.to_thread(_sha256, path)
                reason = f"longer than {MAX_RAW_BYTES // 2**20} MiB"
                received = await self.intake.quarantine_unread(digest, name=path.name, reason=reason)
                self.pulse.message(received.outcome)
                return received
            raw = await asyncio.to_thread(path.read_bytes)
        except FileNotFoundError:
            return None
        except OSError as error:
            self._give_up(path, stamp, error)
            return None
        if await asyncio.to_thread(_stamp, path) != stamp:
            return None
        return await self._receive(path, raw)

    def _give_up(self, path: Path, stamp: Stamp, error: OSError) -> None:
        """Leave a file that cannot be read where it lies, and say so once; it is tried again when it changes."""
        self._stuck[path] = stamp
        self.pulse.count("unreadable")
        log.error("%s: cannot be read (%s); it is tried again when it or its mode changes", path, error.strerror)

    async def _receive(self, path: Path, raw: bytes) -> Received:
        """Let the intake take it; a message that breaks its reader goes to quarantine and stops nobody."""
        try:
            headers = await asyncio.to_thread(read_headers_beside, path)
        except Refused as refusal:
            received = await self.intake.quarantine(raw, name=path.name, reason=refusal.what)
            self.pulse.message(received.outcome)
            return received
        return await hand_over(self.intake, self.pulse, raw, name=path.name, headers=headers)


def _look(folder: Path) -> dict[Path, Stamp]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        paths = [Path(entry.path) for entry in os.scandir(folder) if _is_message(entry)]
    except OSError as error:
        raise RetryLater(
            f"cannot be watched ({error.strerror})", where=str(folder), mend="make the folder readable", after_s=5.0
        ) from error
    stamps = {path: _stamp(path) for path in paths}
    return {path: stamp for path, stamp in stamps.items() if stamp is not None}


def _is_message(entry: os.DirEntry[str]) -> bool:
    return not entry.name.startswith(".") and not entry.name.endswith(UNFINISHED) and entry.is_file()


def _stamp(path: Path) -> Stamp | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return Stamp(stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size)


def _move(path: Path, target: Path) -> None:
    """Move a message, then its headers; an older file of the same name is kept.

    A crash between the two leaves headers without a message. The other way round would leave a message without its
    headers, and a test would be taken for an observation.
    """
    target.mkdir(exist_ok=True)
    name = path.name
    if (target / name).exists():
        name = f"{path.stat().st_mtime_ns}.{name}"
    path.replace(target / name)
    with contextlib.suppress(FileNotFoundError):
        sidecar_of(path).replace(sidecar_of(target / name))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
