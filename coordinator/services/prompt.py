"""Fetching in the path of a stream: at once or not at all, for other messages are behind this one."""

import asyncio
from dataclasses import dataclass, field

from coordinator.services.offloaded import Fetch
from telescopes.description.clocks import LinkClock, LinkTime
from telescopes.description.errors import RetryLater

MOST_S = 5.0
"""Link time for one file; it is tried for longer where nobody waits behind it."""

LONG_S = 1.0
REST_S = 30.0


@dataclass
class PromptFetch:
    """Fetches within a few seconds; after a host that took long in vain, nothing is tried for a while.

    So a host that does not answer costs a stream a few seconds now and then, however many messages point to it.

    Attributes
    ----------
    fetch : callable
        Fetches a URL.
    link : LinkClock
        By whose seconds it is measured.
    most_s : float
        What one file may take.
    """

    fetch: Fetch
    link: LinkClock
    most_s: float = MOST_S
    _rests_until: LinkTime = field(default=LinkTime(float("-inf")))

    async def get(self, url: str) -> bytes:
        """Return the bytes at a URL.

        Raises
        ------
        Refused
            It may not be fetched, or is not there.
        RetryLater
            It cannot be had now.
        """
        began = self.link.now()
        if began < self._rests_until:
            raise _later(url, "not tried now, for the last one took too long", self._rests_until - began)
        try:
            async with asyncio.timeout(self.most_s):
                return await self.fetch(url)
        except TimeoutError as late:
            self._rest()
            raise _later(url, f"did not come within {self.most_s:g} s") from late
        except RetryLater:
            if self.link.now() - began > LONG_S:
                self._rest()
            raise

    def _rest(self) -> None:
        self._rests_until = LinkTime(self.link.now() + REST_S)


def _later(url: str, what: str, after_s: float = 1.0) -> RetryLater:
    return RetryLater(what, where=url[:256], mend="wait", after_s=after_s)
