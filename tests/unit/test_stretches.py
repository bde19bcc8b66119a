"""Stretches of numbers, laid one after the other."""

import numpy as np

from coordinator.planning.stretches import row_ends, stretches, sums_of


def test_stretches_follow_one_another_and_empty_ones_are_nothing() -> None:
    begin, lengths = np.array([7, 3, 9, 0]), np.array([2, 0, 3, 1])
    assert stretches(begin, lengths).tolist() == [7, 8, 9, 10, 11, 0]
    assert stretches(begin[:0], lengths[:0]).tolist() == []


def test_the_sum_of_an_empty_row_is_nothing() -> None:
    assert sums_of(np.array([0, 2, 2, 3]), np.array([1.0, 2.0, 4.0])).tolist() == [3.0, 0.0, 4.0]


def test_rows_end_where_the_next_ones_begin_also_where_there_are_none() -> None:
    assert row_ends(np.array([2, 0, 3])).tolist() == [0, 2, 2, 5]
    assert row_ends(np.array([], np.int64)).tolist() == [0]
