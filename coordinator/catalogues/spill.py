"""Rows too many for memory, parted by where they are on the sky and sorted part by part on disk."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coordinator.catalogues.columns import GALAXIES
from coordinator.catalogues.rows import NAME_BYTES, ROWS_AT_ONCE, Rows
from coordinator.sky.nested import MAX_ORDER, pixel_at

PART_ORDER = 2
"""192 parts of 215 square degrees."""

_SHIFT = 2 * (MAX_ORDER - PART_ORDER)

PLACES = ("ra_deg", "dec_deg")
ROW = np.dtype(
    [("key", "<i8"), *((n, "<f8" if n in PLACES else "<f4") for n in GALAXIES.numbers), ("name", f"S{NAME_BYTES}")]
)
"""A galaxy on disk; key is the nested pixel of order 29."""

Records = NDArray[np.void]


@dataclass(slots=True)
class Spill:
    """Parts in a folder; `doubles` counts rows that were there twice: same place, same name.

    `row` is what is kept of each: a key, numbers, and `name` and `type` as texts.
    """

    folder: Path
    doubles: int = 0
    row: np.dtype[Any] = ROW

    def add(self, rows: Rows) -> None:
        """Put rows into their parts."""
        records = np.empty(rows.place.size, self.row)
        texts = {"name": rows.name, "type": b"" if rows.kind is None else rows.kind}
        for column in self.row.names or ():
            if column != "key":
                records[column] = texts[column] if column in texts else rows.number[column]
        records["key"] = pixel_at(MAX_ORDER, rows.number["ra_deg"], rows.number["dec_deg"])
        part = records["key"] >> _SHIFT
        by = np.argsort(part, kind="stable")
        edges = np.searchsorted(part[by], np.arange(12 * 4**PART_ORDER + 1))
        for number in np.flatnonzero(np.diff(edges)):
            with self._part(int(number)).open("ab") as file:
                records[by[edges[number] : edges[number + 1]]].tofile(file)

    def in_order(self) -> Iterator[Records]:
        """Give back all rows along the curve, some at a time; of doubles the first."""
        for number in range(12 * 4**PART_ORDER):
            part = self._part(number)
            if part.exists():
                yield from self._sorted(np.memmap(part, self.row, "r"))
                part.unlink()

    def _sorted(self, part: Records) -> Iterator[Records]:
        by = _along_curve(part)
        last = np.zeros(0, self.row)
        for start in range(0, by.size, ROWS_AT_ONCE):
            some = np.asarray(part[by[start : start + ROWS_AT_ONCE]])
            fresh = _fresh(np.concatenate([last, some]))[last.size :]
            self.doubles += int((~fresh).sum())
            last = some[-1:]
            yield some[fresh]

    def _part(self, number: int) -> Path:
        return self.folder / f"{number:03d}.part"


def _along_curve(part: Records) -> NDArray[np.int64]:
    """Order rows by place, those at one place by name, so that doubles are neighbours; equals stay as they came."""
    by = np.argsort(part["key"], kind="stable")
    key = part["key"][by]
    same = key[1:] == key[:-1]
    shared = np.flatnonzero(np.r_[False, same] | np.r_[same, False])
    rows = by[shared]
    by[shared] = rows[np.lexsort((part["name"][rows], key[shared]))]
    return by


def _fresh(records: Records) -> NDArray[np.bool_]:
    """Say which rows do not repeat the one before them."""
    key, name = records["key"], records["name"]
    return np.asarray(np.r_[True, (key[1:] != key[:-1]) | (name[1:] != name[:-1]) | (name[1:] == b"")])
