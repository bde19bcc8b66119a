"""Maps that notices only link to: fetched off the alert's path, they join their events when they come.

The event is there at once and searched on what it has. What is found at a link, or why nothing is, becomes an entry of
the journal: a replay needs no network, and every order of arrival ends in the same state.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import structlog

from coordinator.alerts.embedded_map import map_kind
from coordinator.alerts.fields import text
from coordinator.alerts.fits_header import read_headers
from coordinator.events.fold import EventBook
from coordinator.events.linked_map import LinkedMap, OpenLink
from coordinator.services.assess import MAX_WARNING, MAX_WARNINGS, MapReader
from coordinator.services.facts import entry_of, fact_of
from coordinator.services.journal import Blobs, Journal, Only, Stored, Writer
from telescopes.description.clocks import SkyClock
from telescopes.description.errors import Refused, RetryLater

log = structlog.get_logger("map_fetch")

ROLE = "maps"
KINDS = frozenset({"alert_received", "alert_map_joined"})


class LinkedFiles(Protocol):
    """Whoever fetches files."""

    async def get(self, url: str) -> bytes:
        """Return the bytes at a URL; Refused if that may not be or is not there, RetryLater if it may come."""
        ...


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a map is waited for, in link time.

    Attributes
    ----------
    first_s, longest_s : float
        The first pause, which doubles, and the longest.
    tries : int
        After so many the link is given up; with the default that is about an hour.
    at_once : int
        Files on their way at the same time.
    """

    first_s: float = 1.0
    longest_s: float = 120.0
    tries: int = 36
    at_once: int = 4

    def pauses(self) -> Iterator[float]:
        """Yield the pause after each try."""
        pause_s = self.first_s
        for _ in range(self.tries):
            yield pause_s
            pause_s = min(2 * pause_s, self.longest_s)


@dataclass
class MapFetch:
    """Follows the journal, and fetches what events wait for."""

    journal: Journal
    writer: Writer
    blobs: Blobs
    files: LinkedFiles
    read_map: MapReader
    sky_clock: SkyClock
    patience: Patience = Patience()
    book: EventBook = field(default_factory=EventBook)
    _seq: int = 0
    _on_the_way: dict[OpenLink, asyncio.Task[None]] = field(default_factory=dict)

    async def run(self) -> None:
        """Fetch for ever."""
        self._slots = asyncio.Semaphore(self.patience.at_once)
        touched = await self._catch_up()
        async with asyncio.TaskGroup() as tasks:
            # What was refused once is tried again by a new process: hosts and settings may have changed.
            self._begin(tasks, self.book.open_links(touched, refused_too=True))
            while True:
                tail = await self.journal.follow(self._seq, only=Only(KINDS), wait_s=5.0)
                touched = self._fold(tail.entries)
                self._seq = tail.head_seq
                self._begin(tasks, self.book.open_links(touched))

    async def _catch_up(self) -> set[str]:
        touched: set[str] = set()
        while True:
            tail = await self.journal.read(self._seq, only=Only(KINDS))
            self._seq = tail.head_seq
            if not tail.entries:
                return touched
            touched |= self._fold(tail.entries)

    def _fold(self, entries: tuple[Stored, ...]) -> set[str]:
        """Fold entries; return the events that they touch."""
        for stored in entries:
            fact = fact_of(stored.entry)
            if isinstance(fact, LinkedMap):
                self.book.join(stored.entry.event or "", fact)
            else:
                self.book.add(fact)
        return {stored.entry.event or "" for stored in entries}

    def _begin(self, tasks: asyncio.TaskGroup, links: list[OpenLink]) -> None:
        for link in links:
            if link not in self._on_the_way:
                task = tasks.create_task(self._fetch(link))
                self._on_the_way[link] = task
                task.add_done_callback(partial(self._arrived, link))

    def _arrived(self, link: OpenLink, _: "asyncio.Task[None]") -> None:
        self._on_the_way.pop(link, None)

    async def _fetch(self, link: OpenLink) -> None:
        """Fetch one map, and write down what became of it."""
        try:
            data = await self._patiently(link)
            found = None if data is None else await self._understood(link, data)
        except Refused as refusal:
            found = LinkedMap(link.notice_id, link.url, refused=text(refusal.what, MAX_WARNING))
        if found is not None:
            await self._join(link, found)

    async def _patiently(self, link: OpenLink) -> bytes | None:
        """Ask until it is there; None: the event no longer waits for it.

        Raises
        ------
        Refused
            It may not be fetched, or does not come.
        """
        last = ""
        for pause_s in self.patience.pauses():
            try:
                async with self._slots:
                    return await self.files.get(link.url)
            except RetryLater as later:
                last = later.what
                await asyncio.sleep(max(pause_s, later.after_s))
            if link not in self.book.open_links({link.event_key}, refused_too=True):
                return None
        what = f"given up after {self.patience.tries} tries: {last}"
        raise Refused(what, where=link.url, mend="ingest the map by hand", reason="LINK")

    async def _understood(self, link: OpenLink, data: bytes) -> LinkedMap:
        """Read a map, and keep its bytes."""
        try:
            summary = await self.read_map(data)
        except Refused:
            raise
        except Exception as error:
            log.exception("broke its reader", url=link.url)
            what = f"broke its reader: {type(error).__name__}: {error}"
            raise Refused(what, where=link.url, mend="ask the sender", reason="SKYMAP") from error
        return LinkedMap(
            link.notice_id,
            link.url,
            kind=map_kind(read_headers(data)),
            skymap_sha256=await self.blobs.put(data),
            skymap_bytes=len(data),
            area50_deg2=summary.area50_deg2,
            area90_deg2=summary.area90_deg2,
            distance_mpc=summary.distance_mpc,
            distance_std_mpc=summary.distance_std_mpc,
            warnings=tuple(warning[:MAX_WARNING] for warning in summary.warnings[:MAX_WARNINGS]),
        )

    async def _join(self, link: OpenLink, found: LinkedMap) -> None:
        entry = entry_of(
            "alert_map_joined", found, sky_time=self.sky_clock.now(), event=link.event_key, subject=link.notice_id
        )
        became = found.skymap_sha256 or found.refused
        await self.writer.append([entry], append_id=f"alert_map_joined:{link.notice_id}:{link.url}:{became}")
        if found.refused is not None:
            log.warning("no map", event_key=link.event_key, url=link.url, because=found.refused)
