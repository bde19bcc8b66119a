"""Plans of toy networks against the best there is, found by trying everything."""

from dataclasses import replace
from datetime import timedelta

import pytest
from builders.toy_optimum import MINUTES, Instance
from builders.toy_skies import SKY, T0, searched, value_of

from coordinator.planning.make import plan
from coordinator.planning.plan import PlannedPointing
from coordinator.planning.request import EventToPlan, Look, PlanRequest

HOURS = MINUTES / 60.0
NEARLY = 0.995
FURTHER = (0.6, 0.04)
"""Own share and redundancy of an optimum that stays away from what the rules forbid: on coarse cells nobody can go
right up to them."""

RULES = (0.5, 0.046)
ROUNDING = 2e-3
"""The planner's cells and the oracle's pixels see the edge of a field otherwise."""


# of the first forty those in which effort fast is furthest below (1, 5, 11, 21, 38), and one in which it is not
@pytest.mark.parametrize("seed", [1, 38, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (0, 5, 11, 21))])
def test_with_effort_best_a_toy_network_finds_what_trying_everything_within_its_rules_finds(seed: int) -> None:
    toy = Instance.drawn(seed)
    made = searched(toy.sky, toy.network, hours=HOURS, effort="best")
    assert value_of(made) >= NEARLY * toy.optimum(*FURTHER)
    bounds, optimum = (made.figures.bound, made.figures.bound_candidates), toy.optimum(*RULES)
    assert all(b is not None and b >= optimum - ROUNDING for b in bounds)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.slow
def test_effort_best_is_never_below_fast_nor_below_telescopes_that_plan_one_after_the_other(seed: int) -> None:
    toy = Instance.drawn(seed)
    best, fast = (value_of(searched(toy.sky, toy.network, hours=HOURS, effort=e)) for e in ("best", "fast"))
    assert best >= fast - 1e-6
    assert best >= one_after_the_other(toy) - 1e-6


def one_after_the_other(toy: Instance) -> float:
    """What telescopes cover of which each plans for itself, knowing what those before it will look at."""
    event = EventToPlan("lvk:S1", 1, SKY, T0, objective="probability")
    request = PlanRequest((event,), (), T0, T0 + timedelta(hours=HOURS))
    planned: list[PlannedPointing] = []
    for one in toy.network:
        looks = tuple(Look("lvk:S1", "1", p.ranges, p.start, p.limit_mag_ab, p.filter, p.telescope) for p in planned)
        planned += plan(replace(request, telescopes=(one,), looks=looks), {SKY: toy.sky}).pointings
    return sum(p.new_probability for p in planned)
