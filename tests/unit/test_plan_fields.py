"""Fields as they truly are: surveys that keep to their own grid, turned cameras, cameras with gaps, poles."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from coordinator.planning.make import plan
from coordinator.planning.plan import EventPlan
from coordinator.planning.request import EventToPlan, FollowUpTarget, PlanRequest, TelescopeToPlan
from coordinator.sky.footprints import footprint_ranges
from coordinator.sky.nested import pixel_vectors
from coordinator.sky.ranges import Ranges
from coordinator.sky.skymap import MapFacts, SkyMap
from telescopes.description.ephemeris import directions
from telescopes.description.field_grid import GridField
from telescopes.description.footprint import Footprint, Polygons, Rectangle
from telescopes.description.telescope import Instrument, Limits, Observing, Site, Telescope, Timing

T0 = datetime(2019, 8, 14, 21, 10, 39, tzinfo=UTC)
SKY = "b" * 64
ALWAYS_DARK = Limits(min_altitude_deg=-90.0, max_sun_altitude_deg=90.0, min_sun_separation_deg=0.0)


def a_sky(ra: float = 13.0, dec: float = -25.0, sigma_deg: float = 3.0) -> SkyMap:
    every = np.arange(12 * 4**7)
    away = np.degrees(np.arccos(np.clip(pixel_vectors(7, every) @ directions([ra], [dec])[0], -1, 1)))
    near = away < 5 * sigma_deg
    weight = np.exp(-0.5 * (away[near] / sigma_deg) ** 2)
    return SkyMap(np.full(weight.size, 7), every[near], weight / weight.sum(), MapFacts(SKY, t0=T0))


def a_telescope(footprint: Footprint, name: str = "t", angle_deg: float = 0.0) -> Telescope:
    camera = Instrument("main", ("r",), footprint, position_angle_deg=angle_deg)
    look = Observing(exposure_s=100.0, count=1, filters=("r",), strategy="tiles")
    site = Site(-29.26, -70.73, 2400.0)
    return Telescope(name, name, site, (camera,), look, ALWAYS_DARK, Timing(20.0, settle_s=2.0))


def planned(
    telescope: Telescope, sky: SkyMap, hours: float = 10.0, targets: tuple[FollowUpTarget, ...] = ()
) -> EventPlan:
    request = PlanRequest(
        (EventToPlan("e", 1, SKY, T0),),
        (TelescopeToPlan(telescope, T0),),
        T0,
        T0 + timedelta(hours=hours),
    )
    return plan(request, {SKY: sky}).events[0]


def test_a_survey_keeps_to_its_own_fields_and_their_angles() -> None:
    rng = np.random.default_rng(2)
    fields = tuple(
        GridField(str(i), ra, dec, 20.0 if i % 2 else None)
        for i, (ra, dec) in enumerate(zip(rng.uniform(0, 30, 60), rng.uniform(-35, -15, 60), strict=True))
    )
    survey = replace(a_telescope(Rectangle(2.0, 2.0), angle_deg=5.0), grid=fields)
    made = planned(survey, a_sky())
    allowed = {(round(f.ra_deg, 6), round(f.dec_deg, 6), 20.0 if i % 2 else 5.0) for i, f in enumerate(fields)}
    assert len(made.pointings) > 5
    assert {(p.ra_deg, p.dec_deg, p.position_angle_deg) for p in made.pointings} <= allowed


def test_telescopes_with_like_fields_leave_work_to_one_another_and_to_narrower_ones() -> None:
    """They choose among the same tiles: what one of them could do alone is not enough for all."""
    sides_deg = (0.4, 0.4, 0.4, 0.4, 0.15)
    network = [a_telescope(Rectangle(side, side), f"t{i}") for i, side in enumerate(sides_deg)]
    everybody = tuple(TelescopeToPlan(t, T0) for t in network)
    request = PlanRequest((EventToPlan("e", 1, SKY, T0),), everybody, T0, T0 + timedelta(hours=0.5))
    made = plan(request, {SKY: a_sky(sigma_deg=4.0)}).events[0]
    many = Counter(p.telescope for p in made.pointings)
    assert len(many) == len(network) and max(many.values()) - min(many.values()) <= 1
    assert made.figures.planned > 0.9 * made.figures.bound


def test_a_survey_without_a_field_there_says_so() -> None:
    far = replace(a_telescope(Rectangle(2.0, 2.0)), grid=(GridField("1", 200.0, 60.0, None),))
    made = planned(far, a_sky())
    assert not made.pointings and made.telescopes[0].idle_because


@pytest.mark.slow
@pytest.mark.parametrize("angle_deg", [0.0, 30.0, 45.0, 90.0])
def test_a_turned_camera_leaves_no_more_gaps_than_one_that_is_not(angle_deg: float) -> None:
    made = planned(a_telescope(Rectangle(2.0, 1.5), angle_deg=angle_deg), a_sky(), hours=24.0)
    assert made.figures.planned > 0.985 and made.figures.duplicates == 0
    assert {p.position_angle_deg for p in made.pointings} == {angle_deg}
    for p in made.pointings:
        sky = footprint_ranges(Rectangle(2.0, 1.5), p.ra_deg, p.dec_deg, angle_deg)
        assert sky.minus(p.ranges).pixels == p.ranges.minus(sky).pixels == 0


def test_gaps_between_detectors_are_not_covered() -> None:
    chips = tuple(
        ((x - 0.45, y - 0.45), (x + 0.45, y - 0.45), (x + 0.45, y + 0.45), (x - 0.45, y + 0.45))
        for x in (-0.5, 0.5)
        for y in (-0.5, 0.5)
    )
    made = planned(a_telescope(Polygons(chips)), a_sky())
    whole = sum(p.ranges.area_deg2 for p in made.pointings) / len(made.pointings)
    assert whole == pytest.approx(4 * 0.81, rel=0.01)
    union = Ranges.union_of(p.ranges for p in made.pointings)
    assert made.figures.planned == pytest.approx(made.curve.probability(union))


@pytest.mark.parametrize(("ra", "dec", "least"), [(0.0, 20.0, 0.985), (10.0, 89.5, 0.955), (200.0, -88.0, 0.955)])
def test_the_seam_and_the_poles_are_searched_like_the_rest(ra: float, dec: float, least: float) -> None:
    """About a pole squares turn against one another, so a little is left out."""
    made = planned(a_telescope(Rectangle(1.5, 1.5)), a_sky(ra, dec), hours=24.0)
    assert made.figures.planned > least and made.figures.duplicates == 0


def test_a_follow_up_is_taken_with_the_cameras_angle() -> None:
    turned, sky = a_telescope(Rectangle(2.0, 1.5), angle_deg=35.0), a_sky()
    target = FollowUpTarget("e", 1, "c1", 13.0, -25.0, "follow-up:c1:r:1", ("r",))
    request = PlanRequest(
        (EventToPlan("e", 1, SKY, T0),),
        (TelescopeToPlan(turned, T0),),
        T0,
        T0 + timedelta(hours=2),
        targets=(target,),
    )
    (found,) = plan(request, {SKY: sky}).follow_up
    assert found.position_angle_deg == 35.0
