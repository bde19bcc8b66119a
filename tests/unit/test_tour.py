"""A night's order made shorter: nobody misses its time, and what was left over is put in where there is room."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coordinator.planning.slews import slew_s
from coordinator.planning.tour import Tour, ways_s
from telescopes.description.ephemeris import directions
from telescopes.description.telescope import Site, Timing

SEEDS = st.integers(0, 10**6)
TRIED = settings(derandomize=True, max_examples=60, database=None, deadline=None)


def some_tour(seed: int, many: int) -> Tour:
    """Fields on a line, 10 s each, that open and close at some time."""
    rng = np.random.default_rng(seed)
    at = rng.uniform(0.0, 60.0, many)
    opens = rng.uniform(0.0, 100.0, many)
    return Tour(
        np.abs(at[:, None] - at[None, :]), rng.uniform(0, 5, many), opens, opens + rng.uniform(10, 400, many), 10.0
    )


@TRIED
@given(seed=SEEDS, many=st.integers(1, 12))
def test_all_who_had_a_time_keep_one_and_everybody_is_within_its_limits(seed: int, many: int) -> None:
    tour = some_tour(seed, many)
    order = tour.with_more([], list(range(many)))
    fuller = tour.with_more(order, [f for f in range(many) if f not in order])
    starts = tour.starts(fuller)
    assert starts is not None and len(set(fuller)) == len(fuller)
    assert set(order) <= set(fuller)
    for f, start in zip(fuller, starts, strict=True):
        assert tour.opens_s[f] <= start <= tour.closes_s[f] - tour.duration_s
    for (f, start), (g, following) in pairwise(zip(fuller, starts, strict=True)):
        assert following >= start + tour.duration_s + tour.way_s[f, g] - 1e-9


@TRIED
@given(seed=SEEDS, many=st.integers(3, 12))
def test_a_shorter_order_has_less_way(seed: int, many: int) -> None:
    tour = some_tour(seed, many)
    order = tour.with_more([], list(range(many)))
    shorter = tour.shortened(order)
    assert sorted(shorter) == sorted(order) and tour.starts(shorter) is not None
    ways = [sum(tour.way_s[f, g] for f, g in pairwise(one)) for one in (shorter, order)]
    assert ways[0] <= ways[1]


def test_a_field_that_was_left_over_finds_time_once_the_ways_are_short() -> None:
    at = np.array([0.0, 30.0, 1.0, 31.0, 2.0])
    ways = np.abs(at[:, None] - at[None, :])
    tour = Tour(ways, np.zeros(5), np.zeros(5), np.full(5, 100.0), 10.0)
    assert tour.starts([0, 1, 2, 3]) is None or tour.starts([0, 1, 2, 3, 4]) is None
    order = tour.with_more([0, 1, 2], [3, 4])
    assert sorted(order) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("axes", [None, (3.0, 2.0)])
def test_ways_are_as_long_as_the_telescope_counts_them(axes: tuple[float, float] | None) -> None:
    timing = Timing(slew_rate_deg_s=2.0, axis_rates_deg_s=axes, settle_s=3.0)
    site = Site(0.0, 0.0, 0.0)
    vectors = directions([10.0, 350.0, 100.0], [5.0, -20.0, 80.0])
    for i, f in enumerate(vectors):
        for j, g in enumerate(vectors):
            if i != j:
                assert ways_s(timing, vectors)[i, j] == pytest.approx(slew_s(timing, site, f, g))
