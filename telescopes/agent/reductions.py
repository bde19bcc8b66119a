"""Has each image reduced by the site's own program, one after the other, beside the observing."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from telescopes.agent.bounded import MOST_UNSENT
from telescopes.agent.ledger import Ledger
from telescopes.agent.program import run_program
from telescopes.agent.reduction_output import Reduced, told, understood
from telescopes.agent.store import Store
from telescopes.agent.waiting_frames import WaitingFrame
from telescopes.description.errors import Refused
from telescopes.description.messages import ExposureResult
from telescopes.description.telescope import Reduction

log = logging.getLogger(__name__)

RunProgram = Callable[[Sequence[str], bytes, float], Awaitable[list[bytes]]]

MOST_TRIES = 3
"""So often may the agent itself have ended in the middle of a frame's reduction."""
MOST_TOLD = 5


class Reductions:
    """Work through the frames in line; no failure of a program is a failure of its pointing.

    Parameters
    ----------
    reduction : Reduction
        What the site file says.
    store, ledger
        The line of frames, and where results go.
    program : callable
        Runs a program: command, standard input, seconds; returns the lines that it printed.
    """

    def __init__(self, reduction: Reduction, store: Store, ledger: Ledger, program: RunProgram = run_program) -> None:
        self._reduction = reduction
        self._store = store
        self._ledger = ledger
        self._program = program
        self._last_failure = ""

    async def run(self) -> None:
        """Reduce for ever; frames that wait from before a restart come first."""
        while True:
            self._ledger.frames.clear()
            frame = self._store.frames.next()
            if frame is None:
                await self._ledger.frames.wait()
            else:
                await self._ledger.wait_for_room(self._store.unsent, MOST_UNSENT)
                await self._reduce(frame)

    async def _reduce(self, frame: WaitingFrame) -> None:
        held = self._ledger.find(frame.pointing_id)
        exposure = next((e for e in held.exposures if e.exposure_index == frame.exposure_index), None) if held else None
        if held is None or exposure is None:
            self._give_up(frame, "nothing is known any more of its exposure")
        elif frame.tries >= MOST_TRIES:
            self._give_up(frame, f"the agent ended {frame.tries} times in the middle of it")
        else:
            with self._store.transaction():
                self._store.frames.begin(frame)
            try:
                lines = await self._program(self._reduction.command, told(held, exposure), self._reduction.within_s)
            except Refused as failure:
                self._give_up(frame, str(failure))
            except asyncio.CancelledError:
                # The agent is told to end: this frame has nothing to answer for.
                with self._store.transaction():
                    self._store.frames.not_begun(frame)
                raise
            else:
                self._keep(frame, exposure, lines)

    def _keep(self, frame: WaitingFrame, exposure: ExposureResult, lines: Sequence[bytes]) -> None:
        # The pointing may have gone on meanwhile.
        held = self._ledger.find(frame.pointing_id)
        assert held is not None, "what is being reduced is not forgotten"
        reduced = understood(lines, held, exposure)
        self._ledger.reduced(frame, held, reduced.depth, reduced.detections)
        self._tell(frame, reduced)

    def _tell(self, frame: WaitingFrame, reduced: Reduced) -> None:
        for fault in reduced.faults[:MOST_TOLD]:
            log.warning("%s, exposure %d: the reduction's %s", frame.pointing_id, frame.exposure_index, fault)
        if len(reduced.faults) > MOST_TOLD:
            log.warning("%s: and %d more", frame.pointing_id, len(reduced.faults) - MOST_TOLD)
        if self._last_failure:
            log.warning("the reduction works again")
        self._last_failure = ""
        log.info(
            "%s, exposure %d reduced: %d detections", frame.pointing_id, frame.exposure_index, len(reduced.detections)
        )

    def _give_up(self, frame: WaitingFrame, why: str) -> None:
        """Say a failure once; the same one again and again only in the details."""
        self._ledger.not_reduced(frame, why)
        level = logging.DEBUG if why == self._last_failure else logging.ERROR
        log.log(level, "%s, exposure %d is not reduced: %s", frame.pointing_id, frame.exposure_index, why)
        self._last_failure = why
