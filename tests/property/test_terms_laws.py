"""Columns say what the checks say: of every candidate, at once or again, under any map."""

import math
import random
from dataclasses import replace

import numpy as np
import pytest
from builders.scene_strategy import Scene, a_scene, scenes
from builders.sighting_strategy import sightings
from builders.vetting import CENTRE, T0, a_sighting, a_sky, an_event
from hypothesis import given, settings
from hypothesis import strategies as st

from coordinator.vetting.association import associate
from coordinator.vetting.batch import Batch
from coordinator.vetting.case import Atlas
from coordinator.vetting.checks.registry import CHECKS
from coordinator.vetting.combine import assess, score
from coordinator.vetting.kinds import UNRELATED
from coordinator.vetting.needs import ASKED_OF_ALL, NEEDS, OF_THE_MAP, PLACELESS
from coordinator.vetting.neighbours import Surroundings
from coordinator.vetting.prior import Prior
from coordinator.vetting.quick import QUICK
from coordinator.vetting.rule import CAPS, OddsRule
from coordinator.vetting.sighting import Sighting
from coordinator.vetting.table import read_table, write_terms
from coordinator.vetting.terms import Asked, ask
from coordinator.vetting.weighed import weigh_all

ATLAS = Atlas.of(a_sky(order=4))
PRIOR = Prior(0.5, 2.0, "a test")
ELSEWHERE = Atlas.of(a_sky(order=4, sha256="b" * 64, ra_deg=CENTRE[0] + 2.0, mu_mpc=90.0))


NAMES = [check.name for check in CHECKS]


def test_what_is_named_is_a_check_and_every_check_is_named() -> None:
    assert {*NEEDS, *QUICK, *ASKED_OF_ALL, *PLACELESS, *OF_THE_MAP} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_check_has_needs_or_a_column_or_says_why_not(name: str) -> None:
    where = [name in NEEDS, name in QUICK, name in ASKED_OF_ALL]
    assert sum(where) == 1, f"{name}: give it a line in needs.NEEDS or quick.QUICK, or say why in needs.ASKED_OF_ALL"
    assert ASKED_OF_ALL.get(name, "because") != ""


@pytest.mark.parametrize("name", NAMES)
def test_a_check_is_placeless_or_says_what_it_reads_of_the_map(name: str) -> None:
    assert (name in PLACELESS) != (name in OF_THE_MAP), f"{name}: name it in needs.PLACELESS, or in needs.OF_THE_MAP"
    assert OF_THE_MAP.get(name, "because") != ""


@settings(max_examples=60)
@given(scene=scenes(), atlas=st.sampled_from([None, ATLAS, ELSEWHERE]))
def test_terms_are_what_the_checks_say(scene: Scene, atlas: Atlas | None) -> None:
    batch = Batch.of(scene.candidates, atlas, scene.event, scene.looks, scene.around)
    terms = ask(batch)
    assert terms.names == tuple(NAMES)
    for i in range(len(batch.candidates)):
        case, whole = batch.case(i), assess(batch.case(i))
        found = [check.evaluate(case) for check in CHECKS]
        assert dict(zip(NAMES, terms.log_bayes[i], strict=True)) == pytest.approx(
            {name: f.log_bayes for name, f in zip(NAMES, found, strict=True)}, abs=1e-12, rel=1e-12
        )
        passed = {name: -1 if f.passed is None else int(f.passed) for name, f in zip(NAMES, found, strict=True)}
        assert dict(zip(NAMES, terms.passed[i].tolist(), strict=True)) == passed
        assert terms.vetoes[i].tolist() == [f.veto for f in found]
        for name, f in zip(NAMES, found, strict=True):
            leans = [(f.leans or {}).get(kind, 0.0) for kind in UNRELATED]
            assert terms.said.get(name, np.zeros((i + 1, len(UNRELATED))))[i] == pytest.approx(leans, abs=1e-12), name
        assert terms.total()[i] == pytest.approx(whole.log_bayes, abs=1e-12)


def test_scenes_give_every_check_something_to_say_and_something_it_cannot() -> None:
    said: dict[str, set[bool | None]] = {name: set() for name in NAMES}
    for scene in map(a_scene, range(120)):
        batch = Batch.of(scene.candidates, ATLAS, scene.event, scene.looks, scene.around)
        for check in CHECKS:
            found = [check.evaluate(batch.case(i)) for i in range(len(scene.candidates))]
            said[check.name] |= {f.passed for f in found if f.log_bayes != 0 or f.veto or f.passed is None}
    assert {name for name, passed in said.items() if None not in passed} == {"sky"}, "the map always says something"
    assert {name for name, passed in said.items() if not passed - {None}} == set()


@settings(max_examples=100)
@given(scene=scenes())
def test_a_placeless_check_says_the_same_under_any_map(scene: Scene) -> None:
    batches = [
        Batch.of(scene.candidates, atlas, replace(scene.event, t0=T0), scene.looks, scene.around)
        for atlas in (None, ATLAS, ELSEWHERE)
    ]
    for check in (c for c in CHECKS if c.name in PLACELESS):
        for i in range(len(scene.candidates)):
            said = {(f.log_bayes, f.passed, f.veto) for f in (check.evaluate(b.case(i)) for b in batches)}
            assert len(said) == 1, check.name


@settings(max_examples=40)
@given(scene=scenes(), more=scenes())
def test_what_changed_is_asked_again_and_nothing_else(scene: Scene, more: Scene) -> None:
    first = Batch.of(scene.candidates, ATLAS, scene.event, scene.looks, scene.around)
    both = {c.id: c for c in (*scene.candidates, *more.candidates)}
    for atlas in (ATLAS, ELSEWHERE, None):
        around = Surroundings({**scene.around.by_candidate, **more.around.by_candidate})
        batch = Batch.of(list(both.values()), atlas, scene.event, more.looks, around)
        again, anew = ask(batch, Asked(first, ask(first))), ask(batch)
        assert np.array_equal(again.log_bayes, anew.log_bayes)
        assert np.array_equal(again.passed, anew.passed) and np.array_equal(again.vetoes, anew.vetoes)
        assert np.array_equal(again.leans, anew.leans)


@settings(max_examples=40)
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


@settings(max_examples=40)
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
        said = {c.name: c.log_bayes for c in one.checks}
        assert {c.name: c.log_bayes for c in row.checks} == pytest.approx(said, abs=1e-12)


def test_a_table_takes_back_what_goes_beyond_a_cap_by_the_rule_it_was_weighed_by() -> None:
    """So that the terms of a candidate add up to its odds, whatever the rule is today."""
    rule = OddsRule(caps={group: (-0.5, 0.5) for group in CAPS})
    weighed = weigh_all(associate([a_sighting("a"), a_sighting("b", 30.0)]), ATLAS, an_event(), PRIOR, rule=rule)
    (one,), (row,) = weighed.fact().candidates, read_table(write_terms(weighed))
    caps = {c.name: c.log_bayes for c in one.checks if c.name.endswith(" cap")}
    assert caps and {c.name: c.log_bayes for c in row.checks if c.name.endswith(" cap")} == pytest.approx(caps)
    ratio = math.log(PRIOR.q / PRIOR.n_all / (1 - PRIOR.q)) + math.fsum(c.log_bayes for c in row.checks)
    assert row.log_odds == pytest.approx(ratio, abs=1e-9)
