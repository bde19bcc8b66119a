"""Plans put together by hand: a few fields of unlike cameras on a small round map."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from coordinator.planning.plan import Changes, EventPlan, Figures, Plan, PlannedPointing, TelescopeSummary
from coordinator.publishing.planned_search import PlannedSearch
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.footprints import footprint_ranges
from coordinator.sky.nested import pixel_vectors
from coordinator.sky.ranges import Ranges
from coordinator.sky.skymap import MapFacts, SkyMap
from telescopes.description.ephemeris import directions
from telescopes.description.footprint import Circle, Footprint, Polygons, Rectangle
from telescopes.description.telescope import Depth, Instrument, Limits, Observing, Site, Telescope

T0 = datetime(2019, 8, 14, 21, 10, 39, tzinfo=UTC)
PLANNED_AT = datetime(2019, 8, 14, 21, 30, tzinfo=UTC)
CHILE, REUNION = Site(-29.26, -70.73, 2400.0), Site(-21.2, 55.41, 991.0)
MOSAIC = Polygons((((-1.0, -0.5), (-0.1, -0.5), (-0.1, 0.5), (-1.0, 0.5)), ((0.1, -0.5), (1.0, -0.5), (0.5, 0.5))))


def a_sky(ra_deg: float = 13.0, dec_deg: float = -25.0, sigma_deg: float = 3.0) -> SkyMap:
    """Return a round localization of the whole sky's cells of order 6."""
    ipix = np.arange(12 * 4**6)
    away = np.degrees(np.arccos(np.clip(pixel_vectors(6, ipix) @ directions([ra_deg], [dec_deg])[0], -1, 1)))
    weight = np.exp(-0.5 * (away / sigma_deg) ** 2)
    facts = MapFacts("a" * 64, t0=T0, distance_mpc=267.0, distance_std_mpc=52.0, object_id="S1", creator="toy")
    return SkyMap(np.full(ipix.size, 6), ipix, weight / weight.sum(), facts)


def a_telescope(name: str, footprint: Footprint, site: Site = CHILE) -> Telescope:
    """Return a telescope with filters r and clear."""
    camera = Instrument("main", ("r", "clear"), footprint, (Depth(19.0, 100.0, "r"),))
    return Telescope(name, f"{name} telescope", site, (camera,), Observing(50.0, count=2, filters=("r",)), Limits())


NETWORK = (
    a_telescope("box", Rectangle(2.0, 1.0)),
    a_telescope("disc", Circle(0.8), REUNION),
    a_telescope("mosaic", MOSAIC),
)
IDLE = a_telescope("idle", Rectangle(0.1, 0.1))


def a_pointing(telescope: Telescope, ra_deg: float, dec_deg: float, minutes: float = 240.0, **changes: Any) -> Any:
    """Return a pointing of a telescope, so many minutes after the event."""
    angle = changes.get("position_angle_deg", 0.0)
    ranges = footprint_ranges(telescope.instruments[0].footprint, ra_deg, dec_deg, angle)
    start = T0 + timedelta(minutes=minutes)
    end = start + timedelta(seconds=110)
    made = PlannedPointing(
        id=f"p-{telescope.id}-{minutes:g}",
        event="lvk:S1",
        event_revision=1,
        telescope=telescope.id,
        instrument="main",
        ra_deg=ra_deg,
        dec_deg=dec_deg,
        position_angle_deg=angle,
        start=start,
        end=end,
        latest_end=end + timedelta(hours=1),
        filter="r",
        exposure_s=50.0,
        count=2,
        visit="1",
        limit_mag_ab=19.0,
        probability=0.02,
        new_probability=0.01,
        value=0.02,
        new_value=0.01,
        altitude_deg=60.0,
        airmass=1.155,
        why="2 % of the probability, 1 % new; {next} best 1.4 %",
        priority=50,
        ranges=ranges,
    )
    return replace(made, **changes)


def every_kind() -> tuple[PlannedPointing, ...]:
    """Return a box, a turned one in a second visit, a disc and a mosaic of unknown depth."""
    box, disc, mosaic = NETWORK
    return (
        a_pointing(box, 13.0, -25.0),
        a_pointing(box, 13.5, -25.2, 300.0, position_angle_deg=30.0, visit="2"),
        a_pointing(disc, 12.0, -24.0, 60.0),
        a_pointing(mosaic, 14.0, -27.0, 250.0, limit_mag_ab=None, filter="clear"),
    )


def a_search(
    pointings: tuple[PlannedPointing, ...] | None = None, sky: SkyMap | None = None, network: Any = (*NETWORK, IDLE)
) -> PlannedSearch:
    """Return a plan of these pointings as it is published; the telescopes without one are idle."""
    sky = sky or a_sky()
    shown = every_kind() if pointings is None else pointings
    curve = ProbabilityCurve.of(sky)
    planned = curve.probability(Ranges.union_of(p.ranges for p in shown))
    event = EventPlan(
        key="lvk:S1",
        revision=1,
        objective="probability",
        t0=T0,
        skymap_sha256=sky.facts.sha256,
        area50_deg2=39.2,
        area90_deg2=130.1,
        distance_mpc=267.0,
        visits=({"name": "1", "min_gap_s": 0.0}, {"name": "2", "min_gap_s": 1800.0}),
        figures=Figures(0.9, planned, None, 0.5, "area", None, 0.0, 0),
        changes=Changes(),
        telescopes=tuple(_summary(t, shown) for t in network),
        pointings=shown,
        curve=curve,
    )
    plan = Plan(T0, T0 + timedelta(hours=24), (event,))
    return PlannedSearch.of(plan, "lvk:S1", sky, network, PLANNED_AT)


def _summary(telescope: Telescope, pointings: tuple[PlannedPointing, ...]) -> TelescopeSummary:
    mine = [p for p in pointings if p.telescope == telescope.id]
    first = min((p.start for p in mine), default=None)
    because = None if mine else "region never above 30 deg while dark: at most 12 deg, at <04:10> & later"
    return TelescopeSummary(telescope.id, len(mine), 0.01 * len(mine), first, 100.0 * len(mine), because)
