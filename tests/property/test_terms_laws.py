"""Columns say what the checks say: of every candidate, at once or again, under any map."""

import random
from dataclasses import replace

import numpy as np
import pytest
from builders.sighting_strategy import sightings
from builders.vetting import CENTRE, a_sky, an_event
from hypothesis import given, settings
from hypothesis import strategies as st

from coordinator.vetting.association import associate
from coordinator.vetting.batch import Batch
from coordinator.vetting.case import Atlas
from coordinator.vetting.checks.registry import CHECKS
from coordinator.vetting.combine import assess, score
from coordinator.vetting.needs import NEEDS, PLACELESS
from coordinator.vetting.prior import Prior
from coordinator.vetting.quick import QUICK
from coordinator.vetting.sighting import Sighting
from coordinator.vetting.table import read_table, write_terms
from coordinator.vetting.terms import Asked, ask
from coordinator.vetting.weighed import weigh_all

ATLAS = Atlas.of(a_sky(order=4))
PRIOR = Prior(0.5, 2.0, "a test")
ELSEWHERE = Atlas.of(a_sky(order=4, sha256="b" * 64, ra_deg=CENTRE[0] + 2.0, mu_mpc=90.0))


def test_what_is_named_is_a_check() -> None:
    names = {check.name for check in CHECKS}
    assert {*NEEDS, *QUICK, *PLACELESS} <= names


@settings(max_examples=60, deadline=None)
@given(every=sightings(), atlas=st.sampled_from([None, ATLAS, ELSEWHERE]))
def test_terms_are_what_the_checks_say(every: list[Sighting], atlas: Atlas | None) -> None:
    batch = Batch.of(associate(every), atlas, an_event())
    terms = ask(batch)
    assert terms.names == tuple(check.name for check in CHECKS)
    for i in range(len(batch.candidates)):
        case, whole = batch.case(i), assess(batch.case(i))
        found = [check.evaluate(case) for check in CHECKS]
        assert terms.log_bayes[i].tolist() == pytest.approx([f.log_bayes for f in found], abs=1e-12)
        assert terms.passed[i].tolist() == [-1 if f.passed is None else int(f.passed) for f in found]
        assert terms.vetoes[i].tolist() == [f.veto for f in found]
        assert terms.total()[i] == pytest.approx(whole.log_bayes, abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(every=sightings(), more=sightings())
def test_what_was_asked_before_is_answered_alike_on_a_new_map(every: list[Sighting], more: list[Sighting]) -> None:
    first = Batch.of(associate(every), ATLAS, an_event())
    others = [replace(s, id=f"x{s.id}") for s in more]
    for atlas in (ATLAS, ELSEWHERE, None):
        batch = Batch.of(associate([*every, *others]), atlas, an_event(revision=2))
        again, anew = ask(batch, Asked(first, ask(first))), ask(batch)
        assert np.array_equal(again.log_bayes, anew.log_bayes)
        assert np.array_equal(again.passed, anew.passed) and np.array_equal(again.vetoes, anew.vetoes)
        assert np.array_equal(again.leans, anew.leans)


@settings(max_examples=40, deadline=None)
@given(every=sightings(), seed=st.integers())
def test_columns_weigh_as_the_whole_does_in_any_order_and_repeated(every: list[Sighting], seed: int) -> None:
    chance = random.Random(seed)
    shuffled = chance.sample([*every, *every[:3]], len(every) + len(every[:3]))
    whole = score(associate(every), ATLAS, an_event(), PRIOR)
    weighed = weigh_all(associate(shuffled), ATLAS, an_event(), PRIOR)
    columns, table = weighed.fact(), read_table(write_terms(weighed))
    assert columns.p_none == pytest.approx(whole.p_none, abs=1e-12)
    by_id = {c.id: c for c in whole.candidates}
    assert {c.id for c in table} == set(by_id) == {c.id for c in columns.candidates}
    for one, row in zip(columns.candidates, table, strict=True):
        other = by_id[one.id]
        assert one.probability == pytest.approx(other.probability, abs=1e-12)
        assert one.log_odds == pytest.approx(other.log_odds, abs=1e-12)
        assert one.checks == other.checks
        assert (row.id, row.probability, row.log_odds, row.verdict) == (
            one.id,
            one.probability,
            one.log_odds,
            one.verdict,
        )
        assert (row.detections, row.mag_ab, row.filter, row.last_seen) == (
            one.detections,
            one.mag_ab,
            one.filter,
            one.last_seen,
        )
        assert row.kinds == pytest.approx(one.kinds, abs=1e-12)
        said = {c.name: c.log_bayes for c in one.checks if not c.name.endswith(" cap")}
        assert {c.name: c.log_bayes for c in row.checks} == pytest.approx(said, abs=1e-12)
