"""Toy skies and toy networks to plan, as strategies of hypothesis."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import strategies as st

from coordinator.planning.make import plan
from coordinator.planning.plan import EventPlan
from coordinator.planning.request import Busy, Effort, EventToPlan, Look, Objective, PlanRequest, TelescopeToPlan
from coordinator.sky.nested import pixel_vectors
from coordinator.sky.skymap import MapFacts, SkyMap
from telescopes.description.ephemeris import directions
from telescopes.description.footprint import Circle, Footprint, Rectangle
from telescopes.description.telescope import Depth, Instrument, Limits, Observing, Site, Telescope, Timing

T0 = datetime(2024, 3, 1, 18, tzinfo=UTC)
SKY = "a" * 64
ORDER = 5
HOURS = st.floats(0, 20)
DISTANCE_MPC = 120.0


Blob = tuple[float, float, float]
"""RA and Dec of its centre and its width, degrees."""


@st.composite
def skies(draw: st.DrawFn, with_distance: bool = False) -> SkyMap:
    """One or two blobs anywhere, poles and RA 0 included."""
    ras, decs = st.sampled_from([0.0, 359.9, 120.0, 250.0]), st.sampled_from([-89.0, -40.0, 0.0, 35.0, 88.0])
    blobs = st.lists(st.tuples(ras, decs, st.sampled_from([2.0, 8.0, 25.0])), min_size=1, max_size=2)
    return a_sky_of(draw(blobs), with_distance)


def a_sky_of(blobs: Sequence[Blob], with_distance: bool = False) -> SkyMap:
    """A sky of Gaussian blobs, each as likely per area as the others; its name says where they are."""
    ipix = np.arange(12 * 4**ORDER)
    vectors, weight = pixel_vectors(ORDER, ipix), np.zeros(ipix.size)
    for ra_deg, dec_deg, width_deg in blobs:
        away = np.degrees(np.arccos(np.clip(vectors @ directions([ra_deg], [dec_deg])[0], -1, 1)))
        weight += np.exp(-0.5 * (away / width_deg) ** 2)
    return a_sky(weight, with_distance, str(list(blobs)))


def a_sky(weight: np.ndarray, with_distance: bool = False, name: str | None = None) -> SkyMap:
    """A sky of pixels of equal size, with so much probability in each, before it is normalised."""
    order, ipix, probability = np.full(weight.size, ORDER), np.arange(weight.size), weight / weight.sum()
    if not with_distance:
        return SkyMap(order, ipix, probability, MapFacts(SKY, object_id=name))
    layers = [np.full(weight.size, x) for x in (DISTANCE_MPC, 0.3 * DISTANCE_MPC, DISTANCE_MPC**-2)]
    facts = MapFacts(SKY, distance_mpc=DISTANCE_MPC, distance_std_mpc=0.3 * DISTANCE_MPC, object_id=name)
    return SkyMap(order, ipix, probability, facts, *layers)


@st.composite
def telescopes(draw: st.DrawFn, name: str) -> TelescopeToPlan:
    """A telescope of any size, with any limits, anywhere, part of whose time may be taken."""
    limits = Limits(
        min_altitude_deg=draw(st.sampled_from([10.0, 30.0])),
        min_moon_separation_deg=draw(st.sampled_from([0.0, 40.0])),
        hour_angle_h=draw(st.sampled_from([None, (-4.0, 4.0)])),
        horizon=draw(st.sampled_from([(), ((0.0, 15.0), (180.0, 40.0))])),
    )
    site = Site(draw(st.sampled_from([-75.0, -30.0, 10.0, 50.0])), draw(st.sampled_from([-120.0, 0.0, 110.0])))
    telescope = Telescope(
        name, name, site, (Instrument("main", ("r",), draw(footprints())),),
        Observing(draw(st.sampled_from([60.0, 300.0])), "tiles", max_pointings_per_night=draw(st.sampled_from([0, 5]))),
        limits, Timing(draw(st.sampled_from([0.5, 5.0])), settle_s=3.0, readout_s=8.0, filter_change_s=20.0),
    )  # fmt: skip
    busy_from = T0 + timedelta(hours=draw(HOURS))
    busy = (Busy(busy_from, busy_from + timedelta(hours=1), 80.0, -10.0, "g"),) if draw(st.booleans()) else ()
    return TelescopeToPlan(telescope, T0 + timedelta(hours=draw(st.floats(0, 6))), busy)


@st.composite
def footprints(draw: st.DrawFn) -> Footprint:
    """A square, an oblong or a disc."""
    size = draw(st.sampled_from([0.7, 1.5, 4.0]))
    shapes: list[Footprint] = [Rectangle(size, size), Rectangle(size, 0.6 * size), Circle(0.6 * size)]
    return draw(st.sampled_from(shapes))


@st.composite
def under_open_sky(draw: st.DrawFn, name: str) -> TelescopeToPlan:
    """A telescope of any size and depth that neither Sun nor Moon keep from looking."""
    # noon, which ends a night by the Sun, comes before or after the window
    site = draw(st.sampled_from([-60.0, -30.0, 10.0, 50.0])), draw(st.sampled_from([-75.0, 0.0, 110.0]))
    return always_open(
        name, site, draw(footprints()),
        min_altitude_deg=draw(st.sampled_from([20.0, 35.0])),
        # long exposures: some dozens of pointings fill the window
        exposure_s=draw(st.sampled_from([600.0, 1800.0])),
        limit_mag_ab=draw(st.sampled_from([17.0, 19.0, 21.0])),
    )  # fmt: skip


def always_open(
    name: str,
    site: tuple[float, float],
    footprint: Footprint,
    *,
    min_altitude_deg: float = 20.0,
    exposure_s: float = 600.0,
    limit_mag_ab: float = 19.0,
) -> TelescopeToPlan:
    """A telescope at a latitude and longitude, of a depth in 600 s; neither Sun nor Moon keep it from looking."""
    telescope = Telescope(
        name, name, Site(*site), (Instrument("main", ("r",), footprint, (Depth(limit_mag_ab, 600.0),)),),
        Observing(exposure_s, "tiles"),
        Limits(min_altitude_deg=min_altitude_deg, max_sun_altitude_deg=90.0, min_sun_separation_deg=0.0),
        Timing(2.0, settle_s=3.0, readout_s=8.0),
    )  # fmt: skip
    return TelescopeToPlan(telescope, T0)


def searched(
    sky: SkyMap,
    network: Sequence[TelescopeToPlan],
    *,
    objective: Objective = "probability",
    start: datetime = T0,
    hours: float = 8.0,
    looks: tuple[Look, ...] = (),
    effort: Effort = "fast",
    prove: bool = False,
) -> EventPlan:
    """Plan one visit of one event."""
    event = EventToPlan("lvk:S1", 1, SKY, T0, objective=objective)
    end = start + timedelta(hours=hours)
    request = PlanRequest((event,), tuple(network), start, end, looks=looks, effort=effort, prove=prove)
    return plan(request, {SKY: sky}).events[0]


def value_of(made: EventPlan) -> float:
    """What the plan's objective comes to."""
    if made.objective == "probability" or made.figures.detection is None:
        return made.figures.planned
    return made.figures.detection
