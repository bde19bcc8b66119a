"""Reliability, scores and straightening on cases that are known in closed form."""

import math

import numpy as np
import pytest

from coordinator.vetting.calibration.refit import IDENTITY, fitted, in_folds, log_loss
from coordinator.vetting.calibration.reliability import broken, reliability, wilson
from coordinator.vetting.calibration.scores import at_purity, brier, choice, climatology_brier


def test_the_wilson_interval_is_that_of_the_literature() -> None:
    # Newcombe 1998 (Stat. Med. 17, 857), table I, method 3.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson(1, 29) == pytest.approx((0.0061, 0.1718), abs=5e-5)


def test_of_nothing_nothing_is_known() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


def test_bins_hold_every_probability_once() -> None:
    said = [0.0, 0.05, 0.1, 0.95, 1.0]
    bins = reliability(said, [False, False, True, True, True])
    assert [b.members for b in bins] == [2, 1, 0, 0, 0, 0, 0, 0, 0, 2]
    assert bins[9].came_true == 2
    assert bins[9].mean_said == pytest.approx(0.975)


def test_only_bins_with_members_enough_are_judged() -> None:
    few = reliability([0.55] * 29, [False] * 29)
    many = reliability([0.55] * 30, [False] * 30)
    assert broken(few) == ()
    assert [(b.low, b.holds) for b in broken(many)] == [(0.5, False)]


def test_honest_odds_hold_and_bold_ones_do_not() -> None:
    rng = np.random.default_rng(3)
    p = rng.uniform(0, 1, 4000)
    true = rng.random(4000) < p
    assert len(broken(reliability(p, true))) <= 1
    bold = 1 / (1 + np.exp(-3 * np.log(p / (1 - p))))
    assert len(broken(reliability(bold, true))) >= 5


def test_the_brier_score_of_what_is_certain_and_of_climatology() -> None:
    true = [True, False, False, False]
    assert brier([1, 0, 0, 0], true) == 0.0
    assert brier([0.25] * 4, true) == pytest.approx(climatology_brier(true)) == pytest.approx(0.1875)


def test_a_choice_is_as_pure_and_complete_as_it_is() -> None:
    said, true = [0.9, 0.8, 0.7, 0.2], [True, False, True, True]
    chosen = choice(said, true, 0.5)
    assert (chosen.chosen, chosen.purity, chosen.completeness) == (3, pytest.approx(2 / 3), pytest.approx(2 / 3))
    assert choice(said, true, 0.95).purity is None
    pure = at_purity(said, true, 0.7)
    assert pure is not None and pure.chosen == 4
    assert at_purity([0.5], [False], 0.9) is None


def test_straightening_finds_what_was_bent() -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(-1.0, 2.0, 60_000)
    true = rng.random(x.size) < 1 / (1 + np.exp(-(0.5 + 0.7 * x)))
    said = 1 / (1 + np.exp(-x))
    found = fitted(said, true)
    assert (found.a, found.b) == (pytest.approx(0.5, abs=0.05), pytest.approx(0.7, abs=0.03))
    assert log_loss(found.of(said), true) < log_loss(said, true)


def test_honest_odds_stay_as_they_are() -> None:
    rng = np.random.default_rng(7)
    said = rng.uniform(0, 1, 60_000)
    found = fitted(said, rng.random(said.size) < said)
    assert (found.a, found.b) == (pytest.approx(0.0, abs=0.04), pytest.approx(1.0, abs=0.04))
    assert IDENTITY.of([0.0, 0.3, 1.0]).tolist() == pytest.approx([0.0, 0.3, 1.0])


def test_an_event_has_no_say_in_its_own_straightening() -> None:
    rng = np.random.default_rng(9)
    said, event = rng.uniform(0, 1, 500), np.repeat(np.arange(50), 10)
    true = rng.random(500) < said
    other = np.where(event == 7, ~true, true)
    mine = event == 7
    assert in_folds(said, true, event)[mine].tolist() == in_folds(said, other, event)[mine].tolist()


def test_the_loss_of_a_coin_is_the_logarithm_of_two() -> None:
    assert log_loss([0.5, 0.5], [True, False]) == pytest.approx(math.log(2))
