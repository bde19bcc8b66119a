"""Tables from elsewhere, as CSV or VOTable: bounded, checked, and rows of text whatever they came as."""

import csv
import io
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from coordinator.catalogues.remote.nonsense import MOST_ROWS, nonsense
from coordinator.catalogues.remote.votable_overview import overview

Row = Mapping[str, str]

STUMBLES = (
    ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, OSError, RuntimeError, SyntaxError,
    TypeError, ValueError, Warning, struct.error,
)  # fmt: skip
"""What astropy raises where a document is not as it should be: of a VOTable's own errors most are syntax errors."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows by the names of their columns, empty where nothing stands; `ucds`: what a column means, where it says so.

    `cut_off`: there is more than was sent.
    """

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    ucds: Mapping[str, str] = field(default_factory=dict)
    cut_off: bool = False

    def wanted(self, names: Iterable[str]) -> "Table":
        """Return it if it has these columns; else it is nonsense."""
        for name in names:
            if name not in self.columns:
                raise nonsense(f"a table without the column {name!r}")
        return self


def read_table(body: bytes) -> Table:
    """Read a table in either form: a document that begins as XML is a VOTable, whatever its sender calls it.

    Raises
    ------
    RetryLater
        It is no table, or longer than anybody asked for.
    """
    return read_votable(body) if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") else read_csv(body)


def read_csv(body: bytes) -> Table:
    """Read a table of text with a header line; raises as `read_table` does."""
    try:
        reader = csv.reader(io.StringIO(text_of(body), newline=""), strict=True)
        header = tuple(next(reader, []))
        return Table(header, tuple(_csv_rows(header, reader)))
    except csv.Error as error:
        raise nonsense(f"no table ({error})") from error


def _csv_rows(header: tuple[str, ...], reader: Iterator[list[str]]) -> Iterator[Row]:
    for number, cells in enumerate(row for row in reader if row):
        if number >= MOST_ROWS:
            raise nonsense(f"more than {MOST_ROWS} rows")
        if len(cells) != len(header):
            raise nonsense(f"row {number + 1} has {len(cells)} cells, the header {len(header)}")
        yield dict(zip(header, cells, strict=True))


def read_votable(body: bytes) -> Table:
    """Read the first table of a VOTable (IVOA VOTable 1.5) in any serialization; raises as `read_table` does."""
    seen = overview(body)
    if not seen.tables:
        raise nonsense("a VOTable without a table")
    from astropy.io.votable import parse

    try:
        table = parse(io.BytesIO(body), verify="ignore").get_first_table()
    except STUMBLES as error:
        raise nonsense(f"no VOTable ({type(error).__name__})") from error
    names = tuple(str(one.name or one.ID) for one in table.fields)
    cells = zip(table.array.data, table.array.mask, strict=True)
    rows = tuple(dict(zip(names, map(_cell, values, masks), strict=True)) for values, masks in cells)
    if len(rows) > MOST_ROWS:
        raise nonsense(f"more than {MOST_ROWS} rows")
    ucds = {str(one.name or one.ID): str(one.ucd).lower() for one in table.fields if one.ucd}
    return Table(names, rows, ucds, seen.status == "OVERFLOW")


def _cell(value: Any, mask: Any) -> str:
    if mask.all() if hasattr(mask, "all") else mask:
        return ""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def text_of(body: bytes) -> str:
    """Decode an answer, without the mark that some put before it; what is no text is nonsense."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise nonsense("it is no text") from error


def written(columns: Sequence[str], rows: Iterable[Row]) -> bytes:
    """Write rows as CSV, to be remembered."""
    page = io.StringIO()
    writer = csv.DictWriter(page, columns, restval="")
    writer.writeheader()
    writer.writerows({name: " ".join(row.get(name, "").split()) for name in columns} for row in rows)
    return page.getvalue().encode()
