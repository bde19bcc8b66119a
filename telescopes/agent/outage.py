"""A link that can be cut, for drills: every call fails, the stream ends, and after a while it is whole again."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Sequence
from contextlib import aclosing
from typing import Any, TypeVar

from telescopes.agent.link import CoordinatorLink, Message
from telescopes.description.clocks import LinkClock, LinkTime
from telescopes.description.errors import RetryLater
from telescopes.description.messages import (
    OK,
    Detection,
    ItemResult,
    PointingPage,
    PointingReport,
    SessionGrant,
    SessionRequest,
    StatusReply,
    StatusReport,
)
from telescopes.description.states import PointingState

T = TypeVar("T")


class OutageLink:
    """Pass everything on to another link, except while it is cut.

    Parameters
    ----------
    link : CoordinatorLink
        The whole link.
    clock : LinkClock
        Outages are link time.
    after_completed : int, optional
        Cut once, when this many completed pointings were acknowledged.
    for_s : float
        How long that cut lasts.
    """

    def __init__(
        self, link: CoordinatorLink, clock: LinkClock, after_completed: int | None = None, for_s: float = 0.0
    ) -> None:
        self._link = link
        self._clock = clock
        self._completions_left = after_completed
        self._planned_s = for_s
        self._whole_again: LinkTime | None = None
        # In order of leaving, which a set of futures does not keep: a drill must go the same way again.
        self._on_the_way: dict[asyncio.Future[Any], None] = {}
        self._lost: set[asyncio.Future[Any]] = set()

    def cut(self, for_s: float) -> None:
        """Cut the link for so many seconds of link time, from now on."""
        self._whole_again = LinkTime(self._clock.now() + for_s)
        for waiting in self._on_the_way:
            self._lost.add(waiting)
            waiting.cancel()

    @property
    def is_cut(self) -> bool:
        """Whether nothing passes now."""
        if self._whole_again is not None and self._clock.now() >= self._whole_again:
            self._whole_again = None
        return self._whole_again is not None

    async def open_session(self, request: SessionRequest) -> SessionGrant:
        """Open a session, unless cut."""
        self._check()
        return await self._passed(self._link.open_session(request))

    async def watch(self, session_id: str, after_seq: int) -> AsyncGenerator[Message, None]:
        """Iterate until the stream ends or the link is cut."""
        self._check()
        async with aclosing(self._link.watch(session_id, after_seq)) as stream:
            while True:
                try:
                    message = await self._passed(anext(stream))
                except StopAsyncIteration:
                    return
                yield message

    async def report_pointings(
        self, session_id: str, acked_seq: int, reports: Sequence[PointingReport]
    ) -> tuple[ItemResult, ...]:
        """Hand over reports, unless cut."""
        self._check()
        results = await self._passed(self._link.report_pointings(session_id, acked_seq, reports))
        self._count(reports, results)
        return results

    async def report_status(self, session_id: str, report: StatusReport) -> StatusReply:
        """Say how the site is, unless cut."""
        self._check()
        return await self._passed(self._link.report_status(session_id, report))

    async def report_detections(self, session_id: str, detections: Sequence[Detection]) -> tuple[ItemResult, ...]:
        """Hand over detections, unless cut."""
        self._check()
        return await self._passed(self._link.report_detections(session_id, detections))

    async def list_pointings(
        self, session_id: str, states: Sequence[PointingState], page_size: int, page_token: str
    ) -> PointingPage:
        """Return a page of pointings, unless cut."""
        self._check()
        return await self._passed(self._link.list_pointings(session_id, states, page_size, page_token))

    async def close(self) -> None:
        """Close the whole link."""
        await self._link.close()

    def _check(self) -> None:
        if self.is_cut:
            raise RetryLater("the link is cut", where="drill", mend="wait until the drill is over", after_s=0.0)

    async def _passed(self, answer: Awaitable[T]) -> T:
        """Wait for an answer or for the cut, whichever comes first; an answer that meets the cut is lost."""
        waiting = asyncio.ensure_future(answer)
        self._on_the_way[waiting] = None
        try:
            return await waiting
        except asyncio.CancelledError:
            me = asyncio.current_task()
            if waiting in self._lost and not (me and me.cancelling()):
                self._check()
            raise
        finally:
            self._on_the_way.pop(waiting, None)
            self._lost.discard(waiting)

    def _count(self, reports: Sequence[PointingReport], results: Sequence[ItemResult]) -> None:
        """Begin the planned cut once enough completed pointings were acknowledged."""
        if self._completions_left is None:
            return
        stored = {r.item_id for r in results if r.code == OK}
        self._completions_left -= sum(r.state is PointingState.COMPLETED and r.report_id in stored for r in reports)
        if self._completions_left <= 0:
            self._completions_left = None
            self.cut(self._planned_s)
