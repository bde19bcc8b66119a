"""A bell for many: who waits is woken by the next news, each at most after a time of its own."""

import asyncio


class News:
    """Wakes all who wait now; who comes later waits for the next.

    Written out, with one alarm and neither lock nor task: two hundred command streams wait at once, and to wake one
    out of an `asyncio.Condition` inside an `asyncio.timeout` takes a quarter of what gRPC takes to send.
    """

    def __init__(self) -> None:
        self._waiting: dict[asyncio.Future[bool], float] = {}
        self._alarm: asyncio.TimerHandle | None = None

    def tell(self) -> None:
        """Wake everybody who waits."""
        told, self._waiting = self._waiting, {}
        for one in told:
            if not one.done():
                one.set_result(True)

    async def wait(self, until: float) -> bool:
        """Wait for news, at most until the running loop's clock shows `until`; say whether there were any."""
        loop = asyncio.get_running_loop()
        if loop.time() >= until:
            return False
        mine: asyncio.Future[bool] = loop.create_future()
        self._waiting[mine] = until
        self._wake_at(until, loop)
        try:
            return await mine
        finally:
            self._waiting.pop(mine, None)

    def _wake_at(self, when: float, loop: asyncio.AbstractEventLoop) -> None:
        """Set the alarm, if it is not set for sooner; it stays set when there are news before."""
        if self._alarm is not None and self._alarm.when() <= when:
            return
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = loop.call_at(when, self._ring, loop)

    def _ring(self, loop: asyncio.AbstractEventLoop) -> None:
        self._alarm, now = None, loop.time()
        for one, until in self._waiting.items():
            if until <= now and not one.done():
                one.set_result(False)
        later = [until for until in self._waiting.values() if until > now]
        if later:
            self._wake_at(min(later), loop)
