"""A coordinator in memory for one telescope: for drills without a network, and for tests of the agent.

It keeps the contract of the link (numbered commands, sessions, leases, offers that expire, legal moves, answers per
item) and plans nothing: pointings are offered by whoever holds it.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import replace
from datetime import datetime

from telescopes.agent.link import CURSOR_AHEAD, SESSION_STALE, SESSION_SUPERSEDED, Message
from telescopes.agent.sky_time import wait_for_bell
from telescopes.description.clocks import LinkClock, LinkTime, SkyClock, SkyClockReading
from telescopes.description.errors import Refused
from telescopes.description.messages import (
    ALREADY_EXISTS,
    FAILED_PRECONDITION,
    NOT_FOUND,
    OK,
    Command,
    Detection,
    Drain,
    Heartbeat,
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
from telescopes.description.states import LATE_TRUTH, LIVE, PointingState, may_move

S = PointingState
WHERE = "loopback"


class LoopbackCoordinator:
    """One telescope's coordinator.

    Parameters
    ----------
    sky : SkyClock
        The sky clock that it announces.
    link_clock : LinkClock
        Leases and offers.
    utc_now : callable
        Its machine's UTC.
    heartbeat_s, lease_s : float
        As a session opens.
    journal_id : str
        Name of its journal.
    """

    def __init__(
        self,
        sky: SkyClock,
        link_clock: LinkClock,
        utc_now: Callable[[], datetime],
        *,
        heartbeat_s: float = 1.0,
        lease_s: float = 3.0,
        journal_id: str = "loopback",
    ) -> None:
        self.sky = sky
        self._link_clock = link_clock
        self._utc_now = utc_now
        self._heartbeat_s = heartbeat_s
        self._lease_s = lease_s
        self.journal_id = journal_id
        self.commands: list[Command] = []
        self.pointings: dict[str, Pointing] = {}
        self.states: dict[str, PointingState] = {}
        self.reports: list[PointingReport] = []
        self.detections: dict[str, Detection] = {}
        self.status: StatusReport | None = None
        self.sessions: list[SessionRequest] = []
        self._answers: dict[str, ItemResult] = {}
        self._revocations: dict[str, Revocation] = {}
        self._offer_ends: dict[str, LinkTime] = {}
        self._lease_ends: LinkTime | None = None
        self._bell = asyncio.Event()
        self._draining = False

    # What its holder does.

    def offer(self, pointing: Pointing) -> int:
        """Offer a pointing; return the command's number."""
        self.pointings[pointing.pointing_id] = pointing
        self.states[pointing.pointing_id] = S.OFFERED
        self._offer_ends[pointing.pointing_id] = LinkTime(self._link_clock.now() + pointing.accept_within_s)
        return self._command(pointing)

    def revoke(self, revocation: Revocation) -> int:
        """Ask for a pointing back; return the command's number."""
        self._revocations[revocation.pointing_id] = revocation
        return self._command(revocation)

    def drain(self) -> None:
        """Ask the open stream to come again."""
        self._draining = True
        self._ring()

    def start_afresh(self, journal_id: str) -> None:
        """Forget everything, as a coordinator on a new database does."""
        self.journal_id = journal_id
        self.commands.clear()
        for known in (self.pointings, self.states, self._answers, self._revocations, self._offer_ends):
            known.clear()
        self._ring()

    def state(self, pointing_id: str) -> PointingState:
        """Say where a pointing stands, offers and leases that ran out included."""
        self._age()
        return self.states[pointing_id]

    def reports_of(self, pointing_id: str) -> list[PointingReport]:
        """Return the reports about one pointing, in order of arrival."""
        return [r for r in self.reports if r.pointing_id == pointing_id]

    # What the agent asks.

    async def open_session(self, request: SessionRequest) -> SessionGrant:
        """Open a session, which ends any older one."""
        self._age()
        known = request.journal_id == self.journal_id
        if known and request.last_applied_seq > len(self.commands):
            raise _cursor_ahead()
        self.sessions.append(request)
        self._renew()
        self._ring()
        return SessionGrant(
            session_id=self._session_id(),
            session_epoch=len(self.sessions),
            journal_id=self.journal_id,
            sky_clock=self._reading(),
            heartbeat_s=self._heartbeat_s,
            lease_s=self._lease_s,
            server_time=self._utc_now(),
            snapshot_required=not known and len(self.commands) > 0,
            head_seq=len(self.commands),
        )

    async def watch(self, session_id: str, after_seq: int) -> AsyncGenerator[Message, None]:
        """Stream commands and heartbeats."""
        if after_seq > len(self.commands):
            raise _cursor_ahead()
        while True:
            self._bell.clear()
            if session_id != self._session_id():
                raise Refused("a newer session", where=WHERE, mend="open again", reason=SESSION_SUPERSEDED)
            for command in self.commands[after_seq:]:
                after_seq = command.seq
                yield command
            if self._draining:
                self._draining = False
                yield Drain(after_seq, 0.1)
                return
            yield Heartbeat(after_seq, self._utc_now(), self._reading())
            await wait_for_bell(self._bell, self._heartbeat_s)

    async def report_pointings(
        self, session_id: str, acked_seq: int, reports: Sequence[PointingReport]
    ) -> tuple[ItemResult, ...]:
        """Take reports, each once."""
        self._check(session_id)
        return tuple([self._take(r) for r in reports])

    async def report_status(self, session_id: str, report: StatusReport) -> StatusReply:
        """Take the site's status."""
        self._check(session_id)
        self.status = report
        return StatusReply(self._utc_now(), self._lease_s, self._reading())

    async def report_detections(self, session_id: str, detections: Sequence[Detection]) -> tuple[ItemResult, ...]:
        """Take detections, each once."""
        self._check(session_id)
        results = []
        for detection in detections:
            known = detection.detection_id in self.detections
            self.detections.setdefault(detection.detection_id, detection)
            results.append(ItemResult(detection.detection_id, ALREADY_EXISTS if known else OK))
        return tuple(results)

    async def list_pointings(
        self, session_id: str, states: Sequence[PointingState], page_size: int, page_token: str
    ) -> PointingPage:
        """List pointings page by page, oldest first."""
        self._check(session_id)
        wanted = frozenset(states) or LIVE
        chosen = [k for k in self.pointings if self.states[k] in wanted]
        first = int(page_token or 0)
        last = first + (page_size or 100)
        page = chosen[first:last]
        listed = [ListedPointing(self.pointings[k], self.states[k], self._revocations.get(k)) for k in page]
        return PointingPage(tuple(listed), str(last) if last < len(chosen) else "", len(self.commands))

    async def close(self) -> None:
        """Nothing to let go of."""

    # Inside.

    def _command(self, body: Pointing | Revocation) -> int:
        self.commands.append(Command(len(self.commands) + 1, body))
        self._ring()
        return len(self.commands)

    def _take(self, report: PointingReport) -> ItemResult:
        known = self._answers.get(report.report_id)
        if known is not None:
            return replace(known, code=ALREADY_EXISTS if known.code == OK else known.code)
        current = self.states.get(report.pointing_id)
        if current is None:
            answer = ItemResult(report.report_id, NOT_FOUND, "NOT_FOUND")
        elif current is report.state and current in LATE_TRUTH:
            # The end of a pointing said again, with what was measured since.
            self.reports.append(report)
            answer = ItemResult(report.report_id, OK, "", current)
        elif not may_move(current, report.state):
            answer = ItemResult(report.report_id, FAILED_PRECONDITION, "ILLEGAL_TRANSITION", current)
        else:
            self.states[report.pointing_id] = report.state
            self.reports.append(report)
            answer = ItemResult(report.report_id, OK, "", report.state)
        self._answers[report.report_id] = answer
        return answer

    def _age(self) -> None:
        """Let offers and the lease run out."""
        now = self._link_clock.now()
        lost = self._lease_ends is not None and now > self._lease_ends
        for key, state in self.states.items():
            unanswered = state is S.OFFERED and now > self._offer_ends[key]
            if unanswered or (state is S.ACCEPTED and lost):
                self.states[key] = S.EXPIRED

    def _check(self, session_id: str) -> None:
        if session_id != self._session_id():
            raise Refused("not the newest session", where=WHERE, mend="open again", reason=SESSION_STALE)
        self._age()
        self._renew()

    def _renew(self) -> None:
        self._lease_ends = LinkTime(self._link_clock.now() + self._lease_s)

    def _session_id(self) -> str:
        return f"session-{len(self.sessions)}"

    def _reading(self) -> SkyClockReading:
        return SkyClockReading(self.sky.now(), self.sky.rate)

    def _ring(self) -> None:
        self._bell.set()


def _cursor_ahead() -> Refused:
    return Refused("the cursor is beyond the head", where=WHERE, mend="list pointings", reason=CURSOR_AHEAD)
