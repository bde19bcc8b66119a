"""Ranges behave as sets of pixels."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from coordinator.sky.ranges import RANGE_ORDER, Ranges

PIXELS = st.sets(st.integers(0, 80))
LAST = 12 * 4**RANGE_ORDER


def ranges(pixels: set[int]) -> Ranges:
    low = np.array(sorted(pixels), np.int64)
    return Ranges.of(low, low + 1)


def pixels(found: Ranges) -> set[int]:
    return {p for low, high in zip(found.low, found.high, strict=True) for p in range(low, high)}


def assert_tidy(found: Ranges) -> None:
    assert (found.low < found.high).all()
    assert (found.high[:-1] < found.low[1:]).all()


@given(a=PIXELS, b=PIXELS)
def test_they_are_joined_cut_and_shared_like_sets(a: set[int], b: set[int]) -> None:
    for found, expected in (
        (ranges(a).union(ranges(b)), a | b),
        (ranges(a).minus(ranges(b)), a - b),
        (ranges(a).intersection(ranges(b)), a & b),
    ):
        assert_tidy(found)
        assert pixels(found) == expected
        assert found.pixels == len(expected)


@given(many=st.lists(PIXELS, max_size=6))
def test_a_union_of_many_holds_everything(many: list[set[int]]) -> None:
    assert pixels(Ranges.union_of(map(ranges, many))) == set().union(*many)


@given(pairs=st.lists(st.tuples(st.integers(0, 80), st.integers(0, 20)), max_size=8))
def test_overlapping_and_empty_ranges_are_put_in_order(pairs: list[tuple[int, int]]) -> None:
    low, size = np.array([p for p, _ in pairs], np.int64), np.array([n for _, n in pairs], np.int64)
    found = Ranges.of(low, low + size)
    assert_tidy(found)
    assert pixels(found) == {p for start, n in pairs for p in range(start, start + n)}


@given(edges=st.sets(st.integers(0, LAST), max_size=40))
def test_what_was_written_is_read_again(edges: set[int]) -> None:
    cuts = np.array(sorted(edges), np.int64)
    cuts = cuts[: cuts.size // 2 * 2]
    before = Ranges.of(cuts[0::2], cuts[1::2])
    after = Ranges.decode(before.encode())
    assert after.low.tolist() == before.low.tolist()
    assert after.high.tolist() == before.high.tolist()


@given(order=st.integers(0, RANGE_ORDER), data=st.data())
def test_pixels_of_an_order_have_their_area(order: int, data: st.DataObject) -> None:
    chosen = data.draw(st.sets(st.integers(0, 12 * 4**order - 1), max_size=20))
    found = Ranges.of_pixels(order, np.array(sorted(chosen), np.int64))
    assert_tidy(found)
    assert found.pixels == len(chosen) * 4 ** (RANGE_ORDER - order)
