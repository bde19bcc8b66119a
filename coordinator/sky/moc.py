"""Coverage maps (MOC, IVOA 2.0) as ranges of our own order."""

import json
import re

import numpy as np
from numpy.typing import NDArray

from coordinator.sky.nested import MAX_ORDER
from coordinator.sky.ranges import RANGE_ORDER, Ranges

Ints = NDArray[np.int64]

_SHIFT = 2 * (MAX_ORDER - RANGE_ORDER)
_CENTRE = 3 << (_SHIFT - 2)
"""Where the centre of a pixel of order 12 lies on the curve of order 29, from the pixel's beginning."""

_ORDER = re.compile(r"(\d+)/([\d,\-\s]*?)(?=\s*\d+/|\s*$)")


def ranges_of_moc(low: Ints, high: Ints) -> Ranges:
    """Pixels of order 12 whose centre lies in half-open ranges of nested pixels of order 29."""
    first, end = ((np.asarray(edge, np.int64) - _CENTRE + (1 << _SHIFT) - 1) >> _SHIFT for edge in (low, high))
    return Ranges.of(np.maximum(first, 0), end)


def edges_of_moc_text(text: str) -> tuple[Ints, Ints]:
    """Read a MOC in JSON or ASCII as half-open ranges of nested pixels of order 29; every cell is checked.

    Raises
    ------
    ValueError
        The text is of another kind, or names a cell that there is not.
    """
    cells = _json_cells(text) if text.lstrip().startswith("{") else _ascii_cells(text)
    for order, first, last in cells:
        if not 0 <= order <= MAX_ORDER or not 0 <= first <= last < 12 << 2 * order:
            raise ValueError(f"there is no cell {order}/{first}" + (f"-{last}" if last != first else ""))
    edges = [(first << 2 * (MAX_ORDER - order), (last + 1) << 2 * (MAX_ORDER - order)) for order, first, last in cells]
    both = np.array(edges, np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def _json_cells(text: str) -> list[tuple[int, int, int]]:
    found = []
    for order, cells in json.loads(text).items():
        if not isinstance(cells, list) or any(type(cell) is not int for cell in cells):
            raise ValueError(f"order {order} is no list of cells")
        found += [(int(order), cell, cell) for cell in cells]
    return found


def _ascii_cells(text: str) -> list[tuple[int, int, int]]:
    found = []
    for order, cells in _ORDER.findall(text):
        for cell in re.split(r"[,\s]+", cells.strip(" ,\n\t\r")):
            first, _, last = cell.partition("-")
            found += [(int(order), int(first), int(last or first))] if cell else []
    return found
