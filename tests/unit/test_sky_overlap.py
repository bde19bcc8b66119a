"""How well maps agree, and what they say together."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from builders.toy_skies import a_sky_of

from coordinator.sky.cells import Cells, sky_map
from coordinator.sky.overlap import EXCLUDING, common_cells, overlap_integral, together
from coordinator.sky.read import read_skymap
from coordinator.sky.skymap import MapFacts, SkyMap
from coordinator.sky.write_multiorder import write_multiorder


def uniform(order: int, sha256: str = "uniform") -> SkyMap:
    pixels = np.arange(12 * 4**order)
    return SkyMap(np.full(pixels.size, order), pixels, np.full(pixels.size, 1 / pixels.size), MapFacts(sha256))


def named(sky: SkyMap, sha256: str) -> SkyMap:
    return replace(sky, facts=replace(sky.facts, sha256=sha256))


def coarser_beyond(sky: SkyMap, face: int) -> SkyMap:
    """The same sky with one base pixel's cells put together, so that the map has two orders."""
    step = 4 ** int(sky.order[0])
    inside = (sky.ipix // step) == face
    order = np.r_[sky.order[~inside], 0]
    ipix = np.r_[sky.ipix[~inside], face]
    probability = np.r_[sky.probability[~inside], sky.probability[inside].sum()]
    return sky_map(Cells(order, ipix, probability, None), sky.facts)


def test_a_map_and_a_uniform_one_overlap_as_two_unrelated_ones_do() -> None:
    blob = a_sky_of([(120.0, 35.0, 8.0)])
    for order in (0, 3, 6):
        assert overlap_integral(blob, uniform(order)) == pytest.approx(1.0, rel=1e-12)


def test_two_maps_without_common_sky_do_not_overlap() -> None:
    north = sky_map(Cells(np.array([1]), np.array([0]), np.array([1.0]), None), MapFacts("n"))
    south = sky_map(Cells(np.array([2]), np.array([100]), np.array([1.0]), None), MapFacts("s"))
    assert overlap_integral(north, south) == 0.0
    assert common_cells(north, south).order.size == 0


@pytest.mark.parametrize("away_deg", [0.0, 6.0, 15.0])
def test_gaussians_on_the_sphere_overlap_as_fisher_distributions_do(away_deg: float) -> None:
    """The product of two von Mises-Fisher distributions integrates to C(k1) C(k2) / C(|k1 x1 + k2 x2|)."""
    widths_deg = 5.0, 8.0
    kappa = [float(np.radians(w) ** -2) for w in widths_deg]
    skies = [
        a_fisher_sky(180.0, 10.0, kappa[0]),
        a_fisher_sky(180.0, 10.0 + away_deg, kappa[1]),
    ]
    both = np.sqrt(kappa[0] ** 2 + kappa[1] ** 2 + 2 * kappa[0] * kappa[1] * np.cos(np.radians(away_deg)))
    expected = 4 * np.pi * np.exp(log_norm(kappa[0]) + log_norm(kappa[1]) - log_norm(both))
    assert overlap_integral(*skies) == pytest.approx(expected, rel=2e-3)


def log_norm(kappa: float) -> float:
    """Logarithm of kappa / (4 pi sinh kappa)."""
    return float(np.log(kappa / (2 * np.pi)) - kappa - np.log1p(-np.exp(-2 * kappa)))


def a_fisher_sky(ra_deg: float, dec_deg: float, kappa: float) -> SkyMap:
    from coordinator.sky.nested import pixel_vectors
    from telescopes.description.ephemeris import directions

    pixels = np.arange(12 * 4**7)
    towards = pixel_vectors(7, pixels) @ directions([ra_deg], [dec_deg])[0]
    weight = np.exp(kappa * (towards - 1))
    return SkyMap(np.full(pixels.size, 7), pixels, weight / weight.sum(), MapFacts(f"{ra_deg} {dec_deg} {kappa}"))


def test_cells_of_unlike_orders_are_cut_no_finer_than_needed() -> None:
    fine = a_sky_of([(45.0, 10.0, 10.0)])
    mixed = coarser_beyond(fine, face=0)
    assert mixed.order.size == fine.order.size - 4**5 + 1
    common = common_cells(mixed, fine)
    assert np.array_equal(common.ipix, fine.ipix)
    assert np.array_equal(common_cells(mixed, uniform(0)).order, mixed.order)


def test_the_product_of_two_maps_is_normalised_and_sharper_than_each() -> None:
    one, other = a_sky_of([(120.0, 35.0, 8.0)]), named(a_sky_of([(128.0, 35.0, 8.0)]), "b")
    made = together([one, other])
    assert not made.excluded
    assert made.sky.probability.sum() == pytest.approx(1.0)
    by_hand = one.density_per_sr * other.density_per_sr
    assert made.sky.density_per_sr == pytest.approx(by_hand / (by_hand * one.area_sr).sum(), abs=1e-12)
    assert made.overlap == pytest.approx(overlap_integral(one, other))


def test_a_uniform_map_changes_nothing_and_who_comes_first_neither() -> None:
    one, other = a_sky_of([(120.0, 35.0, 8.0)]), named(a_sky_of([(128.0, 35.0, 8.0)]), "b")
    assert together([one, uniform(2)]).sky.probability == pytest.approx(one.probability)
    written = {write_multiorder(together(maps).sky) for maps in ([one, other], [other, one])}
    assert len(written) == 1


def test_three_maps_have_the_overlap_of_all_of_them() -> None:
    maps = [named(a_sky_of([(120.0 + x, 35.0, 8.0)]), str(x)) for x in (0, 4, 8)]
    product = np.prod([m.density_per_sr for m in maps], axis=0) * maps[0].area_sr
    assert together(maps).overlap == pytest.approx((4 * np.pi) ** 2 * product.sum())


@pytest.mark.parametrize("away_deg", [80.0, 130.0])
def test_where_maps_exclude_each_other_the_smaller_one_holds(away_deg: float) -> None:
    wide, narrow = named(a_sky_of([(120.0, 0.0, 8.0)]), "a"), named(a_sky_of([(120.0 + away_deg, 0.0, 2.0)]), "b")
    made = together([wide, narrow])
    assert made.excluded and made.overlap < EXCLUDING
    assert made.sky.facts.sha256 == "b"


def test_distances_come_from_the_map_that_knows_them() -> None:
    near = named(a_sky_of([(120.0, 35.0, 8.0)], with_distance=True), "z")
    cone = named(a_sky_of([(124.0, 35.0, 6.0)]), "a")
    made = together([cone, near]).sky
    assert made.dist_mu_mpc is not None and np.array_equal(made.dist_mu_mpc, near.dist_mu_mpc)  # type: ignore[arg-type]
    mu, sigma = 120.0, 36.0
    r = np.linspace(0, 600, 60_001)
    weight = r**2 * np.exp(-0.5 * ((r - mu) / sigma) ** 2)
    mean = (r * weight).sum() / weight.sum()
    assert made.facts.distance_mpc == pytest.approx(mean, rel=1e-4)
    spread = np.sqrt((r**2 * weight).sum() / weight.sum() - mean**2)
    assert made.facts.distance_std_mpc == pytest.approx(spread, rel=1e-3)


def test_what_is_written_is_read_again() -> None:
    facts = MapFacts(
        "x", datetime(2026, 3, 1, 12, 0, 0, 250_000, UTC), 120.0, 36.0, "it's", ("Fermi", "H1"), "Armillary"
    )
    sky = replace(coarser_beyond(a_sky_of([(45.0, 10.0, 10.0)]), 3), facts=facts)
    for one in (sky, replace(a_sky_of([(45.0, 10.0, 10.0)], with_distance=True), facts=facts)):
        back = read_skymap(write_multiorder(one))
        assert np.array_equal(back.order, one.order) and np.array_equal(back.ipix, one.ipix)
        assert back.probability == pytest.approx(one.probability, rel=1e-12)
        assert (back.dist_norm is None) == (one.dist_norm is None)
        assert replace(back.facts, sha256="x") == facts
