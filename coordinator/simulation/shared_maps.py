"""Sky maps read once for all coordinators that share a process: what a map says does not depend on who reads it."""

from functools import lru_cache

from coordinator.services.assess import MapSummary
from coordinator.services.map_summary import summarise_map
from coordinator.services.planner import PlannerWork
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.read import read_skymap
from coordinator.sky.skymap import SkyMap

MOST = 8


class SharedWork(PlannerWork):
    """`PlannerWork` that reads a map at most once a process while it is among the last ones used."""

    def skymap(self, sha256: str) -> SkyMap:
        """Return a map."""
        return _skymap(self.fetch(sha256))

    def curve(self, skymap_sha256: str) -> ProbabilityCurve:
        """Return a map as cumulative probability."""
        return _curve(self.skymap(skymap_sha256))


@lru_cache(maxsize=MOST)
def summarised(data: bytes) -> MapSummary:
    """Sum a map up."""
    return summarise_map(data)


@lru_cache(maxsize=MOST)
def _skymap(data: bytes) -> SkyMap:
    return read_skymap(data)


@lru_cache(maxsize=MOST)
def _curve(sky: SkyMap) -> ProbabilityCurve:
    return ProbabilityCurve.of(sky)
