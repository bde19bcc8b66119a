"""A line between agent and coordinator that loses, repeats, delays and swaps messages, by chance that is handed in.

What was sent goes its way even if the sender dies meanwhile: a request may arrive after a newer one, twice, or long
after its asker gave up. Only the answer is then lost.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from telescopes.agent.link import CoordinatorLink, Message
from telescopes.description.clocks import LinkClock, LinkTime
from telescopes.description.errors import ArmillaryError, Broken, RetryLater
from telescopes.description.messages import (
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
UNARY_S = 10.0
"""So long an asker waits for an answer, as over gRPC."""

FAULT_AFTER_S = 5.0
"""After so long an asker tries again who was told that the coordinator is broken."""


@dataclass(frozen=True, slots=True)
class Faults:
    """What may happen to each message, with the chance of each; `delay_s` is the least and the most of a delay."""

    lost: float = 0.0
    repeated: float = 0.0
    delayed: float = 0.0
    swapped: float = 0.0
    delay_s: tuple[float, float] = (0.5, 15.0)


class FaultyLink:
    """Passes everything on to another link as badly as it is told.

    Parameters
    ----------
    link : CoordinatorLink
        The whole line.
    faults : Faults
        What happens to messages; may be changed at any time.
    clock, rng
        Link time and chance.

    Attributes
    ----------
    given_up : list of float
        Link time of every stream that its reader closed.
    """

    def __init__(self, link: CoordinatorLink, faults: Faults, clock: LinkClock, rng: np.random.Generator) -> None:
        self._link = link
        self.faults = faults
        self._clock = clock
        self._rng = rng
        self._thaws = LinkTime(0.0)
        self._under_way: dict[asyncio.Task[None], None] = {}
        self.given_up: list[LinkTime] = []

    def freeze(self, for_s: float) -> None:
        """Let nothing move for so long; nothing is lost, and nobody is told."""
        self._thaws = LinkTime(self._clock.now() + for_s)

    async def open_session(self, request: SessionRequest) -> SessionGrant:
        """Announce the agent."""
        return await self._asked(lambda: self._link.open_session(request))

    async def watch(self, session_id: str, after_seq: int) -> AsyncGenerator[Message, None]:
        """Iterate over what arrives of the stream."""
        arrived: asyncio.Queue[Message | ArmillaryError] = asyncio.Queue()
        pump = asyncio.create_task(self._pump(session_id, after_seq, arrived))
        try:
            while True:
                said = await arrived.get()
                if isinstance(said, ArmillaryError):
                    raise said
                yield said
        finally:
            self.given_up.append(self._clock.now())
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)

    async def report_pointings(
        self, session_id: str, acked_seq: int, reports: Sequence[PointingReport]
    ) -> tuple[ItemResult, ...]:
        """Hand over reports."""
        return await self._asked(lambda: self._link.report_pointings(session_id, acked_seq, reports))

    async def report_status(self, session_id: str, report: StatusReport) -> StatusReply:
        """Say how the site is."""
        return await self._asked(lambda: self._link.report_status(session_id, report))

    async def report_detections(self, session_id: str, detections: Sequence[Detection]) -> tuple[ItemResult, ...]:
        """Hand over detections."""
        return await self._asked(lambda: self._link.report_detections(session_id, detections))

    async def list_pointings(
        self, session_id: str, states: Sequence[PointingState], page_size: int, page_token: str
    ) -> PointingPage:
        """Return one page of the telescope's pointings."""
        return await self._asked(lambda: self._link.list_pointings(session_id, states, page_size, page_token))

    async def close(self) -> None:
        """Nothing: what is under way arrives also when the agent is gone."""

    async def end(self) -> None:
        """Let nothing arrive any more."""
        for one in tuple(self._under_way):
            one.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _asked(self, ask: Callable[[], Awaitable[T]]) -> T:
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        for _ in range(self._copies()):
            self._send(self._there_and_back(ask, answer))
        try:
            async with asyncio.timeout(UNARY_S):
                return await answer
        except TimeoutError:
            raise RetryLater(f"no answer within {UNARY_S:g} s", where="faulty link", mend="ask again") from None

    async def _there_and_back(self, ask: Callable[[], Awaitable[T]], answer: "asyncio.Future[T]") -> None:
        await self._travel()
        try:
            said: T | ArmillaryError = await ask()
        except ArmillaryError as error:
            said = _on_the_wire(error)
        if self._rng.random() < self.faults.lost:
            return
        await self._travel()
        if answer.done():
            return
        if isinstance(said, ArmillaryError):
            answer.set_exception(said)
        else:
            answer.set_result(said)

    async def _pump(self, session_id: str, after_seq: int, arrived: "asyncio.Queue[Message | ArmillaryError]") -> None:
        """Carry a stream's messages: in order, one waiting for the other, but for those that are swapped."""
        try:
            async with aclosing(self._link.watch(session_id, after_seq)) as stream:
                async for message in stream:
                    for _ in range(self._copies()):
                        if self._rng.random() < self.faults.swapped:
                            self._send(self._arrive(message, arrived, at_least_s=self.faults.delay_s[0]))
                        else:
                            await self._arrive(message, arrived)
        except ArmillaryError as error:
            arrived.put_nowait(_on_the_wire(error))

    async def _arrive(
        self, message: Message, arrived: "asyncio.Queue[Message | ArmillaryError]", at_least_s: float = 0.0
    ) -> None:
        await self._travel(at_least_s)
        arrived.put_nowait(message)

    async def _travel(self, at_least_s: float = 0.0) -> None:
        """Take as long as one way takes."""
        late = self._rng.random() < self.faults.delayed
        way_s = max(at_least_s, float(self._rng.uniform(*self.faults.delay_s)) if late else 0.0)
        if way_s > 0.0:
            await asyncio.sleep(way_s)
        if self._thaws > self._clock.now():
            await asyncio.sleep(self._thaws - self._clock.now())

    def _copies(self) -> int:
        """Draw how many of a message arrive."""
        if self._rng.random() < self.faults.lost:
            return 0
        return 2 if self._rng.random() < self.faults.repeated else 1

    def _send(self, going: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(going)
        self._under_way[task] = None
        task.add_done_callback(lambda done: self._under_way.pop(done, None))


def _on_the_wire(error: ArmillaryError) -> ArmillaryError:
    """Say a coordinator's own fault as an agent hears it: later, perhaps."""
    if not isinstance(error, Broken):
        return error
    return RetryLater(error.what, where=error.where, mend="see the coordinator's log", after_s=FAULT_AFTER_S)
