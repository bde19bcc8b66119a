"""How galaxies are weighed, and what is left for the tiles."""

from dataclasses import replace

import numpy as np
import pytest
from builders.galaxies import a_distant_blob, around

from coordinator.planning.completeness import Completeness, expected_starlight, table_of
from coordinator.planning.galaxies import Galaxies, cells_of_galaxies
from coordinator.planning.galaxy_weights import PER_CAPACITY, galaxy_targets, raw_weights
from coordinator.planning.luminosity import (
    B_BAND,
    BRIGHTEST,
    CHARACTERISTIC_MASS_MSUN,
    K_BAND,
    UNKNOWN_LUMINOSITY,
    starlight,
)
from coordinator.planning.moments import moments_of
from coordinator.planning.strategy import CatalogueAtHand, strategy_for
from coordinator.sky.regions import density_at
from coordinator.sky.skymap import SkyMap

HALF = table_of([(0.0, 0.5)], "half")
EVERYWHERE = 10**6


def even_in_space(count: int, furthest_mpc: float) -> Galaxies:
    """Galaxies around the blob, all alike, as many far away as there is room."""
    rng = np.random.default_rng(2)
    mpc = furthest_mpc * rng.uniform(0, 1, count) ** (1 / 3)
    dec = np.degrees(np.arcsin(rng.uniform(np.sin(np.radians(-45)), np.sin(np.radians(5)), count)))
    ra = rng.uniform(-10, 50, count)
    return Galaxies.of(ra % 360, dec, mpc, distance_err_mpc=1e-3, mass_msun=1e10)


def test_galaxies_even_in_space_are_probable_as_the_map_says_by_distance_and_by_place() -> None:
    sky, galaxies = a_distant_blob(), even_in_space(400_000, 350.0)
    found = galaxy_targets([galaxies], sky, EVERYWHERE)
    assert found is not None and found.weight.sum() == pytest.approx(1.0)
    d = np.linspace(0.5, 349.5, 350)
    p = d**2 * np.exp(-0.5 * ((d - 150) / 40) ** 2)
    mean = float((p * d).sum() / p.sum())
    assert float(found.weight @ found.galaxies.distance_mpc) == pytest.approx(mean, rel=0.01)
    cell = cells_of_galaxies(sky, found.galaxies.key)
    by_cell = np.bincount(cell, weights=found.weight, minlength=sky.order.size)
    best = np.argsort(-sky.probability)[:10]
    assert by_cell[best].sum() == pytest.approx(sky.probability[best].sum(), rel=0.05)


def test_a_weight_is_density_in_space_times_starlight() -> None:
    sky = a_distant_blob()
    galaxies = Galaxies.of([20.0, 21.0], [-20.0, -21.0], [150.0, 190.0], distance_err_mpc=[30.0, np.nan])
    moments = moments_of(sky)
    assert moments is not None
    found = raw_weights(galaxies, sky, moments, np.array([1.0, 3.0]))
    first = int(np.argmin(galaxies.distance_mpc))
    spread = np.array([np.hypot(40, 30), np.hypot(40, 19)])
    normal = np.exp(-0.5 * (np.array([0.0, 40.0]) / spread) ** 2) / (spread * np.sqrt(2 * np.pi))
    density = density_at(sky, [20.0, 21.0], [-20.0, -21.0])[0]
    expected = density * normal / (150**2 + 40**2)
    assert found / (1.0, 3.0) == pytest.approx(expected if first == 0 else expected[::-1], rel=1e-9)


def test_a_cell_without_moments_has_the_maps_mean() -> None:
    sky = a_distant_blob()
    assert sky.dist_mu_mpc is not None
    nothing = np.full(sky.order.size, np.nan)
    silent = replace(sky, dist_mu_mpc=nothing, dist_sigma_mpc=nothing, dist_norm=nothing)
    none = replace(sky, dist_mu_mpc=None, dist_sigma_mpc=None, dist_norm=None)
    galaxies = around(50, 20, -20, 4)
    whole = galaxy_targets([galaxies], sky, EVERYWHERE)
    for other in (silent, none):
        found = galaxy_targets([galaxies], other, EVERYWHERE)
        assert whole is not None and found is not None
        assert found.weight == pytest.approx(whole.weight)


def test_without_any_distance_there_are_no_targets() -> None:
    sky = a_distant_blob()
    blind = SkyMap(sky.order, sky.ipix, sky.probability, replace(sky.facts, distance_mpc=None, distance_std_mpc=None))
    assert galaxy_targets([around(5, 20, -20, 1)], blind, 10) is None


def test_starlight_is_by_mass_else_b_else_k_else_a_usual_one() -> None:
    def of(mass: float = np.nan, b: float = np.nan, k: float = np.nan) -> Galaxies:
        return Galaxies.of(1.0, 1.0, 100.0, mass_msun=mass, b_mag=b, k_mag=k)

    b_star, k_star = B_BAND.characteristic_mag + 35, K_BAND.characteristic_mag + 35
    assert starlight(of(mass=2 * CHARACTERISTIC_MASS_MSUN, b=b_star)).relative == pytest.approx(2.0)
    assert starlight(of(b=b_star, k=k_star - 2.5)).relative == pytest.approx(1.0)
    assert starlight(of(k=k_star - 2.5)).relative == pytest.approx(10.0)
    assert starlight(of()).relative == UNKNOWN_LUMINOSITY
    both = starlight(Galaxies.joined([of(mass=1e10), of(b=14.0), of(k=11.0), of()]))
    assert (both.from_mass, both.from_b, both.from_k, both.unknown) == (1, 1, 1, 1)


@pytest.mark.parametrize("wrong", [{"b_mag": 2.0}, {"k_mag": -1.0}, {"mass_msun": 9e13}])
def test_one_impossible_value_does_not_take_the_whole_catalogue(wrong: dict[str, float]) -> None:
    others = around(2000, 20, -20, 4)
    mass, b, k = (
        np.r_[np.full(2000, usual), wrong.get(name, np.nan)]
        for name, usual in (("mass_msun", 3e10), ("b_mag", np.nan), ("k_mag", np.nan))
    )
    places = (
        np.r_[values, one] for values, one in ((others.ra_deg, 20), (others.dec_deg, -20), (others.distance_mpc, 150))
    )
    galaxies = Galaxies.of(*places, distance_err_mpc=5.0, mass_msun=mass, b_mag=b, k_mag=k)
    found = galaxy_targets([galaxies], a_distant_blob(), EVERYWHERE)
    assert found is not None
    assert float(found.weight[found.galaxies.row == 2000][0]) < 0.1
    assert starlight(galaxies).relative.max() == BRIGHTEST
    assert f"; 1 brighter than {BRIGHTEST:g} usual ones count as that" in found.said[0]
    usual = galaxy_targets([others], a_distant_blob(), EVERYWHERE)
    assert usual is not None and "brighter" not in usual.said[0]


def test_what_the_catalogue_cannot_hold_stays_with_the_tiles() -> None:
    sky, galaxies = a_distant_blob(), around(200, 20, -20, 4)
    found = galaxy_targets([galaxies], sky, EVERYWHERE, HALF)
    assert found is not None and found.held == pytest.approx(0.5)
    assert found.value.sum() == pytest.approx(0.5)
    assert found.tiles_probability == pytest.approx(0.5 * sky.probability)
    assert found.value.sum() + found.tiles_probability.sum() == pytest.approx(1.0)


def test_an_unknown_completeness_takes_nothing_from_the_tiles() -> None:
    sky = a_distant_blob()
    found = galaxy_targets([around(20, 20, -20, 4)], sky, EVERYWHERE)
    assert found is not None and found.held is None
    assert found.tiles_probability is sky.probability
    assert "completeness unknown" in found.said[-1]


@pytest.mark.parametrize("lots", [[], [around(20, 200, 60, 2)]])
def test_a_catalogue_that_has_nothing_there_holds_nothing(lots: list[Galaxies]) -> None:
    sky = a_distant_blob()
    found = galaxy_targets(lots, sky, EVERYWHERE, HALF)
    assert found is not None and len(found.galaxies) == 0 and found.counted == 0
    assert found.held == 0.0 and found.tiles_probability.sum() == pytest.approx(1.0)


def test_the_best_for_the_capacity_are_kept_whatever_the_lots() -> None:
    sky, galaxies = a_distant_blob(), around(3000, 20, -20, 8)
    whole = galaxy_targets([galaxies], sky, EVERYWHERE, HALF)
    lots = [galaxies.chosen(part) for part in np.array_split(np.arange(3000), 7)]
    found = galaxy_targets(lots, sky, 25, HALF)
    assert whole is not None and found is not None
    assert len(found.galaxies) == 25 * PER_CAPACITY and found.counted == whole.counted
    assert np.sort(found.weight) == pytest.approx(np.sort(whole.weight)[-25 * PER_CAPACITY :])
    assert set(found.galaxies.row) <= set(whole.galaxies.row)


def test_completeness_falls_with_distance_as_the_luminosity_function_says() -> None:
    held = Completeness.to_limit(B_BAND, 17.0)
    assert held.at(1.0) == pytest.approx(1.0, abs=0.01) and held.at(5000.0) < 1e-6
    x = np.linspace(0, 40, 4_000_001)[1:]
    faintest = 10 ** (-0.4 * (17.0 - 5 * np.log10(150.0) - 25 - B_BAND.characteristic_mag))
    light = x ** (B_BAND.slope + 1) * np.exp(-x)
    assert float(held.at(150.0)) == pytest.approx(light[x > faintest].sum() / light.sum(), abs=0.005)
    assert expected_starlight(B_BAND, 0, 10, 1.0) * 2.45e10 == pytest.approx(1.4e8 * 4189, rel=0.05)


def test_completeness_is_averaged_along_the_line_of_sight() -> None:
    moments = moments_of(a_distant_blob())
    assert moments is not None
    step = table_of([(149.999, 1.0), (150.001, 0.0)], "near")
    d = np.linspace(1, 400, 4000)
    p = d**2 * np.exp(-0.5 * ((d - 150) / 40) ** 2)
    assert step.over(moments) == pytest.approx(p[d < 150].sum() / p.sum(), abs=0.06)
    assert HALF.over(moments) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("asked", "capacity", "distance", "catalogue", "strategy", "says"),
    [
        ("tiles", 0.1, None, None, "tiles", "site file"),
        ("auto", 150.0, None, None, "tiles", "can cover enough"),
        ("galaxies", 150.0, 40.0, CatalogueAtHand(10, 0.9), "tiles", "can cover enough"),
        ("auto", 50.0, 40.0, CatalogueAtHand(10, 0.9), "galaxies", "10 galaxies for a source at 40 Mpc, 90 %"),
        ("galaxies", 50.0, 40.0, CatalogueAtHand(10, None), "galaxies", "unknown completeness"),
        ("galaxies", 20.0, 40.0, None, "idle", "no galaxy catalogue and field too small"),
        ("galaxies", 50.0, 40.0, None, "tiles", "no galaxy catalogue, so it covers the densest part"),
        ("auto", 20.0, 40.0, None, "tiles", "no galaxy catalogue, so it covers the densest part"),
        ("galaxies", 20.0, None, CatalogueAtHand(10, 0.9), "idle", "no distance known"),
        ("galaxies", 20.0, 300.0, CatalogueAtHand(10, 0.9), "idle", "source at 300 Mpc"),
        ("galaxies", 20.0, 40.0, CatalogueAtHand(0, 0.9), "idle", "no galaxy of the catalogue"),
        ("galaxies", 20.0, 40.0, CatalogueAtHand(10, 0.05), "idle", "holds 5 %"),
    ],
)
def test_the_strategy_says_why(
    asked: str, capacity: float, distance: float | None, catalogue: CatalogueAtHand | None, strategy: str, says: str
) -> None:
    choice = strategy_for(asked, 0.1, capacity, 1000.0, distance, catalogue)  # type: ignore[arg-type]
    assert choice.strategy == strategy
    assert says in choice.because
