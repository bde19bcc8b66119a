"""Of plans that cover as much, the earlier one is made: like telescopes share their fields, and all of them look."""

from dataclasses import replace
from datetime import timedelta

import pytest
from builders.plans import SKY, T0, a_busy_telescope, a_round_sky

from coordinator.planning.make import plan
from coordinator.planning.plan import EventPlan
from coordinator.planning.request import EventToPlan, PlanRequest, TelescopeToPlan
from telescopes.description.telescope import Limits

NIGHT = T0 + timedelta(hours=6)
"""The sky is high in Chile, and stays within limits for the two hours."""

OPEN = Limits(min_altitude_deg=20.0)


def like_telescopes(count: int, size_deg: float = 0.6) -> EventPlan:
    """Plan two hours of so many telescopes that are equal, at one site, on a sky of some 100 square degrees."""
    one = a_busy_telescope(limits=OPEN, size_deg=size_deg)
    network = tuple(TelescopeToPlan(replace(one, id=f"t{n:02d}"), NIGHT) for n in range(count))
    event = EventToPlan("lvk:S1", 1, SKY, T0, objective="probability")
    request = PlanRequest((event,), network, NIGHT, NIGHT + timedelta(hours=2))
    return plan(request, {SKY: a_round_sky(sigma_deg=2.0, order=7)}).events[0]


def hours_to(made: EventPlan, share: float) -> float:
    """Hours until a share of what a plan covers is covered."""
    covered, wanted = 0.0, share * made.figures.planned
    for p in sorted(made.pointings, key=lambda p: p.end):
        covered += p.new_probability
        if covered >= wanted:
            return (p.end - NIGHT).total_seconds() / 3600.0
    raise AssertionError("shares do not add up")


def hours_of_an_ideal_split(made: EventPlan, telescopes: int, share: float) -> float:
    """Hours in which equal telescopes could cover as much with the same fields, the best first, one after the other."""
    covered, wanted = 0.0, share * made.figures.planned
    slot_s = min((p.end - p.start).total_seconds() for p in made.pointings)
    for number, new in enumerate(sorted((p.new_probability for p in made.pointings), reverse=True)):
        covered += new
        if covered >= wanted:
            return (number // telescopes + 1) * slot_s / 3600.0
    raise AssertionError("shares do not add up")


@pytest.mark.slow
def test_thirty_equal_telescopes_cover_most_in_little_more_than_the_time_of_an_ideal_split() -> None:
    made = like_telescopes(30)
    assert all(t.pointings for t in made.telescopes)
    assert hours_to(made, 0.8) < 2.5 * hours_of_an_ideal_split(made, 30, 0.8)


@pytest.mark.slow
def test_more_equal_telescopes_cover_no_less_and_no_later() -> None:
    few, many = like_telescopes(6), like_telescopes(24)
    assert many.figures.planned > 0.995 * few.figures.planned
    assert hours_to(many, 0.8) < 0.5 * hours_to(few, 0.8)
    assert many.figures.duplicates == few.figures.duplicates == 0
