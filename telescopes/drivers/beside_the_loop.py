"""Work on a folder that may hang, in threads: a stop waits for it so long, and what comes next waits for it first."""

import asyncio
import logging
from collections.abc import Callable

from telescopes.drivers.driver import DriverFault

log = logging.getLogger(__name__)

ENDS_WITHIN_S = 10.0


class BesideTheLoop:
    """Does one thing after the other, also where somebody is stopped meanwhile.

    Parameters
    ----------
    where : str
        The telescope and its folder.
    within_s : float
        How long a stop, and what comes after it, waits for a folder that does not answer.
    """

    def __init__(self, where: str, within_s: float = ENDS_WITHIN_S) -> None:
        self._where = where
        self._within_s = within_s
        self._left: asyncio.Task[None] | None = None

    async def do(self, work: Callable[[], None]) -> None:
        """Do it in a thread; who is stopped meanwhile waits for its end.

        Raises
        ------
        DriverFault
            What a stop left behind did not end; nothing was begun.
        """
        await self._what_is_left()
        task = asyncio.create_task(asyncio.to_thread(work))
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            if not await self._ended(task):
                self._left = task
                log.error("%s", self._silent())
            elif (error := task.exception()) is not None:
                log.error("%s", error)
            raise

    async def _what_is_left(self) -> None:
        if (left := self._left) is None:
            return
        await asyncio.wait((left,), timeout=self._within_s)
        if not left.done():
            raise self._silent()
        self._left = None
        if (error := left.exception()) is not None:
            log.error("%s", error)

    async def _ended(self, task: asyncio.Task[None]) -> bool:
        """Wait for a task also where one is stopped once more; say whether it ended in time."""
        loop = asyncio.get_running_loop()
        give_up = loop.time() + self._within_s
        while not task.done() and (left_s := give_up - loop.time()) > 0.0:
            try:
                await asyncio.wait((task,), timeout=left_s)
            except asyncio.CancelledError:
                continue  # who waits is on the way out already
        return task.done()

    def _silent(self) -> DriverFault:
        what = f"the folder does not answer within {self._within_s:g} s"
        return DriverFault(what, where=self._where, mend="see that its disk or the other machine is there")
