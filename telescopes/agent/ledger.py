"""What the agent holds, in memory and on disk at once; the one place where reports are made."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from telescopes.agent.held import WAITING, Depth, Held, end_of, with_depth
from telescopes.agent.identifiers import uuid7
from telescopes.agent.lease import Lease
from telescopes.agent.queue import Accept, Answer, AskPerson
from telescopes.agent.safety import No
from telescopes.agent.sky_time import AgentSky
from telescopes.agent.sparing import SparingLog
from telescopes.agent.store import Store
from telescopes.agent.waiting_frames import WaitingFrame
from telescopes.description.clocks import LinkClock, LinkTime
from telescopes.description.errors import Broken
from telescopes.description.messages import (
    ALREADY_EXISTS,
    OK,
    Detection,
    ItemResult,
    Pointing,
    PointingReport,
    Revocation,
)
from telescopes.description.states import LIVE, PointingState, may_move

S = PointingState
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The command that a change comes from: what it says and that it was applied become durable together."""

    journal_id: str
    seq: int


class Ledger:
    """Pointings in hand.

    `work` rings when the queue changed, `reports` and `detections` when there is one to send, `frames` when there is
    something to reduce, `room` when the outbox was emptied by some.
    """

    def __init__(
        self,
        store: Store,
        *,
        sky: AgentSky,
        lease: Lease,
        link_clock: LinkClock,
        utc_now: Callable[[], datetime],
        rng: np.random.Generator,
        reduces: bool = False,
    ) -> None:
        self._store = store
        self._sky = sky
        self._lease = lease
        self._link_clock = link_clock
        self._utc_now = utc_now
        self._rng = rng
        self._reduces = reduces
        self._sparing = SparingLog(log, link_clock.now)
        self._held = {h.pointing.pointing_id: h for h in store.open_pointings()}
        # Link time of another boot means nothing here: what is unanswered gets its full span again.
        self.answer_by = {k: self._deadline(h.pointing) for k, h in self._held.items() if not h.confirmed}
        self.work = asyncio.Event()
        self.reports = asyncio.Event()
        self.detections = asyncio.Event()
        self.frames = asyncio.Event()
        self.room = asyncio.Event()

    def open_pointings(self) -> list[Held]:
        """Everything that is not ended."""
        return list(self._held.values())

    def tell_rest(self) -> None:
        """Say how many lines the log left out; for who ends."""
        self._sparing.tell_rest()

    def find(self, pointing_id: str) -> Held | None:
        """Return a pointing in whatever state; None: never heard of it."""
        return self._held.get(pointing_id) or self._store.find(pointing_id)

    def receive(self, pointing: Pointing, answer: Answer, at: Cursor | None) -> None:
        """Take an offer together with the answer to it."""
        self.answer_by[pointing.pointing_id] = self._deadline(pointing)
        held = Held(pointing, S.OFFERED)
        match answer:
            case Accept():
                self.move(held, S.ACCEPTED, at=at)
            case No():
                self.move(held, S.REJECTED, no=answer, at=at)
            case AskPerson():
                within_s, name = pointing.accept_within_s, pointing.pointing_id
                log.warning("%s wants a person's yes within %.0f s: armillary agent approve %s", name, within_s, name)
                with self._store.transaction():
                    self._apply(held, at)

    def adopt(self, pointing: Pointing) -> None:
        """Take over a pointing that the coordinator says is accepted, and of which this store knows nothing."""
        with self._store.transaction():
            self._apply(Held(pointing, S.ACCEPTED, confirmed=True), None)

    def pass_over(self, at: Cursor | None) -> None:
        """Note a command that changes nothing."""
        if at is not None:
            with self._store.transaction():
                self._store.set_cursor(at.journal_id, at.seq)

    def note_revocation(self, held: Held, revocation: Revocation, at: Cursor | None) -> Held:
        """Keep a request to give a pointing back; what ends it reports so."""
        asked = replace(held, revocation=revocation)
        with self._store.transaction():
            self._apply(asked, at)
        return asked

    def disown(self, revocation: Revocation, at: Cursor | None) -> None:
        """Answer a revocation of something that was never here."""
        report = self._report(revocation.pointing_id, revocation.revision, S.REVOKED, No(revocation.reason))
        with self._store.transaction():
            if at is not None:
                self._store.set_cursor(at.journal_id, at.seq)
            self._store.add_report(report)
        self.reports.set()

    def move(
        self,
        held: Held,
        state: PointingState,
        *,
        no: No | None = None,
        expected_end: datetime | None = None,
        detections: Sequence[Detection] = (),
        at: Cursor | None = None,
    ) -> Held:
        """Bring a pointing to a state and report it, durable before it returns."""
        if not may_move(held.state, state):
            raise Broken(
                f"cannot go from {held.state} to {state}", where=held.pointing.pointing_id, mend="report this fault"
            )
        started = self._sky.now() if state is S.SLEWING else held.started
        moved = replace(held, state=state, started=started, late=held.late or not self._lease.held)
        report = self._report_of(moved, no, expected_end)
        new = self._new_images(moved)
        with self._store.transaction():
            self._apply(moved, at)
            self._store.add_report(report)
            self._store.add_detections(detections)
            self._put_in_line(new)
        self._ring(detections)
        self._say(held.pointing.pointing_id, state, no)
        return moved

    def _say(self, pointing_id: str, state: PointingState, no: No | None) -> None:
        """Tell the log; how many offers there are to refuse is the coordinator's to say, how many lines is not."""
        line, words = "%s %s%s", (pointing_id, state, f": {no.reason} {no.detail}" if no else "")
        if state is S.REJECTED:
            self._sparing.tell(logging.INFO, line, *words)
        else:
            log.info(line, *words)

    def _new_images(self, moved: Held) -> list[tuple[str, int]]:
        """Name the images that were not there before, if there is a program for them."""
        pointing_id = moved.pointing.pointing_id
        before = self._held.get(pointing_id)
        new = moved.exposures[len(before.exposures) if before else 0 :]
        return [(pointing_id, one.exposure_index) for one in new if one.image_uri and self._reduces]

    def _put_in_line(self, images: Sequence[tuple[str, int]]) -> None:
        for pointing_id, exposure_index in images:
            self._store.frames.add(pointing_id, exposure_index)
            self.frames.set()

    def reduced(self, frame: WaitingFrame, held: Held, depth: Depth, detections: Sequence[Detection]) -> None:
        """Take what was found in a frame; of a pointing that has ended, the end is said again with its depth."""
        measured = with_depth(held, frame.exposure_index, depth)
        with self._store.transaction():
            if measured != held:
                self._apply(measured, None)
                self._store.add_report(self._report_of(measured, None, None))
            self._store.add_detections(detections)
            self._store.frames.end(frame, "")
        self._ring(detections)

    def not_reduced(self, frame: WaitingFrame, why: str) -> None:
        """Give a frame up; the pointing has nothing to answer for."""
        with self._store.transaction():
            self._store.frames.end(frame, why)

    def found_elsewhere(self, detections: Sequence[Detection]) -> None:
        """Put detections of the site's own pipeline in line."""
        with self._store.transaction():
            self._store.add_detections(detections)
        self.detections.set()

    def _ring(self, detections: Sequence[Detection]) -> None:
        self.reports.set()
        if detections:
            self.detections.set()

    async def wait_for_room(self, waiting: Callable[[], int], most: int) -> None:
        """Wait while as much or more waits to be sent."""
        while waiting() >= most:
            self.room.clear()
            await self.room.wait()

    def end(self, held: Held, otherwise: PointingState, no: No, *, cut_short: bool = True) -> Held:
        """End a pointing by what was exposed, or else as `otherwise`, and report it.

        `cut_short`: it was ended before its time, for the reason in `no`; its window alone is its time.
        """
        state = end_of(held, otherwise, cut_short=cut_short)
        return self.move(held, state, no=None if state is S.COMPLETED else no)

    def let_go(self, held: Held, state: PointingState) -> None:
        """End a pointing as the coordinator says it stands; nothing is reported."""
        log.info("%s is %s at the coordinator", held.pointing.pointing_id, state)
        with self._store.transaction():
            self._apply(replace(held, state=state), None)

    def lease_was_lost(self) -> None:
        """Mark everything in hand: what becomes of it is late truth."""
        with self._store.transaction():
            for held in self.open_pointings():
                self._apply(replace(held, late=True), None)

    def settle(self, sent: Sequence[PointingReport], results: Sequence[ItemResult]) -> None:
        """Take the coordinator's answers: drop what it has, set aside what it refuses, learn where things stand."""
        answers = {r.item_id: r for r in results}
        pairs = [(report, answers[report.report_id]) for report in sent if report.report_id in answers]
        self.clear(results)
        for report, result in pairs:
            self._learn(report, result)

    def clear(self, results: Sequence[ItemResult]) -> None:
        """Take answered items out of the line."""
        with self._store.transaction():
            self._store.forget([r.item_id for r in results if r.code in (OK, ALREADY_EXISTS)])
            for result in results:
                if result.code not in (OK, ALREADY_EXISTS):
                    why = result.reason or result.code
                    self._sparing.tell(logging.WARNING, "coordinator refused %s: %s", result.item_id, why)
                    self._store.set_aside(result)
        self.room.set()

    def _learn(self, report: PointingReport, result: ItemResult) -> None:
        held = self._held.get(report.pointing_id)
        if held is None or held.state not in WAITING or held.pointing.revision != report.revision:
            return
        gone = result.current_state is not None and result.current_state not in LIVE
        if gone and result.current_state is not None:
            self.let_go(held, result.current_state)
        elif report.state is S.ACCEPTED and result.code in (OK, ALREADY_EXISTS):
            with self._store.transaction():
                self._apply(replace(held, confirmed=True), None)

    def _apply(self, held: Held, at: Cursor | None) -> None:
        """Write inside a transaction; the memory follows."""
        if at is not None:
            self._store.set_cursor(at.journal_id, at.seq)
        self._store.put(held)
        if held.is_open:
            self._held[held.pointing.pointing_id] = held
        else:
            self._held.pop(held.pointing.pointing_id, None)
            self.answer_by.pop(held.pointing.pointing_id, None)
        self.work.set()

    def _report_of(self, held: Held, no: No | None, expected_end: datetime | None) -> PointingReport:
        report = self._report(held.pointing.pointing_id, held.pointing.revision, held.state, no)
        aim = held.aim
        return replace(
            report,
            fraction_done=held.fraction_done if held.state not in WAITING | {S.REJECTED} else None,
            expected_end=expected_end,
            actual_ra_deg=aim.ra_deg if aim else None,
            actual_dec_deg=aim.dec_deg if aim else None,
            actual_position_angle_deg=aim.position_angle_deg if aim else None,
            exposures=held.exposures,
            late=held.late,
        )

    def _report(self, pointing_id: str, revision: int, state: PointingState, no: No | None) -> PointingReport:
        return PointingReport(
            report_id=uuid7(self._utc_now(), self._rng),
            pointing_id=pointing_id,
            revision=revision,
            state=state,
            report_time=self._sky.now(),
            agent_seq=0,
            reason=no.reason if no else None,
            detail=no.detail if no else "",
            late=not self._lease.held,
        )

    def _deadline(self, pointing: Pointing) -> LinkTime:
        return LinkTime(self._link_clock.now() + pointing.accept_within_s)
