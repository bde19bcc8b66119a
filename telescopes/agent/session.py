"""Keeps a session with the coordinator open, whatever happens to the link or to the coordinator."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

import numpy as np

from telescopes.agent.backoff import retry_delay_s
from telescopes.agent.bounded import MOST_LISTED, bad_message, drain_s
from telescopes.agent.contact import Contact, LeaseLost
from telescopes.agent.inbox import Inbox
from telescopes.agent.lease import ClockOffset, Lease
from telescopes.agent.ledger import Cursor
from telescopes.agent.link import CURSOR_LOST, SESSION_ENDED, CoordinatorLink
from telescopes.agent.outbox import Outbox
from telescopes.agent.sky_time import wait_for_bell
from telescopes.agent.store import Store
from telescopes.agent.stream import GapSeen, follow_stream
from telescopes.description.clocks import LinkClock, LinkTime
from telescopes.description.errors import ArmillaryError, Refused, RetryLater
from telescopes.description.messages import (
    Command,
    Heartbeat,
    ListedPointing,
    SessionGrant,
    SessionRequest,
    StatusReport,
)

log = logging.getLogger(__name__)

REFUSED_AGAIN_S = 30.0
"""How long an agent that was served before waits when it is refused: somebody must mend something."""
PAGE = 500
LONGEST_ASKED_S = 30.0


class Session:
    """Open, watch, report; open again.

    Parameters
    ----------
    announcement : SessionRequest
        What the agent announces; where it is in which journal, and its time, are put in at each opening.
    link, store, inbox, outbox, contact, lease, offset
        What it works with.
    status : callable
        Describes the site now.
    status_bell, report_bell, detection_bell : asyncio.Event
        Rung when the site changed, and when a report or a detection waits to be sent.
    link_clock, utc_now, rng
        Time and chance.
    """

    def __init__(
        self,
        announcement: SessionRequest,
        *,
        link: CoordinatorLink,
        store: Store,
        inbox: Inbox,
        outbox: Outbox,
        contact: Contact,
        lease: Lease,
        offset: ClockOffset,
        status: Callable[[], StatusReport],
        status_bell: asyncio.Event,
        report_bell: asyncio.Event,
        detection_bell: asyncio.Event,
        link_clock: LinkClock,
        utc_now: Callable[[], datetime],
        rng: np.random.Generator,
    ) -> None:
        self._announcement = announcement
        self._telescope_id = announcement.telescope_id
        self._link = link
        self._store = store
        self._inbox = inbox
        self._outbox = outbox
        self._contact = contact
        self._lease = lease
        self._offset = offset
        self._status = status
        self._status_bell = status_bell
        self._report_bell = report_bell
        self._detection_bell = detection_bell
        self._link_clock = link_clock
        self._utc_now = utc_now
        self._rng = rng
        self._journal_id = store.journal_id
        self._seq = store.cursor(self._journal_id) or 0
        self._compare = bool(store.open_pointings())
        self._served = False
        self._outage_since: LinkTime | None = None
        self._failures = 0

    async def run(self) -> None:
        """Serve for ever; a Refused comes out only if the coordinator never took this agent."""
        while True:
            try:
                await self._serve()
            except (RetryLater, Refused) as error:
                await asyncio.sleep(self._after(error))

    def _after(self, error: ArmillaryError) -> float:
        """Decide how long to wait before the session is opened again; raise what no waiting mends."""
        if isinstance(error, LeaseLost | GapSeen):
            self._compare = True
        ended = isinstance(error, Refused) and error.reason in SESSION_ENDED | CURSOR_LOST
        if isinstance(error, Refused) and error.reason in CURSOR_LOST:
            self._compare, self._seq = True, 0
        if isinstance(error, Refused) and not ended:
            if not self._served:
                raise error
            log.error("refused: %s", error)
            return REFUSED_AGAIN_S
        (log.debug if self._failures else log.warning)("%s", error)
        self._failures += 1
        now = self._link_clock.now()
        self._outage_since = self._outage_since if self._outage_since is not None else now
        at_least_s = error.after_s if isinstance(error, RetryLater) else 0.0
        return retry_delay_s(now - self._outage_since, self._failures, self._rng, min(at_least_s, LONGEST_ASKED_S))

    async def _serve(self) -> None:
        """Hold one session until something ends it, and raise what did."""
        grant = await self._open()
        # Detections go by themselves: however slowly the coordinator takes them, it hears of every pointing at once.
        work = (self._watch(grant), self._send_reports(grant), self._send_detections(grant), self._report_status(grant))
        tasks = [asyncio.create_task(each) for each in work]
        # No TaskGroup: if the link breaks in the moment in which the agent is told to end, it tells only the former.
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        failures = [e for e in ended if isinstance(e, BaseException) and not isinstance(e, asyncio.CancelledError)]
        if not failures:
            raise RetryLater("ended by itself", where="session", mend="it is opened again")
        raise first_cause(BaseExceptionGroup("session", failures))

    async def _open(self) -> SessionGrant:
        asked = self._contact.ask()
        request = replace(
            self._announcement, last_applied_seq=self._seq, journal_id=self._journal_id, client_time=asked.utc
        )
        grant = await self._link.open_session(request)
        self._lease.length_s = grant.lease_s
        self._compare |= self._contact.answered(asked, grant.server_time, grant.lease_s)
        self._contact.follow(grant.sky_clock, asked)
        self._check_clock()
        self._turn_to(grant)
        if self._compare or grant.snapshot_required:
            await self._reconcile(grant)
        log.info("session open, following commands after %d", self._seq)
        return grant

    def _check_clock(self) -> None:
        """Refuse to begin with a wrong clock; one that goes wrong later only refuses offers."""
        if not self._served and self._offset.wrong:
            raise Refused(
                f"this machine's clock is {-(self._offset.offset_s or 0.0):+.1f} s off the coordinator's",
                where=self._telescope_id,
                mend="set it by NTP",
                reason="CLOCK_WRONG",
            )

    def _turn_to(self, grant: SessionGrant) -> None:
        """Take up the cursor of the coordinator's journal; one that was never followed is compared first."""
        self._served, self._outage_since, self._failures = True, None, 0
        if grant.journal_id == self._journal_id:
            return
        known = self._store.cursor(grant.journal_id)
        self._compare |= bool(self._journal_id) or (known is None and grant.head_seq > 0)
        self._journal_id, self._seq = grant.journal_id, known or 0

    async def _reconcile(self, grant: SessionGrant) -> None:
        listed: list[ListedPointing] = []
        page = await self._link.list_pointings(grant.session_id, (), PAGE, "")
        as_of = page.as_of_seq
        listed += page.pointings
        while page.next_page_token:
            if len(listed) > MOST_LISTED or not page.pointings:
                raise bad_message(f"lists {len(listed)} open pointings of one telescope, and more")
            page = await self._link.list_pointings(grant.session_id, (), PAGE, page.next_page_token)
            listed += page.pointings
        self._inbox.reconcile(listed, Cursor(grant.journal_id, as_of))
        self._seq, self._compare = as_of, False

    async def _watch(self, grant: SessionGrant) -> None:
        while True:
            drain = await follow_stream(self._link, grant, self._seq, self._take, self._hear)
            await asyncio.sleep(drain_s(drain.reconnect_after_s) * float(self._rng.uniform(0.5, 1.0)))

    async def _take(self, command: Command) -> None:
        """Apply a command once; a hole in the numbers means that something is missing."""
        if command.seq <= self._seq:
            return
        await self._outbox.room()
        if command.seq > self._seq + 1:
            raise GapSeen(
                f"command {command.seq} came after {self._seq}", where=self._telescope_id, mend="compare with the list"
            )
        self._inbox.apply(self._journal_id, command)
        self._seq = command.seq

    def _hear(self, heartbeat: Heartbeat) -> bool:
        """Follow the announced clock; return whether commands are missing."""
        self._contact.follow(heartbeat.sky_clock)
        return heartbeat.seq > self._seq

    async def _send_reports(self, grant: SessionGrant) -> None:
        while True:
            self._report_bell.clear()
            await self._patiently(lambda: self._outbox.send_reports(grant.session_id, lambda: self._seq))
            await self._report_bell.wait()

    async def _send_detections(self, grant: SessionGrant) -> None:
        while True:
            self._detection_bell.clear()
            await self._patiently(lambda: self._outbox.send_detections(grant.session_id))
            await self._detection_bell.wait()

    async def _report_status(self, grant: SessionGrant) -> None:
        every_s = min(grant.heartbeat_s, grant.lease_s / 3)
        await wait_for_bell(self._status_bell, every_s)  # the site's first word on safety, or what is known without
        while True:
            self._status_bell.clear()
            await self._patiently(lambda: self._report_once(grant.session_id))
            await wait_for_bell(self._status_bell, every_s)

    async def _report_once(self, session_id: str) -> None:
        asked = self._contact.ask()
        reply = await self._link.report_status(session_id, self._status())
        self._contact.follow(reply.sky_clock, asked)
        self._contact.renew(asked, reply.server_time, reply.lease_left_s)

    async def _patiently(self, call: Callable[[], Awaitable[None]]) -> None:
        """Try until it works; whether the link lives at all is for the stream to say."""
        since, attempt = self._link_clock.now(), 0
        while True:
            try:
                return await call()
            except LeaseLost:
                raise
            except RetryLater as error:
                attempt += 1
                log.info("%s", error)
                at_least_s = min(error.after_s, LONGEST_ASKED_S)
                await asyncio.sleep(retry_delay_s(self._link_clock.now() - since, attempt, self._rng, at_least_s))

    @property
    def acked_seq(self) -> int:
        """Last command that is durable here."""
        return self._seq


def first_cause(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the error that ended a group of tasks: our own families first, for they say what to do."""
    flat: list[BaseException] = []
    todo: list[BaseException] = [failures]
    while todo:
        error = todo.pop(0)
        if isinstance(error, BaseExceptionGroup):
            todo.extend(error.exceptions)
        else:
            flat.append(error)
    foreign = [e for e in flat if not isinstance(e, RetryLater | Refused)]
    refused = [e for e in flat if isinstance(e, Refused)]
    return (foreign or refused or flat)[0]
