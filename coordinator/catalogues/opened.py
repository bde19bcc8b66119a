"""Catalogues of any form by their folders, and what all of them know around candidates."""

from collections.abc import Sequence
from pathlib import Path

from coordinator.catalogues.galaxies_around import KnownGalaxies, of_index
from coordinator.catalogues.index import GalaxyIndex
from coordinator.catalogues.point_manifest import SCHEMA as POINTS
from coordinator.catalogues.point_manifest import schema_of
from coordinator.catalogues.point_neighbours import PointCatalogues
from coordinator.catalogues.points import PointIndex
from coordinator.services.surroundings import Around
from coordinator.vetting.candidate import Candidate
from coordinator.vetting.neighbours import Neighbours, Surroundings, joined

Catalogue = GalaxyIndex | PointIndex


def open_catalogue(folder: Path) -> Catalogue:
    """Open a catalogue of galaxies or of points.

    Raises
    ------
    Refused
        The folder is none, or is damaged so that one can see it without reading all of it.
    """
    return PointIndex.open(folder) if schema_of(folder) == POINTS else GalaxyIndex.open(folder)


def surroundings_in(folders: Sequence[Path]) -> Around:
    """Open catalogues that candidates are compared with.

    Raises
    ------
    Refused
        A folder is none.
    """
    opened = [open_catalogue(folder) for folder in folders]
    points = PointCatalogues(tuple(index for index in opened if isinstance(index, PointIndex)))
    galaxies = [of_index(index) for index in opened if isinstance(index, GalaxyIndex)]

    def around(candidates: Sequence[Candidate]) -> Surroundings:
        return joined([galaxies_around(galaxies, candidates), points.around(candidates)])

    return around


def galaxies_around(catalogues: Sequence[KnownGalaxies], candidates: Sequence[Candidate]) -> Surroundings:
    """Ask each catalogue of galaxies about all candidates."""
    if not catalogues or not candidates:
        return Surroundings()
    ra_deg, dec_deg = [c.ra_deg for c in candidates], [c.dec_deg for c in candidates]
    # All at once, so that no answer's identity passes to a later one.
    by_place = list(zip(*(known.around(ra_deg, dec_deg) for known in catalogues), strict=True))
    made: dict[tuple[int, ...], Neighbours] = {}  # nothing was found at most places, and they share that answer
    found: dict[str, Neighbours] = {}
    for candidate, its in zip(candidates, by_place, strict=True):
        found[candidate.id] = made.setdefault(tuple(map(id, its)), Neighbours(galaxies=its))
    return Surroundings(found)
