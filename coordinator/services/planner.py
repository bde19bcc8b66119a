"""The planner at work: maps found by their sha256, read once, and kept while they are needed."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import numpy as np

from coordinator.planning.catalogue import Catalogue
from coordinator.planning.make import plan
from coordinator.planning.plan import Plan
from coordinator.planning.prepared import prepared
from coordinator.planning.recipe import SEARCH, visits_for
from coordinator.planning.request import EventToPlan, Forecast, PlanRequest, TelescopeToPlan
from coordinator.services.ports import CombinedMap
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.dust_map import DustMap
from coordinator.sky.footprints import footprint_ranges
from coordinator.sky.overlap import overlap_integral, together
from coordinator.sky.ranges import Ranges
from coordinator.sky.read import read_skymap
from coordinator.sky.regions import credible_areas
from coordinator.sky.skymap import MapFacts, SkyMap
from coordinator.sky.write_multiorder import write_multiorder
from telescopes.description.footprint import Footprint
from telescopes.description.telescope import Telescope

MOST_MAPS = 8
DAY_H = 24.0
WARM_HOURS = (2.0, 2 * DAY_H)
"""A plan in a hurry, with all its visits; and one that takes in every telescope's nights of today and tomorrow."""


@dataclass
class PlannerWork:
    """Plans, curves and footprints; synchronous, and pure but for a cache of maps.

    `galaxies` finds those that may host the source of a map, `dust` dims it, `forecasts` tells the weather by
    telescope; None: there is none of it.
    """

    fetch: Callable[[str], bytes]
    galaxies: Callable[[SkyMap], Catalogue] | None = None
    dust: DustMap | None = None
    forecasts: Callable[[], Mapping[str, tuple[Forecast, ...]]] | None = None
    _maps: "OrderedDict[str, SkyMap]" = field(default_factory=OrderedDict)
    _catalogues: dict[str, Catalogue] = field(default_factory=dict)
    _warm_for: date | None = None

    def warm(self, telescopes: Iterable[Telescope], now: datetime) -> None:
        """Make a small plan of a made-up sky, so that the first real one finds everything loaded and tables made.

        What depends on a site and a night alone is remembered from plan to plan: the nights of the next day are
        worked out too. Asked again on the same day it does nothing.
        """
        if self._warm_for == now.date():
            return
        self._warm_for = now.date()
        order, pixels = 5, np.arange(12 * 4**5)
        density = np.exp(-0.5 * ((pixels - pixels.mean()) / 50.0) ** 2)
        cells, facts = np.full(pixels.size, order), MapFacts("warm", distance_mpc=100.0, distance_std_mpc=20.0)
        sky = SkyMap(cells, pixels, density / density.sum(), facts)
        everybody = tuple(TelescopeToPlan(t, now) for t in telescopes)
        network = [t.telescope for t in everybody]
        visits = visits_for(SEARCH, network, ProbabilityCurve.of(sky))
        for hours in WARM_HOURS:
            event = EventToPlan("warm", 1, "warm", now, visits=visits if hours < DAY_H else visits[:1])
            plan(PlanRequest((event,), everybody, now, now + timedelta(hours=hours)), {"warm": sky})

    def skymap(self, sha256: str) -> SkyMap:
        """Return a map, read at most once while it is among the last ones used."""
        if sha256 not in self._maps:
            self._maps[sha256] = read_skymap(self.fetch(sha256))
            while len(self._maps) > MOST_MAPS:
                self._catalogues.pop(self._maps.popitem(last=False)[0], None)
        self._maps.move_to_end(sha256)
        return self._maps[sha256]

    def plan(self, request: PlanRequest) -> Plan:
        """Make a plan, with what is known of dust and weather now."""
        request = request if self.dust is None else replace(request, dust=self.dust)
        request = request if self.forecasts is None else request.under(self.forecasts())
        maps = {e.skymap_sha256: self.skymap(e.skymap_sha256) for e in request.events}
        return plan(request, maps, self._catalogues_for(maps))

    def _catalogues_for(self, maps: dict[str, SkyMap]) -> dict[str, Catalogue]:
        """Catalogues for maps, each asked for once while its map is kept; of their galaxies only the best stay."""
        if self.galaxies is None:
            return {}
        for sha256, sky in maps.items():
            if sha256 not in self._catalogues:
                self._catalogues[sha256] = self.galaxies(sky)
        return {sha256: self._catalogues[sha256] for sha256 in maps}

    def get_ready(self, skymap_sha256: str) -> None:
        """Work out what plans of a map need of it, and find the galaxies that may host its source."""
        sky = self.skymap(skymap_sha256)
        prepared(sky)
        self._catalogues_for({skymap_sha256: sky})

    def curve(self, skymap_sha256: str) -> ProbabilityCurve:
        """Return a map as cumulative probability; whoever asks wants a plan of it next, so it is made ready too."""
        return prepared(self.skymap(skymap_sha256)).curve

    def ranges_of(self, footprint: Footprint, ra_deg: float, dec_deg: float, position_angle_deg: float) -> Ranges:
        """Say which sky a footprint covers there."""
        return footprint_ranges(footprint, ra_deg, dec_deg, position_angle_deg)

    def overlap(self, one: str, other: str) -> float:
        """Say how well two maps agree."""
        return overlap_integral(self.skymap(one), self.skymap(other))

    def combined(self, skymaps: tuple[str, ...]) -> CombinedMap:
        """Combine maps; one alone is only summed up."""
        made = together([self.skymap(sha256) for sha256 in skymaps])
        new = len(skymaps) > 1 and not made.excluded
        fits = write_multiorder(made.sky) if new else b""
        area50_deg2, area90_deg2 = credible_areas(made.sky, (0.5, 0.9))
        return CombinedMap(
            skymap_sha256=hashlib.sha256(fits).hexdigest() if new else made.sky.facts.sha256,
            area50_deg2=area50_deg2,
            area90_deg2=area90_deg2,
            overlap=made.overlap,
            excluded=made.excluded,
            distance_mpc=made.sky.facts.distance_mpc,
            distance_std_mpc=made.sky.facts.distance_std_mpc,
            fits=fits,
        )
