"""The planner at work: maps found by their sha256, read once, and kept while they are needed."""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from coordinator.planning.make import plan
from coordinator.planning.plan import Plan
from coordinator.planning.request import EventToPlan, PlanRequest, TelescopeToPlan
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.footprints import footprint_ranges
from coordinator.sky.ranges import Ranges
from coordinator.sky.read import read_skymap
from coordinator.sky.skymap import MapFacts, SkyMap
from telescopes.description.footprint import Footprint
from telescopes.description.telescope import Telescope

MOST_MAPS = 8


@dataclass
class PlannerWork:
    """Plans, curves and footprints; synchronous, and pure but for a cache of maps."""

    fetch: Callable[[str], bytes]
    _maps: "OrderedDict[str, SkyMap]" = field(default_factory=OrderedDict)

    def warm(self, telescopes: Iterable[Telescope], now: datetime) -> None:
        """Make a small plan of a made-up sky, so that the first real one finds everything loaded and tables made."""
        order, pixels = 5, np.arange(12 * 4**5)
        density = np.exp(-0.5 * ((pixels - pixels.mean()) / 50.0) ** 2)
        cells = np.full(pixels.size, order)
        sky = SkyMap(cells, pixels, density / density.sum(), MapFacts(sha256="warm"))
        everybody = tuple(TelescopeToPlan(t, now) for t in telescopes)
        request = PlanRequest((EventToPlan("warm", 1, "warm", now),), everybody, now, now + timedelta(hours=24))
        plan(request, {"warm": sky})

    def skymap(self, sha256: str) -> SkyMap:
        """Return a map, read at most once while it is among the last ones used."""
        if sha256 not in self._maps:
            self._maps[sha256] = read_skymap(self.fetch(sha256))
            while len(self._maps) > MOST_MAPS:
                self._maps.popitem(last=False)
        self._maps.move_to_end(sha256)
        return self._maps[sha256]

    def plan(self, request: PlanRequest) -> Plan:
        """Make a plan."""
        return plan(request, {e.skymap_sha256: self.skymap(e.skymap_sha256) for e in request.events})

    def curve(self, skymap_sha256: str) -> ProbabilityCurve:
        """Return a map as cumulative probability."""
        return ProbabilityCurve.of(self.skymap(skymap_sha256))

    def ranges_of(self, footprint: Footprint, ra_deg: float, dec_deg: float, position_angle_deg: float) -> Ranges:
        """Say which sky a footprint covers there."""
        return footprint_ranges(footprint, ra_deg, dec_deg, position_angle_deg)
