"""Multi-order maps: a row is a cell with its UNIQ number and a density."""

import numpy as np
from numpy.typing import NDArray

from coordinator.sky.cells import MAX_ORDER, Cells, mended_probability, mending_warnings
from coordinator.sky.fits_table import Column, Table
from coordinator.sky.refusal import SMALLER, refusal

DENSITY, PROBABILITIES = "PROBDENSITY", ("PROB", "PROBABILITY")
DISTANCES = ("DISTMU", "DISTSIGMA", "DISTNORM")
MAX_ROWS = 20_000_000


def read_multiorder(table: Table) -> Cells:
    """Read the cells of a multi-order table."""
    if table.rows > MAX_ROWS:
        raise refusal(f"it has {table.rows} cells, more than {MAX_ROWS}", SMALLER)
    name = next((n for n in (DENSITY, *PROBABILITIES) if n in table.columns), None)
    if name is None:
        raise refusal(f"it has UNIQ but no PROBDENSITY, only {', '.join(table.columns)}")
    with_distance = all(n in table.columns for n in DISTANCES)
    columns = [table.columns[n] for n in (name, *(DISTANCES if with_distance else ()))]
    if any(not c.is_number or c.repeat != 1 for c in columns) or not _names_cells(table.columns["UNIQ"]):
        raise refusal("its columns do not hold one number a row")
    (piece,) = table.pieces(table.rows)
    order, ipix = split_uniq(piece.whole_numbers(table.columns["UNIQ"]))
    value, *distance = (piece.double(column) for column in columns)
    value, not_finite, unseen = mended_probability(value)
    probability = value * (np.pi / 3 / 4.0**order) if name == DENSITY else value
    layers = (distance[0], distance[1], distance[2]) if with_distance else None
    return Cells(order, ipix, probability, layers, mending_warnings(not_finite, unseen))


def split_uniq(uniq: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Order and nested pixel of UNIQ numbers; exact, unlike a logarithm."""
    if uniq.min() < 4 or uniq.max() >= 4 << (2 * MAX_ORDER + 2):
        raise refusal("a UNIQ number is none: it must lie between 4 and 2**62")
    first = np.array([4 << (2 * k) for k in range(1, MAX_ORDER + 1)], np.int64)
    order = np.searchsorted(first, uniq, side="right").astype(np.int64)
    return order, uniq - (np.int64(4) << (2 * order))


def _names_cells(uniq: Column) -> bool:
    return uniq.is_whole and uniq.repeat == 1
