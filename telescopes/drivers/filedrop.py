"""An observatory's own system observes: a file is dropped into its folder, and images that appear are its answer."""

import asyncio
import logging
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from telescopes.description.messages import Pointing
from telescopes.description.states import Reason
from telescopes.description.telescope import Telescope
from telescopes.drivers.driver import (
    Aim,
    CameraFault,
    DriverCapabilities,
    DriverFault,
    DriverStatus,
    Safety,
    SkyTime,
    UnsafeStop,
)
from telescopes.drivers.filedrop_formats import Order, harmless_name
from telescopes.drivers.filedrop_settings import read_settings
from telescopes.drivers.watched_folder import Match, WatchedFolder
from telescopes.drivers.whole_pointing import Asked, Heard, Took, untaken

log = logging.getLogger(__name__)

SAFE, UNSAFE = "safe", "unsafe"


@dataclass
class Drop:
    """One file that was dropped, and what came of it."""

    asked: Asked
    heard: Heard
    path: Path
    watched: WatchedFolder
    filters: list[str]

    @property
    def done(self) -> bool:
        """Whether everything that was asked for is taken."""
        return not untaken(self.asked.pointing, self.filters).exposures


class FileDropDriver:
    """Drops files and watches for images; the file is taken back when it must not be carried out any more."""

    def __init__(self, telescope: Telescope, sky: SkyTime) -> None:
        self._telescope = telescope
        self._sky = sky
        self._settings = read_settings(telescope)
        self._where = f"{telescope.id}: {self._settings.folder}"
        self._prefix = f"armillary-{telescope.id}-"
        self._drop: Drop | None = None
        self._aim: Aim | None = None
        self._filter: str | None = None
        self._cleared = False

    def capabilities(self) -> DriverCapabilities:
        """Something real may move."""
        return DriverCapabilities(("filedrop",), simulated=False)

    async def status(self) -> DriverStatus:
        """Say where the last image looks."""
        return DriverStatus(self._aim, self._filter, parked=False)

    async def safety(self) -> Safety:
        """Read the safety file: its first word, if it is young enough; without one the site looks after itself."""
        if not self._cleared:
            # Before a restart is known to go on, nothing that was dropped before may be begun.
            self._withdraw_all()
            self._cleared = True
        if self._settings.safety_file is None:
            return Safety()
        return await asyncio.to_thread(self._read_safety, self._settings.safety_file, self._sky.now())

    async def safety_after(self, known: Safety) -> Safety:
        """Look again and again until it differs."""
        if self._settings.safety_file is None:
            await asyncio.get_running_loop().create_future()
        while True:
            await asyncio.sleep(self._settings.poll_s)
            if (now := await self.safety()) != known:
                return now

    async def observe(self, asked: Asked, heard: Heard) -> None:
        """Drop the file, and take what appears until all is there or the window closed."""
        name = harmless_name(asked.pointing)
        settings = self._settings
        match = Match(settings.filters, settings.match_within_deg, settings.limiting_mag_key)
        path = settings.folder / f"{self._prefix}{name}{settings.format.suffix}"
        drop = self._drop = Drop(asked, heard, path, WatchedFolder(settings.results, match, asked), [])
        self._withdraw_all()
        await self._take(drop, final=True)  # what was taken while nobody watched
        if not drop.done:
            self._write(path, settings.format.write(Order(name, self._left(drop), settings.filters, settings.extra)))
            await self._watch(drop)
            self._withdraw(drop, cancelled=not drop.done)
        self._drop = None

    async def abort(self) -> None:
        """Take the file back, and tell of what was exposed until now."""
        if (drop := self._drop) is not None:
            self._drop = None
            self._withdraw(drop, cancelled=True)
            await self._take(drop, final=True)

    async def park(self) -> None:
        """Take back what is dropped; the site's system parks by itself."""
        await self.abort()
        self._withdraw_all()

    async def close(self) -> None:
        """Leave no file behind that nobody watches."""
        await self.abort()

    def _left(self, drop: Drop) -> Pointing:
        return untaken(drop.asked.pointing, drop.filters)

    async def _watch(self, drop: Drop) -> None:
        """Look again and again until all is there, or a while after the window."""
        closes = drop.asked.pointing.window_end
        while not drop.done and self._sky.now() < closes:
            await asyncio.sleep(self._settings.poll_s)
            await self._take(drop)
        if not drop.done:
            self._withdraw(drop, cancelled=True)
            await self._sky.wait_until(closes + timedelta(seconds=self._settings.late_s))
            await self._take(drop, final=True)

    async def _take(self, drop: Drop, final: bool = False) -> None:
        """Tell of the images that are new."""
        try:
            images = await asyncio.to_thread(drop.watched.look, final)
        except OSError as error:
            mend = "see that the folder is there and can be read"
            where = f"{self._telescope.id}: {self._settings.results}"
            raise CameraFault(f"the folder of images cannot be read ({error})", where=where, mend=mend) from error
        for image in images:
            self._aim, self._filter = image.aim or self._aim, image.taken.filter
            drop.filters.append(image.taken.filter)
            drop.heard(Took((image.taken,), image.aim))

    def _write(self, path: Path, text: str) -> None:
        """Write beside, then rename: whoever watches the folder never sees half a file."""
        beside = path.with_name(f".{path.name}.part")
        try:
            with beside.open("w", encoding="utf-8", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        except OSError as error:
            what = f"the file cannot be written ({error.strerror or error})"
            raise DriverFault(what, where=self._where, mend="check the folder, its rights and its disk") from error

    def _withdraw(self, drop: Drop, cancelled: bool) -> None:
        self._remove(drop.path)
        if cancelled and self._settings.cancel_file:
            self._write(drop.path.with_suffix(".cancel"), f"cancel {drop.path.stem}\n")

    def _withdraw_all(self) -> None:
        """Take back every file of this telescope: one that a stopped agent left is not to be begun any more."""
        for path in self._settings.folder.glob(f"{self._prefix}*{self._settings.format.suffix}"):
            self._remove(path)

    def _remove(self, path: Path) -> None:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            what = f"{path.name} cannot be taken back ({error.strerror or error})"
            raise DriverFault(what, where=self._where, mend="remove it by hand: it must not be carried out") from error

    def _read_safety(self, path: Path, now: datetime) -> Safety:
        where = f"{self._telescope.id}: {path}"
        try:
            words = path.read_text("utf-8", "replace")[:1000].lower().split()
            written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        except OSError as error:
            what = f"cannot be read ({error.strerror or error})"
            raise UnsafeStop(what, where=where, mend="have the site write it") from error
        age_s = (now - written).total_seconds()
        if age_s > self._settings.safety_stale_s:
            raise UnsafeStop(f"is {age_s:.0f} s old", where=where, mend="have the site write it again and again")
        first = words[0] if words else ""
        if first == SAFE:
            return Safety()
        reasons = tuple(reason for reason in Reason if reason.value == first)
        if first != UNSAFE and not reasons:
            mend = f"begin it with {SAFE}, {UNSAFE} or a reason such as weather"
            raise UnsafeStop(f"its first word is {first!r}", where=where, mend=mend)
        return Safety(safe=False, blocking=reasons or (Reason.UNSAFE,))
