"""Tables as text, read as a stream: CSV and its kin, ECSV, and GLADE+.txt, which has no header."""

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import IO

from coordinator.catalogues.columns import GALAXIES, GLADE_PLUS, QUASAR, Form, Layout, layout_of, needed
from coordinator.catalogues.rows import ROWS_AT_ONCE, BadRow, Rows, rows_of_texts
from telescopes.description.errors import Refused

GZIP_MAGIC = b"\x1f\x8b"
DELIMITERS = (",", "\t", ";", "|", " ")
LONGEST_LINE = 1 << 16
ECSV_DELIMITER = re.compile(r"#\s*delimiter:\s*[\"']?(.)")


def read_text(path: Path, form: Form = GALAXIES) -> Iterator[Rows]:
    """Read a text table, some rows at a time."""
    with path.open("rb") as raw, _unpacked(raw) as stream:
        try:
            yield from _rows(stream, path, form)
        except csv.Error as error:
            raise Refused(f"is no table of text ({error})", where=str(path), mend="give CSV, ECSV or GLADE+") from error
        except (EOFError, OSError, zlib.error) as error:
            raise Refused(
                f"ends early or is damaged ({error})", where=str(path), mend="fetch it again: a broken download"
            ) from error


def _unpacked(raw: IO[bytes]) -> IO[str]:
    packed = raw.read(2) == GZIP_MAGIC
    raw.seek(0)
    data = gzip.GzipFile(fileobj=raw) if packed else raw
    return io.TextIOWrapper(data, "utf-8-sig", errors="replace", newline="")


def _rows(stream: IO[str], path: Path, form: Form) -> Iterator[Rows]:
    comments, first, line = _first(stream)
    if form.left_out == QUASAR and len(first.split()) == len(GLADE_PLUS) and "," not in first:
        layout = layout_of(GLADE_PLUS)
        records = enumerate(_put_back(first, stream), start=line)
        yield from _chunks(layout, ((n, text.split()) for n, text in records if text.strip()), str(path))
        return
    delimiter, layout = _header(first, comments, form)
    needed(layout, str(path))
    reader = csv.reader(stream, delimiter=delimiter, skipinitialspace=True)
    yield from _chunks(layout, ((reader.line_num + line, r) for r in reader if r), str(path))


def _first(stream: IO[str]) -> tuple[list[str], str, int]:
    """Return the comments before the first line, that line, and its number."""
    comments: list[str] = []
    for number in range(1, LONGEST_LINE):
        text = stream.readline(LONGEST_LINE)
        if text.strip() and not text.startswith("#"):
            return comments, text, number
        if not text:
            break
        comments.append(text)
    return comments, "", len(comments)


def _put_back(first: str, stream: IO[str]) -> Iterator[str]:
    yield first
    yield from stream


def _header(first: str, comments: list[str], form: Form) -> tuple[str, Layout]:
    """Choose the delimiter that makes most of our columns of the header."""
    said = next((m.group(1) for c in comments if (m := ECSV_DELIMITER.match(c))), None)
    ecsv = bool(comments) and "%ECSV" in comments[0]
    tried = (said,) if said else (" ",) if ecsv else DELIMITERS
    headers = [(d, next(csv.reader([first.strip()], delimiter=d, skipinitialspace=True), [])) for d in tried]
    layouts = [(d, layout_of(header, form)) for d, header in headers]
    return max(layouts, key=lambda both: (len(both[1].number), -len(both[1].missing)))


def _chunks(layout: Layout, records: Iterator[tuple[int, list[str]]], where: str) -> Iterator[Rows]:
    """Keep what is wanted of each record, so that many of them fit into memory."""
    width, pick = len(layout.columns), itemgetter(*layout.wanted)
    picked = layout_of([layout.columns[at] for at in layout.wanted], layout.form)
    while batch := [(n, pick(r) if len(r) == width else len(r)) for n, r in islice(records, ROWS_AT_ONCE)]:
        good = [(n, r) for n, r in batch if isinstance(r, tuple)]
        rows = rows_of_texts(picked, [r for _, r in good], [n for n, _ in good], where)
        rows.bad[:0] = [
            BadRow(f"{where}: line {n}", f"has {r} values, not {width}") for n, r in batch if isinstance(r, int)
        ]
        yield rows
