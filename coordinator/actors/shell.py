"""What all actors have in common: they start by themselves, say that they live, and end when they are broken.

An actor whose service fails ends its process: Ray starts it again, and it goes on where the journal stands. What
it does not do is live on with half of its loops.
"""

import asyncio
import os
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

import structlog

log = structlog.get_logger("actor")

BROKEN_EXIT = 70


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
        self._started = asyncio.get_running_loop().create_task(self._start())

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


def _end_if_failed(task: "asyncio.Task[None]") -> None:
    if task.cancelled() or task.exception() is None:
        return
    log.error("ends", loop=task.get_name(), exc_info=task.exception())
    os._exit(BROKEN_EXIT)
