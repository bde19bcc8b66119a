"""What stands around the shipped parts: a journal and a memory that tell what is durable, and clumsy hands."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from coordinator.services.journal import EVERYTHING, Entry, InMemoryJournal, JournalInfo, Only, Stored, Tail
from telescopes.agent.agent import Agent
from telescopes.agent.held import Held
from telescopes.agent.store import Store
from telescopes.description.clocks import LinkClock, LinkTime
from telescopes.description.errors import RetryLater
from telescopes.drivers.driver import (
    Aim,
    CameraFault,
    Driver,
    DriverCapabilities,
    DriverStatus,
    ExposureSpec,
    Frame,
    MountFault,
    Safety,
    Target,
)

JOURNAL_AWAY = "the journal is away"


class WatchedJournal:
    """`coordinator.services.journal.Journal` over one in memory: tells what is about to be written, and what has been.

    What became durable while its writer was killed is told at the next occasion, in order.
    """

    def __init__(
        self,
        whole: InMemoryJournal,
        before: Callable[[Sequence[Entry]], None],
        after: Callable[[Sequence[Stored]], None],
        clock: LinkClock,
        rng: np.random.Generator,
    ) -> None:
        self._whole = whole
        self._before = before
        self._after = after
        self._clock, self._rng = clock, rng
        self._back = LinkTime(0.0)
        self._told = 0

    def go_away(self, for_s: float) -> None:
        """Answer nobody for a while; half of what is written meanwhile is kept all the same."""
        self._back = LinkTime(self._clock.now() + for_s)

    def _check(self) -> None:
        if self._clock.now() < self._back:
            raise RetryLater(JOURNAL_AWAY, where="journal", mend="try again", after_s=1.0)

    async def info(self) -> JournalInfo:
        """Return its identity and head."""
        self._check()
        return await self._whole.info()

    async def elect(self, role: str) -> int:
        """Make the caller the one writer of a role."""
        self._check()
        epoch = await self._whole.elect(role)
        self.tell()
        return epoch

    async def append(self, entries: Sequence[Entry], *, writer: str, epoch: int, append_id: str) -> tuple[Stored, ...]:
        """Commit entries; while it is away, half of them without a word."""
        if self._clock.now() < self._back and self._rng.random() < 0.5:
            self._check()
        self._before(entries)
        stored = await self._whole.append(entries, writer=writer, epoch=epoch, append_id=append_id)
        self.tell()
        self._check()
        return stored

    async def read(self, after_seq: int, *, only: Only = EVERYTHING, limit: int = 1000) -> Tail:
        """Read what comes after a sequence number."""
        self._check()
        return await self._whole.read(after_seq, only=only, limit=limit)

    async def follow(self, after_seq: int, *, only: Only = EVERYTHING, wait_s: float = 10.0, limit: int = 1000) -> Tail:
        """Wait for something new that passes the filter."""
        self._check()
        return await self._whole.follow(after_seq, only=only, wait_s=wait_s, limit=limit)

    @property
    def stored(self) -> list[Stored]:
        """Everything that is durable."""
        return self._whole.stored

    def tell(self) -> None:
        """Tell what is durable by now and was not told yet."""
        fresh = self._whole.stored[self._told :]
        self._told += len(fresh)
        if fresh:
            self._after(fresh)


class Noting:
    """Notes every state that an agent makes durable, in the place of a store's own `put`."""

    def __init__(self, store: Store, noted: Callable[[Held], None]) -> None:
        self._put, self._noted = store.put, noted

    def __call__(self, held: Held) -> None:
        """Keep it, and say so."""
        self._put(held)
        self._noted(held)


class ClumsyDriver:
    """`telescopes.drivers.driver.Driver` over another one: sometimes it does not get there, or gives no image."""

    def __init__(self, driver: Driver, chance: float, rng: np.random.Generator) -> None:
        self._driver, self._chance, self._rng = driver, chance, rng

    def capabilities(self) -> DriverCapabilities:
        """Say which drivers are in use."""
        return self._driver.capabilities()

    async def status(self) -> DriverStatus:
        """Say what the mount does."""
        return await self._driver.status()

    async def safety(self) -> Safety:
        """Say whether the site may observe now."""
        return await self._driver.safety()

    async def safety_after(self, known: Safety) -> Safety:
        """Wait until safety differs."""
        return await self._driver.safety_after(known)

    async def slew(self, target: Target) -> Aim:
        """Point, and sometimes slip."""
        aim = await self._driver.slew(target)
        if self._rng.random() < self._chance:
            raise MountFault("it slipped", where="mount", mend="look at it")
        return aim

    async def expose(self, spec: ExposureSpec) -> Frame:
        """Take one exposure, or sometimes none."""
        if self._rng.random() < self._chance:
            raise CameraFault("no image", where="camera", mend="look at it")
        return await self._driver.expose(spec)

    async def abort(self) -> None:
        """Stop whatever moves or exposes."""
        await self._driver.abort()

    async def park(self) -> None:
        """Park."""
        await self._driver.park()


class AgentLife:
    """One life of an agent, which tells when it ends."""

    def __init__(self, agent: Agent, ended: Callable[[], None]) -> None:
        self._agent, self._ended = agent, ended

    async def start(self) -> None:
        """Nothing: the agent finds its memory by itself."""

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            await self._agent.run(asyncio.Event())
        finally:
            self._ended()


def watched(store: Store, noted: Callable[[Held], None]) -> Store:
    """Let a store tell what it makes durable."""
    instance: Any = store
    instance.put = Noting(store, noted)
    return store
