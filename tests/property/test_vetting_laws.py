"""Laws of vetting: neither order nor repetition nor silence changes what is believed."""

import random
from dataclasses import replace

import pytest
from builders.sighting_strategy import sightings
from builders.vetting import CENTRE, a_sky, an_event
from hypothesis import given, settings
from hypothesis import strategies as st

from coordinator.vetting.association import associate
from coordinator.vetting.candidate import candidate_of
from coordinator.vetting.case import Atlas
from coordinator.vetting.combine import score
from coordinator.vetting.facts import CandidatesScored
from coordinator.vetting.prior import Prior
from coordinator.vetting.sighting import Sighting

ATLAS = Atlas.of(a_sky(order=4))
PRIOR = Prior(0.5, 2.0, "a test")


def scored(every: list[Sighting]) -> CandidatesScored:
    return score(associate(every), ATLAS, an_event(), PRIOR)


@settings(max_examples=40)
@given(every=sightings(), seed=st.integers())
def test_the_order_of_arrival_changes_no_odds(every: list[Sighting], seed: int) -> None:
    shuffled = random.Random(seed).sample(every, len(every))
    before, after = scored(every), scored(shuffled)
    assert [c.id for c in after.candidates] == [c.id for c in before.candidates]
    for a, b in zip(before.candidates, after.candidates, strict=True):
        assert b.probability == pytest.approx(a.probability, abs=1e-12)
        assert b.log_odds == pytest.approx(a.log_odds, abs=1e-12)


@settings(max_examples=25)
@given(every=sightings(), data=st.data())
def test_a_detection_that_comes_twice_changes_nothing(every: list[Sighting], data: st.DataObject) -> None:
    again = data.draw(st.sampled_from(every))
    assert scored([*every, again]) == scored(every)


@settings(max_examples=25)
@given(every=sightings())
def test_probabilities_and_none_sum_to_one(every: list[Sighting]) -> None:
    result = scored(every)
    assert result.p_none + sum(c.probability for c in result.candidates) == pytest.approx(1.0, abs=1e-12)
    assert sorted((c.probability for c in result.candidates), reverse=True) == [
        c.probability for c in result.candidates
    ]


@settings(max_examples=25)
@given(every=sightings())
def test_every_detection_is_in_exactly_one_candidate(every: list[Sighting]) -> None:
    ids = sorted(s.id for c in associate(every) for s in c.sightings)
    assert ids == sorted(s.id for s in every)


@settings(max_examples=40)
@given(
    field=st.sampled_from(["mag_err", "limiting_mag_ab", "snr", "telescope", "filter", "host_redshift_err"]),
    level=st.floats(0, 1.5),
)
def test_what_is_unknown_changes_nothing(field: str, level: float) -> None:
    """A place alone, and the same place with something that no check can use by itself."""
    bare = Sighting("a", CENTRE[0], CENTRE[1] + level)
    known: dict[str, object] = {
        "mag_err": 0.1,
        "limiting_mag_ab": 20.0,
        "snr": 7.0,
        "telescope": "t1",
        "filter": "r",
        "host_redshift_err": 0.01,
    }
    more = replace(bare, **{field: known[field]})
    first, second = (score([candidate_of([s])], ATLAS, an_event(), PRIOR).candidates[0] for s in (bare, more))
    assert first.probability == second.probability
    told = [c for c in first.checks if c.log_bayes != 0.0]
    assert [c.name for c in told] == ["sky"]
