"""Credible regions are the smallest sky that holds a share; places know their level."""

import healpy
import numpy as np
import pytest
from builders.fits_maps import blob, flat_map, multiorder_map, two_orders

from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.read import read_skymap
from coordinator.sky.regions import Lookup, credible_areas, credible_ranges, density_at, peak

DEG2 = (180 / np.pi) ** 2
STEPPED = read_skymap(multiorder_map(*two_orders()))
ROUND = read_skymap(flat_map(blob(64)))


def brute_force_area(probability: np.ndarray, area_deg2: float, level: float) -> float:
    best = np.sort(probability)[::-1]
    return float((np.searchsorted(np.cumsum(best), level) + 1) * area_deg2)


@pytest.mark.parametrize("level", [0.1, 0.5, 0.9, 0.99])
def test_the_area_of_a_flat_map_is_that_of_its_pixels(level: float) -> None:
    (area,) = credible_areas(ROUND, (level,))
    assert area == pytest.approx(brute_force_area(blob(64), healpy.nside2pixarea(64, degrees=True), level), rel=2e-3)


def test_the_crossing_cell_is_counted_whole() -> None:
    # The 64 fine cells of the first base pixel are the densest; the next cell is one of order 1.
    inside = float(STEPPED.probability[STEPPED.order == 3].sum())
    first, second = credible_areas(STEPPED, (inside - 1e-9, inside + 1e-9))
    assert first == pytest.approx(np.pi / 3 * DEG2)
    assert second == pytest.approx(np.pi / 3 * DEG2 * 1.25)


def test_of_a_cell_that_stands_for_many_pixels_only_those_needed_are_counted() -> None:
    uniform = read_skymap(flat_map(np.full(12 * 32**2, 1 / (12 * 32**2))))
    assert uniform.order.size == 12
    assert credible_areas(uniform) == pytest.approx((20626.5, 37130.4), abs=3.4)
    assert credible_ranges(uniform, 0.5).area_deg2 == pytest.approx(20626.5, abs=3.4)


def test_all_probability_in_one_pixel_is_one_pixel() -> None:
    one = np.zeros(12 * 64**2)
    one[1234] = 1.0
    sky = read_skymap(flat_map(one))
    area = healpy.nside2pixarea(64, degrees=True)
    assert credible_areas(sky) == pytest.approx((area, area))
    assert credible_ranges(sky, 0.9).area_deg2 == pytest.approx(area)


@pytest.mark.parametrize("level", [0.3, 0.5, 0.9])
@pytest.mark.parametrize("sky", [STEPPED, ROUND], ids=["stepped", "round"])
def test_a_credible_region_holds_its_share_and_has_its_area(sky: object, level: float) -> None:
    ranges = credible_ranges(sky, level)  # type: ignore[arg-type]
    (area,) = credible_areas(sky, (level,))  # type: ignore[arg-type]
    assert ranges.area_deg2 == pytest.approx(area, rel=1e-9)
    assert level <= ProbabilityCurve.of(sky).probability(ranges) + 1e-6  # type: ignore[arg-type]


def test_cells_finer_than_the_ranges_keep_their_pixel() -> None:
    order, ipix = np.full(4, 14), np.arange(4)
    ranges = credible_ranges(read_skymap(multiorder_map(order, ipix, np.full(4, 0.25))), 0.9)
    assert (ranges.low.tolist(), ranges.high.tolist()) == ([0], [1])


def test_the_peak_is_the_centre_of_the_densest_cell() -> None:
    where = int(np.argmax(blob(64)))
    assert peak(ROUND) == pytest.approx(healpy.pix2ang(64, where, nest=True, lonlat=True))


def test_a_place_knows_its_row_density_and_level() -> None:
    order, _, _ = two_orders()
    ra, dec = healpy.pix2ang(1 << STEPPED.order, STEPPED.ipix, nest=True, lonlat=True)
    density, level, row = density_at(STEPPED, ra, dec)
    assert row.tolist() == list(range(order.size))
    assert density == pytest.approx(STEPPED.density_per_sr)
    best = int(np.argmax(density))
    assert level[best] == pytest.approx(STEPPED.probability[best])
    assert level.max() == pytest.approx(1)
    assert level[int(np.argmin(density))] == level.max()


def test_a_place_outside_a_partial_map_has_level_one() -> None:
    order, ipix, probability = two_orders()
    fine = order == 3
    sky = read_skymap(multiorder_map(order[fine], ipix[fine], probability[fine] / probability[fine].sum()))
    density, level, row = density_at(sky, [200.0, 45.0], [-60.0, 30.0])
    assert (density[0], level[0], row[0]) == (0.0, 1.0, -1)
    assert row[1] >= 0


def test_a_lookup_takes_one_place_or_many() -> None:
    lookup = Lookup.of(ROUND)
    _, near, _ = lookup.at(150.0, 20.0)
    _, both, _ = lookup.at(np.array([150.0, 330.0]), np.array([20.0, -20.0]))
    assert near[0] == both[0] < 0.02
    assert both[1] == pytest.approx(1)
