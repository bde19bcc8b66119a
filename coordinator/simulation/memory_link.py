"""The agent's link to a telescope's session in the same process: answers take a while, and may be lost on their way."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from coordinator.services.telescope_session import TelescopeSession
from coordinator.simulation.kept import Kept
from telescopes.agent.link import Message
from telescopes.description.clocks import SkyClock, SkyClockReading
from telescopes.description.messages import (
    ALREADY_EXISTS,
    OK,
    Command,
    Detection,
    Heartbeat,
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


@dataclass(frozen=True, slots=True)
class Way:
    """What lies between agent and coordinator.

    Attributes
    ----------
    one_way_s : callable
        Draws what a message takes, seconds of link time.
    heartbeat_s : float
        After so long without a command the agent hears that the coordinator lives.
    clock : SkyClock
        Sky time, and the coordinator's UTC: in a simulation they are the same.
    """

    one_way_s: Callable[[], float]
    heartbeat_s: float
    clock: SkyClock


class MemoryLink:
    """`telescopes.agent.link.CoordinatorLink` over a session in memory.

    Parameters
    ----------
    telescope, way
        Whose session it reaches, and over what.
    answered : callable, optional
        Told what an answer acknowledges, as the session gives it.

    Notes
    -----
    What reached the session is done there even if its asker is gone, so that a cut can lose the answer alone.
    `acknowledged` are ids of reports and detections that the agent was told are durable.
    """

    def __init__(
        self, telescope: Kept[TelescopeSession], way: Way, answered: Callable[[set[str]], None] | None = None
    ) -> None:
        self._telescope = telescope
        self._way = way
        self._answered = answered
        self._there: dict[asyncio.Future[Any], None] = {}
        self.acknowledged: set[str] = set()

    async def open_session(self, request: SessionRequest) -> SessionGrant:
        """Announce the agent; ends any older session of the telescope."""
        return await self._ask(lambda session: session.open_session(request))

    async def watch(self, session_id: str, after_seq: int) -> AsyncGenerator[Message, None]:
        """Iterate over what comes after a cursor, with a heartbeat when nothing does."""
        cursor, wait_s = after_seq, 0.0
        while True:
            commands = await self._telescope.ask(_commands(session_id, cursor, wait_s))
            now = self._way.clock.now()
            alive = Heartbeat(cursor, now, SkyClockReading(now, self._way.clock.rate))
            await asyncio.sleep(self._way.one_way_s())
            for command in commands:
                cursor = command.seq
                yield command
            if not commands:
                yield alive
            wait_s = self._way.heartbeat_s

    async def report_pointings(
        self, session_id: str, acked_seq: int, reports: Sequence[PointingReport]
    ) -> tuple[ItemResult, ...]:
        """Hand over reports."""
        return await self._items(lambda session: session.report_pointings(session_id, acked_seq, reports))

    async def report_status(self, session_id: str, report: StatusReport) -> StatusReply:
        """Say how the site is."""
        return await self._ask(lambda session: session.report_status(session_id, report))

    async def report_detections(self, session_id: str, detections: Sequence[Detection]) -> tuple[ItemResult, ...]:
        """Hand over detections."""
        return await self._items(lambda session: session.report_detections(session_id, detections))

    async def list_pointings(
        self, session_id: str, states: Sequence[PointingState], page_size: int, page_token: str
    ) -> PointingPage:
        """Return one page of the telescope's pointings."""
        return await self._ask(lambda session: session.list_pointings(session_id, states, page_size, page_token))

    async def close(self) -> None:
        """Give up what is still on its way."""
        for one in tuple(self._there):
            one.cancel()
        await asyncio.gather(*self._there, return_exceptions=True)

    async def _ask(self, question: Callable[[TelescopeSession], Awaitable[T]]) -> T:
        """Go there, ask, and come back with the answer."""
        await asyncio.sleep(self._way.one_way_s())
        there = asyncio.ensure_future(self._telescope.ask(question))
        self._there[there] = None
        there.add_done_callback(lambda done: self._there.pop(done, None))
        answer = await asyncio.shield(there)
        await asyncio.sleep(self._way.one_way_s())
        return answer

    async def _items(
        self, question: Callable[[TelescopeSession], Awaitable[tuple[ItemResult, ...]]]
    ) -> tuple[ItemResult, ...]:
        """Ask for an answer item by item, and note what it acknowledges there and here."""

        async def asked(session: TelescopeSession) -> tuple[ItemResult, ...]:
            results = await question(session)
            if self._answered is not None:
                self._answered(_acknowledged(results))
            return results

        results = await self._ask(asked)
        self.acknowledged |= _acknowledged(results)
        return results


def _acknowledged(results: tuple[ItemResult, ...]) -> set[str]:
    return {r.item_id for r in results if r.code in (OK, ALREADY_EXISTS)}


def _commands(
    session_id: str, after_seq: int, wait_s: float
) -> Callable[[TelescopeSession], Awaitable[tuple[Command, ...]]]:
    async def ask(session: TelescopeSession) -> tuple[Command, ...]:
        return (await session.next_commands(session_id, after_seq, wait_s)).commands

    return ask
