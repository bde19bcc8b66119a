"""Where every body is on a day, sorted by cells of the sky: enough to say who can be near, not where exactly."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from coordinator.catalogues.minor_planets.observer import MJD_OF_1970, earth_au, mjd_tt
from coordinator.catalogues.minor_planets.orbits import Orbits, radec_deg
from coordinator.sky.nested import pixel_at
from coordinator.vetting.tangent import ARCSEC
from telescopes.description.ephemeris import Array

ORDER = 5
FAST_CELL = 12 * 4**ORDER
"""Here stand the bodies that leave the neighbourhood of their cell within the day; they are looked at always."""
FAST_ARCSEC = 3600.0
"""From the middle of the day to its ends."""
STALE_D = 30.0
"""Two-body positions of older elements are not believed."""

PARALLAX_ARCSEC_AU = 8.8
_LEAST_SLACK_ARCSEC = 3.0
_BODIES_AT_ONCE = 100_000

ROW = np.dtype(
    [
        ("cell", "<u2"),
        ("row", "<i4"),
        ("ra_deg", "<f4"),
        ("dec_deg", "<f4"),
        ("east_arcsec_d", "<f4"),
        ("north_arcsec_d", "<f4"),
        ("slack_arcsec", "<f4"),
    ]
)
"""Of each body: its row among the elements, its place at noon UTC, how it moves, and how far from that it may be."""


FASTEST_ARCSEC = 18000.0
"""Beyond this the sky is too round for straight lines: such a body may be anywhere."""


@dataclass(frozen=True, slots=True, eq=False)
class Day:
    """Bodies of one day (UTC, from midnight), by cell; only those whose elements are fresh enough for it."""

    day: date
    rows: NDArray[np.void]


def mjd_of(day: date) -> float:
    """MJD of a day's beginning."""
    return float(day.toordinal() - date(1970, 1, 1).toordinal()) + MJD_OF_1970


def day_of(mjd: float) -> date:
    """Return the day that an MJD lies in."""
    return date.fromordinal(int(mjd // 1) - int(MJD_OF_1970) + date(1970, 1, 1).toordinal())


def days_of(orbits: Orbits, epoch_mjd: Array, days: list[date]) -> Iterator[Day]:
    """Work out the places of all bodies, a day at a time; memory holds a day.

    Parameters
    ----------
    orbits : Orbits
        Bodies, n of them.
    epoch_mjd : float64 array, shape (n,)
        When their elements are right.
    days : list of date
        Increasing.
    """
    for day in days:
        start = mjd_of(day)
        fresh = np.flatnonzero(np.abs(epoch_mjd - (start + 0.5)) <= STALE_D + 0.5)
        tt = mjd_tt(start) + np.array([0.0, 0.5, 1.0])
        earth = earth_au(tt)
        cuts = [*range(0, fresh.size, _BODIES_AT_ONCE), fresh.size]
        lots = [_rows(orbits, fresh[a:b], tt, earth) for a, b in pairwise(cuts)]
        rows = np.concatenate(lots) if lots else np.zeros(0, ROW)
        yield Day(day, rows[np.argsort(rows["cell"], kind="stable")])


def _rows(orbits: Orbits, which: NDArray[np.int64], tt: Array, earth: Array) -> NDArray[np.void]:
    """Place some bodies; one whose orbit has no solution is left out."""
    some = orbits.at(which)
    seen = [some.seen_from(earth[i], tt[i])[0] for i in range(3)]
    ra, dec = radec_deg(seen[1])
    far = np.linalg.norm(seen[1], axis=1)
    before, after = (_offsets(ra, dec, vectors) for vectors in (seen[0], seen[2]))
    east, north = after[0] - before[0], after[1] - before[1]
    bend = np.hypot(after[0] + before[0], after[1] + before[1]) / 2.0  # off the straight line, at its ends
    found = np.zeros(which.size, ROW)
    reach = np.maximum(np.hypot(*before), np.hypot(*after))
    behind = np.any([np.einsum("ij,ij->i", seen[1], end) <= 0 for end in (seen[0], seen[2])], axis=0)
    fast = (reach > FAST_ARCSEC) | behind
    known = np.isfinite(ra) & np.isfinite(reach)
    found["cell"][known] = np.where(fast, FAST_CELL, pixel_at(ORDER, np.where(known, ra, 0), np.where(known, dec, 0)))[
        known
    ]
    found["row"], found["ra_deg"], found["dec_deg"] = which, ra, dec
    found["east_arcsec_d"], found["north_arcsec_d"] = east, north
    slack = 1.5 * bend + PARALLAX_ARCSEC_AU / far + _LEAST_SLACK_ARCSEC
    slack[fast] += 3.0 * bend[fast] + 0.05 * reach[fast]
    found["slack_arcsec"] = np.where(fast & ((reach > FASTEST_ARCSEC) | behind), np.inf, slack)
    return found[known]


def _offsets(ra_deg: Array, dec_deg: Array, vectors: Array) -> tuple[Array, Array]:
    """Offsets east and north of directions from places, row by row, arcsec."""
    ra, dec = np.radians(ra_deg), np.radians(dec_deg)
    x, y, z = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).T
    east = -np.sin(ra) * x + np.cos(ra) * y
    north = -np.sin(dec) * (np.cos(ra) * x + np.sin(ra) * y) + np.cos(dec) * z
    return east / ARCSEC, north / ARCSEC
