"""The galaxies of a catalogue around many places at once, as vetting wants them."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from coordinator.catalogues.index import GalaxyIndex
from coordinator.catalogues.read import Tally, read_table
from coordinator.lightcurves.cosmology import distance_per_redshift_mpc, redshift_at
from coordinator.planning.completeness import Completeness
from coordinator.planning.galaxies import Galaxies
from coordinator.planning.luminosity import B_BAND
from coordinator.planning.stretches import Ints
from coordinator.sky.nested import MAX_ORDER, pixel_at
from coordinator.sky.ranges import RANGE_ORDER, Ranges
from coordinator.vetting.chance import MOST_BY_ACCIDENT, RADIUS_ARCSEC, chance_coincidence
from coordinator.vetting.hosts import ASSUMED_ERR
from coordinator.vetting.neighbours import Answer, Galaxy
from telescopes.description.ephemeris import directions
from telescopes.description.errors import Refused

CELL_ORDER = 8
"""Cells of 14 arcminutes: one and its eight neighbours hold every place within the radius."""

ASSUMED_DISTANCE_ERR = 0.3
"""Relative error of a distance that comes without one, up to that of a redshift from colours: of GLADE's galaxies at
transients with spectra some are off by a half."""

B_TO_R_MAG = -1.0
K_TO_R_MAG = 2.8
"""From Vega magnitudes of a galaxy as B and K have them to AB in r: the middle of galaxies of all types, which differ
by half a magnitude (Fukugita et al. 1995, PASP 107, 945, for B; an assumed mean for K)."""


@dataclass(frozen=True, slots=True, eq=False)
class KnownGalaxies:
    """A catalogue that is ready: how to get the galaxies of a region, their names, and how complete it is."""

    source: str
    in_region: Callable[[Ranges], Galaxies]
    names: Callable[[Ints], list[str]]
    completeness: Completeness | None = None
    as_of: datetime | None = None
    complete_to_mag: float | None = field(init=False)

    def __post_init__(self) -> None:
        """Say how complete it is as a magnitude."""
        object.__setattr__(self, "complete_to_mag", limit_of(self.completeness))

    def around(self, ra_deg: Sequence[float], dec_deg: Sequence[float]) -> list[Answer[Galaxy]]:
        """Return what it knows around each place, degrees ICRS: galaxies within `RADIUS_ARCSEC`, nearest first."""
        if not len(ra_deg):
            return []
        places = directions(np.asarray(ra_deg, np.float64), np.asarray(dec_deg, np.float64))
        region = self.in_region(_cells_around(ra_deg, dec_deg))
        place, which, apart = _pairs(places, region)
        near = _galaxies(region.chosen(which), self.names(region.row[which]), apart)
        by_place: list[list[Galaxy]] = [[] for _ in ra_deg]
        for at, galaxy in zip(place.tolist(), near, strict=True):
            if galaxy.mag is None or chance_coincidence(galaxy.separation_arcsec, galaxy.mag) <= MOST_BY_ACCIDENT:
                by_place[at].append(galaxy)
        nothing: Answer[Galaxy] = Answer(self.source, (), self.as_of, self.complete_to_mag)
        return [replace(nothing, found=_nearest_first(its)) if its else nothing for its in by_place]


def of_index(index: GalaxyIndex) -> KnownGalaxies:
    """Ask an index on disk, which holds only what it is asked for in memory."""
    source = f"galaxies of {', '.join(s.file for s in index.manifest.sources)}"
    return KnownGalaxies(source, lambda region: index.galaxies(region), index.names, index.manifest.completeness)


def of_table(path: Path) -> tuple[KnownGalaxies, Tally]:
    """Read a small table of galaxies whole; how complete it is nobody knows.

    Raises
    ------
    Refused
        It is no table of galaxies, or no row of it can be used.
    """
    tally = Tally()
    lots = list(read_table(path, tally))
    names = np.concatenate([rows.name for rows in lots]) if lots else np.empty(0, "S1")
    if not names.size:
        first = f"; {tally.named[0]}" if tally.named else ""
        raise Refused(f"no galaxy can be used{first}", where=str(path), mend="give positions and distances")
    column = {name: np.concatenate([rows.number[name] for rows in lots]) for name in lots[0].number}
    ra, dec, distance = (column.pop(name) for name in ("ra_deg", "dec_deg", "distance_mpc"))
    every = Galaxies.of(ra, dec, distance, **column)

    def in_region(region: Ranges) -> Galaxies:
        return every.chosen(region.contains(every.key >> (2 * (MAX_ORDER - RANGE_ORDER))))

    return KnownGalaxies(
        f"galaxies of {path.name}", in_region, lambda row: [n.decode(errors="ignore") for n in names[row].tolist()]
    ), tally


def limit_of(completeness: Completeness | None) -> float | None:
    """Return the r magnitude to which a catalogue holds all galaxies, from the share of starlight that it holds.

    Notes
    -----
    The limit at which a Schechter function in B would lose half of its light at the distance where the catalogue does.
    """
    if completeness is None:
        return None
    from scipy.special import gammainccinv  # not at the top: most starts do without galaxies

    share = np.asarray(completeness.share)
    if share[0] < 0.5 or share[-1] >= 0.5:
        return None
    first = int(np.argmax(share < 0.5))
    half_mpc = float(np.interp(-0.5, -share[first - 1 : first + 1], completeness.distance_mpc[first - 1 : first + 1]))
    luminosity = float(gammainccinv(B_BAND.slope + 2.0, 0.5))
    absolute = B_BAND.characteristic_mag - 2.5 * math.log10(luminosity)
    return float(absolute + 5.0 * math.log10(half_mpc) + 25.0 + B_TO_R_MAG)


def _cells_around(ra_deg: Sequence[float], dec_deg: Sequence[float]) -> Ranges:
    """Return the cells that hold the places, and all that touch them."""
    import healpy  # not at the top: it brings matplotlib

    own = np.unique(pixel_at(CELL_ORDER, np.asarray(ra_deg), np.asarray(dec_deg)))
    beside = healpy.get_all_neighbours(1 << CELL_ORDER, own, nest=True).ravel()
    return Ranges.of_pixels(CELL_ORDER, np.unique(np.concatenate([own, beside[beside >= 0]])))


def _pairs(places: NDArray[np.float64], found: Galaxies) -> tuple[Ints, Ints, NDArray[np.float64]]:
    """Number of the place, of the galaxy, and arcsec between them, of all that are within the radius of each other."""
    from scipy.spatial import cKDTree

    if not len(found):
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    vectors = found.vectors
    chord = 2.0 * math.sin(math.radians(RADIUS_ARCSEC / 3600.0) / 2.0)
    near = cKDTree(vectors).query_ball_point(places, chord)
    place = np.repeat(np.arange(len(places)), [len(which) for which in near])
    which = np.fromiter(chain.from_iterable(near), np.int64, place.size)
    by = np.argsort(which, kind="stable")  # along the curve, as galaxies are kept
    place, which = place[by], which[by]
    half = np.linalg.norm(vectors[which] - places[place], axis=1) / 2.0
    return place, which, np.degrees(2.0 * np.arcsin(half)) * 3600.0


def _galaxies(found: Galaxies, names: Sequence[str], apart_arcsec: NDArray[np.float64]) -> Iterator[Galaxy]:
    """Turn rows into neighbours; a distance is told as the redshift that such a distance has."""
    z = redshift_at(found.distance_mpc)
    known = zip(names, apart_arcsec.tolist(), _r_mag(found).tolist(), z.tolist(), _redshift_err(z, found), strict=True)
    for i, (name, apart, mag, redshift, error) in enumerate(known):
        named = name or f"galaxy at {found.ra_deg[i]:.5f} {found.dec_deg[i]:+.5f}"
        far = (redshift, error) if math.isfinite(redshift) else (None, None)
        yield Galaxy(named, apart, mag if math.isfinite(mag) else None, *far)


def _redshift_err(z: NDArray[np.float64], found: Galaxies) -> list[float]:
    stated = found.distance_err_mpc / distance_per_redshift_mpc(z, found.distance_mpc)
    assumed = np.minimum(ASSUMED_DISTANCE_ERR * z, ASSUMED_ERR * (1.0 + z))
    errors: list[float] = np.where(np.isfinite(stated), stated, assumed).tolist()
    return errors


def _r_mag(found: Galaxies) -> NDArray[np.float64]:
    return np.where(np.isfinite(found.b_mag), found.b_mag + B_TO_R_MAG, found.k_mag + K_TO_R_MAG)


def _nearest_first(galaxies: Iterable[Galaxy]) -> tuple[Galaxy, ...]:
    return tuple(sorted(galaxies, key=lambda g: (g.separation_arcsec, g.name)))
