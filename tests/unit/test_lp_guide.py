"""What the relaxation makes of a choice, and the local search behind it, against counting by hand."""

import numpy as np
import pytest
from builders.offers import an_offer, fits, optimum, some_offers, value_of
from hypothesis import given, settings
from hypothesis import strategies as st

from coordinator.planning.lp_board import Board
from coordinator.planning.lp_bound import lp_bound
from coordinator.planning.lp_guide import guiding_weights
from coordinator.planning.lp_offer import Offer
from coordinator.planning.lp_swaps import NOBODY, SwapTerms, swaps

SEEDS = st.integers(0, 10**6)
TRIED = settings(derandomize=True, max_examples=150, database=None)
ANYTHING = SwapTerms(share=0.0, least_gain=0.0)


def chosen_in(holders: list[np.ndarray]) -> list[list[int]]:
    return [[int(f) for f in holder if f != NOBODY] for holder in holders]


def empty(offers: list[Offer]) -> list[np.ndarray]:
    return [np.full(o.night.size, NOBODY, np.int64) for o in offers]


def test_fields_that_the_relaxation_chooses_count_most() -> None:
    # the middle field is the best alone, but with two slots the outer ones hold it all
    worth = np.array([0.2, 0.3, 0.3, 0.2])
    telescope = an_offer([[0, 1], [1, 2], [2, 3]], worth, np.ones((3, 2), bool))
    bound = lp_bound([telescope], np.zeros(4))
    assert bound.value == pytest.approx(1.0, rel=1e-3)
    (weights,) = guiding_weights(bound, 0.3)
    assert weights == pytest.approx([1.0, 0.3, 1.0], abs=0.05)


def test_a_field_in_the_way_of_one_that_sets_early_is_weighed_down() -> None:
    worth = np.array([0.5, 0.4, 0.3])
    seen = np.array([[True, False], [True, False], [True, True]])
    bound = lp_bound([an_offer([[0], [1], [2]], worth, seen)], np.zeros(3))
    (weights,) = guiding_weights(bound, 0.1)
    assert bound.value == pytest.approx(0.8, rel=1e-3)
    assert weights == pytest.approx([1.0, 0.1, 1.0], abs=0.05)


@TRIED
@given(seed=SEEDS, alike=st.booleans())
def test_the_board_counts_as_a_count_by_hand(seed: int, alike: bool) -> None:
    offers, held = some_offers(seed, alike)
    rng = np.random.default_rng(seed)
    if not any(len(o) for o in offers):
        return
    board, chosen = Board.of(offers, held), [[] for _ in offers]
    for _ in range(8):
        k = int(rng.choice([k for k, o in enumerate(offers) if len(o)]))
        f = int(rng.integers(len(offers[k])))
        cells = offers[k].cell[offers[k].first[f] : offers[k].first[f + 1]]
        number = int(board.starts[k] + f)
        if f in chosen[k]:
            chosen[k].remove(f)
            board.take(cells, number)
        else:
            chosen[k].append(f)
            board.put(cells, number)
    now = value_of(offers, held, chosen)
    for k, offer in enumerate(offers):
        for f in range(len(offer)):
            with_it = [[*fields, f] if j == k else fields for j, fields in enumerate(chosen)]
            assert board.gain[board.starts[k] + f] == pytest.approx(value_of(offers, held, with_it) - now)
            if f in chosen[k]:
                check_without(board, offers, held, chosen, (k, f))


def check_without(
    board: Board, offers: list[Offer], held: np.ndarray, chosen: list[list[int]], out: tuple[int, int]
) -> None:
    """What is lost with a chosen field, and what any other would then bring."""
    k, f = out
    cells = offers[k].cell[offers[k].first[f] : offers[k].first[f + 1]]
    rest = [[g for g in fields if (j, g) != out] for j, fields in enumerate(chosen)]
    left = value_of(offers, held, rest)
    assert board.loss(cells, offers[k].worth) == pytest.approx(value_of(offers, held, chosen) - left)
    gains = board.gains_without(cells, offers[k].worth)
    its = int(board.starts[k]), int(board.starts[k + 1])
    assert np.array_equal(board.gains_without(cells, offers[k].worth, its), gains[slice(*its)])
    for j, offer in enumerate(offers):
        for g in range(len(offer)):
            with_it = [[*fields, g] if i == j else fields for i, fields in enumerate(rest)]
            assert gains[board.starts[j] + g] == pytest.approx(value_of(offers, held, with_it) - left)


@TRIED
@given(seed=SEEDS, alike=st.booleans())
def test_swaps_bring_what_they_say_and_leave_a_choice_that_fits(seed: int, alike: bool) -> None:
    offers, held = some_offers(seed, alike)
    holders, made = swaps(offers, empty(offers), held, ANYTHING)
    chosen = chosen_in(holders)
    value = value_of(offers, held, chosen)
    assert value == pytest.approx(sum(swap.gain for swap in made))
    assert all(fits(offer, fields) for offer, fields in zip(offers, chosen, strict=True))
    assert all(len(set(fields)) == len(fields) for fields in chosen)
    assert value <= optimum(offers, held) + 1e-9


def test_a_better_field_takes_the_slot_and_the_half_rule_is_kept() -> None:
    worth = np.array([0.1, 0.5, 0.3, 0.3])
    telescope = an_offer([[0], [1], [0, 2, 3]], worth, np.array([[1, 1], [1, 0], [0, 1]], bool))
    holders, made = swaps([telescope], [np.array([0, NOBODY])], np.zeros(4), SwapTerms(share=0.9))
    assert chosen_in(holders) == [[1, 2]]
    assert sum(swap.gain for swap in made) == pytest.approx(1.1)
    held = np.array([0.0, 0.4, 0.0, 0.0])
    holders, _ = swaps([telescope], [np.array([0, NOBODY])], held, SwapTerms(share=0.9))
    assert chosen_in(holders) == [[0]]


def test_a_swap_that_repeats_too_much_is_not_made() -> None:
    telescope = an_offer([[0, 1], [1, 2, 3]], np.array([0.3, 0.3, 0.2, 0.2]))
    for most, chosen in ((1.0, [[0, 1]]), (0.2, [[1]])):
        holders, made = swaps([telescope], empty([telescope]), np.zeros(4), SwapTerms(0.4, most_redundancy=most))
        assert sorted(chosen_in(holders)[0]) == chosen[0]
        assert sum(swap.gain for swap in made) == pytest.approx(1.0 if most == 1.0 else 0.7)


def test_nothing_to_offer_is_nothing_to_swap() -> None:
    nothing = an_offer([], np.ones(2))
    assert swaps([nothing], empty([nothing]), np.zeros(2))[1] == []
    assert swaps([], [], np.zeros(2)) == ([], [])
