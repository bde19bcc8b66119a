"""Sky maps as the dashboard needs them: contours to draw, and the curve that tells how much was observed."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass

import structlog

from coordinator.dashboard.contours import Contour, contour
from coordinator.services.journal import Blobs
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.read import read_skymap
from telescopes.description.errors import ArmillaryError

log = structlog.get_logger("dashboard")
LEVELS = (0.5, 0.9)
MOST_MAPS = 24
"""Maps that are kept; a large one takes some 20 MiB."""
READ_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Sky:
    """One map, ready to be drawn."""

    curve: ProbabilityCurve
    contours: tuple[Contour, ...]


class Skies:
    """Maps by the sha256 of their file, read in a thread when asked for; `version` counts what has become known.

    Parameters
    ----------
    blobs : Blobs
        Where their files lie.
    most : int
        So many maps are kept; the one that was asked for longest ago goes first.
    """

    def __init__(self, blobs: Blobs, most: int = MOST_MAPS) -> None:
        self._blobs = blobs
        self._most = most
        self._reading: OrderedDict[str, asyncio.Task[Sky]] = OrderedDict()
        self._turns = asyncio.Semaphore(READ_AT_ONCE)
        self.version = 0

    def begin(self, sha256: str) -> "asyncio.Task[Sky]":
        """Start reading a map that will be asked for; one that could not be read waits until `get` asks for it."""
        task = self._reading.get(sha256)
        if task is None:
            task = self._reading[sha256] = asyncio.create_task(self._read(sha256), name=f"sky {sha256[:8]}")
            task.add_done_callback(_log_failure)
        self._reading.move_to_end(sha256)
        self._let_go()
        return task

    async def within(self, sha256: str | None, wait_s: float) -> Sky | None:
        """Start reading a map and wait a while; None: there is none, it takes longer, or it cannot be read."""
        if sha256 is not None:
            await asyncio.wait({self.begin(sha256)}, timeout=wait_s)
        return self.known(sha256)

    def known(self, sha256: str | None) -> Sky | None:
        """Return a map that is read already; None: not yet, or it cannot be read."""
        task = None if sha256 is None else self._reading.get(sha256)
        return task.result() if task is not None and _succeeded(task) else None

    async def get(self, sha256: str) -> Sky:
        """Return a map, reading it if need be; raises what the reading raised."""
        task = self._reading.get(sha256)
        if task is not None and task.done() and not _succeeded(task):
            del self._reading[sha256]
        return await asyncio.shield(self.begin(sha256))

    async def close(self) -> None:
        """Stop reading."""
        for task in self._reading.values():
            task.cancel()
        await asyncio.gather(*self._reading.values(), return_exceptions=True)

    def _let_go(self) -> None:
        """Forget the maps that were asked for longest ago, but none that is being read."""
        for sha256 in [sha256 for sha256, task in self._reading.items() if task.done()]:
            if len(self._reading) <= self._most:
                return
            del self._reading[sha256]

    async def _read(self, sha256: str) -> Sky:
        async with self._turns:
            data = await self._blobs.get(sha256)
            sky = await asyncio.to_thread(_drawn, data, sha256)
        self.version += 1
        return sky


def _drawn(data: bytes, sha256: str) -> Sky:
    curve = ProbabilityCurve.of(read_skymap(data, f"sky map {sha256[:12]}"))
    return Sky(curve, tuple(contour(curve, level) for level in LEVELS))


def _succeeded(task: "asyncio.Task[Sky]") -> bool:
    return task.done() and not task.cancelled() and task.exception() is None


def _log_failure(task: "asyncio.Task[Sky]") -> None:
    if task.cancelled():
        return
    error = task.exception()
    if isinstance(error, ArmillaryError):
        log.warning("no sky to draw", because=str(error))
    elif error is not None:
        log.error("reading a sky map failed", exc_info=error)
