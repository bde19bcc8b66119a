"""The journal in SQLite: one writer, group commit, commit before acknowledge, and a ring of the tail."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from coordinator.services.journal import EVERYTHING, Entry, JournalInfo, Only, Stored, Tail
from coordinator.store.group import Election, Outcome, Request, prepared
from coordinator.store.journal_file import JournalFile
from coordinator.store.ring import RING_ENTRIES, Ring
from telescopes.description.errors import ArmillaryError, Broken

GROUP_LIMIT = 500
"""Requests in one transaction at most."""
T = TypeVar("T")
Waiting = tuple[Request, "asyncio.Future[tuple[Stored, ...]]"]


class SqliteJournal:
    """The journal in one SQLite file, and the bus that tells everybody what is new in it.

    Opening makes this object the file's one writer: an older one, in whatever process, fails at its next commit.

    Parameters
    ----------
    path : Path
        The file; it is made where there is none. Its folder must exist.
    now : callable
        The machine's UTC, for `recorded_at`.
    thread : Executor, optional
        What does the blocking work, one thing after the other; left out: a thread of its own.

    Raises
    ------
    Refused, Broken, RetryLater
        The file cannot be opened, with the mend.
    """

    def __init__(self, path: Path, now: Callable[[], datetime], thread: Executor | None = None) -> None:
        self._now = now
        self._file = JournalFile.for_writing(path, now())
        last = self._file.last(RING_ENTRIES)
        self._ring = Ring(last[0].seq - 1)
        self._ring.extend(last)
        self._thread = thread or ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._waiting: list[Waiting] = []
        self._writer: asyncio.Task[None] | None = None
        self._followers: dict[asyncio.Future[None], Only] = {}

    async def info(self) -> JournalInfo:
        """Return its identity and head."""
        return JournalInfo(self._file.journal_id, self._ring.head_seq)

    async def elect(self, role: str) -> int:
        """Make the caller the one writer of a role."""
        (stored,) = await self._ask(Election(role))
        return stored.epoch

    async def append(self, entries: Sequence[Entry], *, writer: str, epoch: int, append_id: str) -> tuple[Stored, ...]:
        """Commit entries in one transaction; return only when they are durable."""
        return await self._ask(prepared(entries, writer, epoch, append_id))

    async def read(self, after_seq: int, *, only: Only = EVERYTHING, limit: int = 1000) -> Tail:
        """Read what comes after a sequence number, oldest first."""
        self._raise_if_replaced()
        tail = self._ring.tail(after_seq, only, limit)
        if tail is not None:
            return tail
        return await self._in_thread(lambda: self._file.read(after_seq, only, limit))

    async def follow(self, after_seq: int, *, only: Only = EVERYTHING, wait_s: float = 10.0, limit: int = 1000) -> Tail:
        """Like `read`, but wait up to `wait_s` for something new that passes the filter."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait_s
        while True:
            tail = await self.read(after_seq, only=only, limit=limit)
            left = deadline - loop.time()
            if tail.entries or left <= 0:
                return tail
            after_seq = max(after_seq, tail.head_seq)
            if self._ring.head_seq <= after_seq:  # nothing was committed while the file was read
                await self._next_news(only, left)

    async def close(self) -> None:
        """Finish what was asked, then close the file."""
        if self._writer is not None:
            await self._writer
        self._thread.shutdown(wait=False)
        self._file.close()

    async def _ask(self, request: Request) -> tuple[Stored, ...]:
        """Queue a request and wait for the commit that holds it."""
        self._raise_if_replaced()
        answer: asyncio.Future[tuple[Stored, ...]] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, answer))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_waiting(), name="journal writer")
        return await answer

    async def _write_waiting(self) -> None:
        """Commit what is queued, group by group, until nothing is."""
        while self._waiting:
            group, self._waiting = self._waiting[:GROUP_LIMIT], self._waiting[GROUP_LIMIT:]
            try:
                outcomes = await self._commit([request for request, _ in group])
                for (_, answer), outcome in zip(group, outcomes, strict=True):
                    _settle(answer, outcome)
            except ArmillaryError as error:
                for _, answer in group:
                    _settle(answer, error)
            finally:
                for _, answer in group:
                    _settle(answer, Broken("the writer stopped", where="journal", mend="restart it; see its log"))

    async def _commit(self, requests: list[Request]) -> list[Outcome]:
        """Make one group durable, then visible."""
        now = self._now()
        try:
            outcomes = await self._in_thread(lambda: self._file.commit(requests, now))
            self._show(outcomes)
        finally:
            if self._file.replaced is not None:
                self._wake(lambda only: True)
        return outcomes

    def _show(self, outcomes: Sequence[Outcome]) -> None:
        """Put what is new into the ring; what an earlier append had stored already is there."""
        stored = (s for outcome in outcomes if not isinstance(outcome, Broken) for s in outcome)
        new = {s.seq: s for s in stored if s.seq > self._ring.head_seq}
        self._ring.extend(new[seq] for seq in sorted(new))
        kinds, telescopes = {s.entry.kind for s in new.values()}, {s.entry.telescope for s in new.values()}
        self._wake(lambda only: bool(new) and only.may_admit(kinds, telescopes))

    async def _next_news(self, only: Only, at_most_s: float) -> None:
        """Wait until something was committed that a filter may admit."""
        news: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._followers[news] = only
        try:
            async with asyncio.timeout(at_most_s):
                await news
        except TimeoutError:
            return
        finally:
            del self._followers[news]

    def _wake(self, wants: Callable[[Only], bool]) -> None:
        """Wake those whom news concern: of seventy followers a telescope's report is news for five."""
        for news, only in self._followers.items():
            if not news.done() and wants(only):
                news.set_result(None)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _raise_if_replaced(self) -> None:
        if self._file.replaced is not None:
            raise self._file.replaced


def _settle(answer: "asyncio.Future[tuple[Stored, ...]]", outcome: tuple[Stored, ...] | ArmillaryError) -> None:
    """Answer a caller who still waits."""
    if answer.done():
        return
    if isinstance(outcome, ArmillaryError):
        answer.set_exception(outcome)
    else:
        answer.set_result(outcome)
