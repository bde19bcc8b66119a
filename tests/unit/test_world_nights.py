"""Weather and depth of simulated nights."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np
import pytest
from builders.camera import a_seeing_telescope

from coordinator.lightcurves.depth import limit_mag_ab
from coordinator.lightcurves.moonlight import Moon
from coordinator.simulation.world.clear_skies import ASSUMED, EARTH_KM, apart_km, clear_sky_at
from coordinator.simulation.world.conditions import Conditions, chance_seen, drawn_seeing, mag_error, true_limit_mag
from coordinator.simulation.world.weather import Closed, WeatherLaw, chain, drawn_clouds, groups_of
from coordinator.simulation.world.winds import Wind, drawn_wind
from telescopes.description.telescope import Site

START = datetime(2026, 1, 10, tzinfo=UTC)
CHILE, SPAIN, NOWHERE = Site(-30.24, -70.73, 2700.0), Site(28.76, -17.89, 2300.0), Site(43.75, 6.92, 1270.0)
NEAR_CHILE = Site(-29.26, -70.73, 2400.0)
(CAMERA,) = a_seeing_telescope("t", -30.0, "r", 19.0).instruments


def spells(share: float, sites: int = 20, steps: int = 30_000) -> np.ndarray:
    return chain(np.random.default_rng(5).random((sites, steps)), np.full((sites, steps), share), WeatherLaw())


def at_km(east_km: float = 0.0, north_km: float = 0.0) -> Site:
    """A place in the south of France, so far from another."""
    a_degree_km = np.radians(EARTH_KM)
    return Site(44.0 + north_km / a_degree_km, 5.0 + east_km / (a_degree_km * np.cos(np.radians(44.0))), 500.0)


FROM_THE_WEST = WeatherLaw(wind=Wind(towards_deg=90.0, speed_kmh=40.0))
NEIGHBOURS = {"here": at_km(), "east": at_km(200.0), "north": at_km(0.0, 300.0), "far east": at_km(500.0)}
LONG_H = 4000.0


def skies(clouds: Mapping[str, Closed], hours: float = LONG_H) -> dict[str, np.ndarray]:
    """1.0 where it is clear, every ten minutes."""
    found = {name: np.ones(int(6 * hours)) for name in clouds}
    for name, spans in clouds.items():
        for span in spans:
            begin, end = (round((edge - START) / timedelta(minutes=10)) for edge in span)
            found[name][begin:end] = 0.0
    return found


@cache
def carried() -> dict[str, np.ndarray]:
    return skies(drawn_clouds(np.random.default_rng(2), NEIGHBOURS, START, LONG_H, FROM_THE_WEST))


def correlation_at(distance_km: float) -> float:
    """Of skies that are clear as often, at the wind's lag: c / (2 - c) where c of what comes is the same."""
    shared = float(np.exp(-distance_km / WeatherLaw().carried_km))
    return shared / (2.0 - shared)


def correlation(one: np.ndarray, later: np.ndarray, steps: int = 0) -> float:
    """Of one sky with another, so many steps later."""
    if steps < 0:
        return correlation(later, one, -steps)
    return float(np.corrcoef(one[: one.size - steps], later[steps:])[0, 1])


@pytest.mark.parametrize("share", [0.45, 0.76, 0.9])
def test_the_sky_is_clear_as_often_as_it_is_said_in_spells_of_twelve_hours(share: float) -> None:
    clear = spells(share)
    assert clear.mean() == pytest.approx(share, abs=0.02)
    ends = (clear[:, :-1] & ~clear[:, 1:]).sum()
    assert clear.sum() / 6.0 / ends == pytest.approx(12.0, rel=0.06)


@pytest.mark.slow
def test_what_the_wind_carries_leaves_each_site_its_share_and_its_spells() -> None:
    many = {str(n): at_km(100.0 * n) for n in range(8)}
    found = [skies(drawn_clouds(np.random.default_rng(n), many, START, 2000.0), 2000.0) for n in range(6)]
    clear = np.array([its for one in found for its in one.values()])
    assert clear.mean() == pytest.approx(ASSUMED, abs=0.02)
    ends = ((clear[:, :-1] == 1.0) & (clear[:, 1:] == 0.0)).sum()
    assert clear.sum() / 6.0 / ends == pytest.approx(12.0, rel=0.08)


def test_a_neighbours_season_is_its_own() -> None:
    both = {"measured": CHILE, "near": NEAR_CHILE}
    winter = [drawn_clouds(np.random.default_rng(n), both, datetime(2026, 6, 1, tzinfo=UTC), 700.0) for n in range(20)]
    closed_h = {
        name: float(np.mean([sum((end - begin) / timedelta(hours=1) for begin, end in one[name]) for one in winter]))
        for name in both
    }
    assert 1.0 - closed_h["measured"] / 700.0 == pytest.approx(clear_sky_at(CHILE).by_month[5], abs=0.04)
    assert 1.0 - closed_h["near"] / 700.0 == pytest.approx(clear_sky_at(NEAR_CHILE).by_month[5], abs=0.04)


@pytest.mark.parametrize(("name", "lag_h"), [("east", 5.0), ("far east", 12.5), ("north", 0.0)])
def test_clouds_are_over_a_neighbour_when_the_wind_has_brought_them(name: str, lag_h: float) -> None:
    here, there = carried()["here"], carried()[name]
    by_lag = {steps: correlation(here, there, steps) for steps in range(-60, 121)}
    assert max(by_lag, key=lambda steps: by_lag[steps]) == pytest.approx(6.0 * lag_h, abs=2)
    law = correlation_at(apart_km(NEIGHBOURS["here"], NEIGHBOURS[name]))
    assert by_lag[round(6.0 * lag_h)] == pytest.approx(law, abs=0.06)


def test_the_nearer_two_sites_are_the_more_weather_they_share_and_far_ones_share_none() -> None:
    assert correlation_at(300.0) == pytest.approx(0.6, abs=0.02)
    by_distance = [correlation_at(km) for km in (0.0, 100.0, 300.0, 1000.0)]
    assert by_distance == sorted(by_distance, reverse=True) and by_distance[0] == 1.0
    sites = {"chile": CHILE, "near": NEAR_CHILE, "same": CHILE, "spain": SPAIN}
    found = skies(drawn_clouds(np.random.default_rng(4), sites, START, LONG_H, FROM_THE_WEST))
    assert (found["chile"] == found["same"]).all()
    assert correlation(found["chile"], found["near"]) > 0.4, "and one is clear more often"
    assert max(abs(correlation(found["chile"], found["spain"], steps)) for steps in range(-120, 121, 10)) < 0.12


@pytest.mark.slow
def test_neighbours_have_their_weather_in_common_from_the_first_hour() -> None:
    pair = {"one": at_km(), "other": at_km(30.0)}
    law = WeatherLaw(wind=Wind(0.0, 40.0))
    first = [drawn_clouds(np.random.default_rng(n), pair, START, 1.0, law) for n in range(300)]
    clear = np.array([[float(not one[name]) for name in pair] for one in first])
    assert np.corrcoef(clear.T)[0, 1] > 0.8


def test_the_sky_of_a_site_that_is_alone_stays_that_of_before() -> None:
    clouds = drawn_clouds(np.random.default_rng(3), {"a": CHILE, "b": SPAIN}, START, 240.0)
    closed_h = {name: sum((end - begin) / timedelta(hours=1) for begin, end in its) for name, its in clouds.items()}
    assert closed_h == {"a": pytest.approx(35.0 + 2.0 / 3.0), "b": pytest.approx(88.0 + 2.0 / 3.0)}
    assert [len(its) for its in clouds.values()] == [21, 14]
    assert clouds["a"][0][0] == START + timedelta(hours=8.5)


def test_winds_come_from_the_west_and_within_the_tropics_from_the_east() -> None:
    rng = np.random.default_rng(1)
    north, trades = ([drawn_wind(rng, latitude) for _ in range(500)] for latitude in (45.0, -20.0))
    assert np.median([w.towards_deg for w in north]) == pytest.approx(90.0, abs=8.0)
    assert np.median([w.towards_deg for w in trades]) == pytest.approx(270.0, abs=8.0)
    assert np.median([w.speed_kmh for w in north]) == pytest.approx(36.0, rel=0.06)
    assert min(w.speed_kmh for w in (*north, *trades)) >= 15.0


def test_sites_within_1000_km_of_each_other_or_of_one_between_have_a_wind_together() -> None:
    assert groups_of([CHILE, SPAIN, NEAR_CHILE, at_km(), at_km(800.0), at_km(1600.0)], 1000.0) == [0, 1, 0, 3, 3, 3]


def test_measured_sites_have_their_months_and_others_say_that_they_are_assumed() -> None:
    chile = clear_sky_at(CHILE)
    assert (chile.by_month[0], chile.by_month[5]) == (pytest.approx(7.7 / 8.5), pytest.approx(8.3 / 12.4))
    assert clear_sky_at(SPAIN).by_month == (0.626,) * 12
    assert not chile.assumed
    assert clear_sky_at(NOWHERE).assumed
    assert clear_sky_at(NOWHERE).by_month == (ASSUMED,) * 12 == (0.55,) * 12


def test_a_campaign_may_say_how_often_it_is_clear_everywhere_or_at_one_site_and_that_it_always_is() -> None:
    sites = {"chile": CHILE, "spain": SPAIN}

    def share(law: WeatherLaw) -> dict[str, float]:
        found = skies(drawn_clouds(np.random.default_rng(3), sites, START, 6000.0, law), 6000.0)
        return {name: float(its.mean()) for name, its in found.items()}

    for clear_h in (6.0, 12.0):
        ends = share(WeatherLaw(clear_h=clear_h, clear=0.05, clear_at=(("spain", 0.9),)))
        assert ends == {"chile": pytest.approx(0.05, abs=0.03), "spain": pytest.approx(0.9, abs=0.03)}
    said = share(WeatherLaw(clear=0.3, clear_at=(("spain", 0.9),)))
    assert said == {"chile": pytest.approx(0.3, abs=0.05), "spain": pytest.approx(0.9, abs=0.05)}
    assert share(WeatherLaw(happens=False, clear=0.3)) == {"chile": 1.0, "spain": 1.0}


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
