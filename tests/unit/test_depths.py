"""How faint exposures see that are put together."""

from datetime import UTC, datetime, timedelta
from math import log10

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telescopes.description.depths import reached_mag_ab, together_mag_ab
from telescopes.description.messages import ExposureResult

START = datetime(2026, 1, 1, tzinfo=UTC)
LIMITS = st.lists(st.floats(5.0, 30.0), min_size=1, max_size=20)


def an_exposure(index: int, limit: float | None, filter_: str = "r") -> ExposureResult:
    return ExposureResult(index, filter_, START, START + timedelta(minutes=1), 60.0, limiting_mag_ab=limit)


def test_equal_images_together_go_as_deep_as_one_that_is_as_long_as_all() -> None:
    assert together_mag_ab([18.0] * 3) == pytest.approx(18.0 + 1.25 * log10(3))
    assert together_mag_ab([18.0]) == 18.0
    assert together_mag_ab([]) is None


@given(LIMITS)
def test_together_is_never_shallower_than_the_deepest_and_never_deeper_than_if_all_were_as_deep(
    limits: list[float],
) -> None:
    together = together_mag_ab(limits)
    assert together is not None
    assert max(limits) <= together <= max(limits) + 1.25 * log10(len(limits)) + 1e-9


@given(LIMITS)
def test_the_order_of_images_does_not_matter(limits: list[float]) -> None:
    assert together_mag_ab(limits) == together_mag_ab(limits[::-1])


def test_a_cloudy_image_adds_nothing_to_a_clear_one() -> None:
    assert together_mag_ab([20.0, 14.0]) == pytest.approx(20.0, abs=1e-4)


def test_exposures_without_a_limit_do_not_count_and_filters_are_not_mixed() -> None:
    known = [an_exposure(0, 19.0), an_exposure(1, None), an_exposure(2, 19.0), an_exposure(3, 19.2, "g")]
    assert reached_mag_ab(known) == pytest.approx(19.0 + 1.25 * log10(2))
    assert reached_mag_ab([an_exposure(0, None)]) is None
    assert reached_mag_ab([]) is None
