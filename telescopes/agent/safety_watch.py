"""Follows the driver's word about safety: a word grows old, and a site that cannot say is not safe."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from telescopes.description.states import Reason
from telescopes.drivers.driver import Devices, DriverFault, Safety

log = logging.getLogger(__name__)

QUIET_S = 60.0
"""So long `safety_after` may have nothing new to say; then `safety` is asked."""
ANSWER_WITHIN_S = 30.0
RETRY_S = (10.0, 60.0)
"""The first wait after a failure, and the longest: it doubles."""
LETTING_GO_S = 15.0
UNHEARD = Safety(safe=False, blocking=(Reason.UNSAFE,))


class SafetyWatch:
    """Hands on every new word about safety; a word that is older than 90 s and was not said again is not safe.

    Parameters
    ----------
    driver : Devices
        Who is asked: one question at a time. One that does not obey a cancellation is asked nothing more until its
        old question has ended.
    heed : callable
        Takes each word that differs from the one before.
    """

    def __init__(self, driver: Devices, heed: Callable[[Safety], None]) -> None:
        self._driver = driver
        self._heed = heed
        self._heeded: Safety | None = None
        self._given_up: asyncio.Future[Safety] | None = None
        self._failures = 0
        self._said = ""

    async def run(self) -> None:
        """Ask for ever; whatever a driver fails with is a site that is not safe."""
        known: Safety | None = None
        try:
            while True:
                known, why = await self._asked(known)
                if known is not None:
                    self._recovered()
                    self._learn(known)
                    continue
                self._failed(why)
                self._learn(UNHEARD)
                await asyncio.sleep(retry_s(self._failures))
        finally:
            if self._given_up is not None:
                await asyncio.wait((self._given_up,), timeout=LETTING_GO_S)

    async def _asked(self, known: Safety | None) -> tuple[Safety | None, str]:
        """Return the next word; None: there is none, and why."""
        try:
            return await self._word(known), f"no answer within {ANSWER_WITHIN_S:.0f} s"
        except (DriverFault, OSError) as fault:
            return None, str(fault) or type(fault).__name__
        except Exception as mistake:
            log.exception("the driver fails where it is asked whether it is safe")
            return None, f"{type(mistake).__name__}: {mistake}"

    async def _word(self, known: Safety | None) -> Safety | None:
        if known is not None:
            word = await self._within(QUIET_S, partial(self._driver.safety_after, known))
            if word is not None:
                return word
        return await self._within(ANSWER_WITHIN_S, self._driver.safety)

    async def _within(self, within_s: float, ask: Callable[[], Coroutine[Any, Any, Safety]]) -> Safety | None:
        """Ask; None: no answer. A driver that goes on in spite of being cancelled is not waited for."""
        if not await self._is_free(within_s):
            return None
        task = self._given_up = asyncio.ensure_future(ask())
        try:
            await asyncio.wait((task,), timeout=within_s)
        finally:
            task.cancel()
        if not task.done():
            return None
        self._given_up = None
        if task.cancelled():
            raise DriverFault("ended the question itself", where="safety", mend="repair the driver")
        return task.result()

    async def _is_free(self, within_s: float) -> bool:
        """Wait for the end of a question that was given up."""
        if self._given_up is None:
            return True
        await asyncio.wait((self._given_up,), timeout=within_s)
        if not self._given_up.done():
            return False
        if not self._given_up.cancelled() and (late := self._given_up.exception()) is not None:
            log.info("a question about safety that was given up ended with %r", late)
        self._given_up = None
        return True

    def _learn(self, word: Safety) -> None:
        if word != self._heeded:
            self._heeded = word
            self._heed(word)

    def _failed(self, why: str) -> None:
        self._failures += 1
        if why != self._said:
            log.error("the site cannot say whether it is safe, so it is not: %s", why)
        self._said = why

    def _recovered(self) -> None:
        if self._failures:
            log.info("the site says again whether it is safe")
        self._failures, self._said = 0, ""


def retry_s(failures: int) -> float:
    """Seconds until it is asked again after so many failures in a row.

    >>> [retry_s(n) for n in (1, 2, 3, 4, 100)]
    [10.0, 20.0, 40.0, 60.0, 60.0]
    """
    first, longest = RETRY_S
    return min(longest, first * 2.0 ** min(failures - 1, 10))
