"""The files of one telescope in a folder that an observatory's own system reads: dropped whole, and taken back."""

import logging
from pathlib import Path

from telescopes.description.whole_file import write_whole
from telescopes.drivers.beside_the_loop import BesideTheLoop
from telescopes.drivers.driver import DriverFault

log = logging.getLogger(__name__)


class DroppedFiles:
    """Drops files and takes them back, beside the loop: the folder may lie on another machine.

    What was begun is done before a stop goes on, so that nothing is dropped after it was taken back.
    """

    def __init__(self, folder: Path, telescope_id: str, suffix: str) -> None:
        self._folder = folder
        self._where = f"{telescope_id}: {folder}"
        # No telescope's id has an underscore: no other telescope's files begin like this one's.
        self._prefix = f"armillary-{telescope_id}_"
        self._suffix = suffix
        self._beside = BesideTheLoop(self._where)

    async def drop(self, name: str, text: str) -> None:
        """Write a file under a name that is harmless."""
        await self._beside.do(lambda: self._write(self._path(name), text))

    async def take_back(self, name: str, cancelled: bool) -> None:
        """Take a file back; `cancelled`: say so in another one, for a system that has read it already."""
        await self._beside.do(lambda: self._take_back(self._path(name), cancelled))

    async def take_back_all(self) -> None:
        """Take back every file of this telescope: one that a stopped agent left is not to be begun any more."""
        await self._beside.do(self._take_back_all)

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
