"""One open command stream: commands in order, a heartbeat when there are none, a drain at the end."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from coordinator.services.ports import CommandBatch, TelescopePort
from telescopes.description.errors import Refused, RetryLater
from telescopes.description.messages import Command, Drain, Heartbeat

LONGEST_PAUSE_S = 0.5


@dataclass(frozen=True, slots=True)
class StreamTiming:
    """How command streams behave in time, all in seconds of link time.

    Attributes
    ----------
    heartbeat_s : float
        After so long without a command a heartbeat is sent.
    patience_s : float
        For so long a telescope's port may be away (its actor restarts) before the stream gives up.
    lives_s : float
        After about so long the stream drains, so that its load can move; drawn from ±10 %.
    draw : callable
        Draws uniformly from [0, 1), so that agents don't come back all at once.
    """

    heartbeat_s: float
    draw: Callable[[], float]
    patience_s: float = 15.0
    lives_s: float = 7200.0

    def life_s(self) -> float:
        """Draw how long a stream lives."""
        return self.lives_s * (0.9 + 0.2 * self.draw())

    def reconnect_after_s(self) -> float:
        """Draw how long an agent should stay away."""
        return 0.2 + 0.8 * self.draw()


class CommandStream:
    """What one stream has sent, and what it sends next; made inside a running loop, closed by its owner.

    Heartbeats do not depend on the port: while a telescope's actor restarts, the agent stays connected and gets
    its commands as soon as the actor is back. Only the first comes after the port's first answer, so that no
    stream begins whose session or cursor is not good.
    """

    def __init__(
        self,
        port: TelescopePort,
        session_id: str,
        after_seq: int,
        *,
        timing: StreamTiming,
        heartbeat: Callable[[int], Heartbeat],
    ) -> None:
        self._port = port
        self._session_id = session_id
        self._cursor = after_seq
        self._timing = timing
        self._heartbeat = heartbeat
        self._loop = asyncio.get_running_loop()
        self._waker: asyncio.Future[None] | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._draining = False
        self._ends = self._loop.time() + timing.life_s()
        self._due = self._loop.time()
        self._asked: asyncio.Future[CommandBatch] | None = None
        self._away_since: float | None = None
        self._began = False
        self.ended = False

    def drain(self) -> None:
        """Let `take` return a drain now, even if it is waiting."""
        self._draining = True
        self._wake()

    def close(self) -> None:
        """Give up what is being waited for."""
        if self._asked is not None and not self._asked.cancel():
            _ = self._asked.cancelled() or self._asked.exception()  # Seen: nobody waits for it any more.
        if self._alarm is not None:
            self._alarm.cancel()
        self._asked = self._alarm = None

    async def take(self) -> tuple[Command | Heartbeat | Drain, ...]:
        """Return what to send next; after a drain, nothing more.

        Raises
        ------
        Refused
            The session or the cursor is not good any more.
        RetryLater
            The telescope's port stayed away for longer than the stream's patience.
        """
        if self._draining or self._loop.time() >= self._ends:
            self.ended = True
            return (Drain(self._cursor, self._timing.reconnect_after_s()),)
        commands = await self._next_commands()
        if commands:
            self._cursor = commands[-1].seq
            self._due = self._loop.time() + self._timing.heartbeat_s
            return commands
        if not self._began or self._loop.time() < self._due:
            return ()
        self._due = self._loop.time() + self._timing.heartbeat_s
        return (self._heartbeat(self._cursor),)

    async def _next_commands(self) -> tuple[Command, ...]:
        """Wait for commands, at most until the next heartbeat is due; the question stays open meanwhile."""
        if self._asked is None:
            wait_s = self._timing.heartbeat_s if self._began else 0.0
            self._asked = asyncio.create_task(self._ask(wait_s))
        asked = self._asked
        if self._began:
            self._wake_at(min(self._due, self._ends))
        if not asked.done():  # It can have been answered while a heartbeat was on its way.
            await self._sleep()
        if not asked.done():
            return ()
        self._asked = None
        try:
            batch = asked.result()
        except RetryLater as error:
            await self._be_patient(error)
            return ()
        except Refused as error:
            raise self._ended_by(error) from error
        self._away_since, self._began = None, True
        return batch.commands

    async def _ask(self, wait_s: float) -> CommandBatch:
        """Ask the port, and wake the stream with the answer: it finds it there when its turn comes."""
        try:
            return await self._port.next_commands(self._session_id, self._cursor, wait_s)
        finally:
            self._wake()

    def _ended_by(self, error: Refused) -> Refused:
        """Say superseded where a newer session opened between two looks of a stream that was good before."""
        if not (self._began and error.reason == "SESSION_STALE"):
            return error
        return Refused(error.what, where=error.where, mend=error.mend, reason="SESSION_SUPERSEDED")

    async def _be_patient(self, error: RetryLater) -> None:
        """Pause while the port is away, until patience ends."""
        now = self._loop.time()
        self._away_since = now if self._away_since is None else self._away_since
        pause_s = min(error.after_s, LONGEST_PAUSE_S)
        if now + pause_s > self._away_since + self._timing.patience_s:
            raise error
        self._wake_at(now + pause_s)
        await self._sleep()

    async def _sleep(self) -> None:
        """Wait for an answer, for the alarm or for the drain; it may also wake for nothing.

        Written out, with one alarm for many commands: `asyncio.wait` costs as much as sending a command.
        """
        if self._draining:
            return
        self._waker = self._loop.create_future()
        try:
            await self._waker
        finally:
            self._waker = None

    def _wake(self) -> None:
        if self._waker is not None and not self._waker.done():
            self._waker.set_result(None)

    def _wake_at(self, when: float) -> None:
        """Set the alarm, if it is not set for sooner."""
        if self._alarm is not None and self._alarm.when() > when:
            self._alarm.cancel()
            self._alarm = None
        if self._alarm is None:
            self._alarm = self._loop.call_at(when, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        self._wake()
