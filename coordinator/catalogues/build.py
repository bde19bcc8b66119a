"""Making an index once: read, part, sort and write columns, in bounded memory."""

import hashlib
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TypeVar

import msgspec
import numpy as np

from coordinator.catalogues.columns import GALAXIES, Form
from coordinator.catalogues.manifest import FILE, SCHEMA, Manifest, Source
from coordinator.catalogues.read import Tally, read_table
from coordinator.catalogues.rows import Rows
from coordinator.catalogues.spill import Records, Spill
from coordinator.catalogues.starlight_held import StarlightHeld
from coordinator.planning.completeness import Completeness
from telescopes.description.errors import Refused

Made = TypeVar("Made")

HEADER_BYTES = 128
"""Length of the header of a one-dimensional npy file."""


def build(
    tables: Sequence[Path], folder: Path, *, completeness: Completeness | None = None, note: str = ""
) -> Manifest:
    """Read tables of galaxies and write an index of them.

    Parameters
    ----------
    tables : paths
        Text, FITS or Parquet; see `read_table`.
    folder : path
        Made whole or not at all; must not exist yet.
    completeness : Completeness or None
        As the operator knows it; None: measured if the catalogue has most of the sky, else unknown.

    Raises
    ------
    Refused
        A table is none, no row of it can be used, or the folder cannot be made.
    """
    return whole(folder, lambda work: _made(tables, work, completeness, note))


def whole(folder: Path, make: Callable[[Path], Made]) -> Made:
    """Let an index be made beside its folder, and put it there when it is whole.

    Parameters
    ----------
    folder : path
        Must not exist yet.
    make : callable
        Makes the folder `index` in the folder that it is given.

    Raises
    ------
    Refused
        The folder exists or cannot be made.
    """
    if folder.exists():
        raise Refused("exists", where=str(folder), mend="give the name of a folder that does not, or remove it")
    try:
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as work:
            made = make(Path(work))
            (Path(work) / "index").rename(folder)
    except OSError as error:
        raise Refused(
            f"cannot be written ({error.strerror})", where=str(folder), mend="give a writable place"
        ) from error
    return made


def _made(tables: Sequence[Path], work: Path, completeness: Completeness | None, note: str) -> Manifest:
    spill, tally, held = Spill(work), Tally(), StarlightHeld()
    sources = tuple(source_of(path, spill, tally) for path in tables)
    if not tally.kept:
        first = f"; {tally.named[0]}" if tally.named else ""
        why = f"{tally.read} rows, {tally.without_distance} without distance, {tally.bad} bad{first}"
        raise Refused(
            f"no galaxy is left ({why})", where=str(tables[0]), mend="give a table with positions and distances"
        )
    index = work / "index"
    index.mkdir()
    known = write_columns(spill, index, held.add)
    manifest = Manifest(
        schema=SCHEMA,
        sources=sources,
        galaxies=known["key"],
        read=tally.read,
        without_distance=tally.without_distance,
        bad=tally.bad,
        quasars=tally.quasars,
        doubles=spill.doubles,
        named_bad=tuple(str(row) for row in tally.named),
        unlikely=tally.unlikely,
        known={column: count for column, count in known.items() if column != "key"},
        files={column: sha256_of(index / f"{column}.npy") for column in known},
        completeness=completeness or held.completeness(),
        note=note,
        unread=tuple(tally.unread),
    )
    (index / FILE).write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=1))
    return manifest


def source_of(
    path: Path, spill: Spill, tally: Tally, form: Form = GALAXIES, pick: Callable[[Rows], Rows] = lambda rows: rows
) -> Source:
    """Read a table and part the rows that are picked of it."""
    before = tally.read
    for rows in read_table(path, tally, form):
        spill.add(pick(rows))
    return Source(path.name, sha256_of(path), tally.read - before)


def write_columns(spill: Spill, index: Path, seen: Callable[[Records], None]) -> dict[str, int]:
    """Write a file for each column; return how many values of each are known. `seen` is shown all that is written."""
    known = dict.fromkeys(spill.row.names or (), 0)
    with ExitStack() as stack:
        files = {column: stack.enter_context((index / f"{column}.npy").open("wb")) for column in known}
        for file in files.values():
            file.write(bytes(HEADER_BYTES))
        for records in spill.in_order():
            seen(records)
            for column, file in files.items():
                values = np.ascontiguousarray(records[column])
                values.tofile(file)
                known[column] += int(
                    np.isfinite(values).sum() if values.dtype.kind == "f" else (values != _none(values)).sum()
                )
        for column, file in files.items():
            _head(file, spill.row[column], known["key"])
    return known


def _none(values: np.ndarray) -> object:
    """What says that a value is missing where NaN cannot."""
    return b"" if values.dtype.kind == "S" else -1


def _head(file: IO[bytes], dtype: np.dtype[np.generic], count: int) -> None:
    file.seek(0)
    description = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": (count,)}
    np.lib.format.write_array_header_1_0(file, description)
    assert file.tell() == HEADER_BYTES


def sha256_of(path: Path) -> str:
    """Digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
