"""Which bodies may have been near a place: by cells of the day, by declination, then by their straight way."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from coordinator.catalogues.minor_planets.daily import FAST_ARCSEC, FAST_CELL, ORDER
from coordinator.catalogues.minor_planets.observer import mjd_tt, observers_au
from coordinator.sky.nested import MAX_RADIUS_RAD, pixel_vectors
from coordinator.vetting.minor_planet_radius import reach_arcsec
from coordinator.vetting.tangent import ARCSEC, unit_vectors
from telescopes.description.ephemeris import DAY_S, Array
from telescopes.description.telescope import Site

PAIRS_AT_ONCE = 100_000
"""So many pairs of a place and a body are looked at together: memory holds some tens of MB."""
RATE_STEP_D = 1.0 / 144.0
WIDEST_ARCSEC = 600.0
"""A search by a time so uncertain that it reaches farther than this is cut here."""
_OFF_BY_ROUNDING_ARCSEC = 0.2
"""Places of the day are held in single precision."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Seen:
    """Where something was seen, when, and from where; `time_err_s` one sigma, `site` None: from who knows where."""

    ra_deg: float
    dec_deg: float
    time: datetime | None
    time_err_s: float = 0.0
    site: Site | None = None
    single_visit: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class OpenDay:
    """A day's file, mapped, and in memory what most bodies are put out by.

    Attributes
    ----------
    rows : structured array of `daily.ROW`, shape (n,)
    first : int64 array
        Where each cell begins among the rows.
    dec_deg, moves_arcsec_d, reach_arcsec : float32 arrays, shape (n,)
        Declination at noon, no less than the way of a day, and how near to that way a place has to be.
    """

    rows: NDArray[np.void]
    first: Ints
    dec_deg: NDArray[np.float32]
    moves_arcsec_d: NDArray[np.float32]
    reach_arcsec: NDArray[np.float32]

    @classmethod
    def of(cls, rows: NDArray[np.void]) -> "OpenDay":
        """Read the columns."""
        cells = np.ascontiguousarray(rows["cell"])
        return cls(
            rows,
            np.searchsorted(cells, np.arange(FAST_CELL + 2)).astype(np.int64),
            np.ascontiguousarray(rows["dec_deg"]),
            np.abs(rows["east_arcsec_d"]) + np.abs(rows["north_arcsec_d"]),
            2 * rows["slack_arcsec"] + np.float32(reach_arcsec(0.0, True) + 2 * _OFF_BY_ROUNDING_ARCSEC),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Lot:
    """Places of one day as columns, n of them; observers' places in au from the Sun, shape (n, 3)."""

    ra_deg: Array
    dec_deg: Array
    since_noon_d: Array
    err_d: Array
    tt_mjd: Array
    observer_au: Array
    later_au: Array
    has_site: NDArray[np.bool_]
    single_visit: NDArray[np.bool_]

    @classmethod
    def of(cls, seen: Sequence[Seen], utc_mjd: Array, noon_mjd: float) -> "Lot":
        """Put sightings of known time side by side."""
        sites = [one.site for one in seen]
        return cls(
            ra_deg=np.array([one.ra_deg for one in seen], np.float64),
            dec_deg=np.array([one.dec_deg for one in seen], np.float64),
            since_noon_d=utc_mjd - noon_mjd,
            err_d=np.array([one.time_err_s for one in seen], np.float64) / DAY_S,
            tt_mjd=utc_mjd + (mjd_tt(noon_mjd) - noon_mjd),
            observer_au=observers_au(sites, utc_mjd),
            later_au=observers_au(sites, utc_mjd + RATE_STEP_D),
            has_site=np.array([site is not None for site in sites]),
            single_visit=np.array([one.single_visit for one in seen]),
        )


def pairs_of(lot: Lot, day: OpenDay) -> Iterator[tuple[Ints, Ints]]:
    """Pair places with the bodies that may be there: numbers of places, and rows of the day; some at a time."""
    places: list[Ints] = []
    bodies: list[Ints] = []
    size = 0
    for k, cells in enumerate(_cells_near(lot.ra_deg, lot.dec_deg)):
        found = _by_declination(lot, k, [*cells, FAST_CELL], day)
        places.append(np.full(found.size, k, np.int64))
        bodies.append(found)
        size += found.size
        if size >= PAIRS_AT_ONCE:
            yield _on_their_way(np.concatenate(places), np.concatenate(bodies), lot, day)
            places, bodies, size = [], [], 0
    if size:
        yield _on_their_way(np.concatenate(places), np.concatenate(bodies), lot, day)


def _by_declination(lot: Lot, k: int, cells: list[int], day: OpenDay) -> Ints:
    """Return the rows in some cells that the body's way through the day does not keep from one place."""
    dec, days = np.float32(lot.dec_deg[k]), np.float32(abs(lot.since_noon_d[k]) + 2.0 * lot.err_d[k])
    found = []
    for low, high in _spans(cells, day.first):
        apart = np.float32(3600.0) * np.abs(day.dec_deg[low:high] - dec)
        near = np.flatnonzero(apart <= day.moves_arcsec_d[low:high] * days + day.reach_arcsec[low:high])
        if near.size:
            found.append(near + low)
    return np.concatenate(found) if found else np.zeros(0, np.int64)


def _spans(cells: list[int], first: Ints) -> list[tuple[int, int]]:
    """Return the rows of some cells, from the first to before the last; cells that lie side by side as one."""
    spans: list[tuple[int, int]] = []
    for low, high in zip(first[cells].tolist(), first[np.add(cells, 1)].tolist(), strict=True):
        if low == high:
            continue
        if spans and spans[-1][1] == low:
            spans[-1] = (spans[-1][0], high)
        else:
            spans.append((low, high))
    return spans


def _on_their_way(place: Ints, body: Ints, lot: Lot, day: OpenDay) -> tuple[Ints, Ints]:
    """Keep the pairs whose body, on its straight way through the day, may come near enough."""
    some, days = day.rows[body], lot.since_noon_d[place]
    error = np.minimum(day.moves_arcsec_d[body] * lot.err_d[place], WIDEST_ARCSEC / 2.0)
    widest = day.reach_arcsec[body] + 2.0 * error
    d, b = np.radians(lot.dec_deg[place]), np.radians(some["dec_deg"].astype(np.float64))
    turn = np.radians(lot.ra_deg[place] - some["ra_deg"])
    same_side = np.cos(turn) * np.cos(d) * np.cos(b) + np.sin(d) * np.sin(b) > 0
    east = np.cos(d) * np.sin(turn) / ARCSEC - some["east_arcsec_d"] * days
    north = (np.sin(d) * np.cos(b) - np.cos(d) * np.sin(b) * np.cos(turn)) / ARCSEC - some["north_arcsec_d"] * days
    near = (same_side & (np.hypot(east, north) <= widest)) | np.isinf(widest)
    return place[near], body[near]


def _cells_near(ra: Array, dec: Array) -> list[list[int]]:
    """Return for each place the cells from which a body can come within the day."""
    reach = (FAST_ARCSEC + WIDEST_ARCSEC) * ARCSEC + MAX_RADIUS_RAD / 2**ORDER
    return [np.flatnonzero(_centres() @ there > np.cos(reach)).tolist() for there in unit_vectors(ra, dec)]


@lru_cache(maxsize=1)
def _centres() -> Array:
    return pixel_vectors(ORDER, np.arange(12 * 4**ORDER, dtype=np.int64))
