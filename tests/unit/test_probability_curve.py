"""The curve gives the same probability as adding up cells."""

import numpy as np
import pytest
from builders.fits_maps import multiorder_map, two_orders
from hypothesis import given, settings
from hypothesis import strategies as st

from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.ranges import RANGE_ORDER, Ranges
from coordinator.sky.read import read_skymap

SKY = read_skymap(multiorder_map(*two_orders()))
CURVE = ProbabilityCurve.of(SKY)
LAST = 12 * 4**RANGE_ORDER


def added_up(ranges: Ranges) -> float:
    """Share of each cell inside the ranges, cell by cell."""
    total = 0.0
    for order, ipix, probability in zip(SKY.order, SKY.ipix, SKY.probability, strict=True):
        cell = Ranges.of_pixels(int(order), np.array([ipix]))
        total += probability * cell.intersection(ranges).pixels / cell.pixels
    return total


@settings(max_examples=25)
@given(edges=st.sets(st.integers(0, LAST), min_size=2, max_size=12))
def test_any_sky_holds_what_its_cells_hold(edges: set[int]) -> None:
    cuts = np.array(sorted(edges), np.int64)
    cuts = cuts[: cuts.size // 2 * 2]
    ranges = Ranges.of(cuts[0::2], cuts[1::2])
    assert CURVE.probability(ranges) == pytest.approx(added_up(ranges), abs=1e-12)


def test_all_sky_holds_everything_and_no_sky_nothing() -> None:
    assert CURVE.probability(Ranges.of(np.array([0]), np.array([LAST]))) == 1
    assert CURVE.probability(Ranges.empty()) == 0


def test_cells_finer_than_the_curve_share_a_pixel() -> None:
    fine = read_skymap(multiorder_map(np.full(16, 14), np.arange(16), np.full(16, 1 / 16)))
    curve = ProbabilityCurve.of(fine)
    assert curve.probability(Ranges.of_pixels(12, np.array([0]))) == pytest.approx(1)


def test_a_partial_map_has_nothing_outside() -> None:
    part = read_skymap(multiorder_map(np.array([1, 1]), np.array([3, 40]), np.array([0.25, 0.75])))
    curve = ProbabilityCurve.of(part)
    assert curve.probability(Ranges.of_pixels(1, np.array([3]))) == pytest.approx(0.25)
    assert curve.probability(Ranges.of_pixels(1, np.array([4, 20, 47]))) == pytest.approx(0)


def test_what_was_written_is_read_again() -> None:
    again = ProbabilityCurve.from_bytes(CURVE.to_bytes())
    assert (again.edge == CURVE.edge).all()
    assert (again.total == CURVE.total).all()
