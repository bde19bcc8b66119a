"""Catalogues of any form by their folders, and what all of them know around candidates."""

from collections.abc import Sequence
from pathlib import Path

from coordinator.catalogues.index import GalaxyIndex
from coordinator.catalogues.point_manifest import SCHEMA as POINTS
from coordinator.catalogues.point_manifest import schema_of
from coordinator.catalogues.point_neighbours import PointCatalogues
from coordinator.catalogues.points import PointIndex
from coordinator.services.surroundings import Around

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
    return PointCatalogues(tuple(index for index in opened if isinstance(index, PointIndex))).around
