"""A simulated sky: one injected kilonova among realistic contaminants. The same seed gives the same world."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np

from coordinator.simulation.world.contaminants import MAKERS, Surroundings
from coordinator.simulation.world.counterpart import UNKNOWN_DISTANCE_MPC, Injected, Shine, brightening, kilonova
from coordinator.simulation.world.density import WorldDensity, counts, ecliptic_latitude_deg, per_deg2
from coordinator.simulation.world.depth import limits_at
from coordinator.simulation.world.draw import distance_from_map, place_from_map, places_in
from coordinator.sky.ranges import Ranges
from coordinator.sky.regions import credible_ranges
from coordinator.sky.skymap import SkyMap
from coordinator.vetting.checks.host import background_scale_mpc
from telescopes.description.telescope import Telescope
from telescopes.drivers.world import SkySource, World

SEARCHED_LEVEL = 0.95
BEYOND_H = 48.0
"""Light curves go on this long after the search, for follow-up."""

DEFAULT_LIMIT_MAG = 19.0
_TRIAL_PLACES = 400

WHOLE_SKY = Ranges.of_pixels(0, np.arange(12))
DrawPlace = Callable[[np.random.Generator], tuple[float, float]]
Reachable = Ranges | Mapping[str, Ranges] | DrawPlace


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """The search that a world is made for.

    Attributes
    ----------
    t0, start : datetime
        The merger, and when the search begins (the world's `t_ref`).
    hours : float
        How long it lasts.
    telescopes : sequence of Telescope
        Who looks.
    reachable : Ranges, or mapping of telescope id to Ranges, or function that draws a place
        Sky that somebody can look at meanwhile; by telescope, the depth at a place is that of those who reach it.
    fields : Ranges, optional
        Sky that contaminants are strewn over; None: the reachable part of the map's 95 % region.
    clouds : mapping
        Closed sky per telescope.
    """

    t0: datetime
    start: datetime
    hours: float
    telescopes: Sequence[Telescope]
    reachable: Reachable
    fields: Ranges | None = None
    clouds: Mapping[str, tuple[tuple[datetime, datetime], ...]] = field(default_factory=dict)

    @property
    def age_h(self) -> float:
        """Hours from the merger to the beginning of the search."""
        return (self.start - self.t0).total_seconds() / 3600

    @property
    def sky(self) -> Ranges:
        """Sky that somebody can look at; all of it where only a drawing function is given."""
        if isinstance(self.reachable, Ranges):
            return self.reachable
        return WHOLE_SKY if callable(self.reachable) else Ranges.union_of(self.reachable.values())


def make_world(
    rng: np.random.Generator, sky: SkyMap, search: Search, density: WorldDensity | None = None, seed: int = 0
) -> tuple[World, Injected]:
    """Make a world for a search of a sky map.

    Parameters
    ----------
    rng : numpy Generator
        All chance of this world.
    sky : SkyMap
        The map that the counterpart is drawn from: in a sequence of revisions, the last.
    search : Search
        Who looks, when and where.
    density : WorldDensity, optional
        How much else there is.
    seed : int
        Stands in the world, for the cameras' own chance.
    """
    law = density or WorldDensity()
    injected, source = _inject(rng, sky, search)
    world, its_id = assembled(rng, search, law, seed, [source, *contaminants(rng, sky, search, law)])
    return world, Injected(its_id, *injected)


def assembled(
    rng: np.random.Generator, search: Search, law: WorldDensity, seed: int, sources: Sequence[SkySource]
) -> tuple[World, str]:
    """Put sources into a world, in an order and by ids that tell nothing; return it, and the id of the first source."""
    order = rng.permutation(len(sources))
    named = [_renamed(sources[int(i)], n) for n, i in enumerate(order)]
    its_id = named[int(np.flatnonzero(order == 0)[0])].id if named else ""
    return World(seed, search.start, tuple(named), dict(search.clouds), law.bogus_per_image), its_id


def _inject(
    rng: np.random.Generator, sky: SkyMap, search: Search
) -> tuple[tuple[float, float, float, float, float, bool], SkySource]:
    """Draw the counterpart; return the figures of `Injected` without the id, and the source."""
    place = search.reachable(rng) if callable(search.reachable) else place_from_map(rng, sky, search.sky)
    reachable = place is not None
    ra, dec = place or place_from_map(rng, sky, WHOLE_SKY) or (0.0, 0.0)
    distance = distance_from_map(rng, sky, ra, dec) or UNKNOWN_DISTANCE_MPC
    reach = search.reachable if isinstance(search.reachable, Mapping) else None
    limits = limits_at(search.telescopes, ra, dec, reach if reachable else None)
    brighter = brightening(limits, distance, search.age_h, search.hours)
    hours = np.arange(-1.0, search.hours + BEYOND_H, 1.0)
    source = kilonova(rng, "counterpart", (ra, dec), Shine(distance, search.age_h, brighter), hours)
    return (ra, dec, distance, mag_at_start(source), brighter, reachable), source


def mag_at_start(source: SkySource) -> float:
    """Return what it shines with in r when the search begins."""
    curve = source.light_curve["r"]
    return float(np.interp(0.0, [h for h, _ in curve], [m for _, m in curve]))


def contaminants(rng: np.random.Generator, sky: SkyMap, search: Search, law: WorldDensity) -> list[SkySource]:
    """Strew everything else over the fields."""
    fields = search.fields or credible_ranges(sky, SEARCHED_LEVEL).intersection(search.sky)
    if fields.pixels == 0:
        return []
    trial_ra, trial_dec = places_in(rng, fields, _TRIAL_PLACES)
    limit = _deepest(search, float(np.median(trial_dec)))
    means = per_deg2(law, limit, ecliptic_latitude_deg(trial_ra, trial_dec))
    scale = background_scale_mpc(limit)
    around = Surroundings(-1.0, search.hours + BEYOND_H, limit, scale, law.host_known, law.hosts)
    found: list[SkySource] = []
    for kind, n in counts(rng, means, fields.area_deg2, law).items():
        for ra, dec in zip(*places_in(rng, fields, n), strict=True):
            found.append(MAKERS[kind](rng, "", float(ra), float(dec), around))
    return found


def _deepest(search: Search, dec_deg: float) -> float:
    limits = [limit for _, limit in limits_at(search.telescopes, 0.0, dec_deg)]
    return max(limits, default=DEFAULT_LIMIT_MAG)


def _renamed(source: SkySource, n: int) -> SkySource:
    return replace(source, id=f"src-{n:04d}")
