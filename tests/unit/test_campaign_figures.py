"""Means and intervals of a campaign, against what is known of them."""

import numpy as np
import pytest

from coordinator.simulation.campaign.intervals import LEAST_PAIRS, difference_of, mean_of, ratio_of, share_of
from coordinator.simulation.campaign.words_of_figures import distance, interval


def test_a_mean_lies_inside_its_interval_which_narrows_with_the_number_of_events() -> None:
    rng = np.random.default_rng(3)
    few, many = mean_of(rng.normal(1.0, 0.5, 20).tolist()), mean_of(rng.normal(1.0, 0.5, 2000).tolist())
    for one in (few, many):
        assert one.mean is not None and one.low is not None and one.high is not None
        assert one.low < one.mean < one.high
    assert many.high - many.low < (few.high - few.low) / 5.0  # type: ignore[operator]


def test_the_interval_is_that_of_the_normal_law_where_there_are_many() -> None:
    values = np.random.default_rng(4).normal(0.0, 1.0, 4000)
    found = mean_of(values.tolist())
    expected = 1.645 * values.std() / np.sqrt(values.size)
    assert found.high - found.mean == pytest.approx(expected, rel=0.1)  # type: ignore[operator]


def test_events_without_a_value_are_left_out_and_counted() -> None:
    assert mean_of([1.0, None, 3.0]).row()["events"] == 2
    assert mean_of([None]).row() == {"mean": None, "low": None, "high": None, "events": 0}


def test_differences_are_taken_event_by_event() -> None:
    base = np.random.default_rng(5).uniform(0.0, 1.0, 50)
    found = difference_of((base + 0.01).tolist(), base.tolist())
    assert found.low == pytest.approx(0.01) and found.high == pytest.approx(0.01)
    assert difference_of([1.0, None], [0.0, 0.0]).events == 1


def test_a_share_of_none_is_not_sure_to_be_zero() -> None:
    """Of 0 in 20 Wilson's 90 % interval ends at z2 / (n + z2)."""
    found = share_of([False] * 20 + [None])
    assert (found.mean, found.low, found.events) == (0.0, 0.0, 20)
    assert found.high == pytest.approx(2.7055 / 22.7055, rel=1e-3)


def test_what_a_few_pairs_agree_in_may_be_chance() -> None:
    few, enough = (difference_of([0.5] * n, [0.25] * n) for n in (LEAST_PAIRS - 1, LEAST_PAIRS))
    assert few.low == few.high == 0.25 and not few.is_significant
    assert enough.is_significant


def test_a_figure_says_over_how_many_events_it_is_where_these_are_not_all() -> None:
    some = mean_of([1.0, 1.0, None]).row()
    assert interval(some, "{:.1f}", of=3) == "1.0 (1.0 to 1.0) [2]"
    assert interval(some, "{:.1f}", of=2) == "1.0 (1.0 to 1.0)"
    assert interval(mean_of([None]).row(), "{:.1f}", of=1) == "unknown"


def test_a_share_of_what_events_hold_is_as_sure_as_there_are_events() -> None:
    """Candidates of an event come true together: twenty times as many in each tell no more."""
    few = [(1, 1), (0, 1), (1, 1), (0, 1), (0, 1), (0, 1)]
    assert ratio_of([(20 * yes, 20 * every) for yes, every in few]) == ratio_of(few)
    found = ratio_of([*few, (0, 0)])
    assert (found.mean, found.events) == (pytest.approx(1.0 / 3.0), 6)
    assert found.low == pytest.approx(0.0) and found.high == pytest.approx(4.0 / 6.0)


def test_a_share_is_of_what_all_hold_together_and_not_a_mean_of_shares() -> None:
    assert ratio_of([(1, 1), (0, 9)]).mean == pytest.approx(0.1)


def test_all_or_none_in_a_few_events_is_not_sure() -> None:
    assert ratio_of([(0, 50)] * 4 + [(0, 0)]) == share_of([False] * 4)
    assert ratio_of([(7, 7)] * 4) == share_of([True] * 4)
    assert ratio_of([(0, 0)]) == share_of([])


def test_a_distance_within_the_galaxy_is_not_written_as_none() -> None:
    assert [distance(mpc) for mpc in (0.0083, 0.00012, 1.0, 41.6)] == ["8.3 kpc", "0.12 kpc", "1 Mpc", "42 Mpc"]
