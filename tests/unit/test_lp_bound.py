"""The bound on a search's own candidates and slots, against trying everything."""

from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest
from builders.offers import an_offer, choices, fits, may_be_planned, optimum, some_offers, value_of
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from coordinator.planning.lp_bound import THOROUGH, Limits, lp_bound
from coordinator.planning.lp_conflicts import Conflicts
from coordinator.planning.lp_nights import Nights
from coordinator.planning.lp_offer import Offer
from coordinator.planning.lp_rows import Rows, merged_rows
from coordinator.planning.lp_rules import Rules

ROUNDING = 1e-9
SEEDS = st.integers(0, 10**6)
TRIED = settings(derandomize=True, max_examples=60, database=None)

ENOUGH = Limits()
LITTLE = tuple(Limits(steps=a, simplex_iterations=b) for a, b in ((0, 0), (0, 1), (1, 0), (1, 5), (5, 1), (5, 0)))
LITTLE = (*LITTLE, Limits(steps=2, work=1.0), Limits(steps=20, round_=3, simplex_rows=0), THOROUGH)
RULES = st.builds(
    Rules, st.sampled_from([0.0, 0.5, 0.8]), st.sampled_from([0.0, 0.3]), st.sampled_from([0.0, 0.1, 0.5, float("inf")])
)


def worth_of(rows: Rows, chosen: set[int]) -> float:
    """Value of whole fields by the merged rows."""
    reached = [any(f in chosen for f in rows.field[a:b]) for a, b in zip(rows.first[:-1], rows.first[1:], strict=True)]
    return float(sum(rows.linear[f] for f in chosen) + rows.weight[np.array(reached, bool)].sum())


Place = tuple[int, int, int]
"""Telescope, field, slot."""


def rooms(offers: list[Offer], share: list[Place]) -> Iterator[tuple[list[Place], float]]:
    """Places of which only so many can be taken."""
    for k, offer in enumerate(offers):
        mine = [x for x in share if x[0] == k]
        yield from (([x for x in mine if x[1] == f], 1.0) for f in range(len(offer)))
        yield from (([x for x in mine if x[2] == s], 1.0) for s in range(offer.night.size))
        for night in np.unique(offer.night).tolist():
            left = max(0, offer.per_night - offer.filled.get(night, 0))
            yield [x for x in mine if offer.night[x[2]] == night], left


def relaxed(offers: list[Offer], held: np.ndarray) -> float:
    """Optimum of the relaxation written out: a share of every field in every slot, a level of every cell."""
    level = [(i, k) for k, o in enumerate(offers) for i in np.unique(o.cell)]
    share = [(k, f, s) for k, o in enumerate(offers) for f, s in zip(*np.nonzero(o.visible), strict=True)]
    if not share:
        return 0.0
    worths = {(i, k): max(0.0, float(offers[k].worth[i] - held[i])) for i, k in level}
    rows, most = [], []

    def row(levels: dict[tuple[int, int], float], fields: dict[Place, float], upper: float) -> None:
        rows.append([levels.get(x, 0.0) for x in level] + [fields.get(x, 0.0) for x in share])
        most.append(upper)

    for i, k in level:  # a cell's level of a telescope counts once, and only where one of its fields is chosen
        covering = {
            f for f in range(len(offers[k])) if i in offers[k].cell[offers[k].first[f] : offers[k].first[f + 1]]
        }
        row({(i, k): 1.0}, {x: -1.0 for x in share if x[0] == k and x[1] in covering}, 0.0)
    for i in {i for i, _ in level}:
        row({x: 1.0 for x in level if x[0] == i}, {}, 1.0)
    for some, upper in rooms(offers, share):
        row({}, dict.fromkeys(some, 1.0), upper)
    value = np.array([worths[x] for x in level] + [0.0] * len(share))
    return -float(linprog(-value, np.array(rows), most).fun)


@TRIED
@given(seed=SEEDS, alike=st.booleans())
def test_no_choice_is_worth_more_than_the_bound(seed: int, alike: bool) -> None:
    offers, held = some_offers(seed, alike)
    assert optimum(offers, held) <= lp_bound(offers, held).value + ROUNDING


@pytest.mark.slow
@TRIED
@given(seed=SEEDS, alike=st.booleans(), limits=st.sampled_from(LITTLE))
def test_the_bound_holds_wherever_the_work_is_cut_off(seed: int, alike: bool, limits: Limits) -> None:
    offers, held = some_offers(seed, alike)
    found = lp_bound(offers, held, limits)
    assert optimum(offers, held) <= found.value + ROUNDING
    assert found.value >= lp_bound(offers, held).value * (1 - 2e-4) - ROUNDING


@TRIED
@given(seed=SEEDS, alike=st.booleans(), rules=RULES, limits=st.sampled_from((ENOUGH, *LITTLE)))
def test_no_choice_that_keeps_the_rules_is_worth_more_than_their_bound(
    seed: int, alike: bool, rules: Rules, limits: Limits
) -> None:
    offers, held = some_offers(seed, alike)
    found = lp_bound(offers, held, limits, rules)
    for chosen in product(*(list(choices(o)) for o in offers)):
        if value_of(offers, held, chosen) > found.value + ROUNDING:
            assert not may_be_planned(offers, held, chosen, rules), chosen


@TRIED
@given(seed=SEEDS, alike=st.booleans(), rules=RULES)
def test_no_two_fields_of_a_clique_can_be_planned_together(seed: int, alike: bool, rules: Rules) -> None:
    offers, held = some_offers(seed, alike)
    conflicts = Conflicts.of(offers, held, rules)
    starts = np.cumsum([0, *(len(o) for o in offers)])
    everything = np.ones(starts[-1])
    against = conflicts.between(np.arange(starts[-1]))
    for clique in conflicts.cliques(everything):
        assert clique.room == 1 and clique.fields.size >= 2
        assert all(against[f, g] for f in clique.fields for g in clique.fields if f != g)
    for f, g in zip(*np.nonzero(against), strict=True):
        pair = [
            [x - int(start) for x in (f, g) if 0 <= x - start < len(o)]
            for start, o in zip(starts, offers, strict=False)
        ]
        assert not may_be_planned(offers, held, pair, rules)


def test_two_fields_that_share_most_of_both_count_once() -> None:
    telescope = an_offer([[0, 1], [1, 2]], np.array([0.1, 0.5, 0.1]))
    assert lp_bound([telescope], np.zeros(3)).value == pytest.approx(0.7)
    assert lp_bound([telescope], np.zeros(3), rules=Rules(share=0.5)).value == pytest.approx(0.6)


def test_a_small_field_within_a_large_one_may_be_looked_at_before_it() -> None:
    telescope = an_offer([[0, 1], [1, 2, 3]], np.array([0.01, 0.3, 0.3, 0.3]))
    assert lp_bound([telescope], np.zeros(4), rules=Rules(share=0.5)).value == pytest.approx(0.91)


def test_what_is_worth_too_little_is_not_counted_on() -> None:
    telescope = an_offer([[0], [1], [2]], np.array([0.5, 0.04, 0.2]))
    held = np.array([0.0, 0.0, 0.12])
    assert lp_bound([telescope], held, rules=Rules(least_gain=0.05)).value == pytest.approx(0.58)
    assert lp_bound([telescope], held, rules=Rules(share=0.5)).value == pytest.approx(0.54)


@pytest.mark.parametrize("limits", [ENOUGH, Limits(simplex_iterations=0), Limits(simplex_rows=0)])
def test_the_limit_of_redundancy_brings_the_bound_down(limits: Limits) -> None:
    # three discs about a middle that all of them share: with all three .9 is held, .4 of it thrice
    telescope = an_offer([[0, 1], [0, 2], [0, 3]], np.array([0.3, 0.2, 0.2, 0.2]))
    free = lp_bound([telescope], np.zeros(4), limits).value
    held_to = lp_bound([telescope], np.zeros(4), limits, Rules(redundancy=0.2)).value
    assert free == pytest.approx(0.9, rel=1e-3)
    best = max(
        value_of([telescope], np.zeros(4), [fields])
        for fields in choices(telescope)
        if may_be_planned([telescope], np.zeros(4), [fields], Rules(redundancy=0.2))
    )
    assert best <= held_to + ROUNDING
    assert held_to < (0.85 if limits is ENOUGH else 0.9 + ROUNDING)


@TRIED
@given(seed=SEEDS, alike=st.booleans())
def test_the_bound_is_the_optimum_of_the_relaxation(seed: int, alike: bool) -> None:
    offers, held = some_offers(seed, alike)
    found, exact = lp_bound(offers, held), relaxed(offers, held)
    assert found.optimal
    assert exact - ROUNDING <= found.value <= exact * (1 + 2e-4) + ROUNDING


@pytest.mark.parametrize("seed", range(20))
def test_where_fields_share_no_sky_the_bound_is_the_best_plan(seed: int) -> None:
    rng = np.random.default_rng(seed)
    offers = []
    probability = rng.exponential(size=8)
    for k in range(2):
        visible = rng.random((4, 3)) < 0.6
        offers.append(an_offer([[4 * k + f] for f in range(4)], probability, visible, [0, 0, 1], per_night=1 + k))
    held = np.zeros(8)
    assert lp_bound(offers, held).value == pytest.approx(optimum(offers, held), rel=2e-4)


@TRIED
@given(seed=SEEDS, alike=st.booleans())
def test_merged_cells_are_worth_the_same_for_every_choice(seed: int, alike: bool) -> None:
    offers, held = some_offers(seed, alike)
    rows = merged_rows(offers, held)
    starts = np.cumsum([0, *(len(o) for o in offers)])
    for chosen in product(*(list(choices(o)) for o in offers)):
        together = {int(starts[k]) + f for k, fields in enumerate(chosen) for f in fields}
        assert worth_of(rows, together) == pytest.approx(value_of(offers, held, chosen))


@TRIED
@given(seed=SEEDS)
def test_a_set_of_fields_is_too_crowded_if_and_only_if_it_does_not_fit(seed: int) -> None:
    for offer in some_offers(seed, True)[0]:
        nights = Nights.of(offer)
        for chosen in product((0.0, 1.0), repeat=len(offer)):
            crowd = nights.crowd(np.array(chosen))
            assert (crowd is None) == fits(offer, np.flatnonzero(chosen).tolist())
            if crowd is not None:
                assert np.array(chosen)[crowd.fields].sum() > crowd.room
                assert not any(len(set(fields) & set(crowd.fields.tolist())) > crowd.room for fields in choices(offer))


@TRIED
@given(seed=SEEDS)
def test_the_best_fit_of_one_telescope_is_exact_where_it_is_told(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for offer in some_offers(seed, True)[0]:
        credit = rng.normal(size=len(offer))
        told = Nights.of(offer).most_value(credit)
        if told is not None:
            assert told == pytest.approx(max(sum(credit[f] for f in fields) for fields in choices(offer)))


def test_a_deeper_look_adds_only_what_the_shallow_one_misses() -> None:
    probability = np.array([0.6, 0.4])
    wide = an_offer([[0, 1]], 0.5 * probability)
    deep = an_offer([[0], [1]], 0.9 * probability, np.ones((2, 1), bool))
    found = lp_bound([wide, deep], np.zeros(2))
    assert found.value == pytest.approx(0.5 + 0.4 * 0.6)
    assert [np.round(share).tolist() for share in found.share] == [[1.0], [1.0, 0.0]]


def test_what_is_held_already_adds_nothing() -> None:
    probability = np.array([0.5, 0.3, 0.2])
    telescope = an_offer([[0, 1], [2]], probability)
    assert lp_bound([telescope], np.array([0.5, 0.0, 0.1])).value == pytest.approx(0.3 + 0.1)
    assert lp_bound([telescope], probability).value == 0.0


NOTHING = {
    "no telescope": [],
    "no field": [an_offer([], np.ones(3))],
    "no slot": [an_offer([[0], [1]], np.ones(3), np.ones((2, 0), bool))],
    "no value": [an_offer([[0], [1, 2]], np.zeros(3))],
    "no cell": [an_offer([[], []], np.ones(3))],
    "never visible": [an_offer([[0], [1]], np.ones(3), np.zeros((2, 4), bool))],
    "no pointing allowed": [an_offer([[0], [1]], np.ones(3), per_night=0)],
    "nights used up": [an_offer([[0], [1]], np.ones(3), per_night=2, filled={0: 5})],
}


@pytest.mark.parametrize("offers", NOTHING.values(), ids=NOTHING.keys())
@pytest.mark.parametrize("limits", [ENOUGH, Limits(steps=0), Limits(steps=0, simplex_iterations=0)])
def test_where_nothing_can_be_had_the_bound_is_nothing(offers: list[Offer], limits: Limits) -> None:
    found = lp_bound(offers, np.zeros(3), limits)
    assert 0.0 <= found.value <= 3.0 + ROUNDING
    if limits is ENOUGH:
        assert found.value == pytest.approx(0.0, abs=ROUNDING)
    assert [share.size for share in found.share] == [len(o) for o in offers]


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    offers, held = some_offers(7, False)
    lp_bound(offers, held, Limits(steps=1))
    assert capfd.readouterr() == ("", "")


def test_the_same_question_has_the_same_answer() -> None:
    offers, held = some_offers(11, False)
    one, two = lp_bound(offers, held), lp_bound(offers, held)
    assert one.value == two.value
    assert all(np.array_equal(a, b) for a, b in zip(one.share, two.share, strict=True))


def test_telescopes_of_one_depth_may_name_a_row_each() -> None:
    table = np.array([[0.5, 0.3, 0.2], [0.4, 0.1, 0.1]])
    cells = [[[0, 1]], [[1, 2]], [[0, 2]]]
    rows = [an_offer(c, table[k]) for c, k in zip(cells, (0, 0, 1), strict=True)]
    copies = [an_offer(c, table[k].copy()) for c, k in zip(cells, (0, 0, 1), strict=True)]
    one, two = lp_bound(rows, np.zeros(3)), lp_bound(copies, np.zeros(3))
    assert one.value == pytest.approx(two.value) == pytest.approx(1.0)
    assert merged_rows(rows, np.zeros(3)).weight.size == merged_rows(copies, np.zeros(3)).weight.size
