"""Parts of a scene on a bad link: a disk that can be full, a memory that is watched, clumsy hands."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from typing import Any

import numpy as np

from telescopes.agent.agent import Agent
from telescopes.agent.held import Held
from telescopes.agent.store import Store
from telescopes.description.errors import Broken
from telescopes.description.messages import Detection, ItemResult
from telescopes.drivers.driver import Aim, CameraFault, Driver, ExposureSpec, Frame, MountFault, Target


class AtOnce(Executor):
    """Does blocking work where it is asked for, so that virtual time waits for it."""

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        done: Future[Any] = Future()
        try:
            done.set_result(work(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - handed on, as every executor does
            done.set_exception(error)
        return done


class Disk:
    """A disk that can be full for SQLite files: a database may then not grow by a page."""

    def __init__(self) -> None:
        self._connections: list[sqlite3.Connection] = []
        self._full = False

    def holds(self, connection: sqlite3.Connection) -> None:
        """Let a database lie on it."""
        self._connections.append(connection)
        self._limit(connection)

    def fill(self, full: bool) -> None:
        """Let it be full, or have room again."""
        self._full = full
        for connection in self._connections:
            self._limit(connection)

    def _limit(self, connection: sqlite3.Connection) -> None:
        connection.execute(f"PRAGMA max_page_count = {1 if self._full else 2**30}")


class WatchedStore(Store):
    """An agent's memory on a disk that can be full; tells which states it has made durable."""

    def __init__(self, telescope_id: str, disk: Disk, noted: Callable[[Held], None]) -> None:
        super().__init__(None, telescope_id)
        disk.holds(self._db)
        self._noted = noted

    def put(self, held: Held) -> None:
        super().put(held)
        self._noted(held)


class NoVetter:
    """There is nothing to see in this sky."""

    async def store(self, telescope_id: str, detections: Sequence[Detection]) -> tuple[ItemResult, ...]:
        raise Broken("there are detections", where=telescope_id, mend="give the scene a vetter")


class Clumsy:
    """A driver that sometimes does not get there, or gives no image."""

    def __init__(self, driver: Driver, chance: float, rng: np.random.Generator) -> None:
        self._driver, self._chance, self._rng = driver, chance, rng

    def __getattr__(self, name: str) -> Any:
        return getattr(self._driver, name)

    async def slew(self, target: Target) -> Aim:
        aim = await self._driver.slew(target)
        if self._rng.random() < self._chance:
            raise MountFault("it slipped", where="mount", mend="look at it")
        return aim

    async def expose(self, spec: ExposureSpec) -> Frame:
        if self._rng.random() < self._chance:
            raise CameraFault("no image", where="camera", mend="look at it")
        return await self._driver.expose(spec)


class LifeOf:
    """An agent that tells when it ends."""

    def __init__(self, agent: Agent, ended: Callable[[], None]) -> None:
        self._agent, self._ended = agent, ended

    async def run(self, stop: asyncio.Event) -> None:
        try:
            await self._agent.run(stop)
        finally:
            self._ended()
