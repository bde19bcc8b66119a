"""Where fault worlds play: a small network at one place, a coarse patch of sky overhead, and a planner without tact.

The patch is made of cells of order 5, each the field of one pointing: two looks are at the same sky, or share none
of it worth counting. Two cells lie below the horizon. Everything that costs time is made once in a process.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

import healpy
import numpy as np

from coordinator.planning.plan import Changes, EventPlan, Figures, Plan, PlannedPointing
from coordinator.planning.request import PlanRequest
from coordinator.services.ports import CombinedMap
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.ranges import RANGE_ORDER, Ranges
from coordinator.sky.skymap import MapFacts, SkyMap
from telescopes.description.durations import altitude_deg
from telescopes.description.errors import RetryLater
from telescopes.description.footprint import Footprint, Rectangle
from telescopes.description.states import Reason
from telescopes.description.telescope import Depth, Instrument, Limits, Link, Observing, Site, Telescope, Timing
from telescopes.drivers.world import SkySource

START = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
OVERHEAD_DEG = (98.0, 0.0)
"""Right ascension and declination overhead at START, at longitude and latitude 0."""

ORDER, CELLS, LOW_CELLS = 5, 12, 2
FIELD = Rectangle(1.6, 1.6)
NAMES = ("tel-a", "tel-b", "tel-c", "tel-d", "tel-e", "tel-f")
EVENTS = ("lvk:S260301a", "lvk:S260301b")
SKIES = ("sky-even", "sky-rising", "sky-falling")
FILTER, LIMIT_MAG_AB = "r", 18.0
SLOT_S, EXPOSURE_S, COUNT = 22.0, 4.0, 2
WINDOW_S = 30.0
LOWEST_DEG = 20.0
BELOW = 0.06
"""Share of fields that the planner lays below the horizon."""


@cache
def network() -> dict[str, Telescope]:
    """Return all telescopes that may take part, by id."""
    return {name: _telescope(name) for name in NAMES}


def _telescope(name: str) -> Telescope:
    return Telescope(
        id=name,
        name=name,
        site=Site(0.0, 0.0),
        instruments=(Instrument("main", (FILTER,), FIELD, (Depth(LIMIT_MAG_AB, EXPOSURE_S),)),),
        limits=Limits(min_altitude_deg=LOWEST_DEG),
        timing=Timing(slew_rate_deg_s=5.0, settle_s=1.0, readout_s=1.0),
        observing=Observing(exposure_s=EXPOSURE_S, count=COUNT),
        link=Link(reaction_s=1.0, horizon_s=45.0, acceptance_s=15.0, lease_s=25.0),
    )


def horizon(telescope: Telescope, filter_: str, ra_deg: float, dec_deg: float, when: datetime) -> Reason | None:
    """Site limits that cost nothing: the lowest altitude alone."""
    low = altitude_deg(telescope.site, ra_deg, dec_deg, when) < telescope.limits.min_altitude_deg
    return Reason.BELOW_HORIZON if low else None


@cache
def cells() -> tuple[int, ...]:
    """Return the patch's pixels of order 5: those overhead, then those below the horizon."""
    ra_deg, dec_deg = OVERHEAD_DEG
    high, low = (
        healpy.query_disc(1 << ORDER, healpy.ang2vec(ra, dec, lonlat=True), np.radians(4.5), nest=True)
        for ra, dec in ((ra_deg, dec_deg), ((ra_deg + 180.0) % 360.0, dec_deg))
    )
    return (*(int(c) for c in high[:CELLS]), *(int(c) for c in low[:LOW_CELLS]))


@cache
def centre_deg(cell: int) -> tuple[float, float]:
    """Right ascension and declination of a cell."""
    ra_deg, dec_deg = healpy.pix2ang(1 << ORDER, cell, nest=True, lonlat=True)
    return float(ra_deg), float(dec_deg)


@cache
def covered(ra_deg: float, dec_deg: float) -> Ranges:
    """Return the sky of a field there: a whole cell, whatever its edges."""
    cell = int(healpy.ang2pix(1 << ORDER, ra_deg, dec_deg, nest=True, lonlat=True))
    shift = 2 * (RANGE_ORDER - ORDER)
    return Ranges.of(np.array([cell << shift]), np.array([(cell + 1) << shift]))


@cache
def skymap(name: str) -> SkyMap:
    """Return one of the maps: the same patch, weighed in another way."""
    weights = {"sky-even": np.ones(len(cells())), "sky-rising": np.arange(len(cells())) ** 2.0}
    weights["sky-falling"] = weights["sky-rising"][::-1]
    pixels, weight = np.array(cells(), np.int64), weights[name]
    order = np.argsort(pixels)
    return SkyMap(np.full(pixels.size, ORDER), pixels[order], (weight / weight.sum())[order], MapFacts(name, t0=START))


@cache
def curve(name: str) -> ProbabilityCurve:
    """Return a map as cumulative probability."""
    return ProbabilityCurve.of(skymap(name))


@cache
def sources() -> tuple[SkySource, ...]:
    """Return what shines in the patch: one source in every third cell, the same all the while."""
    steady: dict[str, tuple[tuple[float, float], ...]] = {FILTER: ((-100.0, 16.5), (100.0, 16.5))}
    places = [centre_deg(c) for c in cells()[:CELLS:3]]
    return tuple(
        SkySource(f"source-{n}", "kilonova", ra + 0.2, dec + 0.1, steady) for n, (ra, dec) in enumerate(places)
    )


def fields_of(
    rng: np.random.Generator, telescopes: tuple[str, ...], events: tuple[str, ...], lasts_s: float
) -> list[PlannedPointing]:
    """Plan each telescope's slots without a look at the others: cells again and again, and some that nobody can see."""
    planned = []
    for telescope in telescopes:
        for slot in range(int((lasts_s - SLOT_S) / SLOT_S)):
            low = rng.random() < BELOW
            where = CELLS + int(rng.integers(LOW_CELLS)) if low else int(rng.integers(CELLS))
            event = events[int(rng.integers(len(events)))]
            start = START + timedelta(seconds=12.0 + SLOT_S * slot)
            # Whoever looks where two telescopes go reads it from the place: no two ask for quite the same.
            planned.append(_planned(f"{telescope}-{slot}", telescope, event, start, cells()[where], 1e-4 * slot))
    return planned


def _planned(name: str, telescope: str, event: str, start: datetime, cell: int, aside_deg: float) -> PlannedPointing:
    ra_deg, dec_deg = centre_deg(cell)
    end = start + timedelta(seconds=COUNT * (EXPOSURE_S + 1.0) + 4.0)
    return PlannedPointing(
        id=name,
        event=event,
        event_revision=1,
        telescope=telescope,
        instrument="main",
        ra_deg=ra_deg + aside_deg,
        dec_deg=dec_deg,
        position_angle_deg=0.0,
        start=start,
        end=end,
        latest_end=end + timedelta(seconds=WINDOW_S),
        filter=FILTER,
        exposure_s=EXPOSURE_S,
        count=COUNT,
        visit="1",
        limit_mag_ab=LIMIT_MAG_AB,
        probability=0.1,
        new_probability=0.1,
        value=0.1,
        new_value=0.1,
        altitude_deg=80.0,
        airmass=1.0,
        why="",
        priority=50,
        ranges=covered(ra_deg, dec_deg),
    )


@dataclass
class TactlessPlanner:
    """A `PlannerPort` that plans the same fields every time, whoever looks there already: dispatch must say no."""

    fields: list[PlannedPointing]
    takes_s: float = 0.5
    away: bool = False

    async def plan(self, request: PlanRequest) -> Plan:
        """Return the fields that are still ahead, for telescopes that are open."""
        await asyncio.sleep(self.takes_s)
        if self.away:
            raise RetryLater("the planner is away", where="planner", mend="try again", after_s=2.0)
        open_ = {t.telescope.id for t in request.telescopes if t.closed_because is None}
        ahead = [f for f in self.fields if f.start >= request.start and f.telescope in open_]
        events = tuple(
            EventPlan(
                key=e.key,
                revision=e.revision,
                objective="probability",
                t0=e.t0,
                skymap_sha256=e.skymap_sha256,
                area50_deg2=1.0,
                area90_deg2=2.0,
                distance_mpc=None,
                visits=(),
                figures=Figures(1.0, 0.5, None, 1.0, "visible", None, 0.0, 0),
                changes=Changes(added=len(ahead)),
                telescopes=(),
                pointings=tuple(f for f in ahead if f.event == e.key),
                curve=curve(e.skymap_sha256),
            )
            for e in request.events
        )
        return Plan(request.start, request.end, events)

    async def curve(self, skymap_sha256: str) -> ProbabilityCurve:
        """Return a sky by name."""
        return curve(skymap_sha256)

    async def ranges_of(self, footprint: Footprint, ra_deg: float, dec_deg: float, position_angle_deg: float) -> Ranges:
        """Say which sky a field covers there."""
        return covered(ra_deg, dec_deg)

    async def overlap(self, one: str, other: str) -> float:
        """Say that two maps have nothing to do with each other."""
        return 0.0

    async def combined(self, skymaps: tuple[str, ...]) -> CombinedMap:
        """Say that the first of several maps holds alone."""
        return CombinedMap(skymaps[0], area50_deg2=1.0, area90_deg2=2.0, overlap=0.0, excluded=len(skymaps) > 1)
