"""One pointing from its slew to its last report; can be stopped at any instant."""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from telescopes.agent.acquisition import missed
from telescopes.agent.held import Held, end_of
from telescopes.agent.ledger import Ledger
from telescopes.agent.rest import brought_to_rest
from telescopes.agent.safety import No, Violation, forbidden
from telescopes.agent.sky_time import AgentSky
from telescopes.description.durations import frames, work_s
from telescopes.description.messages import ExposureResult
from telescopes.description.states import PointingState, Reason
from telescopes.description.telescope import Telescope
from telescopes.drivers.driver import (
    Aim,
    CameraFault,
    Declined,
    Devices,
    Driver,
    DriverFault,
    ExposureSpec,
    Frame,
    GuidingFault,
    MountFault,
    Target,
)

log = logging.getLogger(__name__)

S = PointingState
T = TypeVar("T")
NOT_ATTEMPTED = frozenset({Reason.WEATHER, Reason.UNSAFE})
"""Faults before the first exposure that are nobody's failure."""
OVERDUE_S = 60.0
"""Sky seconds after the window and the last read-out in which a device may still answer."""


@dataclass(frozen=True, slots=True)
class StopOrder:
    """What runs must end now; without any exposure it ends as `otherwise`."""

    no: No
    otherwise: PointingState


class Stopped(Exception):
    """A stop order reached a running step."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an observation works with; the limits were judged until `expected_end`."""

    telescope: Telescope
    ledger: Ledger
    sky: AgentSky
    violation: Violation
    expected_end: datetime


def exposure_result(index: int, filter_: str, frame: Frame) -> ExposureResult:
    """Make a frame the result of its exposure."""
    return ExposureResult(
        exposure_index=index,
        filter=filter_,
        start=frame.start,
        end=frame.end,
        exposure_s=frame.exposure_s,
        limiting_mag_ab=frame.limiting_mag_ab,
        fwhm_arcsec=frame.fwhm_arcsec,
        image_uri=frame.image_uri,
        image_sha256=frame.image_sha256,
    )


class Observation(ABC):
    """Carry out one accepted pointing; what is done survives a kill, and is not done twice.

    How is said by what it is told to: step by step, or as a whole (`whole_observation`). `expected_end` is until when
    the limits were judged before the start, too.
    """

    def __init__(self, held: Held, devices: Devices, around: Surroundings) -> None:
        self.pointing = held.pointing
        self.expected_end = around.expected_end
        self._judged_until = around.expected_end
        self._telescope = around.telescope
        self._devices = devices
        self._ledger = around.ledger
        self._sky = around.sky
        self._violation = around.violation
        self._frames = frames(held.pointing)
        self._aim = held.aim
        timing = around.telescope.timing
        tail_s = timing.filter_change_s + timing.readout_s + OVERDUE_S
        self._overdue_at = held.pointing.window_end + timedelta(seconds=tail_s)
        self._order: asyncio.Future[StopOrder] = asyncio.get_running_loop().create_future()
        self._own_failure: Exception | None = None

    @property
    def held(self) -> Held:
        """The pointing as the ledger has it now: a revocation or a lost lease may have marked it meanwhile."""
        held = self._ledger.find(self.pointing.pointing_id)
        assert held is not None, "the ledger forgets nothing that is open"
        return held

    @property
    def aim(self) -> Aim | None:
        """Where the mount really looks; None: not there yet."""
        return self._aim

    @property
    def is_stopping(self) -> bool:
        """Whether it was ordered to stop."""
        return self._order.done()

    def stop(self, order: StopOrder) -> None:
        """End it as soon as the devices allow; the first order counts."""
        if not self._order.done():
            self._order.set_result(order)

    async def run(self) -> None:
        """Observe, and report how it ended."""
        try:
            await self._carry_out()
        except Stopped:
            order = self._order.result()
            self._ledger.end(self.held, self._given_up_as(order.otherwise), order.no)
        except DriverFault as fault:
            not_attempted = fault.reason in NOT_ATTEMPTED or isinstance(fault, Declined)
            otherwise = S.REJECTED if not_attempted else S.FAILED
            held = self.held if self._aim is None else replace(self.held, aim=self._aim)
            self._ledger.end(held, otherwise, No(fault.reason, fault.what))
        else:
            if self.held.is_open:
                no = No(Reason.WINDOW_TOO_SHORT, "the window closed")
                self._ledger.end(self.held, S.EXPIRED, no, cut_short=False)

    @abstractmethod
    async def _carry_out(self) -> None:
        """Observe; what is still open afterwards has expired."""

    def _given_up_as(self, otherwise: PointingState) -> PointingState:
        """Say how it ends where it was stopped and nothing is known to be exposed."""
        return otherwise

    async def _step(self, doing: Coroutine[Any, Any, T], overdue: type[DriverFault]) -> T:
        """Do one thing unless ordered to stop, or it never ends; then the devices are stopped before it returns."""
        if self._order.done():
            doing.close()
            raise Stopped
        task = asyncio.ensure_future(doing)
        try:
            while not (task.done() or self._order.done()):
                left_s = self._sky.link_s_until(self._overdue_at)
                if left_s == 0.0:
                    where = self._telescope.id
                    raise overdue("nothing came back before the window closed", where=where, mend="look at the devices")
                await asyncio.wait((task, self._order), timeout=left_s, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return await self._result_of(task, overdue)
            raise Stopped
        finally:
            if not task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                await brought_to_rest(self._devices.abort())

    async def _result_of(self, task: asyncio.Future[T], overdue: type[DriverFault]) -> T:
        """Return what a driver came to; its mistake ends the pointing, and not the agent."""
        if self._own_failure is not None:  # whatever the driver made of it
            raise self._own_failure
        failure = None if task.cancelled() else task.exception()
        if not task.cancelled() and failure is None:
            return task.result()
        where = self._telescope.id
        if isinstance(failure, DriverFault):
            raise failure
        if isinstance(failure, OSError):
            why, mend = f"no connection to the devices ({failure})", "switch the controller on, and look at its cables"
            raise overdue(why, where=where, mend=mend) from failure
        gave_up = "the driver gave up by itself"
        why = gave_up if failure is None else f"the driver fails: {type(failure).__name__}: {failure}"
        log.error("%s: %s; its devices are stopped", where, why, exc_info=failure)
        await brought_to_rest(self._devices.abort())
        raise overdue(why, where=where, mend="repair the driver; the agent's log has the place") from failure


class StepByStep(Observation):
    """Slews and exposes one exposure after the other, as a `Driver` is told to."""

    def __init__(self, held: Held, driver: Driver, around: Surroundings) -> None:
        super().__init__(held, driver, around)
        self._driver = driver

    async def _carry_out(self) -> None:
        await self._slew()
        await self._step(self._sky.wait_until(self.pointing.window_start), MountFault)
        await self._expose_all()

    async def _slew(self) -> None:
        held = self.held
        if held.state is S.ACCEPTED:
            held = self._ledger.move(held, S.SLEWING, expected_end=self.expected_end)
        filter_, _, _ = self._frames[min(len(held.exposures), len(self._frames) - 1)]
        p = self.pointing
        target = Target(p.ra_deg, p.dec_deg, p.position_angle_deg, p.instrument_id, filter_)
        self._aim = await self._step(self._driver.slew(target), MountFault)
        if (no := missed(p, self._aim)) is not None:
            raise GuidingFault(no.detail, where=self._telescope.id, mend="look at the mount's pointing model")

    async def _expose_all(self) -> None:
        work = timedelta(seconds=work_s(self.pointing, self._telescope.timing, done=len(self.held.exposures)))
        self.expected_end = min(self._sky.now() + work, self.pointing.window_end)
        while (spec := self._next_spec()) is not None:
            self._check_limits(spec)
            if self.held.state is not S.EXPOSING:
                held = replace(self.held, aim=self._aim)
                self._ledger.move(held, S.EXPOSING, expected_end=self.expected_end)
            frame = await self._step(self._driver.expose(spec), CameraFault)
            self._keep(spec, frame)

    def _next_spec(self) -> ExposureSpec | None:
        """Return the next exposure; None: all are taken, or the window closes before it ends."""
        index = len(self.held.exposures)
        if index >= len(self._frames):
            return None
        filter_, exposure_s, binning = self._frames[index]
        if self._sky.now() + timedelta(seconds=exposure_s) > self.pointing.window_end:
            return None
        p = self.pointing
        return ExposureSpec(p.pointing_id, index, p.instrument_id, filter_, exposure_s, binning)

    def _check_limits(self, spec: ExposureSpec) -> None:
        """Look at the limits again once it takes longer than was checked at the start."""
        end = self._sky.now() + timedelta(seconds=spec.exposure_s)
        if end <= self._judged_until:
            return
        no = forbidden(self.pointing, self._telescope, self._sky.now(), end, self._violation)
        if no is not None:
            self.stop(StopOrder(no, S.REJECTED))
            raise Stopped

    def _keep(self, spec: ExposureSpec, frame: Frame) -> None:
        """Make a frame and its detections durable; the last one ends the pointing."""
        taken = exposure_result(spec.exposure_index, spec.filter, frame)
        held = replace(self.held, aim=self._aim, exposures=(*self.held.exposures, taken))
        done = len(held.exposures) >= len(self._frames)
        state = end_of(held, S.FAILED) if done else S.EXPOSING
        expected_end = None if done else self.expected_end
        self._ledger.move(held, state, expected_end=expected_end, detections=frame.detections)
