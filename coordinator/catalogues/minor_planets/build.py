"""Making the folder of positions once: elements, a file for each day, and what it says of itself."""

import tempfile
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import msgspec
import numpy as np

from coordinator.catalogues.build import sha256_of
from coordinator.catalogues.minor_planets.daily import day_of, days_of
from coordinator.catalogues.minor_planets.elements import Elements
from coordinator.catalogues.minor_planets.orbits import Orbits
from telescopes.description.errors import Refused

SCHEMA = "armillary.minor_planets/1"
FILE, ELEMENTS = "manifest.json", "elements.npy"
MOST_DAYS = 366
_MEND = "make one by: armillary minor-planets build ELEMENTS -o FOLDER"


class DayFile(msgspec.Struct, frozen=True):
    """A day's file: its digest, and how many bodies have elements that are fresh enough for it."""

    sha256: str
    bodies: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The words beside the files.

    `epoch_mjd`: when the elements are right (the median; TT); `days` by their ISO dates; `note`: version, citation.
    """

    schema: str
    bodies: int
    epoch_mjd: float
    days: dict[str, DayFile]
    elements_sha256: str
    note: str = ""


def build(elements: Elements, folder: Path, days: Sequence[date], *, note: str = "") -> Manifest:
    """Write the places of bodies for each of some days.

    Parameters
    ----------
    elements : Elements
        Of all bodies, as `read_elements` gives them.
    folder : path
        Made whole or not at all; must not exist yet.
    days : sequence of date
        UTC, in any order.

    Raises
    ------
    Refused
        Nothing is asked for, or the folder exists or cannot be made.
    """
    if folder.exists():
        raise Refused("exists", where=str(folder), mend="give the name of a folder that does not, or remove it")
    if not len(elements) or not days:
        what = "no body is given" if days else "no day is given"
        raise Refused(what, where=str(folder), mend="give elements of bodies, and days to place them on")
    if len(set(days)) > MOST_DAYS:
        raise Refused(f"{len(set(days))} days are asked for", where=str(folder), mend=f"give at most {MOST_DAYS}")
    try:
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as work:
            made = _made(elements, Path(work), sorted(set(days)), note)
            (Path(work) / "positions").rename(folder)
    except OSError as error:
        raise Refused(
            f"cannot be written ({error.strerror})", where=str(folder), mend="give a writable place"
        ) from error
    return made


def about(elements: Elements, days: int) -> list[date]:
    """Return so many days about the elements' epoch, on which they are at their best."""
    start = day_of(_epoch(elements)) - timedelta(days=days // 2)
    return [start + timedelta(days=i) for i in range(days)]


def read_manifest(folder: Path) -> Manifest:
    """Read what a folder of positions says of itself.

    Raises
    ------
    Refused
        It is none of this form.
    """
    path = folder / FILE
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except OSError as error:
        raise Refused(f"holds no minor planets ({FILE}: {error.strerror})", where=str(folder), mend=_MEND) from error
    except msgspec.MsgspecError as error:
        raise Refused(f"is no manifest of minor planets ({error})", where=str(path), mend=_MEND) from error
    if manifest.schema != SCHEMA:
        raise Refused(f"is a {manifest.schema}, not {SCHEMA}", where=str(path), mend=_MEND)
    return manifest


def damaged(folder: Path, manifest: Manifest) -> list[str]:
    """Name the files that are not as they were written."""
    said = {ELEMENTS: manifest.elements_sha256} | {f"{day}.npy": file.sha256 for day, file in manifest.days.items()}
    return [
        name for name, digest in said.items() if not (folder / name).is_file() or sha256_of(folder / name) != digest
    ]


def _made(elements: Elements, work: Path, days: list[date], note: str) -> Manifest:
    folder = work / "positions"
    folder.mkdir()
    np.save(folder / ELEMENTS, elements.records)
    files: dict[str, DayFile] = {}
    for one in days_of(Orbits.of(elements), np.ascontiguousarray(elements.records["epoch_mjd"]), days):
        path = folder / f"{one.day.isoformat()}.npy"
        np.save(path, one.rows)
        files[one.day.isoformat()] = DayFile(sha256_of(path), int(one.rows.size))
    manifest = Manifest(
        schema=SCHEMA,
        bodies=len(elements),
        epoch_mjd=_epoch(elements),
        days=files,
        elements_sha256=sha256_of(folder / ELEMENTS),
        note=note,
    )
    (folder / FILE).write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=1))
    return manifest


def _epoch(elements: Elements) -> float:
    return float(np.median(elements.records["epoch_mjd"]))
