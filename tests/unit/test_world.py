"""Simulated skies: repeatable, honest, and of realistic density."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import healpy
import numpy as np
import pytest
from builders.camera import a_seeing_telescope
from builders.vetting import T0, a_sky

from coordinator.lightcurves.cosmology import redshift_at
from coordinator.lightcurves.depth import limit_mag_ab
from coordinator.lightcurves.kilonova import distance_modulus, kilonova_abs_mag
from coordinator.simulation.reach import reachable
from coordinator.simulation.world.contaminants import Surroundings, asteroid
from coordinator.simulation.world.counterpart import Injected
from coordinator.simulation.world.density import WorldDensity, counts, ecliptic_latitude_deg, per_deg2
from coordinator.simulation.world.depth import exposure_limits, limits_at
from coordinator.simulation.world.draw import distance_from_map, place_from_map, places_in
from coordinator.simulation.world.make import WHOLE_SKY, Search, make_world
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.ranges import Ranges
from coordinator.sky.regions import credible_ranges
from telescopes.description.telescope import Limits, Observing
from telescopes.drivers.world import SkySource, World

SKY = a_sky(order=6)
SOUTH, NORTH = a_seeing_telescope("south", -30.0, "r", 19.0), a_seeing_telescope("north", 40.0, "r", 18.0)


def a_search(**changes: Any) -> Search:
    search = Search(T0, T0 + timedelta(hours=12), 4.0, (SOUTH, NORTH), WHOLE_SKY)
    return replace(search, **changes)


def a_world(seed: int = 1, density: WorldDensity | None = None, **changes: Any) -> tuple[World, Injected]:
    return make_world(np.random.default_rng(seed), SKY, a_search(**changes), density, seed)


def holds(ranges: Ranges, ra_deg: float, dec_deg: float) -> bool:
    pixel = healpy.ang2pix(1 << 12, ra_deg, dec_deg, nest=True, lonlat=True)
    at = int(np.searchsorted(ranges.low, pixel, side="right")) - 1
    return bool(at >= 0 and pixel < ranges.high[at])


def source_of(world: World, injected: Injected) -> SkySource:
    return next(s for s in world.sources if s.id == injected.source_id)


def test_the_same_seed_gives_the_same_world() -> None:
    assert a_world(7) == a_world(7)
    assert a_world(7) != a_world(8)


def test_the_injected_source_is_where_it_is_said_to_be_and_nothing_else_is_a_kilonova() -> None:
    world, injected = a_world()
    source = source_of(world, injected)
    assert (source.ra_deg, source.dec_deg) == (injected.ra_deg, injected.dec_deg)
    assert [s.id for s in world.sources if s.kind == "kilonova"] == [injected.source_id]


def test_neither_id_nor_place_in_the_list_tells_the_counterpart() -> None:
    at = [int(a_world(seed)[1].source_id.removeprefix("src-")) for seed in range(12)]
    assert len(set(at)) > 5


def test_the_source_lies_in_the_sky_that_can_be_reached() -> None:
    half = credible_ranges(SKY, 0.5)
    for seed in range(10):
        _, injected = a_world(seed, reachable=half)
        assert injected.reachable
        assert holds(half, injected.ra_deg, injected.dec_deg)


def test_sky_that_the_map_gives_nothing_is_told() -> None:
    far = credible_ranges(a_sky(ra_deg=330.0, dec_deg=-20.0, sigma_deg=1.0), 0.5)
    lonely = a_sky(order=6, sigma_deg=1.0)
    zeroed = replace(lonely, probability=np.where(lonely.probability < 1e-9, 0.0, lonely.probability))
    _, injected = make_world(np.random.default_rng(1), zeroed, a_search(reachable=far))
    assert not injected.reachable


def test_a_function_may_draw_the_place() -> None:
    _, injected = a_world(reachable=lambda rng: (10.0, -20.0))
    assert (injected.ra_deg, injected.dec_deg) == (10.0, -20.0)


def test_places_follow_the_map() -> None:
    coarse = a_sky(order=4, sigma_deg=10.0)
    rng, half = np.random.default_rng(3), credible_ranges(coarse, 0.5)
    inside = [holds(half, *(place_from_map(rng, coarse, WHOLE_SKY) or (0.0, 0.0))) for _ in range(200)]
    expected = ProbabilityCurve.of(coarse).probability(half)
    assert np.mean(inside) == pytest.approx(expected, abs=0.11)


def test_even_places_fill_their_sky_evenly() -> None:
    rng, sky = np.random.default_rng(3), Ranges.of_pixels(1, np.array([3, 17]))
    ra, dec = places_in(rng, sky, 400)
    one = Ranges.of_pixels(1, np.array([3]))
    assert all(holds(sky, a, d) for a, d in zip(ra, dec, strict=True))
    assert np.mean([holds(one, a, d) for a, d in zip(ra, dec, strict=True)]) == pytest.approx(0.5, abs=0.08)


def test_distances_follow_the_map() -> None:
    rng, coarse = np.random.default_rng(4), a_sky(order=4)
    drawn = [distance_from_map(rng, coarse, 150.0, 20.0) for _ in range(400)]
    # The mean of D^2 N(D; 40, 8): a little beyond 40.
    assert np.mean(drawn) == pytest.approx(43.1, abs=1.2)
    assert distance_from_map(rng, a_sky(mu_mpc=None), 150.0, 20.0) is None


def test_a_faint_source_is_brightened_to_a_magnitude_above_the_deepest_limit() -> None:
    far = a_sky(order=6, mu_mpc=300.0, sigma_mpc=30.0)
    world, injected = make_world(np.random.default_rng(2), far, a_search())
    curve = source_of(world, injected).light_curve["r"]
    limits = limits_at((SOUTH, NORTH), injected.ra_deg, injected.dec_deg)
    at_end = np.interp(4.0, [h for h, _ in curve], [m for _, m in curve])
    assert injected.brightened_mag > 2.0
    assert max(limit for _, limit in limits) - at_end == pytest.approx(1.0, abs=0.05)


def test_a_source_is_not_brightened_for_its_first_hours_when_it_still_rises() -> None:
    away = a_sky(order=6, mu_mpc=60.0, sigma_mpc=1.0)
    _, injected = make_world(np.random.default_rng(2), away, replace(a_search(), start=a_search().t0))
    limit = max(limit for _, limit in limits_at((SOUTH, NORTH), injected.ra_deg, injected.dec_deg))
    faintest = float(np.max(kilonova_abs_mag("r", np.linspace(2.0, 6.0, 25) / 24.0)))
    assert injected.brightened_mag == pytest.approx(
        1.0 + faintest + distance_modulus(injected.distance_mpc) - limit, abs=0.1
    )


def test_a_bright_source_is_left_as_nature_made_it() -> None:
    near = a_sky(order=6, mu_mpc=15.0, sigma_mpc=1.0)
    _, injected = make_world(np.random.default_rng(2), near, a_search())
    natural = float(kilonova_abs_mag("r", 0.5)) + distance_modulus(injected.distance_mpc)
    assert injected.brightened_mag == 0.0
    assert injected.mag_ab == pytest.approx(natural, abs=0.02)


def test_only_telescopes_that_reach_the_place_count_for_its_depth() -> None:
    (only,) = limits_at((SOUTH, NORTH), 150.0, 85.0)
    assert only == ("r", pytest.approx(17.9, abs=0.05))
    blind = replace(SOUTH, limits=Limits(declination_deg=(-90.0, -80.0)))
    assert limits_at((blind,), 150.0, 20.0) == []
    nowhere = {"south": Ranges.empty(), "north": WHOLE_SKY}
    assert len(limits_at((SOUTH, NORTH), 150.0, 20.0, nowhere)) == 1


def test_a_longer_exposure_reaches_deeper() -> None:
    long = replace(SOUTH, observing=replace(SOUTH.observing, exposure_s=240.0))
    deeper = next(exposure_limits(long))[1] - next(exposure_limits(SOUTH))[1]
    assert deeper == pytest.approx(1.25 * np.log10(4), abs=1e-3)


def test_the_host_lies_at_the_sources_distance() -> None:
    world, injected = a_world()
    source = source_of(world, injected)
    assert source.host_redshift == pytest.approx(float(redshift_at(injected.distance_mpc)))
    assert source.host_separation_arcsec is not None
    assert source.host_separation_arcsec > 1.0


def test_every_kind_of_contaminant_is_there_and_they_stay_in_the_hundreds() -> None:
    world, _ = a_world(density=WorldDensity(factor=10.0, most_sources=200))
    kinds = Counter(s.kind for s in world.sources)
    assert set(kinds) == {
        "kilonova",
        "asteroid",
        "supernova",
        "cataclysmic variable",
        "flare",
        "variable star",
        "artefact",
    }
    assert 100 < len(world.sources) < 300


def test_asteroids_move_as_the_main_belt_does_and_nothing_else_moves() -> None:
    world, _ = a_world(density=WorldDensity(factor=10.0))
    rates = {s.id: float(np.hypot(s.ra_rate_arcsec_h, s.dec_rate_arcsec_h)) for s in world.sources}
    moving = {s.id for s in world.sources if s.kind == "asteroid"}
    assert all(20 <= rates[i] <= 40 for i in moving)
    assert all(rates[i] == 0 for i in rates.keys() - moving)


@pytest.mark.parametrize(("ra_deg", "dec_deg"), [(0.0, 0.0), (90.0, 23.44), (180.0, 0.0), (270.0, -23.44)])
def test_asteroids_drift_westwards_along_the_ecliptic(ra_deg: float, dec_deg: float) -> None:
    rng, around = np.random.default_rng(8), Surroundings(0.0, 12.0, 20.0, 500.0, 0.7)
    drawn = [asteroid(rng, "a", ra_deg, dec_deg, around) for _ in range(400)]
    east = np.array([s.ra_rate_arcsec_h for s in drawn]) / 3600 / np.cos(np.radians(dec_deg))
    north = np.array([s.dec_rate_arcsec_h for s in drawn]) / 3600
    climbs = ecliptic_latitude_deg(ra_deg + east, dec_deg + north) - ecliptic_latitude_deg(ra_deg, dec_deg)
    assert (east < 0).all()
    assert abs(climbs.mean()) < 0.1 * 30 / 3600


def test_a_telescope_that_names_no_filter_reaches_what_it_reaches_in_its_first() -> None:
    silent = replace(NORTH, observing=Observing(exposure_s=60.0))
    region = credible_ranges(SKY, 0.9)
    assert reachable(silent, region, T0, 12.0).pixels == reachable(NORTH, region, T0, 12.0).pixels > 0
    blind = replace(silent, instruments=(replace(silent.instruments[0], filters=()),))
    assert reachable(blind, region, T0, 12.0).pixels == 0


def test_light_curves_are_in_order_of_time_and_finite() -> None:
    world, _ = a_world(density=WorldDensity(factor=10.0))
    for source in world.sources:
        for nodes in source.light_curve.values():
            hours = [h for h, _ in nodes]
            assert hours == sorted(hours)
            assert np.isfinite([m for _, m in nodes]).all()


def test_clouds_are_as_given() -> None:
    cloud = {"south": ((T0, T0 + timedelta(hours=1)),)}
    assert a_world(clouds=cloud)[0].clouds == cloud


def test_asteroids_crowd_the_ecliptic() -> None:
    law = WorldDensity()
    assert per_deg2(law, 20.0, 0.0)["asteroid"] == pytest.approx(20.0)
    assert per_deg2(law, 20.0, 60.0)["asteroid"] == pytest.approx(2.0, abs=0.01)
    assert per_deg2(law, 18.0, 0.0)["supernova"] < per_deg2(law, 20.0, 0.0)["supernova"] / 10
    assert ecliptic_latitude_deg(0.0, 0.0) == pytest.approx(0.0)
    assert ecliptic_latitude_deg(270.0, 66.5607) == pytest.approx(90.0, abs=1e-3)


def test_numbers_are_poisson_about_their_means() -> None:
    rng, law = np.random.default_rng(6), WorldDensity(at_least=0)
    drawn = [counts(rng, {"x": 0.5}, 20.0, law)["x"] for _ in range(300)]
    assert np.mean(drawn) == pytest.approx(10.0, abs=0.6)
    assert np.var(drawn) == pytest.approx(10.0, abs=2.5)


def test_a_world_knows_depth_by_the_law_that_plans_use() -> None:
    (there,) = limits_at((SOUTH,), 150.0, SOUTH.site.latitude_deg + 60.0)
    (camera,) = SOUTH.instruments
    assert there == ("r", pytest.approx(limit_mag_ab(camera, "r", SOUTH.observing.exposure_s, airmass=2.0), abs=1e-3))
