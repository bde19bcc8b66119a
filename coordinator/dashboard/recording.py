"""A kept night of a simulation as a journal to look at: as of a moment that stands, or goes on as fast as is wanted.

A moment never goes back: who wants an earlier one begins another playback.
"""

import asyncio
from bisect import bisect_right
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from coordinator.services.journal import EVERYTHING, JournalInfo, Only, Stored, Tail
from coordinator.services.state import ObservatoryState
from coordinator.settings import Settings
from coordinator.simulation.night_record import NightRecord, read_night
from coordinator.store.journal_file import JournalFile
from telescopes.description.errors import Refused

ELECTED = "writer_elected"
"""Its sky time is that of whoever kept the night, and not of the night."""

CHUNK = 1000
MEND = "keep the night again, in another folder"
LEAST_WAIT_S = 0.02
"""Link time between two looks at what has come to pass: entries of one instant come together."""

RATES = (0.0, 1.0, 60.0, 600.0)
"""Seconds of the night in a second of link time."""


@dataclass(frozen=True)
class Recording:
    """All of a night; each entry's `recorded_at` is when it happened, for there its machine's time was the sky's."""

    record: NightRecord
    folder: Path
    journal_id: str
    entries: tuple[Stored, ...]

    @classmethod
    def opened(cls, folder: Path) -> "Recording":
        """Read a night's folder.

        Raises
        ------
        Refused
            It holds no kept night, nothing happened in it, or this version does not understand it.
        """
        record = read_night(folder)
        file = JournalFile.for_reading(Settings(state=folder).journal_file)
        try:
            entries = tuple(_as_it_happened(_understood(file), record.start))
        finally:
            file.close()
        if not entries:
            raise Refused("its journal is empty", where=str(folder), mend=MEND)
        if entries[-1].seq != len(entries):
            raise Refused("its journal has gaps", where=str(folder), mend=MEND)
        return cls(record, folder, file.journal_id, entries)

    @property
    def begin(self) -> datetime:
        """When it begins."""
        return self.entries[0].recorded_at

    @property
    def end(self) -> datetime:
        """When its last entry was made."""
        return self.entries[-1].recorded_at

    def within(self, at: datetime) -> datetime:
        """Return a moment of the night: this one, or the nearest."""
        return min(max(at, self.begin), self.end)


class Playback:
    """What the dashboard uses of the Journal protocol, over a recording from a moment on.

    Parameters
    ----------
    at : datetime
        The moment at which it begins.
    rate : float
        How fast the night goes on; 0: it stands.
    link_s : callable
        Link time, seconds.
    """

    def __init__(self, recording: Recording, at: datetime, rate: float, link_s: Callable[[], float]) -> None:
        self.recording = recording
        self._at, self._rate, self._link_s = recording.within(at), rate, link_s
        self._since_s = link_s()
        self._times = [stored.recorded_at for stored in recording.entries]

    def utc(self) -> datetime:
        """Return the moment; after its last entry the night stands."""
        gone_s = (self._link_s() - self._since_s) * self._rate
        return self.recording.within(self._at + timedelta(seconds=gone_s))

    @property
    def rate(self) -> float:
        """Seconds of the night in a second of link time."""
        return self._rate if self.utc() < self.recording.end else 0.0

    async def info(self) -> JournalInfo:
        """Return its identity, and up to where it is told."""
        return JournalInfo(self.recording.journal_id, self._head_seq)

    async def read(self, after_seq: int, *, only: Only = EVERYTHING, limit: int = 1000) -> Tail:
        """Read what comes after a sequence number, as far as it has come to pass."""
        head_seq = self._head_seq
        found: list[Stored] = []
        for stored in self.recording.entries[after_seq:head_seq]:
            if only.admits(stored):
                found.append(stored)
                if len(found) == limit:
                    return Tail(tuple(found), stored.seq)
        return Tail(tuple(found), max(after_seq, head_seq))

    async def follow(self, after_seq: int, *, only: Only = EVERYTHING, wait_s: float = 10.0, limit: int = 1000) -> Tail:
        """Wait until something that passes the filter has come to pass."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait_s
        while True:
            tail = await self.read(after_seq, only=only, limit=limit)
            left_s = deadline - loop.time()
            if tail.entries or left_s <= 0:
                return tail
            after_seq = tail.head_seq
            await asyncio.sleep(min(left_s, self._quiet_s(after_seq)))

    @property
    def _head_seq(self) -> int:
        return bisect_right(self._times, self.utc())

    def _quiet_s(self, after_seq: int) -> float:
        """Return link seconds until the next entry."""
        if not self.rate or after_seq >= len(self._times):
            return float("inf")
        return max(LEAST_WAIT_S, (self._times[after_seq] - self.utc()).total_seconds() / self.rate)


@dataclass(frozen=True)
class Showing:
    """A recording that is being shown; `move` shows it from another moment on, at another rate."""

    playback: Playback
    move: Callable[[datetime, float], Awaitable[None]]

    @property
    def recording(self) -> Recording:
        """What is shown."""
        return self.playback.recording

    @property
    def rates(self) -> tuple[float, ...]:
        """How fast it can go on."""
        return RATES


def _every(file: JournalFile) -> Iterator[Stored]:
    seq = 0
    while entries := file.read(seq, limit=CHUNK).entries:
        yield from entries
        seq = entries[-1].seq


def _understood(file: JournalFile) -> Iterator[Stored]:
    """Yield all entries, each once it is folded: who looks on would wait for ever for one that cannot be.

    Raises
    ------
    Refused
        The file is damaged, or another version wrote it.
    """
    state, understood = ObservatoryState(), 0
    try:
        for stored in _every(file):
            state.apply(stored)
            understood = stored.seq
            yield stored
    except (LookupError, TypeError, ValueError) as error:
        what = f"what follows entry {understood} cannot be understood ({' '.join(str(error).split())})"
        raise Refused(what, where=str(file.path), mend=MEND) from error


def _as_it_happened(entries: Iterable[Stored], start: datetime) -> Iterator[Stored]:
    at = start
    for stored in entries:
        if stored.entry.kind != ELECTED:
            at = max(at, stored.entry.sky_time)
        yield replace(stored, recorded_at=at)
