"""A VOTable from elsewhere is looked over before anybody reads it: nothing in it may cost more than it is worth (pure).

astropy, which reads it then, trusts a document: it opens the address that a STREAM names (also `file:` ones), makes
room for as many and as wide rows as the document announces, and reads rows of no width for ever.
"""

import re
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat

from coordinator.catalogues.remote.nonsense import MOST_ROWS, nonsense, printable

MOST_FIELDS = 400
MOST_ROW_BYTES = 16_384
MOST_HELD_BYTES = 2 * MOST_ROWS * MOST_ROW_BYTES
"""Room for twice as many rows as may come: before a stream is read it can only be guessed how many it holds."""

ROW_COSTS_BYTES = 160
"""What any row takes where it is held, however short it is: an assumed price of its objects."""

WIDTHS = {
    "short": 2, "int": 4, "long": 8, "unicodechar": 2, "float": 4, "double": 8, "floatcomplex": 8, "doublecomplex": 16
}  # fmt: skip
"""Bytes of a value by its datatype (VOTable 1.5, table 1), where they are more than one."""

OF_A_LENGTH = 4
"""Bytes that say how long a cell of any length is."""


@dataclass(slots=True)
class Overview:
    """What a document says of itself: how it went (OK, OVERFLOW, ERROR), why not, and how many tables it holds.

    A row of the table at hand is sent in no less than `least_row_bytes`, and room for `held_row_bytes` is made for it.
    """

    status: str = "OK"
    said: str = ""
    tables: int = 0
    fields: int = 0
    rows: int = 0
    least_row_bytes: int = 0
    held_row_bytes: int = 0
    streamed: int = 0
    within: str = ""

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """Take the beginning of an element in."""
        kind = name.rpartition(":")[2].upper()
        its = {key.rpartition(":")[2].lower(): value for key, value in attributes.items()}
        self.within = ""
        match kind:
            case "INFO" | "PARAM":
                self._info(its)
            case "TABLE":
                self.tables, self.fields, self.rows = self.tables + 1, 0, 0
                self.least_row_bytes = self.held_row_bytes = 0
                _not_more(_whole(its.get("nrows", "0")), MOST_ROWS, "rows")
            case "FIELD":
                self._field(its)
            case "STREAM":
                self._stream(its)
            case "TR":
                self.rows += 1
                _not_more(self.rows, MOST_ROWS, "rows")

    def text(self, words: str) -> None:
        """Take text in: why it failed, or rows in base 64."""
        if self.within == "STREAM":
            self.streamed += len(words)
            # No count: white space, flags of what is empty and texts of any length make rows seem more than they are.
            rows = self.streamed * 3 // 4 // max(self.least_row_bytes, 1)
            _not_more(rows * (self.held_row_bytes + ROW_COSTS_BYTES), MOST_HELD_BYTES, "bytes of rows")
        elif self.within == "ERROR" and len(self.said) < 200:
            self.said += words

    def end(self, _: str) -> None:
        """Take the end of an element in."""
        self.within = ""

    def _info(self, its: dict[str, str]) -> None:
        name, value = its.get("name", "").upper(), its.get("value", "")
        if name == "ERROR" and not self.tables:  # as a simple cone search says it
            self.status, self.said = "ERROR", value
        elif name == "QUERY_STATUS" and self.status != "ERROR":
            self.status = value.upper()
            self.within = self.status

    def _field(self, its: dict[str, str]) -> None:
        self.fields += 1
        _not_more(self.fields, MOST_FIELDS, "columns")
        size, width = its.get("arraysize", "1"), WIDTHS.get(its.get("datatype", "").lower(), 1)
        numbers = re.findall(r"[0-9]+", size)[:8]
        for number in numbers:
            width = min(width * _whole(number), MOST_ROW_BYTES + 1)
        if width == 0:
            raise nonsense("a column of no width")
        self.held_row_bytes += width
        _not_more(self.held_row_bytes, MOST_ROW_BYTES, "bytes a row")
        self.least_row_bytes += OF_A_LENGTH if "*" in size else width

    def _stream(self, its: dict[str, str]) -> None:
        if "href" in its:
            raise nonsense("a table whose rows lie elsewhere")
        if not self.fields:
            raise nonsense("rows without columns")
        self.within, self.streamed = "STREAM", 0


def overview(body: bytes) -> Overview:
    """Look a document over.

    Raises
    ------
    RetryLater
        It is no VOTable, says that it failed, or asks for more room than anybody has for it.
    """
    seen, parser = Overview(), expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = seen.begin, seen.end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = seen.text, _doctype
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise nonsense(f"no VOTable ({expat.ErrorString(error.code)})") from error
    except (ValueError, LookupError) as error:  # an encoding that nobody knows
        raise nonsense("no VOTable") from error
    if seen.status == "ERROR":
        raise nonsense(f"it says that it failed ({printable(seen.said) or 'not why'})")
    return seen


def _doctype(*_: Any) -> None:
    """Refuse entities, which may grow without end."""
    raise nonsense("a document type of its own")


def _whole(stated: str) -> int:
    return int(stated) if re.fullmatch(r"[0-9]{1,9}", stated.strip()) else 10**9


def _not_more(there: int, most: int, what: str) -> None:
    if there > most:
        raise nonsense(f"more than {most} {what}")
