"""One telescope's session: who speaks for it, its lease, its command log, and the way to scheduler and vetter."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from coordinator.dispatch.assignment import Assignment
from coordinator.dispatch.facts import SessionOpened, TelescopeStatusChanged
from coordinator.dispatch.site_weather import SiteWeather
from coordinator.services.facts import entry_of
from coordinator.services.journal import Journal, JournalInfo, Only, Stored, Writer
from coordinator.services.news import News
from coordinator.services.ports import SchedulerPort, VetterPort
from coordinator.services.session_state import SessionState
from coordinator.services.settings import SessionSettings
from coordinator.services.sky_clock import JournaledSkyClock
from coordinator.services.snapshot import SnapshotKeeper
from coordinator.services.status_news import WeatherWritten, matters
from telescopes.description.clocks import LinkClock, LinkTime
from telescopes.description.errors import Refused
from telescopes.description.messages import (
    Command,
    Detection,
    ItemResult,
    ListedPointing,
    PointingPage,
    PointingReport,
    Revocation,
    SessionGrant,
    SessionRequest,
    StatusReply,
    StatusReport,
)
from telescopes.description.states import LIVE, PointingState
from telescopes.description.telescope import Telescope

log = structlog.get_logger("telescope")

DEFAULT_PAGE = 100


@dataclass(frozen=True, slots=True)
class Commands:
    """Commands after a cursor, and the log's head."""

    commands: tuple[Command, ...]
    head_seq: int


@dataclass
class TelescopeSession:
    """The coordinator's side of one telescope; all state but the lease is a fold of the telescope's own entries."""

    telescope: Telescope
    journal: Journal
    scheduler: SchedulerPort
    vetter: VetterPort
    clock: JournaledSkyClock
    link: LinkClock
    utc: Callable[[], datetime]
    token: Callable[[], str]
    settings: SessionSettings = field(default_factory=SessionSettings)
    state: SessionState = field(default_factory=SessionState)
    snapshots: SnapshotKeeper[SessionState] | None = None
    _lease_until: LinkTime = field(default=LinkTime(0.0))
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    _news: News = field(default_factory=News)
    _weather: WeatherWritten = field(default_factory=WeatherWritten)

    def __post_init__(self) -> None:
        self.id = self.telescope.id
        self.lease_s = self.settings.lease_s or self.telescope.link.lease_s

    async def start(self) -> None:
        """Fold what the journal says of this telescope; a live lease gets its full length again."""
        self.writer = await Writer.elected(self.journal, f"telescope/{self.id}")
        self.info: JournalInfo = await self.journal.info()
        if self.snapshots is not None:
            self.state = await self.snapshots.newest(self.journal) or self.state
        await self.clock.catch_up(self.journal)
        await self._catch_up()
        self._renew()

    async def run(self) -> None:
        """Follow the journal and watch the lease; until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follow())
            tasks.create_task(self.clock.follow(self.journal))
            tasks.create_task(self._watch_lease())

    # -- what the gateway asks

    async def open_session(self, request: SessionRequest) -> SessionGrant:
        """Open a session, which ends any older one."""
        if request.telescope_id != self.id:
            raise Refused(
                f"this is {self.id}, not {request.telescope_id}",
                where=f"telescope {request.telescope_id}",
                mend="correct `id` in the site file",
                reason="IDENTITY_MISMATCH",
            )
        known_journal = request.journal_id == self.info.journal_id
        async with self._opening:
            await self._catch_up()
            if known_journal and request.last_applied_seq > self._head:
                self.state.log.check(request.last_applied_seq, self.id)
            opened = self._next_session(request)
            await self._append("session_opened", opened)
        self._renew()
        return SessionGrant(
            session_id=opened.session_id,
            session_epoch=opened.session_epoch,
            journal_id=self.info.journal_id,
            sky_clock=self.clock.reading(),
            heartbeat_s=self.settings.heartbeat_s,
            lease_s=self.lease_s,
            server_time=self.utc(),
            snapshot_required=self._must_compare(request),
            head_seq=self._head,
        )

    def _must_compare(self, request: SessionRequest) -> bool:
        """Say whether the agent's cursor tells nothing here: it counts in another journal, or lies too far back."""
        if request.journal_id == self.info.journal_id:
            return request.last_applied_seq < self.state.log.base
        return request.last_applied_seq > 0 or self._head > 0

    def _next_session(self, request: SessionRequest) -> SessionOpened:
        epoch = 1 + (self.state.session.session_epoch if self.state.session else 0)
        return SessionOpened(
            session_id=f"{self.id}:{epoch}:{self.token()}",
            session_epoch=epoch,
            boot_id=request.boot_id,
            agent_version=request.agent_version,
            config_sha256=request.capabilities.config_sha256,
            drivers=request.capabilities.drivers,
        )

    async def next_commands(self, session_id: str, after_seq: int, wait_s: float) -> Commands:
        """Return what comes after a cursor; wait up to `wait_s` if there is nothing."""
        self._check(session_id)
        self.state.log.check(after_seq, self.id)
        until = asyncio.get_running_loop().time() + wait_s
        while self._head <= after_seq and self._is_newest(session_id):
            if not await self._news.wait(until):
                return Commands((), self._head)
        if not self._is_newest(session_id):
            raise Refused(
                "a newer session was opened",
                where=f"session {session_id}",
                mend="only one agent may speak for a telescope: stop the other one, or this",
                reason="SESSION_SUPERSEDED",
            )
        self.state.log.check(after_seq, self.id)
        return Commands(self.state.log.after(after_seq), self._head)

    async def report_pointings(
        self, session_id: str, acked_seq: int, reports: Sequence[PointingReport]
    ) -> tuple[ItemResult, ...]:
        """Hand reports to the scheduler; renews the lease."""
        await self._contact(session_id)
        return await self.scheduler.report(self.id, reports)

    async def report_detections(self, session_id: str, detections: Sequence[Detection]) -> tuple[ItemResult, ...]:
        """Hand detections to the vetter; renews the lease."""
        await self._contact(session_id)
        return await self.vetter.store(self.id, detections)

    async def report_status(self, session_id: str, report: StatusReport) -> StatusReply:
        """Take the site's status; renews the lease."""
        await self._contact(session_id)
        said = TelescopeStatusChanged(
            link="up",
            safe=report.safe,
            blocking_reasons=tuple(sorted(set(report.blocking_reasons))),
            unavailable_until=report.unavailable_until,
            cloud_cover_pct=report.cloud_cover_pct,
            clock_offset_s=report.clock_offset_s,
            vetoed_events=tuple(sorted(set(report.vetoed_events))),
        )
        if matters(self.state.status, said):
            await self._append("telescope_status_changed", said)
        now = self.clock.now()
        if (weather := self._weather.news_in(report, now)) is not None:
            await self._append("site_weather_told", weather)
            self._weather = WeatherWritten(weather, now)
        return StatusReply(self.utc(), self.lease_left_s() or 0.0, self.clock.reading())

    async def list_pointings(
        self, session_id: str, states: Sequence[PointingState], page_size: int, page_token: str
    ) -> PointingPage:
        """Return one page of the telescope's pointings, oldest first; no states: those that are open.

        A page's token is the number of the command that brought its last pointing, and no place in a list: so none
        is passed over when others end between two pages.
        """
        await self._contact(session_id)
        wanted = frozenset(states) or LIVE
        first, size = int(page_token or 0), page_size if 0 < page_size <= 1000 else DEFAULT_PAGE
        rest = sorted(
            (a for a in self.state.book.assignments.values() if a.state in wanted and a.offered.command_seq > first),
            key=lambda a: a.offered.command_seq,
        )
        page = tuple(ListedPointing(a.offered.pointing, a.state, _asked_back(a)) for a in rest[:size])
        more = str(rest[size - 1].offered.command_seq) if len(rest) > size else ""
        return PointingPage(page, more, self._head)

    def lease_left_s(self) -> float | None:
        """Link time left of the lease; None: no live session."""
        if self.state.status.link != "up":
            return None
        return max(0.0, self._lease_until - self.link.now())

    # -- loops

    async def _follow(self) -> None:
        while True:
            tail = await self.journal.follow(self.state.applied_seq, only=Only(telescope=self.id), wait_s=15.0)
            self._fold(tail.entries)
            self.state.applied_seq = max(self.state.applied_seq, tail.head_seq)

    async def _watch_lease(self) -> None:
        while True:
            left = self.lease_left_s()
            if left is not None and left <= 0.0:
                log.info("lease lost", telescope=self.id)
                await self._append("telescope_status_changed", replace(self.state.status, link="lost"))
            await asyncio.sleep(self.lease_s / 4 if left is None else min(max(left, 0.05), self.lease_s / 4))

    # -- the session and its lease

    def _is_newest(self, session_id: str) -> bool:
        newest = self.state.session
        return newest is not None and newest.session_id == session_id

    def _check(self, session_id: str) -> None:
        if not self._is_newest(session_id):
            raise Refused(
                "the session is not the newest",
                where=f"session {session_id}",
                mend="open a session and send the reports again",
                reason="SESSION_STALE",
            )

    async def _contact(self, session_id: str) -> None:
        """Any word from the agent renews the lease; the first one after a loss brings the link back."""
        self._check(session_id)
        self._renew()
        if self.state.status.link != "up":
            await self._append("telescope_status_changed", replace(self.state.status, link="up"))

    def _renew(self) -> None:
        self._lease_until = LinkTime(self.link.now() + self.lease_s)

    # -- the journal

    @property
    def _head(self) -> int:
        return self.state.head

    async def _append(self, kind: str, fact: SessionOpened | TelescopeStatusChanged | SiteWeather) -> None:
        await self.writer.append([entry_of(kind, fact, sky_time=self.clock.now(), telescope=self.id)])
        await self._catch_up()

    async def _catch_up(self) -> None:
        only = Only(telescope=self.id)
        while True:
            tail = await self.journal.read(self.state.applied_seq, only=only)
            self._fold(tail.entries)
            self.state.applied_seq = max(self.state.applied_seq, tail.head_seq)
            if not tail.entries:
                return

    def _fold(self, entries: Sequence[Stored]) -> None:
        fresh = self.state.apply(entries)
        if fresh == 0:
            return
        if self.snapshots is not None:
            self.snapshots.folded(self.state, fresh)
        self._news.tell()


def _asked_back(one: Assignment) -> Revocation | None:
    """Say the last request to give a pointing back again; None: there is none."""
    if one.revocation is None:
        return None
    return Revocation(one.id, one.offered.pointing.revision, one.revocation, one.abort_asked)
