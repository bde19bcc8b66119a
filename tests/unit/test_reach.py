"""What our own looks reach: how much of the map, and how bright a counterpart must have been."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from builders.vetting import T0, a_sky, an_event

from coordinator.lightcurves.kilonova import kilonova_abs_mag_at
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.ranges import Ranges
from coordinator.sky.regions import credible_ranges
from coordinator.vetting.case import Atlas
from coordinator.vetting.looks import Look
from coordinator.vetting.reach import Reach, reach_of

SKY = a_sky(mu_mpc=150.0, sigma_mpc=40.0)
ATLAS = Atlas.of(SKY)
HALF, MOST = credible_ranges(SKY, 0.5), credible_ranges(SKY, 0.9)
WHOLE = Ranges.of_pixels(0, np.arange(12))
NO_DISTANCE = Atlas.of(a_sky(mu_mpc=None))
BURST = an_event(messenger="EM")


def a_look(hours: float, limit: float, ranges: Ranges = WHOLE, band: str = "r") -> Look:
    start = T0 + timedelta(hours=hours, minutes=-1)
    return Look("t1", start, start + timedelta(minutes=2), band, limit, ranges)


def reached(*looks: Look, **more: Ranges) -> Reach:
    found = reach_of(ATLAS, an_event(), looks, **more)
    assert found is not None and found.brighter is not None
    return found


def both(reach: Reach) -> float:
    assert reach.brighter is not None
    return reach.covered * reach.brighter


def test_nobody_looked_or_there_is_no_map_and_nothing_is_known() -> None:
    assert reach_of(ATLAS, an_event(), []) is None
    assert reach_of(None, an_event(), [a_look(12, 20)]) is None


@pytest.mark.parametrize("ranges", [HALF, MOST, WHOLE])
def test_what_was_looked_at_is_covered_as_the_map_says(ranges: Ranges) -> None:
    found = reached(a_look(12, 20, ranges))
    assert found.covered == pytest.approx(ProbabilityCurve.of(SKY).probability(ranges), abs=1e-9)
    assert found.searched.area_deg2 == pytest.approx(ranges.area_deg2)


@pytest.mark.parametrize(("hours", "limit"), [(12, 18.5), (12, 20.5), (40, 20.0), (90, 22.0)])
def test_the_chance_to_be_brighter_is_that_of_many_kilonovae_that_are_drawn(hours: float, limit: float) -> None:
    rng = np.random.default_rng(7)
    mpc = rng.normal(150.0, 40.0, 400_000)
    mpc = mpc[mpc > 1.0]
    kept = mpc[rng.random(mpc.size) < (mpc / mpc.max()) ** 2]
    mags = rng.normal(kilonova_abs_mag_at("r", hours / 24), 0.8, kept.size) + 5 * np.log10(kept) + 25
    kilonovae = float((mags < limit).mean())
    # The rest is the afterglow of one event in ten, brighter than that on the first days.
    assert reached(a_look(hours, limit)).brighter == pytest.approx(kilonovae, abs=0.1)
    assert 0.9 * kilonovae - 0.01 <= (reached(a_look(hours, limit)).brighter or 0.0) <= 0.9 * kilonovae + 0.11


def test_a_look_counts_by_its_time_as_the_light_fades() -> None:
    chances = [reached(a_look(hours, 20.5)).brighter or 0.0 for hours in (12, 36, 72, 144)]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] > 0.5 > 0.2 > chances[-1]


@pytest.mark.parametrize("hours", [-2.0, 300.0])
def test_what_was_observed_before_the_event_or_long_after_it_covers_nothing(hours: float) -> None:
    found = reach_of(ATLAS, an_event(), [a_look(hours, 25.0)])
    assert found is not None and found.covered == 0.0
    assert found.searched.area_deg2 == pytest.approx(41253, rel=1e-3)


def test_sky_seen_twice_counts_once_by_the_look_that_reached_more() -> None:
    deep, shallow = a_look(12, 20.5, HALF), a_look(36, 20.0, MOST)
    assert both(reached(deep, deep)) == both(reached(deep))
    assert both(reached(deep, a_look(36, 18.0, HALF))) == pytest.approx(both(reached(deep)), abs=1e-12)
    together, apart = (
        both(reached(deep, shallow)),
        both(reached(deep)) + both(reached(a_look(36, 20.0, MOST.minus(HALF)))),
    )
    assert together == pytest.approx(apart, abs=1e-6)


def test_a_look_to_no_known_depth_covers_and_reaches_what_is_said_of_the_unknown() -> None:
    found = reach_of(ATLAS, an_event(), [], HALF, unknown=0.3)
    assert found is not None
    assert found.covered == pytest.approx(ProbabilityCurve.of(SKY).probability(HALF), abs=1e-9)
    assert found.brighter == pytest.approx(0.3)
    assert found.limit_mag_ab is None


def test_how_bright_something_at_no_known_distance_is_nobody_knows() -> None:
    found = reach_of(NO_DISTANCE, an_event(), [a_look(12, 20)])
    assert found is not None and found.brighter is None


def test_a_burst_without_a_distance_has_an_afterglow_that_fades() -> None:
    chances = []
    for hours in (0.3, 3.0, 30.0, 100.0):
        found = reach_of(NO_DISTANCE, BURST, [a_look(hours, 19.7)])
        assert found is not None and found.brighter is not None
        chances.append(found.brighter)
    assert chances == sorted(chances, reverse=True)
    assert chances[0] == pytest.approx(0.5, abs=0.1)  # R 19.7 is the most usual at 1000 s
    assert chances[-1] < 0.05


def test_an_event_at_no_known_time_is_of_unknown_brightness() -> None:
    timeless = Atlas.of(replace(SKY, facts=replace(SKY.facts, t0=None)))
    found = reach_of(timeless, an_event(t0=None), [a_look(12, 20)])
    assert found is not None and found.covered == pytest.approx(1.0) and found.brighter is None
