"""Telescopes and an operator's desk that live in memory, for clients that are being written and for tests.

They keep the ports' promises about sessions, cursors, repetition and the table of states, and nothing else: no plan,
no journal, no lease that ends. `coordinator.gateway.practice` serves them.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from coordinator.dispatch.book import Book
from coordinator.dispatch.facts import OperatorActed, PointingMoved, PointingOffered
from coordinator.services.news import News
from coordinator.services.ports import Submitted, TelescopeView
from coordinator.services.quarantined import Page
from coordinator.services.reports import Fact, digest
from telescopes.description.clocks import SkyClock, SkyClockReading, SystemSkyClock
from telescopes.description.errors import Refused
from telescopes.description.messages import (
    ALREADY_EXISTS,
    Command,
    Detection,
    ItemResult,
    ListedPointing,
    Pointing,
    PointingPage,
    PointingReport,
    Revocation,
    SessionGrant,
    SessionRequest,
    StatusReply,
    StatusReport,
)
from telescopes.description.states import LIVE, PointingState

NOT_ABOUT_TELESCOPES = ("veto", "approve_pointing", "approve", "dismiss", "mark_candidate", "comment_candidate")
JOURNAL = "loopback"
LEASE_S = 90.0


@dataclass(frozen=True, slots=True)
class LoopbackBatch:
    """Commands after a cursor, and the log's head."""

    commands: tuple[Command, ...]
    head_seq: int


class LoopbackTelescope:
    """One telescope's port in memory.

    Parameters
    ----------
    telescope_id : str
        Its name.
    heartbeat_s : float
        What it tells agents about heartbeats.
    clock : SkyClock
        Sky time, and the machine's.

    Attributes
    ----------
    reports, statuses, detections
        What the agent said, each once, in order of arrival.
    epoch : int
        How many sessions were opened.
    """

    def __init__(self, telescope_id: str, *, heartbeat_s: float = 10.0, clock: SkyClock | None = None) -> None:
        self.telescope_id = telescope_id
        self.reports: list[PointingReport] = []
        self.statuses: list[StatusReport] = []
        self.detections: list[Detection] = []
        self._fails_with: Exception | None = None
        self._heartbeat_s = heartbeat_s
        self._clock = clock or SystemSkyClock()
        self._detection_ids: set[str] = set()
        self.epoch = 0
        self._session_id = ""
        self._log: list[Command] = []
        self._book = Book()
        self._revocations: dict[str, Revocation] = {}
        self._news = News()

    async def command(self, body: Pointing | Revocation) -> int:
        """Put a command into the log."""
        self._log.append(Command(len(self._log) + 1, body))
        if isinstance(body, Pointing):
            offer = PointingOffered(body, len(self._log), body.window_end, "", 0.0, 0.0, 0.0, 0.0)
            self._book.offer(offer, self._clock.now())
        else:
            self._revocations[body.pointing_id] = body
        self._news.tell()
        return len(self._log)

    async def fail(self, error: Exception | None) -> None:
        """Let every call fail from now on, also those that wait; None: heal."""
        self._fails_with = error
        self._news.tell()

    async def open_session(self, request: SessionRequest) -> SessionGrant:
        """Open a session, which ends any older one."""
        self._may_fail()
        known_journal = request.journal_id == JOURNAL
        if known_journal and request.last_applied_seq > len(self._log):
            raise self._cursor_ahead(request.last_applied_seq)
        self.epoch += 1
        self._session_id = f"{self.telescope_id}:{self.epoch}:loopback"
        self._news.tell()
        return SessionGrant(
            session_id=self._session_id,
            session_epoch=self.epoch,
            journal_id=JOURNAL,
            sky_clock=self._reading(),
            heartbeat_s=self._heartbeat_s,
            lease_s=LEASE_S,
            server_time=self._clock.now(),
            snapshot_required=not known_journal and (request.last_applied_seq > 0 or bool(self._log)),
            head_seq=len(self._log),
        )

    async def next_commands(self, session_id: str, after_seq: int, wait_s: float) -> LoopbackBatch:
        """Return what comes after a cursor; wait if there is nothing."""
        self._newest(session_id)
        if after_seq > len(self._log):
            raise self._cursor_ahead(after_seq)
        until = asyncio.get_running_loop().time() + wait_s
        while not self._has_news(session_id, after_seq) and await self._news.wait(until):
            pass
        self._newest(session_id, otherwise="SESSION_SUPERSEDED")
        return LoopbackBatch(tuple(self._log[after_seq:]), len(self._log))

    async def report_pointings(
        self, session_id: str, acked_seq: int, reports: Sequence[PointingReport]
    ) -> tuple[ItemResult, ...]:
        """Keep reports; a repeated one changes nothing."""
        self._newest(session_id)
        made = digest(self._book, self.telescope_id, reports, self._clock.now())
        for fact in made.facts:
            self._fold(fact)
        return tuple(made.results)

    async def report_status(self, session_id: str, report: StatusReport) -> StatusReply:
        """Keep the site's status."""
        self._newest(session_id)
        self.statuses.append(report)
        return StatusReply(self._clock.now(), LEASE_S, self._reading())

    async def report_detections(self, session_id: str, detections: Sequence[Detection]) -> tuple[ItemResult, ...]:
        """Keep detections; a repeated one changes nothing."""
        self._newest(session_id)
        return tuple(self._keep_detection(each) for each in detections)

    async def list_pointings(
        self, session_id: str, states: Sequence[PointingState], page_size: int, page_token: str
    ) -> PointingPage:
        """Return one page of the pointings; the token is the command that brought the last one of the page before."""
        self._newest(session_id)
        wanted = [
            a
            for a in self._book.assignments.values()
            if a.state in (states or LIVE) and a.offered.command_seq > int(page_token or 0)
        ]
        page = tuple(
            ListedPointing(a.offered.pointing, a.state, self._revocations.get(a.id)) for a in wanted[:page_size]
        )
        more = str(wanted[page_size - 1].offered.command_seq) if len(wanted) > page_size else ""
        return PointingPage(page, more, len(self._log))

    def _fold(self, fact: Fact) -> None:
        if isinstance(fact, PointingMoved):
            self._book.move(fact, self._clock.now())
        else:
            self._book.note(fact)
        if fact.report is not None:
            self.reports.append(fact.report)

    def _keep_detection(self, detection: Detection) -> ItemResult:
        if detection.detection_id in self._detection_ids:
            return ItemResult(detection.detection_id, ALREADY_EXISTS)
        self._detection_ids.add(detection.detection_id)
        self.detections.append(detection)
        return ItemResult(detection.detection_id)

    def _has_news(self, session_id: str, after_seq: int) -> bool:
        return len(self._log) > after_seq or session_id != self._session_id or self._fails_with is not None

    def _cursor_ahead(self, seq: int) -> Refused:
        return Refused(
            f"cursor {seq} is beyond the log's head {len(self._log)}",
            where=self.telescope_id,
            mend="watch from head_seq of OpenSession",
            reason="CURSOR_AHEAD",
        )

    def _newest(self, session_id: str, otherwise: str = "SESSION_STALE") -> None:
        self._may_fail()
        if session_id != self._session_id:
            raise Refused(
                "a newer session is open", where=self.telescope_id, mend="open a session again", reason=otherwise
            )

    def _may_fail(self) -> None:
        if self._fails_with is not None:
            raise self._fails_with

    def _reading(self) -> SkyClockReading:
        return SkyClockReading(self._clock.now(), self._clock.rate)


class LoopbackDesk:
    """An operator's port in memory, over loopback telescopes.

    Attributes
    ----------
    actions, alerts
        What people did, each once, and the name, data, purpose and event key of what they submitted.
    """

    def __init__(self, telescopes: Mapping[str, LoopbackTelescope], since: datetime) -> None:
        self.actions: dict[str, OperatorActed] = {}
        self.alerts: list[tuple[str, bytes, str, str]] = []
        self._telescopes = telescopes
        self._since = since

    async def telescopes(self) -> list[TelescopeView]:
        """List the telescopes by id."""
        return [TelescopeView(name, "idle", self._since) for name in sorted(self._telescopes)]

    async def act(self, action: OperatorActed) -> int:
        """Keep an action; a repeated one changes nothing."""
        if action.action not in NOT_ABOUT_TELESCOPES and action.subject not in self._telescopes:
            raise no_such_telescope(action.subject)
        self.actions.setdefault(action.action_id, action)
        return list(self.actions).index(action.action_id) + 1

    async def retry_quarantine(self, after: str) -> Page:
        """Find nothing: what is kept here is never in quarantine."""
        return Page(())

    async def submit(self, name: str, data: bytes, purpose: str, event_key: str) -> Submitted:
        """Keep an alert, unread."""
        self.alerts.append((name, data, purpose, event_key))
        return Submitted(len(self.alerts), "alert", event_key)

    async def status(self) -> dict[str, Any]:
        """Return as much of the status document as there is."""
        listed = await self.telescopes()
        return {
            "schema": "armillary.status/1",
            "journal_id": "loopback",
            "telescopes": [{"id": each.telescope_id, "state": each.state} for each in listed],
        }


def no_such_telescope(telescope_id: str) -> Refused:
    """Refuse a telescope that does not exist."""
    return Refused(
        "no such telescope", where=telescope_id, mend="ListTelescopes names those that exist", reason="NOT_FOUND"
    )
