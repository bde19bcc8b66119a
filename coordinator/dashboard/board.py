"""The board: the dashboard's own fold of the journal, which page, REST and stream all read."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import msgspec
import structlog

from coordinator.dashboard.frames import frame_of
from coordinator.dashboard.hub import Hub
from coordinator.dashboard.machine.known import UNKNOWN, Machine
from coordinator.dashboard.recording import Showing
from coordinator.dashboard.skies import Skies
from coordinator.events.event import Event
from coordinator.planning.catalogue import Catalogue
from coordinator.services.journal import EVERYTHING, Blobs, JournalInfo, Only, Stored, Tail
from coordinator.services.sky_clock import JournaledSkyClock
from coordinator.services.state import ObservatoryState
from coordinator.sky.skymap import SkyMap
from telescopes.description.errors import ArmillaryError
from telescopes.description.telescope import Telescope

log = structlog.get_logger("dashboard")
LOG_ENTRIES = 500
CHUNK = 1000
RETRY_S = 1.0
MAPS_READ_AHEAD = 8
LONG_AGO = datetime.min.replace(tzinfo=UTC)
FindGalaxies = Callable[[SkyMap], Catalogue]


class JournalReader(Protocol):
    """The half of the Journal protocol that only looks."""

    async def info(self) -> JournalInfo:
        """Return its identity and head."""
        ...

    async def read(self, after_seq: int, *, only: Only = EVERYTHING, limit: int = 1000) -> Tail:
        """Read what comes after a sequence number, oldest first."""
        ...

    async def follow(self, after_seq: int, *, only: Only = EVERYTHING, wait_s: float = 10.0, limit: int = 1000) -> Tail:
        """Like `read`, but wait for something new."""
        ...


@dataclass(frozen=True, slots=True)
class DashboardPort:
    """What the dashboard is given: it only reads.

    Attributes
    ----------
    journal : JournalReader
        The truth.
    blobs : Blobs
        Sky maps and plans.
    telescopes : mapping
        What is known of each telescope, for the outlines of its fields.
    utc : callable
        The machine's UTC.
    snapshot : callable
        A fold to start from, which the board may keep; None: it folds from the first entry.
    galaxies : callable, optional
        Finds the galaxies that may host the source of a map; None: no catalogue is set up.
    campaigns : Path, optional
        Where simulated campaigns are kept; None: none are shown.
    showing : Showing, optional
        The recorded night that this is; None: it is an observatory.
    machine : Machine
        Who tells of actors, streams and files; by default nobody does.
    """

    journal: JournalReader
    blobs: Blobs
    telescopes: Mapping[str, Telescope]
    utc: Callable[[], datetime]
    snapshot: Callable[[JournalInfo], ObservatoryState | None] = lambda _: None
    galaxies: FindGalaxies | None = None
    campaigns: Path | None = None
    showing: Showing | None = None
    machine: Machine = UNKNOWN

    @property
    def utc_rate(self) -> float:
        """How fast `utc` goes, in seconds per second of link time."""
        return 1.0 if self.showing is None else self.showing.playback.rate


@dataclass
class _SkyClock(JournaledSkyClock):
    """The journal's sky clock over a `utc` that may stand or hurry, as a recording's does."""

    utc_rate: Callable[[], float] = lambda: 1.0

    @property
    def rate(self) -> float:
        """Seconds of sky time per second of link time."""
        return super().rate * self.utc_rate()


def newest_first(events: Iterable[Event]) -> list[Event]:
    """Sort events, the newest word first."""
    return sorted(events, key=lambda e: (e.t_issued or LONG_AGO, e.key), reverse=True)


class Board:
    """Follows the journal, folds it, and gives every entry to the open streams."""

    def __init__(self, port: DashboardPort) -> None:
        self.port = port
        self.clock = _SkyClock(port.utc, utc_rate=lambda: port.utc_rate)
        self.skies = Skies(port.blobs)
        self.hub = Hub()
        self.journal_id: str | None = None
        self.heard_at: datetime | None = None
        self.heard_after_s: float | None = None
        self._caught_up = asyncio.Event()
        self._moved = asyncio.Event()
        self._forget()

    def _forget(self) -> None:
        """Begin with an empty fold: at the start, or when another journal took the place of the one followed."""
        self.state = ObservatoryState()
        self.plan_sha256: str | None = None
        self.entries: deque[Stored] = deque(maxlen=LOG_ENTRIES)
        self.seq = 0
        self.recorded_at: datetime | None = None
        self.heard_after_s = None
        self.planned: dict[str, dict[str, Any]] | None = {}
        self.plan_row: dict[str, int] = {}
        self.planned_end: dict[str, datetime] = {}
        self.planned_sky: dict[str, str] = {}
        self.planned_figures: dict[str, dict[str, Any] | None] = {}

    @property
    def ready(self) -> bool:
        """Whether the journal has been read to its head once."""
        return self._caught_up.is_set()

    async def until_ready(self, wait_s: float) -> bool:
        """Wait for the first reading to end."""
        try:
            async with asyncio.timeout(wait_s):
                await self._caught_up.wait()
        except TimeoutError:
            return False
        return True

    async def until_shown(self, seq: int, wait_s: float) -> bool:
        """Wait until an entry is part of what is shown."""
        try:
            async with asyncio.timeout(wait_s):
                while self.seq < seq:
                    await self._moved.wait()
        except TimeoutError:
            return False
        return True

    async def run(self) -> None:
        """Follow until cancelled; a journal that is away is asked again."""
        try:
            while True:
                try:
                    await self._catch_up()
                    while True:
                        await self._take(await self.port.journal.follow(self.seq, limit=CHUNK))
                except ArmillaryError as error:
                    log.warning("the journal does not answer", because=str(error))
                    await asyncio.sleep(RETRY_S)
        finally:
            self._caught_up.clear()  # what is not followed is not shown as if it were
            self.hub.close()
            await self.skies.close()

    async def _catch_up(self) -> None:
        info = await self.port.journal.info()
        if self.journal_id not in (None, info.journal_id):
            self._forget()
        self.journal_id = info.journal_id
        if self.seq == 0:
            self._start_from_snapshot(info)
        while self.seq < info.head_seq:
            await self._take(await self.port.journal.read(self.seq, limit=CHUNK))
            await asyncio.sleep(0)
        self.heard_at = self.port.utc()
        self._caught_up.set()
        self._read_ahead()

    def _start_from_snapshot(self, info: JournalInfo) -> None:
        """Spare the folding of what a snapshot holds; the last entries before it are still read, for the log."""
        state = self.port.snapshot(info)
        if state is not None:
            self.state = state
            self.seq = max(0, state.applied_seq - LOG_ENTRIES)

    async def _take(self, tail: Tail) -> None:
        self._fold(tail.entries)
        if self.state.plan is not None and self.state.plan.plan_sha256 != self.plan_sha256:
            await self._learn_plan(self.state.plan.plan_sha256)
        self.seq = max(self.seq, tail.head_seq)  # not sooner: what is shown as of a plan's entry shows that plan
        self.heard_at = self.port.utc()
        if self.ready:
            self._note_delay(tail, self.heard_at)
            self._read_ahead()
        self._moved.set()  # whoever waits looks, and waits for the next
        self._moved = asyncio.Event()
        for stored in tail.entries:
            self.hub.publish(frame_of(stored))

    def _fold(self, entries: Iterable[Stored]) -> None:
        for stored in entries:
            self.state.apply(stored)
            self.entries.append(stored)
            self.recorded_at = stored.recorded_at
        self.clock.setting = self.state.sky_clock

    def _note_delay(self, tail: Tail, now: datetime) -> None:
        """Note how old the newest entry was when it was taken; what was read to catch up tells nothing."""
        if tail.entries:
            self.heard_after_s = round((now - tail.entries[-1].recorded_at).total_seconds(), 3)

    def _read_ahead(self) -> None:
        """Start reading the maps of the newest events that are searched now; other maps are read when asked for."""
        state = self.state
        searched = {a.offered.pointing.event_id for a in state.pointings.live()}
        searched |= set(() if state.plan is None else state.plan.events)
        wanted = [e for e in state.open_events() if e.key in searched and e.skymap_sha256 is not None]
        for event in reversed(newest_first(wanted)[:MAPS_READ_AHEAD]):
            self.skies.begin(event.skymap_sha256 or "")

    async def _learn_plan(self, sha256: str) -> None:
        """Read the plan that is being worked off; None: it cannot be read."""
        try:
            record = msgspec.json.decode(await self.port.blobs.get(sha256))
            self.planned = {row["id"]: row for row in record["pointings"]}
            self.plan_row = {row["id"]: n for n, row in enumerate(record["pointings"])}
            self.planned_end = {id: datetime.fromisoformat(row["end"]) for id, row in self.planned.items()}
            self.planned_sky = {event["key"]: event["skymap_sha256"] for event in record["events"]}
            self.planned_figures = {event["key"]: event.get("figures") for event in record["events"]}
        except ArmillaryError as error:
            log.warning("no plan to show", because=str(error))
            self.planned, self.plan_row = None, {}
        self.plan_sha256 = sha256
