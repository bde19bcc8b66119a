"""Any program observes: the pointing in JSON on its standard input, lines of JSON back, and a status at the end."""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from telescopes.description.messages import Pointing
from telescopes.description.states import Reason
from telescopes.description.telescope import Telescope
from telescopes.drivers.child import LAST_WORDS_S, Child, run_to_end
from telescopes.drivers.command_lines import (
    DONE,
    FAILED,
    PARTIAL,
    REJECTED,
    RETRY,
    BadLine,
    SafetyLine,
    pointing_json,
    read_safety,
)
from telescopes.drivers.command_run import Run
from telescopes.drivers.command_settings import read_settings
from telescopes.drivers.driver import (
    Aim,
    Declined,
    DriverCapabilities,
    DriverFault,
    DriverStatus,
    MountFault,
    Safety,
    SkyTime,
    UnsafeStop,
    Weather,
    fault_for,
)
from telescopes.drivers.whole_pointing import Asked, Heard, untaken

log = logging.getLogger(__name__)

PARK_WITHIN_S = 240.0
SAY_AGAIN_S = 20.0
LAST_LINES = 8
"""Lines of a safety or park program that are kept; the last one counts, the others are for people."""


class CommandDriver:
    """Runs a program for each pointing; what it prints is believed, what it does not print did not happen."""

    def __init__(self, telescope: Telescope, sky: SkyTime) -> None:
        self._telescope = telescope
        self._sky = sky
        self._settings = read_settings(telescope)
        self._where = f"{telescope.id}: {self._settings.program[0]}"
        self._child: Child | None = None
        self._now_running: Run | None = None
        self._aim: Aim | None = None
        self._filter: str | None = None
        self._parked = False

    def capabilities(self) -> DriverCapabilities:
        """Something real may move."""
        ending_s = self._settings.grace_s + 2 * LAST_WORDS_S
        return DriverCapabilities(("command",), simulated=False, park_within_s=PARK_WITHIN_S + 2 * ending_s)

    async def status(self) -> DriverStatus:
        """Say where the program said that the telescope looks."""
        return DriverStatus(self._aim, self._filter, self._parked)

    async def safety(self) -> Safety:
        """Ask the safety program; without one the site looks after itself, and its program says no where it must."""
        if not self._settings.safety:
            return Safety()
        status, lines, _ = await self._ask(self._settings.safety, UnsafeStop)
        if not lines:
            return Safety() if status == 0 else Safety(safe=False, blocking=(Reason.UNSAFE,))
        try:
            said = _safety_of(read_safety(lines[-1]))
        except BadLine as error:
            mend = 'print one line such as {"safe": true}'
            raise UnsafeStop(f"its last line says no safety: {error}", where=self._safety_name, mend=mend) from error
        if said.safe and status != 0:
            what = f"its last line says safe, and it ended with {status}"
            raise UnsafeStop(what, where=self._safety_name, mend="end it with 0 where it is safe")
        return said

    async def safety_after(self, known: Safety) -> Safety:
        """Ask again and again until the answer differs, or has held for some time: a cancellation ends a program."""
        clock = asyncio.get_running_loop()
        if not self._settings.safety:
            await clock.create_future()
        since = clock.time()
        while True:
            await asyncio.sleep(self._settings.safety_every_s)
            now = await self.safety()
            if now != known or clock.time() - since >= SAY_AGAIN_S:
                return now

    async def observe(self, asked: Asked, heard: Heard) -> None:
        """Run the program, and again after a while where it says so, as long as the window is open."""
        self._parked = False
        first_exposure = len(asked.taken)
        while True:
            run = Run(asked, first_exposure, heard, self._sky, self._where)
            status = await self._run(run)
            self._aim = run.aim or self._aim
            self._filter = run.filters[-1] if run.filters else self._filter
            if status is None:
                return
            if status != RETRY:
                self._judge(status, run)
                return
            retry_at = self._sky.now() + timedelta(seconds=self._pause_s(run))
            if retry_at >= asked.pointing.window_end:
                return
            await self._sky.wait_until(retry_at)
            asked, first_exposure = replace(asked, pointing=untaken(asked.pointing, run.filters)), run.next_exposure

    async def abort(self) -> None:
        """End the program with everything that it started."""
        child, self._child = self._child, None  # whatever its end brings: the next one is not told of it again
        if child is not None:
            await child.end(self._settings.grace_s)
            if self._now_running is not None:
                self._now_running.sum_up(child)

    async def park(self) -> None:
        """Run the program that parks; without one the site parks by itself."""
        await self.abort()
        if self._settings.park:
            status, lines, error = await self._ask(self._settings.park, MountFault, within_s=PARK_WITHIN_S)
            if status != 0:
                said = error.strip() or b" ".join(lines).decode(errors="replace")
                where = f"{self._telescope.id}: {self._settings.park[0]}"
                raise MountFault(f"did not park, status {status}: {said[-200:]}", where=where, mend="look at the mount")
        self._parked = True

    async def problems(self) -> list[str]:
        """Run the safety program once: one that hangs or says nonsense keeps the site closed for ever."""
        try:
            await self.safety()
        except UnsafeStop as fault:
            return [str(fault)]
        return []

    async def close(self) -> None:
        """Leave nothing running."""
        await self.abort()

    @property
    def _safety_name(self) -> str:
        return f"{self._telescope.id}: {self._settings.safety[0]}"

    def _pause_s(self, run: Run) -> float:
        """Sky seconds until the program is run again."""
        said_s = run.ending.retry_after_s
        pause_s = max(1.0, self._settings.retry_after_s if said_s is None else said_s)
        log.info("%s: not now (%s), again in %g s", self._where, run.ending.detail or "no reason said", pause_s)
        return pause_s

    async def _run(self, run: Run) -> int | None:
        """Run the program once; return its status, None: the window closed, and it was ended."""
        instrument = self._telescope.instrument(run.pointing.instrument_id)
        given = pointing_json(run.pointing, instrument, run.next_exposure, self._sky.now())
        try:
            child = self._child = await Child.start(self._settings.program, given, run.hear)
        except OSError as error:
            what, mend = f"cannot be started ({error.strerror or error})", "check its path and rights"
            raise DriverFault(what, where=self._where, mend=mend) from error
        self._now_running = run
        window = asyncio.ensure_future(self._close_of(run.pointing))
        ended = asyncio.ensure_future(child.ended())
        try:
            await asyncio.wait((window, ended), return_when=asyncio.FIRST_COMPLETED)
            if window_closed := not ended.done():
                log.info("%s: the window closed", self._where)
                await child.end(self._settings.grace_s)
            self._child = None  # nothing of it is left
            status = None if window_closed else ended.result()
        finally:
            for task in (window, ended):
                task.cancel()
            await asyncio.gather(window, ended, return_exceptions=True)
        run.sum_up(child)
        return status

    async def _close_of(self, pointing: Pointing) -> None:
        """Wait until the last exposure of the window is read out."""
        await self._sky.wait_until(pointing.window_end + timedelta(seconds=self._telescope.timing.readout_s))

    def _judge(self, status: int, run: Run) -> None:
        """Make a status the fault that it stands for; nothing for one that says all is well."""
        if status == DONE:
            if run.untaken:
                what = f"it ended with {DONE}, and told of {len(run.filters)} of {run.asked} exposures"
                raise DriverFault(what, where=self._where, mend='print {"state": "EXPOSED", ...} after each exposure')
            return
        reason, said = run.ending.reason, run.ending.detail
        where = self._where
        if status == REJECTED:
            mend = "see what the program says"
            raise Declined(said or "it refused", where=where, mend=mend, reason=reason or Reason.INTERNAL)
        what = said or {PARTIAL: "it did only a part", FAILED: "it failed"}.get(status, f"it ended with {status}")
        last = run.error.strip().splitlines()
        if not said and last:
            what += f": {last[-1][-200:]}"
        raise fault_for(reason or Reason.INTERNAL, what, where=where, mend="see what the program says")

    async def _ask(
        self, program: tuple[str, ...], fault: type[DriverFault], within_s: float | None = None
    ) -> tuple[int, Sequence[bytes], str]:
        """Run a program to its end; return its status, its last lines and the end of its standard error."""
        where, within_s = f"{self._telescope.id}: {program[0]}", within_s or self._settings.answer_within_s
        lines: deque[bytes] = deque(maxlen=LAST_LINES)
        try:
            ended = await run_to_end(
                program, b"", lambda line: lines.append(line or b""), within_s=within_s, grace_s=self._settings.grace_s
            )
        except OSError as error:
            if isinstance(error, TimeoutError):
                raise fault(f"no answer within {within_s:g} s", where=where, mend="see why it hangs") from error
            what = f"cannot be started ({error.strerror or error})"
            raise fault(what, where=where, mend="check its path and rights") from error
        if ended.too_much:
            raise fault("printed more than is read", where=where, mend="print a few lines")
        return ended.status, lines, ended.last_error


def _safety_of(line: SafetyLine) -> Safety:
    weather = {name: getattr(line, name) for name in Weather.__dataclass_fields__}
    return Safety(line.safe, tuple(line.blocking), line.unavailable_until, Weather(**weather))
