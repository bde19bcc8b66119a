"""Fields chosen anew in patches, against counting by hand and trying everything."""

from itertools import pairwise

import numpy as np
import pytest
from builders.offers import an_offer, fits, optimum, some_offers, value_of
from hypothesis import given, settings
from hypothesis import strategies as st

from coordinator.planning.lp_bound import lp_bound
from coordinator.planning.lp_conflicts import Conflicts
from coordinator.planning.lp_nights import Nights
from coordinator.planning.lp_offer import Offer
from coordinator.planning.lp_patches import Effort, Patchwork
from coordinator.planning.lp_programme import programme_of
from coordinator.planning.lp_rules import NO_RULES, Rules

SEEDS = st.integers(0, 10**6)
TRIED = settings(derandomize=True, max_examples=12, database=None, deadline=None)
HALF = Rules(share=0.55)


def improved(
    offers: list[Offer],
    held: np.ndarray,
    chosen: list[list[int]],
    rules: Rules = NO_RULES,
    effort: Effort | None = None,
) -> list[list[int]]:
    starts = np.cumsum([0, *(len(o) for o in offers)])
    nights = [Nights.of(o) for o in offers]
    conflicts = Conflicts.of(offers, held, rules)
    programme = programme_of(offers, held, nights, conflicts, rules)
    vectors = np.eye(3)[np.arange(starts[-1]) % 3]
    bound = lp_bound(offers, held, rules=rules)
    mask = np.zeros(starts[-1], bool)
    for start, fields in zip(starts[:-1], chosen, strict=True):
        mask[start + np.array(fields, np.int64)] = True
    patchwork = Patchwork(programme, nights, starts, conflicts, vectors, effort or Effort())
    found = patchwork.improved(mask, np.concatenate(bound.share), np.concatenate(bound.credit))
    return [np.flatnonzero(found[a:b]).tolist() for a, b in pairwise(starts)]


@TRIED
@given(seed=SEEDS, alike=st.booleans(), fields=st.sampled_from([2, 60]))
def test_what_is_chosen_anew_fits_and_is_worth_no_less(seed: int, alike: bool, fields: int) -> None:
    offers, held = some_offers(seed, alike)
    if not any(len(o) for o in offers):
        return
    before: list[list[int]] = [[] for _ in offers]
    for _ in range(2):
        found = improved(offers, held, before, effort=Effort(fields=fields))
        assert all(fits(offer, its) for offer, its in zip(offers, found, strict=True))
        value = value_of(offers, held, found)
        assert value >= value_of(offers, held, before) - 1e-9
        assert value <= optimum(offers, held) + 1e-9
        before = found


def test_one_patch_over_everything_finds_the_best_choice() -> None:
    # greedily the middle comes first, and then one side is left out
    telescope = an_offer([[0, 1], [1, 2], [2, 3]], np.array([0.2, 0.3, 0.3, 0.2]), np.ones((3, 2), bool))
    assert improved([telescope], np.zeros(4), [[0, 1]]) == [[0, 2]]


def test_no_field_is_taken_that_would_take_the_half_of_another() -> None:
    # the second lies in the first: whichever of the two comes last, one order leaves it nothing
    telescope = an_offer([[0, 1, 2], [2], [3]], np.array([0.3, 0.3, 0.3, 0.1]))
    assert improved([telescope], np.zeros(4), [[]], HALF) == [[0, 2]]


def test_redundancy_is_kept_within_its_limit() -> None:
    discs = an_offer([[0, 1], [0, 2], [0, 3]], np.array([0.3, 0.2, 0.2, 0.2]))
    assert value_of([discs], np.zeros(4), improved([discs], np.zeros(4), [[]])) == pytest.approx(0.9)
    assert len(improved([discs], np.zeros(4), [[]], Rules(redundancy=0.2))[0]) == 1


def test_the_same_choice_has_the_same_answer() -> None:
    offers, held = some_offers(11, False)
    empty: list[list[int]] = [[] for _ in offers]
    assert improved(offers, held, empty) == improved(offers, held, empty)
