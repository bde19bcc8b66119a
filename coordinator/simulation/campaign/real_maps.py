"""A folder of real sky maps: which of its files are maps, and what is in them."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from coordinator.simulation.campaign.scenario import TABLE, folder_of_maps, truths_in
from coordinator.simulation.world.binaries import Binary
from coordinator.sky.read import read_skymap
from coordinator.sky.skymap import SkyMap
from telescopes.description.errors import Refused

SUFFIXES = (".fits", ".fits.gz", ".fit")
MOST_FILES = 1000
MOST_NAMED = 3
MEND = "give a folder of sky maps, multi-order or flat, as *.fits or *.fits.gz"
KEPT = 8


@dataclass(frozen=True, slots=True)
class MapFile:
    """One map: its name and content; where it lies makes no other campaign of it, and is said in full for all workers.

    `truth` is what merged, where the table of an observing scenario says; None: it is to be drawn from the map.
    """

    name: str
    sha256: str
    path: Path = field(repr=False)
    truth: Binary | None = None

    def read(self) -> SkyMap:
        """Read it.

        Raises
        ------
        Refused
            It is not there any more, or another one.
        """
        return _read(self)


def maps_in(folder: Path) -> tuple[MapFile, ...]:
    """Find the maps of a folder, in order of name; each is read once, so that a bad one is told of at once.

    Raises
    ------
    Refused
        There is no such folder, or no map in it, or what is called a map is none, or a scenario's table lacks it.
    """
    truths, files = truths_in(folder), _files(folder_of_maps(folder).absolute())
    looked = [_look_at(file) for file in files]
    bad = [one for one in looked if isinstance(one, str)]
    if bad:
        raise _refused(folder, f"{len(bad)} of {len(files)} files are no sky maps: {_some(bad)}")
    return tuple(_with_truth(folder, one, truths) for one in looked if isinstance(one, MapFile))


def _files(folder: Path) -> list[Path]:
    try:
        files = sorted(f for f in folder.iterdir() if f.name.lower().endswith(SUFFIXES) and f.is_file())
    except OSError as error:
        raise _refused(folder, f"cannot be read ({error.strerror})") from error
    if not files:
        raise _refused(folder, "holds no sky map")
    if len(files) > MOST_FILES:
        what = f"holds {len(files)} maps"
        raise Refused(what, where=str(folder), mend=f"give a folder with at most {MOST_FILES} of them")
    return files


def _with_truth(folder: Path, one: MapFile, truths: Mapping[str, Binary]) -> MapFile:
    number = one.name.partition(".")[0]
    if not truths:
        return one
    if number not in truths:
        mend = "name maps by the simulation_id of their row, or take the table away to draw truths from the maps"
        raise Refused(f"has no row for {one.name}", where=str(folder / TABLE), mend=mend)
    return replace(one, truth=truths[number])


def _refused(folder: Path, what: str) -> Refused:
    return Refused(what, where=str(folder), mend=MEND)


def _some(said: Iterable[str]) -> str:
    every = list(said)
    more = [f"and {len(every) - MOST_NAMED} more"] if len(every) > MOST_NAMED else []
    return ", ".join([*every[:MOST_NAMED], *more])


def _look_at(file: Path) -> MapFile | str:
    """Read a file, or return why it is no map."""
    try:
        now = file.stat()
        return _looked_at(file, now.st_mtime_ns, now.st_size)
    except OSError as error:
        return f"{file.name} (cannot be read: {error.strerror})"


@lru_cache(maxsize=4 * MOST_FILES)
def _looked_at(file: Path, mtime_ns: int, size: int) -> MapFile | str:
    """Read a file as it was then. Every point of a sweep asks, so what was found is remembered."""
    data = file.read_bytes()
    try:
        read_skymap(data, file.name)
    except Refused as error:
        return f"{file.name} ({error.what})"
    return MapFile(file.name, hashlib.sha256(data).hexdigest(), file)


@lru_cache(maxsize=KEPT)
def _read(one: MapFile) -> SkyMap:
    try:
        data = one.path.read_bytes()
    except OSError as error:
        mend = "a campaign's maps must lie at the same place on every machine that plays it"
        raise Refused(f"cannot be read ({error.strerror})", where=str(one.path), mend=mend) from error
    if hashlib.sha256(data).hexdigest() != one.sha256:
        raise Refused("is another map than when the campaign began", where=str(one.path), mend="put the first one back")
    return read_skymap(data, one.name)
