"""Stars of the simulated sky: the same for every telescope, drawn cell by cell from the world's seed."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CELL_DEG = 0.5
DENSITY_DEG2 = 1500.0
MOST_STARS = 2000
FAINTEST_MAG = 20.5
BRIGHTEST_MAG = 11.0
COUNTS_SLOPE = 0.35
"""Stars brighter than m grow in number as 10 to the power of this times m."""


@dataclass(frozen=True, slots=True)
class Stars:
    """Places in degrees ICRS and AB magnitudes, arrays of one shape."""

    ra_deg: Floats
    dec_deg: Floats
    mag_ab: Floats


def stars_around(seed: int, ra_deg: float, dec_deg: float, radius_deg: float) -> Stars:
    """Return the stars of every cell that a circle touches; of a large circle the brightest of each cell alone."""
    cells = _cells(ra_deg, dec_deg, radius_deg)
    most = math.ceil(MOST_STARS / max(len(cells), 1))
    every = [_cell(seed, row, column, columns)[:, :most] for row, column, columns in cells]
    ra, dec, mag = np.concatenate(every, axis=1)
    return Stars(ra, dec, mag)


def _cells(ra_deg: float, dec_deg: float, radius_deg: float) -> list[tuple[int, int, int]]:
    """Rows of declination, each cut into about square cells: (row, column, columns in that row)."""
    first, last = (math.floor((dec_deg + step + 90.0) / CELL_DEG) for step in (-radius_deg, radius_deg))
    found = []
    for row in range(max(first, 0), min(last, _rows() - 1) + 1):
        columns = _columns(row)
        width = 360.0 / columns
        polar = max(abs(row * CELL_DEG - 90.0), abs((row + 1) * CELL_DEG - 90.0))
        # On a circle about the place no right ascension is further off than this, but for where it holds the pole.
        reach = 180.0 if polar >= 90.0 - radius_deg else radius_deg / math.cos(math.radians(polar))
        span = range(math.floor((ra_deg - reach) / width), math.floor((ra_deg + reach) / width) + 1)
        found += [(row, column, columns) for column in sorted({k % columns for k in span})]
    return found


def _rows() -> int:
    return round(180.0 / CELL_DEG)


def _columns(row: int) -> int:
    middle = math.radians((row + 0.5) * CELL_DEG - 90.0)
    return max(1, round(360.0 * math.cos(middle) / CELL_DEG))


def _cell(seed: int, row: int, column: int, columns: int) -> Floats:
    """Draw the stars of one cell, brightest first: rows of right ascension, declination, magnitude."""
    rng = np.random.default_rng([seed, row, column])
    south, north = (math.sin(math.radians((row + step) * CELL_DEG - 90.0)) for step in (0, 1))
    width = 360.0 / columns
    area_deg2 = math.radians(width) * (north - south) * math.degrees(1) ** 2
    count = int(rng.poisson(DENSITY_DEG2 * area_deg2))
    ra = (column + rng.random(count)) * width
    dec = np.degrees(np.arcsin(rng.uniform(south, north, count)))
    mag = np.maximum(FAINTEST_MAG + np.log10(1.0 - rng.random(count)) / COUNTS_SLOPE, BRIGHTEST_MAG)
    order = np.argsort(mag, kind="stable")
    return np.stack([ra[order], dec[order], mag[order]])
