"""What all actors have in common: they start by themselves, say that they live, and end when they are broken.

An actor whose service fails ends its process: Ray starts it again, and it goes on where the journal stands. What
it does not do is live on with half of its loops.
"""

import asyncio
import gc
import os
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

import structlog

log = structlog.get_logger("actor")

BROKEN_EXIT = 70
OLD_SEARCHED_EACH = 50
"""After so many searches of what is younger, what is old is searched, too; Python's own figure is 10 (up to 3.13)."""


@dataclass(frozen=True, slots=True)
class Pong:
    """An actor lives; `says` is what it wants the status to know."""

    pid: int
    ready: bool
    says: dict[str, Any]


class Shell:
    """Base of the actors: `_start` builds and starts the service, once in a process's life."""

    def __init__(self) -> None:
        self._loops: set[asyncio.Task[None]] = set()
        self._started = asyncio.get_running_loop().create_task(self._start_for_good())

    async def _start_for_good(self) -> None:
        await self._start()
        keep_for_good()

    async def _start(self) -> None:
        raise NotImplementedError

    async def ready(self) -> int:
        """Wait until the service runs; raise what kept it from it; return the process's id."""
        await asyncio.shield(self._started)
        return os.getpid()

    async def ping(self) -> Pong:
        """Say that the actor lives, whether or not it is ready."""
        ready = self._started.done() and self._started.exception() is None
        return Pong(os.getpid(), ready, self._says() if ready else {})

    def _says(self) -> dict[str, Any]:
        return {}

    def _keep(self, loop: Coroutine[Any, Any, None], name: str) -> None:
        """Run a loop for ever; its failure is the process's."""
        task = asyncio.get_running_loop().create_task(loop, name=name)
        self._loops.add(task)
        task.add_done_callback(_end_if_failed)


def keep_for_good() -> None:
    """Leave what is there now out of all later searches for garbage: the libraries, and what was recovered so far.

    A search through all of it holds a process for some 90 ms, once or twice in ten seconds of many calls; through what
    came since, for 10 to 40, and so it is done a fifth as often as Python would. What is garbage already
    stays, so that a start takes no longer, and so do cycles that become garbage later.
    """
    gc.freeze()
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, OLD_SEARCHED_EACH)


def _end_if_failed(task: "asyncio.Task[None]") -> None:
    if task.cancelled() or task.exception() is None:
        return
    log.error("ends", loop=task.get_name(), exc_info=task.exception())
    os._exit(BROKEN_EXIT)
