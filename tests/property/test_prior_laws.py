"""Laws of what is believed beforehand: neither order nor repetition counts, and to look at more lowers nobody."""

import random
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from builders.sighting_strategy import sightings
from builders.vetting import T0, a_sky, an_event
from hypothesis import given, settings
from hypothesis import strategies as st

from coordinator.sky.nested import pixel_at
from coordinator.sky.ranges import Ranges
from coordinator.vetting.association import associate
from coordinator.vetting.case import Atlas
from coordinator.vetting.checks.check import Check, unknown
from coordinator.vetting.checks.registry import CHECKS
from coordinator.vetting.combine import assess, cases_of, weigh
from coordinator.vetting.looks import Look
from coordinator.vetting.prior import Prior
from coordinator.vetting.reach import reach_of
from coordinator.vetting.sighting import Sighting
from coordinator.vetting.weighed import Weighed, weigh_search

ATLAS = Atlas.of(a_sky(order=4, mu_mpc=100.0, sigma_mpc=30.0))
PRIOR = Prior(0.5, 2.0, "a test")
BUSY = int(ATLAS.sky.ipix[int(ATLAS.sky.probability.argmax())])


def a_look(pixels: list[int], hours: float, limit: float) -> Look:
    start = T0 + timedelta(hours=hours)
    return Look("t1", start, start + timedelta(minutes=2), "r", limit, Ranges.of_pixels(4, np.array(sorted(pixels))))


cells = st.lists(st.integers(BUSY - 60, BUSY + 60), min_size=1, max_size=30, unique=True)
look = st.builds(a_look, cells, st.floats(-10, 260), st.floats(16, 24))
looks = st.lists(look, min_size=1, max_size=8)


def weighed(every: list[Sighting], its: list[Look]) -> Weighed:
    return weigh_search(associate(every), ATLAS, an_event(), reach_of(ATLAS, an_event(), its), its)


@settings(max_examples=40)
@given(its=looks, seed=st.integers())
def test_neither_order_nor_repetition_of_looks_counts(its: list[Look], seed: int) -> None:
    shuffled = random.Random(seed).sample(its, len(its))
    one, other = (reach_of(ATLAS, an_event(), each) for each in (its, [*shuffled, its[0]]))
    assert one is not None and other is not None
    assert other.covered == pytest.approx(one.covered, abs=1e-12)
    assert other.brighter == (None if one.brighter is None else pytest.approx(one.brighter, abs=1e-12))


@settings(max_examples=40)
@given(its=looks, more=look)
def test_a_further_look_takes_nothing_from_what_was_reached(its: list[Look], more: Look) -> None:
    one, other = (reach_of(ATLAS, an_event(), each) for each in (its, [*its, more]))
    assert one is not None and other is not None
    assert other.covered >= one.covered - 1e-12
    assert other.covered * (other.brighter or 0.0) >= one.covered * (one.brighter or 0.0) - 1e-12


@settings(max_examples=40)
@given(every=sightings(), its=looks, seed=st.integers())
def test_the_order_of_arrival_changes_neither_prior_nor_odds(every: list[Sighting], its: list[Look], seed: int) -> None:
    chance = random.Random(seed)
    one = weighed(every, its)
    other = weighed(chance.sample([*every, every[0]], len(every) + 1), chance.sample(its, len(its)))
    assert other.prior == one.prior
    odds = {c.id: c.log_odds for c in one.fact().candidates}
    assert {c.id: c.log_odds for c in other.fact().candidates} == pytest.approx(odds, abs=1e-9)


@settings(max_examples=40)
@given(every=sightings(), pixels=cells, hours=st.floats(1, 100))
def test_more_coverage_without_new_candidates_lowers_nobody(
    every: list[Sighting], pixels: list[int], hours: float
) -> None:
    """Sky that holds none of them, to the same depth."""
    first = a_look([BUSY], 12.0, 20.0)
    bare = weighed(every, [first])
    free = [p for p in pixels if p != BUSY and not _holds(p, every)]
    if not free:
        return
    more = weighed(every, [first, a_look(free, hours, 20.0)])
    assert [c.id for c in more.fact().candidates] == [c.id for c in bare.fact().candidates]
    if more.batch.candidates:
        before = {c.id: c.log_odds for c in bare.fact().candidates}
        assert all(c.log_odds >= before[c.id] - 1e-9 for c in more.fact().candidates)


def _holds(pixel: int, every: list[Sighting]) -> bool:
    return pixel in pixel_at(4, np.array([s.ra_deg for s in every]), np.array([s.dec_deg for s in every])).tolist()


@settings(max_examples=40)
@given(every=sightings(), group=st.sampled_from([None, "photometry"]), at=st.integers(0, len(CHECKS)))
def test_a_check_that_knows_nothing_changes_no_odds(every: list[Sighting], group: str | None, at: int) -> None:
    silent = Check("silent", lambda _: unknown("nobody asked"), group)
    cases = cases_of(associate(every), ATLAS, an_event())
    with_it = [*CHECKS[:at], silent, *CHECKS[at:]]
    one = weigh([assess(case) for case in cases], PRIOR, an_event())
    other = weigh([assess(case, checks=with_it) for case in cases], PRIOR, an_event())
    assert other.p_none == one.p_none
    assert [replace(c, checks=()) for c in other.candidates] == [replace(c, checks=()) for c in one.candidates]
