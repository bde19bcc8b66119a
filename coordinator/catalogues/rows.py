"""Some rows of a table, as read: what is missing is NaN, and what cannot be read is named."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from coordinator.catalogues.columns import Layout
from coordinator.planning.stretches import Ints
from telescopes.description.ephemeris import Array

ROWS_AT_ONCE = 100_000
NAME_BYTES = 32
MISSING = frozenset(("", "null", "nan", "none", "--", "-", "n/a", "na", "\\n", "masked"))
HOURS = {"ra_deg": 15.0, "dec_deg": 1.0}
"""Degrees in the unit of a place that is written in three parts."""

_THREE_PARTS = re.compile(r"\s*([+-]?)(\d{1,3})[\s:hd]+(\d{1,2})[\s:m']+(\d{1,2}(?:\.\d*)?)[s\"]?\s*")
_AS_WRITTEN = MISSING | {word.upper() for word in MISSING} | {"NaN", "None"}


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is kept out because something in it cannot be read."""

    place: str
    what: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows of a table.

    Attributes
    ----------
    number : dict of str to float64 array, shape (n,)
        By our names; NaN where unknown.
    name : bytes array, shape (n,)
    place : int64 array, shape (n,)
        Line of a text file, row (from 1) of another.
    bad : list of BadRow
        Rows that are not among these.
    quasars : int
        Rows left out for what they are.
    kind : bytes array, shape (n,), or None
        What the table says each is; None: it does not say, or nobody wants to know.
    unread : tuple of str
        Columns of ours that hold something else than single numbers or texts, in sentences.
    """

    number: dict[str, Array]
    name: NDArray[np.bytes_]
    place: Ints
    bad: list[BadRow] = field(default_factory=list)
    quasars: int = 0
    unread: tuple[str, ...] = ()
    kind: NDArray[np.bytes_] | None = None


def rows_of_texts(layout: Layout, records: Sequence[Sequence[str]], places: Sequence[int], where: str) -> Rows:
    """Read records of text, each as long as the layout."""
    flag, left_out = layout.kind, layout.form.left_out
    kept = [i for i, r in enumerate(records) if flag is None or r[flag].strip() != left_out]
    quasars = len(records) - len(kept)
    if quasars:
        records, places = [records[i] for i in kept], [places[i] for i in kept]
    number: dict[str, Array] = {}
    wrong: dict[int, str] = {}
    for ours in layout.form.numbers:
        if ours not in layout.number:
            number[ours] = np.full(len(records), np.nan)
            continue
        at = layout.number[ours]
        number[ours] = numbers_of([r[at] for r in records], layout, ours, wrong) * layout.unit(ours)
    names = np.array([_name(r, layout.name) for r in records], f"S{NAME_BYTES}")
    line = np.asarray(places, np.int64)
    good = np.ones(len(records), bool)
    good[list(wrong)] = False
    bad = [BadRow(f"{where}: line {line[i]}", wrong[i]) for i in sorted(wrong)]
    kind = None if flag is None else np.array([r[flag].strip().encode() for r in records], f"S{NAME_BYTES}")[good]
    return Rows({k: v[good] for k, v in number.items()}, names[good], line[good], bad, quasars, kind=kind)


def numbers_of(texts: Sequence[str], layout: Layout, ours: str, wrong: dict[int, str]) -> Array:
    """Read the cells of a column; what is missing is NaN, and of a row that cannot be read `wrong` learns why.

    Of a column that may be missing in a table that is not read strictly, what is no number is infinite.
    """
    plain = ["nan" if text in _AS_WRITTEN else text for text in texts]
    try:
        return np.fromiter(map(float, plain), np.float64, len(plain))
    except ValueError:
        return np.array([_number(text, i, layout, ours, wrong) for i, text in enumerate(plain)], np.float64)


def _number(text: str, row: int, layout: Layout, ours: str, wrong: dict[int, str]) -> float:
    try:
        return float("nan" if text.strip().lower() in MISSING else text)
    except ValueError:
        parts = _THREE_PARTS.fullmatch(text) if ours in HOURS else None
        if parts is not None:
            sign, whole, minutes, seconds = parts.groups()
            size = HOURS[ours] * (int(whole) + int(minutes) / 60 + float(seconds) / 3600)
            return -size if sign == "-" else size
        if ours not in layout.form.needed and not layout.form.strict:
            return float("inf")
        wrong.setdefault(row, f"{layout.columns[layout.number[ours]]} is {text[:24]!r}, no number")
        return float("nan")


def _name(record: Sequence[str], places: tuple[int, ...]) -> bytes:
    for at in places:
        text = record[at].strip()
        if text not in _AS_WRITTEN and text.lower() not in MISSING:
            return text.encode()
    return b""
