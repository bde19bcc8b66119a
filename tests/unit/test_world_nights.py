"""Weather and depth of simulated nights."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from builders.camera import a_seeing_telescope

from coordinator.lightcurves.depth import limit_mag_ab
from coordinator.lightcurves.moonlight import Moon
from coordinator.simulation.world.clear_skies import ASSUMED, clear_sky_at
from coordinator.simulation.world.conditions import Conditions, chance_seen, drawn_seeing, mag_error, true_limit_mag
from coordinator.simulation.world.weather import WeatherLaw, chain, drawn_clouds, groups_of
from telescopes.description.telescope import Site

START = datetime(2026, 1, 10, tzinfo=UTC)
CHILE, SPAIN, NOWHERE = Site(-30.24, -70.73, 2700.0), Site(28.76, -17.89, 2300.0), Site(43.75, 6.92, 1270.0)
NEAR_CHILE = Site(-29.26, -70.73, 2400.0)
(CAMERA,) = a_seeing_telescope("t", -30.0, "r", 19.0).instruments


def spells(share: float, law: WeatherLaw, groups: list[int], steps: int = 30_000) -> np.ndarray:
    return chain(np.random.default_rng(5), np.full((len(groups), steps), share), groups, law)


@pytest.mark.parametrize("share", [0.45, 0.76, 0.9])
def test_the_sky_is_clear_as_often_as_it_is_said_in_spells_of_twelve_hours(share: float) -> None:
    clear = spells(share, WeatherLaw(), list(range(20)))
    assert clear.mean() == pytest.approx(share, abs=0.02)
    ends = (clear[:, :-1] & ~clear[:, 1:]).sum()
    assert clear.sum() / 6.0 / ends == pytest.approx(12.0, rel=0.06)


def test_neighbours_share_their_weather_and_others_do_not() -> None:
    clear = spells(0.6, WeatherLaw(), [n - n % 2 for n in range(20)]).astype(float)
    together = np.corrcoef(clear)
    assert np.mean([together[n, n + 1] for n in range(0, 20, 2)]) == pytest.approx(0.6, abs=0.06)
    assert np.mean([together[n, n + 2] for n in range(0, 18, 2)]) == pytest.approx(0.0, abs=0.06)


def test_sites_within_300_km_are_one_group() -> None:
    assert groups_of([CHILE, SPAIN, NEAR_CHILE], 300.0) == [0, 1, 0]


def test_measured_sites_have_their_months_and_others_say_that_they_are_assumed() -> None:
    chile = clear_sky_at(CHILE)
    assert (chile.by_month[0], chile.by_month[5]) == (pytest.approx(7.7 / 8.5), pytest.approx(8.3 / 12.4))
    assert clear_sky_at(SPAIN).by_month == (0.626,) * 12
    assert not chile.assumed
    assert clear_sky_at(NOWHERE).assumed
    assert clear_sky_at(NOWHERE).by_month == (ASSUMED,) * 12 == (0.55,) * 12


def test_clouds_are_spans_in_order_and_the_same_for_the_same_seed() -> None:
    sites = {"a": CHILE, "b": SPAIN}
    one, same = (drawn_clouds(np.random.default_rng(3), sites, START, 240.0) for _ in range(2))
    assert one == same
    for spans in one.values():
        flat = [t for span in spans for t in span]
        assert flat == sorted(flat)
        assert all(START <= t <= START + timedelta(hours=240) for t in flat)
    assert set(one) == {"a", "b"}


def test_a_dark_zenith_is_the_site_files_own_depth_and_half_an_hour_is_the_most() -> None:
    assert true_limit_mag(CAMERA, "r", 60.0, 1.0) == pytest.approx(limit_mag_ab(CAMERA, "r", 60.0, 1.0), abs=1e-3)
    assert true_limit_mag(CAMERA, "r", 7200.0, 1.0) == true_limit_mag(CAMERA, "r", 1800.0, 1.0)


def test_air_moon_and_seeing_cost_depth() -> None:
    best = true_limit_mag(CAMERA, "r", 60.0, 1.0) or 0.0
    low = true_limit_mag(CAMERA, "r", 60.0, 2.0) or 0.0
    assert best - low == pytest.approx(0.13 + 2.5 * 0.6 * np.log10(2.0), abs=1e-6)
    blurred = true_limit_mag(CAMERA, "r", 60.0, 1.0, Conditions(seeing=2.0)) or 0.0
    assert best - blurred == pytest.approx(2.5 * np.log10(2.0))
    moons = [true_limit_mag(CAMERA, "r", 60.0, 1.2, Conditions(Moon.lit(lit, 45.0), 40.0)) or 0.0 for lit in (0.1, 1.0)]
    assert best > moons[0] > moons[1] > best - 2.5


def test_half_of_what_is_at_the_limit_is_seen_and_errors_grow_towards_it() -> None:
    assert chance_seen([19.0, 20.0, 21.0], 20.0) == pytest.approx([1.0, 0.5, 0.0], abs=1e-4)
    assert mag_error([10.0, 17.5, 20.0], 20.0) == pytest.approx([0.01, 0.02, 0.2])
    rng = np.random.default_rng(1)
    assert np.median([drawn_seeing(rng) for _ in range(500)]) == pytest.approx(1.0, abs=0.05)
