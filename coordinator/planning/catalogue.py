"""A catalogue's galaxies for one map: what depends on the two alone is worked out once and reused by every plan."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from coordinator.planning.completeness import Completeness
from coordinator.planning.galaxies import Galaxies
from coordinator.planning.galaxy_weights import GalaxyTargets, galaxy_targets
from coordinator.sky.skymap import SkyMap


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """Galaxies in the region of a map, and how complete their catalogue is; None: nobody knows.

    `lots` follow one another along the curve. They can be gone through again and again: a catalogue on disk gives them
    anew each time, so that no more of it is in memory than is being weighed.
    """

    lots: Iterable[Galaxies]
    completeness: Completeness | None = None


@dataclass(frozen=True, slots=True, eq=False)
class HostGalaxies:
    """The galaxies that may host an event's source."""

    catalogue: Catalogue
    sky: SkyMap
    _targets: dict[int, GalaxyTargets | None] = field(default_factory=dict)

    @property
    def distance_mpc(self) -> float | None:
        """Distance of the event; None: unknown."""
        return self.sky.facts.distance_mpc

    def targets(self, capacity: int) -> GalaxyTargets | None:
        """Galaxies that matter to telescopes that can make so many pointings; None: the map knows no distance.

        The capacity is rounded up to a power of two, so that a plan made again a little later finds them ready.
        """
        enough = 1 << max(capacity - 1, 0).bit_length()
        if enough not in self._targets:
            found = galaxy_targets(self.catalogue.lots, self.sky, enough, self.catalogue.completeness)
            self._targets[enough] = found
        return self._targets[enough]


@lru_cache(maxsize=4)
def host_galaxies(catalogue: Catalogue, sky: SkyMap) -> HostGalaxies:
    """Galaxies of a catalogue for a map; the last few are kept."""
    return HostGalaxies(catalogue, sky)
