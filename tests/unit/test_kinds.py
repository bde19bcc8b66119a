"""What a candidate may be, out of its odds and of what checks say of the kinds of unrelated things."""

import math

import pytest

from coordinator.vetting.kinds import SHARES, UNRELATED, kinds_of


def test_without_a_word_the_rest_is_shared_out_as_believed_beforehand() -> None:
    kinds = kinds_of(0.2, [])
    assert kinds["counterpart"] == 0.2
    assert math.fsum(kinds.values()) == pytest.approx(1.0, abs=1e-15)
    assert all(kinds[kind] == pytest.approx(0.8 * SHARES[kind]) for kind in UNRELATED)


def test_what_checks_say_is_added_and_the_order_does_not_matter() -> None:
    moves, bright = {"asteroid": 5.0, "supernova": -4.0}, {"asteroid": 1.0, "variable": 0.5}
    kinds = kinds_of(0.0, [moves, bright])
    assert kinds == kinds_of(0.0, [bright, moves])
    assert max(kinds, key=lambda kind: kinds[kind]) == "asteroid" and kinds["asteroid"] > 0.9


def test_no_kind_is_excluded_by_many_words_and_none_overflows() -> None:
    kinds = kinds_of(0.5, [{"agn": -300.0}, {"supernova": 900.0}])
    assert kinds["agn"] >= 0.0 and kinds["supernova"] == pytest.approx(0.5)
    assert math.fsum(kinds.values()) == pytest.approx(1.0, abs=1e-12)
