"""Elements from what astronomers publish: MPCORB, a table of JPL Horizons, xephem; bad rows are counted and named."""

import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np

from coordinator.catalogues.minor_planets import horizons, mpcorb, xephem
from coordinator.catalogues.minor_planets.elements import Elements
from coordinator.catalogues.rows import BadRow
from telescopes.description.errors import Refused

LINES_AT_ONCE = 50_000
NAMED = 20
"""So many bad rows are named; all are counted."""

_MEND = "give MPCORB.DAT (also packed by gzip), a CSV of Horizons elements, or a file of xephem"
_Numbered = tuple[int, bytes]
_Reader = Callable[[list[bytes]], tuple[Elements, dict[int, str]]]


@dataclass(slots=True)
class Read:
    """What a file of elements held: the bodies, how many rows were none, and the first of those."""

    elements: Elements
    bad: int = 0
    named: list[BadRow] = field(default_factory=list)


def read_elements(path: Path) -> Read:
    """Read a file of elements, in whichever form it is.

    Raises
    ------
    Refused
        The file cannot be read, is in no form that is known, or no row of it is an orbit.
    """
    parts: list[Elements] = []
    read = Read(Elements.joined([]))
    try:
        lines = _lines(path)
        reader, rest = _reader(lines, path)
        while lot := list(islice(rest, LINES_AT_ONCE)):
            found, wrong = reader([line for _, line in lot])
            kept = np.ones(len(lot), bool)
            kept[list(wrong)] = False
            impossible = np.flatnonzero(kept)[~found.are_possible]
            wrong |= dict.fromkeys(map(int, impossible), "describes no orbit about the Sun")
            parts.append(Elements(found.records[found.are_possible]))
            read.bad += len(wrong)
            named = [BadRow(f"{path}: line {lot[i][0]}", wrong[i]) for i in sorted(wrong)]
            read.named += named[: NAMED - len(read.named)]
    except (OSError, EOFError) as error:
        what = getattr(error, "strerror", None) or str(error)
        raise Refused(f"cannot be read ({what})", where=str(path), mend=_MEND) from error
    read.elements = Elements.joined(parts)
    if not len(read.elements):
        first = f", {read.named[0].what} in {read.named[0].place}" if read.named else ""
        raise Refused(f"holds no orbit ({read.bad} rows cannot be read{first})", where=str(path), mend=_MEND)
    return read


def _lines(path: Path) -> Iterator[_Numbered]:
    """Lines that are not empty, with their numbers."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    with gzip.open(path) if packed else path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield number, line.rstrip(b"\r\n")


def _reader(lines: Iterator[_Numbered], path: Path) -> tuple[_Reader, Iterator[_Numbered]]:
    """Know the form by its first lines; return what reads it, and the lines from the first body on."""
    for number, line in lines:
        if line.startswith(mpcorb.RULE):
            return mpcorb.read, lines
        if line.startswith(horizons.FIRST_COLUMN):
            return horizons.reader_of(line, f"{path}: line {number}"), lines
        if xephem.is_body(line):
            return xephem.read, _with(number, line, lines)
        if mpcorb.is_body(line):
            return mpcorb.read, _with(number, line, lines)
    raise Refused("is no file of elements", where=str(path), mend=_MEND)


def _with(number: int, line: bytes, lines: Iterator[_Numbered]) -> Iterator[_Numbered]:
    yield number, line
    yield from lines
