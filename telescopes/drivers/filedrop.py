"""An observatory's own system observes: a file is dropped into its folder, and images that appear are its answer."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

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
from telescopes.drivers.dropped_files import DroppedFiles
from telescopes.drivers.filedrop_formats import Order, harmless_name
from telescopes.drivers.filedrop_settings import read_settings
from telescopes.drivers.watched_folder import Image, Match, WatchedFolder
from telescopes.drivers.whole_pointing import Asked, Heard, Took, untaken

SAFE, UNSAFE = "safe", "unsafe"


@dataclass
class Drop:
    """One file that was dropped, and what came of it; `looking`: a look at the images that nobody told of yet."""

    asked: Asked
    heard: Heard
    name: str
    watched: WatchedFolder
    filters: list[str] = field(default_factory=list)
    lies_there: bool = False
    looking: asyncio.Task[list[Image]] | None = None

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
        self._files = DroppedFiles(self._settings.folder, telescope.id, self._settings.format.suffix)
        self._drop: Drop | None = None
        self._aim: Aim | None = None
        self._filter: str | None = None
        self._cleared = False
        self._clearing = asyncio.Lock()

    def capabilities(self) -> DriverCapabilities:
        """Something real may move."""
        return DriverCapabilities(("filedrop",), simulated=False)

    async def status(self) -> DriverStatus:
        """Say where the last image looks."""
        return DriverStatus(self._aim, self._filter, parked=False)

    async def safety(self) -> Safety:
        """Read the safety file: its first word, if it is young enough; without one the site looks after itself."""
        async with self._clearing:
            # Before a restart is known to go on, nothing that was dropped before may be begun.
            if not self._cleared:
                await self._files.take_back_all()
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
        settings = self._settings
        match = Match(settings.filters, settings.match_within_deg, settings.limiting_mag_key)
        watched = WatchedFolder(settings.results, match, asked)
        drop = self._drop = Drop(asked, heard, harmless_name(asked.pointing), watched)
        try:
            await self._files.take_back_all()
            await self._take(drop, final=True)  # what was taken while nobody watched
            if not drop.done:
                await self._carry_out(drop)
        except DriverFault:
            self._drop = None
            raise
        self._drop = None

    async def abort(self) -> None:
        """Take the file back, and tell of what was exposed until now."""
        if (drop := self._drop) is not None:
            self._drop = None
            await self._end(drop, self._sky.now())

    async def park(self) -> None:
        """Take back what is dropped; the site's system parks by itself."""
        await self.abort()
        await self._files.take_back_all()

    async def close(self) -> None:
        """Leave no file behind that nobody watches."""
        await self.abort()

    async def _carry_out(self, drop: Drop) -> None:
        """Drop the file, and watch; a file of which nobody hears any more does not stay."""
        settings = self._settings
        left = untaken(drop.asked.pointing, drop.filters)
        text = settings.format.write(Order(drop.name, left, settings.filters, settings.extra))
        drop.lies_there = True  # as far as a stop in the middle of it can know
        try:
            await self._files.drop(drop.name, text)
        except DriverFault:
            drop.lies_there = False
            raise
        try:
            await self._watch(drop)
        except DriverFault:
            await self._take_back(drop)
            raise
        await self._take_back(drop)

    async def _watch(self, drop: Drop) -> None:
        """Look again and again until all is there, or a while after the window."""
        closes = drop.asked.pointing.window_end
        while not drop.done and self._sky.now() < closes:
            await asyncio.sleep(self._settings.poll_s)
            await self._take(drop)
        if not drop.done:
            await self._end(drop, closes + timedelta(seconds=self._settings.late_s))

    async def _end(self, drop: Drop, last_look: datetime) -> None:
        """Take the file back now, and look for the last time then, also where the file could not be taken back."""
        fault: DriverFault | None = None
        try:
            await self._take_back(drop)
        except DriverFault as error:
            fault = error
        await self._sky.wait_until(last_look)
        await self._take(drop, final=True)
        if fault is not None:
            raise fault

    async def _take_back(self, drop: Drop) -> None:
        """Take the file back, once; again where that failed."""
        if drop.lies_there:
            await self._files.take_back(drop.name, cancelled=self._settings.cancel_file and not drop.done)
            drop.lies_there = False

    async def _take(self, drop: Drop, final: bool = False) -> None:
        """Tell of the images that are new; first of those that an interrupted look found."""
        await self._tell(drop)
        drop.looking = asyncio.create_task(asyncio.to_thread(drop.watched.look, final))
        await self._tell(drop)

    async def _tell(self, drop: Drop) -> None:
        """Wait for the look, if there is one, and tell; a stop leaves it to whoever comes next."""
        if drop.looking is None:
            return
        try:
            images = await asyncio.shield(drop.looking)
        except OSError as error:
            drop.looking = None
            mend = "see that the folder is there and can be read"
            where = f"{self._telescope.id}: {self._settings.results}"
            raise CameraFault(f"the folder of images cannot be read ({error})", where=where, mend=mend) from error
        except Exception:
            drop.looking = None  # told once; the next look is another one
            raise
        drop.looking = None
        for image in images:
            self._aim, self._filter = image.aim or self._aim, image.taken.filter
            drop.filters.append(image.taken.filter)
            drop.heard(Took((image.taken,), image.aim))

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
