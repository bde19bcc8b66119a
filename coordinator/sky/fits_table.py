"""A FITS binary table, read in pieces straight from its big-endian bytes.

Only columns of numbers are decoded. astropy would keep the whole table, several times over, in memory.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coordinator.sky.byte_source import MAX_UNPACKED_BYTES, ByteSource
from coordinator.sky.fits_header import Header, read_header, skip_data, whole, word
from coordinator.sky.refusal import SMALLER, refusal

WIDTHS = {"L": 1, "B": 1, "I": 2, "J": 4, "K": 8, "A": 1, "E": 4, "D": 8, "C": 8, "M": 16, "P": 8, "Q": 16}
NUMBERS = {"B": "u1", "I": ">i2", "J": ">i4", "K": ">i8", "E": ">f4", "D": ">f8"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: where its numbers lie in a row, and how they are stored.

    `letter` is that of TFORM; `zero` and `scale` are TZERO and TSCAL.
    """

    name: str
    letter: str
    repeat: int
    offset: int
    zero: float
    scale: float

    @property
    def scaled(self) -> bool:
        """Whether stored numbers are not yet the values."""
        return self.scale != 1 or self.zero != 0

    @property
    def is_number(self) -> bool:
        """Whether it can be decoded."""
        return self.letter in NUMBERS and self.repeat > 0

    @property
    def is_whole(self) -> bool:
        """Whether it holds whole numbers."""
        return self.letter in "BIJK" and self.repeat > 0 and self.scale == 1


@dataclass(frozen=True, slots=True)
class Table:
    """A binary table whose rows are still to be read from the source."""

    primary: Header
    header: Header
    columns: dict[str, Column]
    row_bytes: int
    rows: int
    source: ByteSource

    def pieces(self, rows: int) -> Iterator["Piece"]:
        """Read all rows, at most so many at a time."""
        for first in range(0, self.rows, rows):
            count = min(rows, self.rows - first)
            raw = self.source.read(count * self.row_bytes)
            if len(raw) < count * self.row_bytes:
                raise refusal(f"the table ends early: {self.rows} rows are announced, half a map is worse than none")
            yield Piece(raw, count, self.row_bytes)
        self.source.drain()


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows as they are stored."""

    raw: bytes | memoryview
    rows: int
    row_bytes: int

    def whole_numbers(self, column: Column) -> NDArray[np.int64]:
        """Decode a column of whole numbers, all elements of all rows one after another."""
        # The sum wraps round: TZERO = 2**63 turns signed storage into unsigned numbers, and UNIQ is below 2**62.
        zero = np.array(int(column.zero) & (2**64 - 1), np.uint64).view(np.int64)
        return np.asarray(self._stored(column).astype(np.int64) + zero, np.int64)

    def single(self, column: Column) -> NDArray[np.float32]:
        """Decode a column in single precision."""
        with np.errstate(over="ignore"):
            return np.asarray(self.double(column) if column.scaled else self._stored(column), np.float32)

    def double(self, column: Column) -> NDArray[np.float64]:
        """Decode a column in double precision."""
        values = self._stored(column).astype(np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            return np.asarray(values * column.scale + column.zero if column.scaled else values, np.float64)

    def _stored(self, column: Column) -> NDArray[np.number]:
        kind = np.dtype(NUMBERS[column.letter])
        strides = (self.row_bytes, kind.itemsize)
        shape = (self.rows, column.repeat)
        stored: NDArray[np.number] = np.ndarray(shape, kind, self.raw, column.offset, strides)
        return stored.reshape(-1)


def find_table(source: ByteSource, primary: Header) -> Table:
    """Pass over everything up to the first binary table."""
    header: Header | None = primary
    while header is not None:
        if word(header, "XTENSION") == "BINTABLE":
            return _table(source, primary, header)
        skip_data(source, header)
        header = read_header(source)
    raise refusal(
        "it is a FITS file without a table: an image, not a HEALPix sky map",
        "give the HEALPix file of the event (UNIQ and PROBDENSITY, or PROB)",
    )


def _table(source: ByteSource, primary: Header, header: Header) -> Table:
    row_bytes, rows = whole(header, "NAXIS1"), whole(header, "NAXIS2")
    columns: dict[str, Column] = {}
    end = 0
    for n in range(1, whole(header, "TFIELDS") + 1):
        column, end = _column(header, n, end)
        columns.setdefault(column.name, column)
    if end != row_bytes or rows == 0 or row_bytes == 0:
        raise refusal(f"the table's columns take {end} bytes a row, its header says {row_bytes}, with {rows} rows")
    if rows * row_bytes > MAX_UNPACKED_BYTES:
        raise refusal(
            f"its table has {rows * row_bytes / 2**30:.1f} GiB, more than {MAX_UNPACKED_BYTES >> 30} GiB",
            SMALLER,
        )
    return Table(primary, header, columns, row_bytes, rows, source)


def _column(header: Header, n: int, offset: int) -> tuple[Column, int]:
    """Return the n-th column, and where the next one begins."""
    form = re.match(r"\s*(\d*)([A-Z])", str(header.get(f"TFORM{n}") or ""))
    if form is None or form[2] not in "X" + "".join(WIDTHS):
        raise refusal(f"column {n} has the unknown form {header.get(f'TFORM{n}')!r}")
    repeat, letter = int(form[1] or 1), form[2]
    width = -(-repeat // 8) if letter == "X" else repeat * WIDTHS[letter]
    zero, scale = (_number(header, f"{key}{n}", default) for key, default in (("TZERO", 0), ("TSCAL", 1)))
    name = word(header, f"TTYPE{n}") or f"COLUMN {n}"
    return Column(name, letter, repeat, offset, zero, scale), offset + width


def _number(header: Header, key: str, default: float) -> float:
    value = header.get(key)
    return value if isinstance(value, int | float) else default
