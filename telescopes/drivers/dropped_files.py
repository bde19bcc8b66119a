"""The files of one telescope in a folder that an observatory's own system reads: dropped whole, and taken back."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from telescopes.drivers.driver import DriverFault
from telescopes.whole_file import write_whole

log = logging.getLogger(__name__)

ENDS_WITHIN_S = 10.0
"""How long a stop waits for a folder that may hang."""


class DroppedFiles:
    """Drops files and takes them back, beside the loop: the folder may lie on another machine.

    What was begun is done before a stop goes on, so that nothing is dropped after it was taken back. A folder that does
    not answer is waited for so long; then what comes next waits for it first.
    """

    def __init__(self, folder: Path, telescope_id: str, suffix: str) -> None:
        self._folder = folder
        self._where = f"{telescope_id}: {folder}"
        # No telescope's id has an underscore: no other telescope's files begin like this one's.
        self._prefix = f"armillary-{telescope_id}_"
        self._suffix = suffix
        self._left: asyncio.Task[None] | None = None

    async def drop(self, name: str, text: str) -> None:
        """Write a file under a name that is harmless."""
        await self._done(lambda: self._write(self._path(name), text))

    async def take_back(self, name: str, cancelled: bool) -> None:
        """Take a file back; `cancelled`: say so in another one, for a system that has read it already."""
        await self._done(lambda: self._take_back(self._path(name), cancelled))

    async def take_back_all(self) -> None:
        """Take back every file of this telescope: one that a stopped agent left is not to be begun any more."""
        await self._done(self._take_back_all)

    async def _done(self, work: Callable[[], None]) -> None:
        """Do it in a thread; who is stopped meanwhile waits for its end."""
        await self._what_is_left()
        task = asyncio.create_task(asyncio.to_thread(work))
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            if not await _ended(task):
                self._left = task
                log.error("%s", self._silent())
            elif (error := task.exception()) is not None:
                log.error("%s", error)
            raise

    async def _what_is_left(self) -> None:
        """Wait for what a stop left behind."""
        if (left := self._left) is None:
            return
        await asyncio.wait((left,), timeout=ENDS_WITHIN_S)
        if not left.done():
            raise self._silent()
        self._left = None
        if (error := left.exception()) is not None:
            log.error("%s", error)

    def _silent(self) -> DriverFault:
        what = f"the folder does not answer within {ENDS_WITHIN_S:g} s"
        return DriverFault(what, where=self._where, mend="see that its disk or the other machine is there")

    def _path(self, name: str) -> Path:
        return self._folder / f"{self._prefix}{name}{self._suffix}"

    def _take_back(self, path: Path, cancelled: bool) -> None:
        try:
            self._remove(path)
        finally:
            if cancelled:
                self._write(path.with_suffix(".cancel"), f"cancel {path.stem}\n")

    def _take_back_all(self) -> None:
        for path in self._folder.glob(f"{self._prefix}*{self._suffix}"):
            self._remove(path)

    def _write(self, path: Path, text: str) -> None:
        try:
            write_whole(path, text.encode())
        except OSError as error:
            what = f"the file cannot be written ({error.strerror or error})"
            raise DriverFault(what, where=self._where, mend="check the folder, its rights and its disk") from error

    def _remove(self, path: Path) -> None:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            what = f"{path.name} cannot be taken back ({error.strerror or error})"
            fault = DriverFault(what, where=self._where, mend="remove it by hand: it must not be carried out")
            log.error("%s", fault)
            raise fault from error


async def _ended(task: asyncio.Task[None]) -> bool:
    """Wait for a task also where one is stopped once more; say whether it ended in time."""
    loop = asyncio.get_running_loop()
    give_up = loop.time() + ENDS_WITHIN_S
    while not task.done() and (left_s := give_up - loop.time()) > 0.0:
        try:
            await asyncio.wait((task,), timeout=left_s)
        except asyncio.CancelledError:
            continue  # who waits is on the way out already
    return task.done()
