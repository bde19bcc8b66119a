"""The galaxies of an index that may host the source of a map."""

from collections.abc import Iterator
from dataclasses import dataclass

from coordinator.catalogues.index import GalaxyIndex
from coordinator.planning.catalogue import Catalogue
from coordinator.planning.galaxies import Galaxies
from coordinator.planning.strategy import GALAXIES_WITHIN_MPC
from coordinator.sky.ranges import Ranges
from coordinator.sky.regions import credible_ranges
from coordinator.sky.skymap import SkyMap

REGION = 0.99
"""Galaxies outside of this credible region are left out."""

SPREADS = 4.0
"""And those farther from the source's mean distance than so many of its spreads."""


def catalogue_for(index: GalaxyIndex, sky: SkyMap) -> Catalogue:
    """Query an index by the region and the distance of a map; nothing where galaxies are no guide."""
    mean, spread = sky.facts.distance_mpc, sky.facts.distance_std_mpc
    if mean is None or mean >= GALAXIES_WITHIN_MPC:
        return Catalogue((), index.manifest.completeness)
    between = None if not spread else (max(0.0, mean - SPREADS * spread), mean + SPREADS * spread)
    return Catalogue(_Query(index, credible_ranges(sky, REGION), between), index.manifest.completeness)


@dataclass(frozen=True, slots=True, eq=False)
class _Query:
    """Galaxies of a region, read from disk each time that they are gone through."""

    index: GalaxyIndex
    region: Ranges
    distance_mpc: tuple[float, float] | None

    def __iter__(self) -> Iterator[Galaxies]:
        return self.index.lots(self.region, self.distance_mpc)
