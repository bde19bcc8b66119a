"""One pointing that is handed over as a whole: the agent hears what happens, and keeps the right to end it."""

import asyncio
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from telescopes.agent.acquisition import missed
from telescopes.agent.held import Held, end_of
from telescopes.agent.observation import Observation, StepByStep, StopOrder, Surroundings, exposure_result
from telescopes.agent.safety import No, forbidden
from telescopes.description.errors import ArmillaryError
from telescopes.description.messages import Detection
from telescopes.description.states import PointingState, Reason
from telescopes.drivers.driver import Aim, CameraFault
from telescopes.drivers.whole_pointing import (
    AnyDriver,
    Asked,
    Exposing,
    News,
    Took,
    WholePointingDriver,
    untaken,
)

S = PointingState
log = logging.getLogger(__name__)

LATE = frozenset({S.EXPIRED, S.REVOKED})
"""Ends after which an exposure is still believed."""
LAST_WORDS = frozenset({S.REJECTED, S.FAILED})
"""Ends after which no exposure is believed any more."""
LIMITS_EVERY_S = 60.0
"""Sky seconds between two looks at the limits, once it takes longer than was judged at the start."""
TOLD_AGAIN_S = 30.0
"""An expected end that moves by less is not reported again."""


def observation_of(held: Held, driver: AnyDriver, around: Surroundings) -> Observation:
    """Choose how to observe by what the driver can be told."""
    if isinstance(driver, WholePointingDriver):
        return WholeObservation(held, driver, around)
    return StepByStep(held, driver, around)


class WholeObservation(Observation):
    """Hands a pointing to a `WholePointingDriver`; limits, stop orders and the overdue guard hold as for any other."""

    def __init__(self, held: Held, driver: WholePointingDriver, around: Surroundings) -> None:
        super().__init__(held, driver, around)
        self._driver = driver

    async def _carry_out(self) -> None:
        held = self.held
        if held.state is S.ACCEPTED:
            held = self._ledger.move(held, S.SLEWING, expected_end=self.expected_end)
        left = untaken(held.pointing, [exposure.filter for exposure in held.exposures])
        if not left.exposures:
            self._ledger.end(held, S.FAILED, No(Reason.INTERNAL), cut_short=False)
            return
        watch = asyncio.create_task(self._watch_limits())
        watch.add_done_callback(self._stop_unwatched)
        try:
            asked = Asked(left, held.started or self._sky.now(), held.exposures)
            await self._step(self._driver.observe(asked, self._hear), CameraFault)
        finally:
            watch.cancel()
            await asyncio.wait((watch,))
            if not watch.cancelled():
                watch.result()

    def _stop_unwatched(self, watch: asyncio.Task[None]) -> None:
        """Stop where nobody looks at the limits any more; the failure itself is raised once the telescope stands."""
        if not watch.cancelled() and watch.exception() is not None:
            self.stop(StopOrder(No(Reason.INTERNAL, "the limits cannot be looked at"), S.FAILED))

    def _given_up_as(self, otherwise: PointingState) -> PointingState:
        """Leave the end open where exposures may become known later: FAILED and REJECTED would be the last word."""
        if otherwise in LAST_WORDS and self._driver.capabilities().tells_later:
            return S.EXPIRED
        return otherwise

    async def _watch_limits(self) -> None:
        """Look at the limits again and again once it takes longer than was judged at the start."""
        span = timedelta(seconds=LIMITS_EVERY_S)
        look_at = self._judged_until
        while True:
            await self._sky.wait_until(look_at)
            now = self._sky.now()
            no = forbidden(self.pointing, self._telescope, now, now + span, self._violation)
            if no is not None:
                self.stop(StopOrder(no, S.REJECTED))
                return
            look_at = now + span

    def _hear(self, news: News) -> None:
        """Keep what a driver tells while it works; what fails in that is no mistake of the driver."""
        try:
            match news:
                case Exposing():
                    self._goes_on(news)
                case Took():
                    self._keep(news)
        except (ArmillaryError, AssertionError) as failure:
            self._own_failure = failure
            raise

    def _goes_on(self, news: Exposing) -> None:
        held = self.held
        self._aim = news.aim or self._aim
        if not held.is_open:
            return
        self._stop_if_missed(news.aim)
        before, self.expected_end = self.expected_end, self._believable_end(news.expected_end)
        moved_s = abs((self.expected_end - before).total_seconds())
        if held.state is not S.EXPOSING or moved_s >= TOLD_AGAIN_S:
            self._ledger.move(replace(held, aim=self._aim), S.EXPOSING, expected_end=self.expected_end)
        else:
            self.expected_end = before

    def _stop_if_missed(self, aim: Aim | None) -> None:
        """Stop where it looks further off than the pointing allows."""
        if (no := missed(self.pointing, aim)) is not None:
            self.stop(StopOrder(no, S.FAILED))

    def _believable_end(self, said: datetime | None) -> datetime:
        """Return when it should end: never after its window; an end that has passed says nothing."""
        if said is None or said <= self._sky.now():
            return self.expected_end
        return min(said, self.pointing.window_end).astimezone(UTC)

    def _keep(self, news: Took) -> None:
        """Make exposures durable; of what has expired or was revoked they are late truth."""
        held = self.held
        self._aim = news.aim or self._aim
        if not (held.is_open or held.state in LATE):
            log.error("%s is %s: %d exposures came too late", self.pointing.pointing_id, held.state, len(news.taken))
            return
        first = len(held.exposures)
        results = tuple(exposure_result(first + n, one.filter, one.frame) for n, one in enumerate(news.taken))
        found = [detection for taken in news.taken for detection in taken.frame.detections]
        held = replace(held, aim=self._aim, exposures=(*held.exposures, *results))
        if held.is_open:
            self._ledger.move(held, S.EXPOSING, expected_end=self.expected_end, detections=found)
            self._stop_if_missed(news.aim)
        else:
            self._keep_late(held, found)

    def _keep_late(self, held: Held, found: list[Detection]) -> None:
        """Make exposures durable that became known after the end; of a revoked pointing why it was cut short, too."""
        asked_back = held.revocation if held.state is S.REVOKED else None
        state = end_of(held, S.FAILED, cut_short=asked_back is not None)
        no = No(asked_back.reason) if asked_back is not None and state is S.PARTIAL else None
        self._ledger.move(replace(held, late=True), state, no=no, detections=found)
