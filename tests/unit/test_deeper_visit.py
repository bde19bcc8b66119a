"""Sky whose visits were shallow looks is looked at once more by who sees deeper, where that is asked for."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from builders.plans import SKY, T0, a_busy_telescope, a_round_sky

from coordinator.planning.make import plan
from coordinator.planning.plan import Plan
from coordinator.planning.recipe import visits_for
from coordinator.planning.request import EventToPlan, Look, PlanRequest, TelescopeToPlan
from coordinator.sky.coverage import Frames
from coordinator.sky.field_ranges import ranges_of_many
from coordinator.sky.regions import credible_ranges
from coordinator.sky.skymap import SkyMap
from telescopes.description.footprint import Rectangle
from telescopes.description.telescope import Depth, Telescope

SHALLOW_MAG, DEEP_MAG = 17.5, 21.0
"""Of a source assumed at 40 Mpc the one sees more than half, the other nearly all."""

BOTH = ("1", "2")


def reaching(name: str, limit_mag_ab: float) -> Telescope:
    telescope = a_busy_telescope(size_deg=2.0)
    camera = replace(telescope.instruments[0], depth=(Depth(limit_mag_ab, 100.0),))
    return replace(telescope, id=name, instruments=(camera,))


def a_near_sky() -> SkyMap:
    sky = a_round_sky(sigma_deg=2.0)
    size = sky.probability.size
    return replace(sky, dist_mu_mpc=np.full(size, 40.0), dist_sigma_mpc=np.full(size, 5.0), dist_norm=np.ones(size))


def seen_by_the_shallow(sky: SkyMap) -> tuple[Look, ...]:
    everywhere = credible_ranges(sky, 1.0)
    return tuple(
        Look("lvk:S1", visit, everywhere, T0 + timedelta(hours=hours), SHALLOW_MAG, "r", "small")
        for hours, visit in enumerate(BOTH)
    )


def made(visits: tuple[str, ...], *telescopes: Telescope, seen: bool = True, objective: str = "detection") -> Plan:
    sky = a_near_sky()
    event = EventToPlan("lvk:S1", 1, SKY, T0, objective=objective, visits=visits_for(visits, telescopes))  # type: ignore[arg-type]
    network = tuple(TelescopeToPlan(t, T0) for t in telescopes)
    looks = seen_by_the_shallow(sky) if seen else ()
    start = T0 + timedelta(hours=2)
    return plan(PlanRequest((event,), network, start, start + timedelta(hours=12), looks=looks), {SKY: sky})


def test_a_deep_telescope_stands_idle_where_shallow_looks_have_used_up_the_visits() -> None:
    assert made(BOTH, reaching("large", DEEP_MAG)).pointings == ()


def test_it_looks_there_in_a_visit_that_is_to_see_deeper() -> None:
    found = made((*BOTH, "deeper"), reaching("large", DEEP_MAG))
    assert {p.visit for p in found.pointings} == {"deeper"}
    assert found.events[0].figures.duplicates == 0
    assert sum(p.new_value for p in found.pointings) > 0.8


def test_who_sees_no_deeper_does_not_look_again() -> None:
    assert made((*BOTH, "deeper"), reaching("small", SHALLOW_MAG)).pointings == ()


def test_what_nobody_has_seen_is_no_sky_to_see_deeper() -> None:
    found = made(("1", "deeper"), reaching("large", DEEP_MAG), seen=False)
    assert {p.visit for p in found.pointings} == {"1"}


def test_deeper_looks_follow_shallow_ones_of_the_same_plan() -> None:
    small, large = reaching("small", SHALLOW_MAG), reaching("large", DEEP_MAG)
    later = replace(large, observing=replace(large.observing, blocked=((T0, T0 + timedelta(hours=9)),)))
    found = made(("1", "deeper"), small, later, seen=False)
    first = min(p.start for p in found.pointings if p.visit == "1")
    deeper = [p for p in found.pointings if p.visit == "deeper"]
    assert all(p.telescope == "large" and p.start > first for p in deeper)


def test_who_sees_no_deeper_by_its_usual_look_does_by_a_longer_one() -> None:
    found = made((*BOTH, "deeper", "deeper:4"), reaching("small", SHALLOW_MAG))
    assert {(p.visit, p.exposure_s, p.count) for p in found.pointings} == {("deeper:4", 50.0, 8)}
    limits = [p.limit_mag_ab for p in found.pointings if p.limit_mag_ab is not None]
    assert max(limits) > SHALLOW_MAG + 0.5 and found.events[0].figures.duplicates == 0


def test_who_goes_deeper_looks_first_where_most_was_missed() -> None:
    """In the east a look has seen nearly as much as it would, in the west much less."""
    sky, camera = a_near_sky(), Rectangle(12.0, 24.0)
    east, west = ranges_of_many(camera, Frames.at([19.6, 6.4], [-25.0, -25.0], 0.0))
    looks = tuple(
        Look("lvk:S1", "1", part, T0, limit, "r", "small") for part, limit in ((east, 18.4), (west, SHALLOW_MAG))
    )
    large = reaching("large", DEEP_MAG)
    event = EventToPlan("lvk:S1", 1, SKY, T0, visits=visits_for(("1", "deeper"), [large]))
    start = T0 + timedelta(hours=2)
    request = PlanRequest((event,), (TelescopeToPlan(large, start),), start, start + timedelta(hours=12), looks)
    first = plan(request, {SKY: sky}).pointings[0]
    assert first.visit == "deeper" and first.ra_deg < 13.0


@pytest.mark.parametrize("limit_mag_ab", [SHALLOW_MAG, DEEP_MAG])
def test_where_depth_does_not_count_nothing_is_deeper(limit_mag_ab: float) -> None:
    assert made((*BOTH, "deeper"), reaching("any", limit_mag_ab), objective="probability").pointings == ()
