"""Who of the solar system was near a place at an instant: by cells of the day first, then exactly."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from coordinator.catalogues.minor_planets.build import ELEMENTS, Manifest, read_manifest
from coordinator.catalogues.minor_planets.daily import PARALLAX_ARCSEC_AU, ROW, STALE_D, day_of, mjd_of
from coordinator.catalogues.minor_planets.elements import RECORD, Elements
from coordinator.catalogues.minor_planets.observer import mjd_utc, when_of
from coordinator.catalogues.minor_planets.orbits import Orbits, magnitude
from coordinator.catalogues.minor_planets.possible import (
    RATE_STEP_D,
    WIDEST_ARCSEC,
    Lot,
    OpenDay,
    Seen,
    pairs_of,
)
from coordinator.vetting.minor_planet_radius import reach_arcsec
from coordinator.vetting.neighbours import Answer, MinorPlanet
from coordinator.vetting.tangent import ARCSEC, unit_vectors
from telescopes.description.ephemeris import Array
from telescopes.description.errors import Refused

DAYS_OPEN = 16

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class MinorPlanets:
    """A folder of positions that is open: mapped from disk, a day when it is asked for."""

    folder: Path
    manifest: Manifest
    records: NDArray[np.void]
    _open: dict[date, OpenDay] = field(default_factory=dict)

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
        open_day = self._day(day)
        lot = Lot.of(seen, utc_mjd, mjd_of(day) + 0.5)
        for place, body in pairs_of(lot, open_day):
            for k, one in self._exactly(lot, place, open_day.rows["row"][body].astype(np.int64)):
                found[which[k]].append(one)

    def _exactly(self, lot: Lot, place: Ints, bodies: Ints) -> Iterator[tuple[int, MinorPlanet]]:
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
        for i in np.flatnonzero(apart <= WIDEST_ARCSEC):
            k = int(place[i])
            if apart[i] <= reach_arcsec(float(error[i]), bool(lot.single_visit[k])):
                name = elements.records["name"][i].decode(errors="replace")
                mag = float(bright[i]) if np.isfinite(bright[i]) else None
                yield k, MinorPlanet(name, float(apart[i]), float(rate[i]), mag, float(error[i]))

    def _day(self, day: date) -> OpenDay:
        """Open a day's file, or find it open."""
        if day not in self._open:
            if len(self._open) >= DAYS_OPEN:
                self._open.pop(next(iter(self._open)))
            bodies = self.manifest.days[day.isoformat()].bodies
            self._open[day] = OpenDay.of(_mapped(self.folder / f"{day.isoformat()}.npy", ROW, bodies))
        return self._open[day]


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
