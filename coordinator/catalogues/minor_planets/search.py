"""Who of the solar system was near a place at an instant: by cells of the day first, then exactly."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from coordinator.catalogues.minor_planets.build import ELEMENTS, Manifest, read_manifest
from coordinator.catalogues.minor_planets.daily import (
    FAST_ARCSEC,
    FAST_CELL,
    ORDER,
    PARALLAX_ARCSEC_AU,
    ROW,
    STALE_D,
    day_of,
    mjd_of,
)
from coordinator.catalogues.minor_planets.elements import RECORD, Elements
from coordinator.catalogues.minor_planets.observer import mjd_tt, mjd_utc, observers_au, when_of
from coordinator.catalogues.minor_planets.orbits import Orbits, magnitude
from coordinator.sky.nested import MAX_RADIUS_RAD, pixel_vectors
from coordinator.vetting.minor_planet_radius import reach_arcsec
from coordinator.vetting.neighbours import Answer, MinorPlanet
from coordinator.vetting.tangent import ARCSEC, unit_vectors
from telescopes.description.ephemeris import DAY_S, Array
from telescopes.description.errors import Refused
from telescopes.description.telescope import Site

PAIRS_AT_ONCE = 500_000
"""So many pairs of a place and a body are looked at together: memory holds some tens of MB."""
DAYS_OPEN = 64
RATE_STEP_D = 1.0 / 144.0
_WIDEST_ARCSEC = 600.0
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
class MinorPlanets:
    """A folder of positions that is open: mapped from disk, a day when it is asked for."""

    folder: Path
    manifest: Manifest
    records: NDArray[np.void]
    _open: dict[date, tuple[NDArray[np.void], Ints]] = field(default_factory=dict)

    @classmethod
    def open(cls, folder: Path) -> "MinorPlanets":
        """Open a folder that `build` made.

        Raises
        ------
        Refused
            It is none, or its elements are not as many as it says.
        """
        manifest = read_manifest(folder)
        return cls(folder, manifest, _mapped(folder / ELEMENTS, RECORD, manifest.bodies))

    @property
    def as_of(self) -> datetime:
        """When the elements are right."""
        return when_of(self.manifest.epoch_mjd)

    @property
    def source(self) -> str:
        """What it is, for people."""
        said = self.manifest.note or "minor planets"
        return f"{said}, {self.manifest.bodies} bodies, elements of {self.as_of:%Y-%m-%d}"

    def near(self, seen: Sequence[Seen]) -> list[Answer[MinorPlanet]]:
        """Say for each of many sightings which bodies were there, nearest first.

        What lies within 10 arcsec and twice the way that the body goes in the time's error is found, and within
        25 arcsec where something was seen in a single visit. Without a site the parallax is part of the error.
        """
        found: list[list[MinorPlanet]] = [[] for _ in seen]
        silent = [self.silent_because(one.time) for one in seen]
        by_day: dict[date, list[int]] = {}
        utc_mjd = np.array([np.nan if one.time is None else mjd_utc(one.time) for one in seen])
        for i in range(len(seen)):
            if silent[i] is None:
                by_day.setdefault(day_of(utc_mjd[i]), []).append(i)
        for day, which in by_day.items():
            self._search(day, [seen[i] for i in which], utc_mjd[which], which, found)
        return [
            Answer(self.source, tuple(sorted(bodies, key=lambda b: b.separation_arcsec)), self.as_of, None, because)
            for bodies, because in zip(found, silent, strict=True)
        ]

    def silent_because(self, time: datetime | None) -> str | None:
        """Say why nothing can be said of an instant; None: it can."""
        if time is None:
            return "it is not known when it was seen"
        apart_d = abs(mjd_utc(time) - self.manifest.epoch_mjd)
        if apart_d > STALE_D:
            return f"elements are of {self.as_of:%Y-%m-%d}, {apart_d:.0f} d from then: more than {STALE_D:.0f}"
        day = day_of(mjd_utc(time)).isoformat()
        if day not in self.manifest.days:
            return f"no positions were made for {day}"
        return None

    def _search(
        self, day: date, seen: Sequence[Seen], utc_mjd: Array, which: list[int], found: list[list[MinorPlanet]]
    ) -> None:
        rows, first = self._day(day)
        lot = _Lot.of(seen, utc_mjd, mjd_of(day) + 0.5)
        for place, body in _pairs(lot, rows, first):
            for k, one in self._exactly(lot, place, rows["row"][body].astype(np.int64)):
                found[which[k]].append(one)

    def _exactly(self, lot: "_Lot", place: Ints, bodies: Ints) -> Iterator[tuple[int, MinorPlanet]]:
        """Work out where bodies were, as seen from the sites, and give those that were there, by their places."""
        if not place.size:
            return
        elements = Elements(self.records[bodies])
        orbits = Orbits.of(elements)
        at, sun = orbits.seen_from(lot.observer_au[place], lot.tt_mjd[place])
        later, _ = orbits.seen_from(lot.later_au[place], lot.tt_mjd[place] + RATE_STEP_D)
        apart = _angle_arcsec(at, unit_vectors(lot.ra_deg, lot.dec_deg)[place])
        rate = _angle_arcsec(at, later) / (RATE_STEP_D * 24.0)
        error = rate * lot.err_d[place] * 24.0
        error += np.where(lot.has_site[place], 0.0, PARALLAX_ARCSEC_AU / np.linalg.norm(at, axis=1) / 2.0)
        bright = magnitude(elements.records["h_mag"], elements.records["slope"], at, sun)
        for i in np.flatnonzero(apart <= _WIDEST_ARCSEC):
            k = int(place[i])
            if apart[i] <= reach_arcsec(float(error[i]), bool(lot.single_visit[k])):
                name = elements.records["name"][i].decode(errors="replace")
                mag = float(bright[i]) if np.isfinite(bright[i]) else None
                yield k, MinorPlanet(name, float(apart[i]), float(rate[i]), mag, float(error[i]))

    def _day(self, day: date) -> tuple[NDArray[np.void], Ints]:
        """Open a day's file; return it and where each cell begins."""
        if day not in self._open:
            if len(self._open) >= DAYS_OPEN:
                self._open.pop(next(iter(self._open)))
            fresh = self.manifest.days[day.isoformat()].bodies
            rows = _mapped(self.folder / f"{day.isoformat()}.npy", ROW, fresh)
            cells = np.ascontiguousarray(rows["cell"])
            self._open[day] = rows, np.searchsorted(cells, np.arange(FAST_CELL + 2)).astype(np.int64)
        return self._open[day]


@dataclass(frozen=True, slots=True, eq=False)
class _Lot:
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
    def of(cls, seen: Sequence[Seen], utc_mjd: Array, noon_mjd: float) -> "_Lot":
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


def _pairs(lot: _Lot, rows: NDArray[np.void], first: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Pair places with the bodies that may be there: numbers of places, and rows of the day."""
    waiting: list[tuple[int, int, int]] = []
    size = 0
    for k, cells in enumerate(_cells_near(lot.ra_deg, lot.dec_deg)):
        for cell in (*cells, FAST_CELL):
            low, high = int(first[cell]), int(first[cell + 1])
            if high > low:
                waiting.append((k, low, high))
                size += high - low
        if size >= PAIRS_AT_ONCE:
            yield _possible(waiting, rows, lot)
            waiting, size = [], 0
    if waiting:
        yield _possible(waiting, rows, lot)


def _possible(waiting: list[tuple[int, int, int]], rows: NDArray[np.void], lot: _Lot) -> tuple[Ints, Ints]:
    """Keep the pairs whose body, on its straight way through the day, may come near enough."""
    place = np.repeat([k for k, _, _ in waiting], [high - low for _, low, high in waiting])
    body = np.concatenate([np.arange(low, high, dtype=np.int64) for _, low, high in waiting])
    some = np.concatenate([rows[low:high] for _, low, high in waiting])
    days = lot.since_noon_d[place]
    moves = np.abs(some["east_arcsec_d"]) + np.abs(some["north_arcsec_d"])
    error = np.minimum(moves * lot.err_d[place], _WIDEST_ARCSEC / 2.0) + some["slack_arcsec"]
    widest = reach_arcsec(0.0, True) + 2.0 * error + _OFF_BY_ROUNDING_ARCSEC
    apart = 3600.0 * np.abs(lot.dec_deg[place] - some["dec_deg"])  # most are out by this alone
    kept = np.flatnonzero(apart <= moves * np.abs(days) + widest)
    place, body, some, days, widest = place[kept], body[kept], some[kept], days[kept], widest[kept]
    d, b = np.radians(lot.dec_deg[place]), np.radians(some["dec_deg"].astype(np.float64))
    turn = np.radians(lot.ra_deg[place] - some["ra_deg"])
    same_side = np.cos(turn) * np.cos(d) * np.cos(b) + np.sin(d) * np.sin(b) > 0
    east = np.cos(d) * np.sin(turn) / ARCSEC - some["east_arcsec_d"] * days
    north = (np.sin(d) * np.cos(b) - np.cos(d) * np.sin(b) * np.cos(turn)) / ARCSEC - some["north_arcsec_d"] * days
    near = (same_side & (np.hypot(east, north) <= widest)) | np.isinf(widest)
    return place[near], body[near]


def _cells_near(ra: Array, dec: Array) -> list[list[int]]:
    """Return for each place the cells from which a body can come within the day."""
    reach = (FAST_ARCSEC + _WIDEST_ARCSEC) * ARCSEC + MAX_RADIUS_RAD / 2**ORDER
    return [np.flatnonzero(_centres() @ there > np.cos(reach)).tolist() for there in unit_vectors(ra, dec)]


@lru_cache(maxsize=1)
def _centres() -> Array:
    return pixel_vectors(ORDER, np.arange(12 * 4**ORDER, dtype=np.int64))


def _angle_arcsec(a: Array, b: Array) -> Array:
    """Angles between vectors, row by row; exact for small ones."""
    across = np.linalg.norm(np.cross(a, b), axis=1)
    return np.asarray(np.arctan2(across, np.einsum("ij,ij->i", a, np.broadcast_to(b, a.shape))) / ARCSEC)


def _mapped(path: Path, dtype: np.dtype[np.void], count: int) -> NDArray[np.void]:
    mend = "make the folder of minor planets again"
    try:
        rows: NDArray[np.void] = np.load(path, mmap_mode="r" if count else None, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise Refused(f"cannot be read ({error})", where=str(path), mend=mend) from error
    if rows.dtype != dtype or rows.shape != (count,):
        raise Refused(f"has not {count} rows as it should", where=str(path), mend=mend)
    return rows
