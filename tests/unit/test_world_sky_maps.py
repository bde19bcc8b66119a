"""Sky maps of simulated mergers: what detectors hear, and where that says it was."""

from datetime import timedelta
from itertools import islice

import healpy
import numpy as np
import pytest
from builders.worlds import BEYOND_MPC, MERGED, THREE, TWO, a_binary, a_heard
from scipy.stats import kstest

from coordinator.simulation.world.binaries import Binary, drawn_binary
from coordinator.simulation.world.checked_maps import O3_PUBLISHED, CheckedMap, checked_maps
from coordinator.simulation.world.detectors import SITES, Network, antennas
from coordinator.simulation.world.distance_layer import layer_of
from coordinator.simulation.world.heard import hear, sidereal_rad
from coordinator.simulation.world.ring import facts_of, ring_map
from coordinator.simulation.world.turned_map import moved_to, turned_in_ra
from coordinator.sky.distances import marginal_distance
from coordinator.sky.read import read_skymap
from coordinator.sky.regions import credible_areas, density_at
from coordinator.sky.skymap import MapFacts, SkyMap
from coordinator.sky.write_multiorder import write_multiorder

Levels = tuple[np.ndarray, np.ndarray]


def a_map(seed: int, network: Network = TWO) -> tuple[Binary, SkyMap]:
    binary, heard = a_heard(np.random.default_rng(seed), network)
    return binary, ring_map(heard, facts_of(heard, "S1", MERGED, MERGED))


def test_detectors_stand_where_light_takes_the_published_times_between_them() -> None:
    place = {name: np.array(site.place_m) / 299792.458 for name, site in SITES.items()}
    apart = {pair: np.linalg.norm(place[pair[:2]] - place[pair[2:]]) for pair in ("H1L1", "H1V1", "L1V1")}
    assert apart == {
        "H1L1": pytest.approx(10.01, abs=0.01),
        "H1V1": pytest.approx(27.29, abs=0.01),
        "L1V1": pytest.approx(26.45, abs=0.02),
    }


@pytest.mark.parametrize("name", SITES)
def test_arms_are_level_and_at_right_angles(name: str) -> None:
    x, y, place = (np.array(a) for a in (SITES[name].x_arm, SITES[name].y_arm, SITES[name].place_m))
    assert [x @ x, y @ y, x @ y] == pytest.approx([1.0, 1.0, 0.0], abs=2e-5)
    assert [x @ place, y @ place] / np.linalg.norm(place) == pytest.approx([0.0, 0.0], abs=0.01)


def test_a_detector_hears_its_zenith_fully_and_two_fifths_of_the_power_in_the_mean() -> None:
    towards = np.column_stack(healpy.pix2vec(32, np.arange(12 * 32**2)))
    plus, cross = antennas(TWO, towards)
    power = plus**2 + cross**2
    up = np.array(SITES["H1"].place_m) / np.linalg.norm(SITES["H1"].place_m)
    at_zenith = sum(a[0, 0] ** 2 for a in antennas(TWO, up[None]))
    assert at_zenith == pytest.approx(1.0, abs=1e-3)
    assert power.mean(axis=1) == pytest.approx([0.4, 0.4], abs=2e-3)


def test_a_binary_face_on_at_the_zenith_has_a_ratio_of_8_at_the_horizon() -> None:
    up = np.array(SITES["H1"].place_m)
    ra = np.degrees(np.arctan2(up[1], up[0]) + sidereal_rad(MERGED.timestamp()))
    dec = float(np.degrees(np.arctan2(up[2], np.hypot(up[0], up[1]))))
    binary = a_binary(ra_deg=float(ra), dec_deg=dec, distance_mpc=2.26 * 160.0, inclination_deg=0.0)
    heard = [hear(np.random.default_rng(n), TWO, binary).snr[0] for n in range(400)]
    assert np.mean(heard) == pytest.approx(8.0, abs=0.25)
    assert np.std(heard) == pytest.approx(np.hypot(1.0, 0.8), abs=0.15)


def test_arrivals_scatter_as_their_errors_say_about_the_way_of_the_wave() -> None:
    rng, binary = np.random.default_rng(2), a_binary(distance_mpc=60.0)
    heard = [hear(rng, TWO, binary) for _ in range(500)]
    apart = np.array([h.arrival_s[0] - h.arrival_s[1] for h in heard])
    error = np.array([np.hypot(*h.timing_s) for h in heard])
    assert ((apart - apart.mean()) / error).std() == pytest.approx(1.0, abs=0.1)
    assert abs(apart.mean()) < 0.01002


def test_heavier_binaries_are_louder_and_quiet_ones_are_no_alert() -> None:
    rng = np.random.default_rng(3)
    assert a_binary(mass1_detector_msun=10.0).loudness == pytest.approx((2.994 / 1.2188) ** (5 / 6), rel=1e-3)
    assert a_binary().loudness == pytest.approx(1.0)
    assert not any(hear(rng, TWO, a_binary(distance_mpc=2000.0)).is_found for _ in range(50))
    assert all(hear(rng, TWO, a_binary(distance_mpc=30.0)).is_found for _ in range(50))


def test_a_full_universe_has_as_many_in_each_shell_as_it_has_volume() -> None:
    rng = np.random.default_rng(4)
    drawn = [drawn_binary(rng, 100.0, MERGED) for _ in range(2000)]
    near = np.mean([b.distance_mpc < 50.0 for b in drawn])
    south = np.mean([b.dec_deg < -30.0 for b in drawn])
    assert (near, south) == (pytest.approx(0.125, abs=0.02), pytest.approx(0.25, abs=0.03))


def test_a_map_covers_the_sky_once_and_survives_its_file() -> None:
    _, sky = a_map(5)
    assert (4.0**-sky.order).sum() == pytest.approx(12.0, rel=1e-12)
    assert sky.probability.sum() == pytest.approx(1.0)
    assert sky.order.min() == 5
    assert 7 <= sky.order.max() <= 10
    again = read_skymap(write_multiorder(sky))
    assert np.allclose(again.probability, sky.probability, rtol=1e-12)
    assert again.facts.warnings == ()
    assert again.facts.instruments == ("H1", "L1")


def test_the_same_is_heard_in_the_same_map_and_another_in_a_map_of_another_name() -> None:
    (_, one), (_, same), (_, other) = a_map(5), a_map(5), a_map(6)
    assert one.facts == same.facts
    assert np.array_equal(one.probability, same.probability)
    assert one.facts.sha256 != other.facts.sha256


def test_the_distance_layer_has_the_moments_that_went_in() -> None:
    mean, spread = np.array([40.0, 100.0, 300.0, 500.0]), np.array([2.0, 25.0, 100.0, 260.0])
    mu, sigma, norm = layer_of(mean, mean**2 + spread**2)
    for n in range(4):
        one = (np.array([a[n]]) for a in (mu, sigma, norm))
        sky = SkyMap(np.array([0]), np.array([0]), np.array([1.0]), MapFacts("x"), *one)
        assert marginal_distance(sky) == (pytest.approx(mean[n], rel=2e-3), pytest.approx(spread[n], rel=2e-2))
        d = np.linspace(0.0, 3000.0, 60001)
        total = (norm[n] * d**2 * np.exp(-0.5 * ((d - mu[n]) / sigma[n]) ** 2)).sum() * 0.05
        assert total / (sigma[n] * np.sqrt(2 * np.pi)) == pytest.approx(1.0, rel=5e-3)


def test_a_moved_map_says_of_the_moved_place_what_it_said() -> None:
    binary, sky = a_map(7, THREE)
    moved = turned_in_ra(sky, 73.2)
    was, level, _ = density_at(sky, binary.ra_deg, binary.dec_deg)
    now, new_level, _ = density_at(moved, binary.ra_deg + 73.2, binary.dec_deg)
    assert now == pytest.approx(was, rel=0.15)
    assert new_level == pytest.approx(level, abs=0.03)
    assert credible_areas(moved) == pytest.approx(credible_areas(sky), rel=0.1)
    assert marginal_distance(moved) == pytest.approx(marginal_distance(sky), rel=0.02)


def test_a_map_moved_in_time_stays_over_the_same_ground() -> None:
    _, sky = a_map(7, THREE)
    moved = moved_to(sky, MERGED + timedelta(hours=6))
    best = [float(np.degrees(np.angle(np.exp(1j * np.radians(_peak_ra(s)))))) for s in (sky, moved)]
    assert (best[1] - best[0]) % 360.0 == pytest.approx(90.25, abs=1.5)
    assert moved.facts.t0 == MERGED + timedelta(hours=6)


def _peak_ra(sky: SkyMap) -> float:
    best = int(np.argmax(sky.density_per_sr))
    return float(healpy.pix2ang(1 << int(sky.order[best]), int(sky.ipix[best]), nest=True, lonlat=True)[0])


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("network", "area90_deg2"),
    [pytest.param(TWO, 1130.0, marks=pytest.mark.long, id="H+L"), pytest.param(THREE, 53.0, id="H+L+V")],
)
def test_the_truth_lies_in_regions_as_often_as_they_say(network: Network, area90_deg2: float) -> None:
    """Areas are those that vetting-science measured with another way to weigh loudnesses: within a factor of 1.6."""
    rng = np.random.default_rng(20260301)
    levels, areas = [], []
    for _ in range(200):
        binary, heard = a_heard(rng, network)
        sky = ring_map(heard, facts_of(heard, "S1", MERGED, MERGED))
        levels.append(float(density_at(sky, binary.ra_deg, binary.dec_deg)[1][0]))
        areas.append(credible_areas(sky)[1])
    level = np.array(levels)
    assert (level <= 0.5).mean() == pytest.approx(0.50, abs=0.08)
    assert (level <= 0.9).mean() == pytest.approx(0.90, abs=0.05)
    assert area90_deg2 / 1.6 < np.median(areas) < area90_deg2 * 1.6


def test_nothing_is_heard_from_beyond_what_is_drawn() -> None:
    rng = np.random.default_rng(8)
    far = [a_heard(rng)[0].distance_mpc for _ in range(60)]
    assert np.quantile(far, 0.98) < 0.95 * BEYOND_MPC


@pytest.fixture(scope="module")
def of_o3() -> list[CheckedMap]:
    return list(islice(checked_maps(np.random.default_rng(20260401), O3_PUBLISHED), 500))


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.timeout(3600)
def test_levels_of_five_hundred_mergers_are_even(of_o3: list[CheckedMap]) -> None:
    assert kstest([m.level for m in of_o3], "uniform").pvalue > 0.01


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.timeout(3600)
def test_distances_have_the_published_median(of_o3: list[CheckedMap]) -> None:
    low, _, high = O3_PUBLISHED.distance_mpc
    assert low - 5.0 < np.median([m.distance_mpc for m in of_o3]) < high + 5.0


def test_levels_that_are_not_even_are_found_out() -> None:
    """Maps that are twice as sure as they may be: the first mistake that regions of 50 and 90 % have shown."""
    rng = np.random.default_rng(1)
    assert kstest(rng.uniform(size=500), "uniform").pvalue > 0.01
    assert kstest(rng.uniform(size=500) ** 0.8, "uniform").pvalue < 0.01
