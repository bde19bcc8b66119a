"""How much a look is expected to tell, and what is asked for because of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from builders.dispatch import a_telescope
from builders.vetting import T0, a_sighting
from hypothesis import given
from hypothesis import strategies as st

from coordinator.vetting.candidate import Candidate, candidate_of
from coordinator.vetting.facts import CandidatesScored, FollowUpRequested, ScoredCandidate
from coordinator.vetting.follow_up import Asked, FollowUpRule, endings, propose
from coordinator.vetting.information import information_bits, outcomes, told_by
from coordinator.vetting.outcomes import Bright, Expected
from coordinator.vetting.possible_looks import Possible, possible_looks
from telescopes.description.telescope import Depth

NOW = T0 + timedelta(hours=8.2)
DEEP_R = Possible("deep", "r", 21.0, 5.0)
DEEP_J = Possible("deep", "J", 21.0, 5.0)
SHALLOW_R = Possible("shallow", "r", 16.5, 5.0)
OLD_KINDS = {"counterpart": 0.3, "supernova": 0.5, "agn": 0.1, "variable": 0.1, "other": 0.1}
NEW_KINDS = {"counterpart": 0.3, "asteroid": 0.4, "artefact": 0.2, "supernova": 0.1}
RULE = FollowUpRule()


def bits(look: Possible = DEEP_R, *, p: float = 0.3, kinds: dict[str, float] = OLD_KINDS, hours: float = 28.0) -> float:
    (told,) = told_by(p, kinds, candidate_of([a_sighting("a", 8.0)]), [(look, T0 + timedelta(hours=hours))], T0)
    return told.bits


def scored(*rows: tuple[Candidate, float, dict[str, float]], verdict: str = "possible") -> CandidatesScored:
    every = tuple(
        ScoredCandidate(c.id, c.ra_deg, c.dec_deg, 0.1, p, 0.0, verdict, 1, (), 18.0, "r", kinds=kinds)
        for c, p, kinds in rows
    )
    return CandidatesScored("lvk:S1", 1, 0.5, every)


def asked_for(*rows: tuple[Candidate, float, dict[str, float]], **changes: Any) -> FollowUpRequested | None:
    network = changes.pop("network", (DEEP_R, DEEP_J, SHALLOW_R))
    asked = changes.pop("asked", ())
    known = {c.id: c for c, _, _ in rows}
    return propose(scored(*rows), known, asked, NOW, replace(RULE, **changes), network, T0)


def one_at(east_arcsec: float, id: str) -> Candidate:
    return candidate_of([a_sighting(id, 8.0, east_arcsec=east_arcsec)])


def test_a_coin_that_is_told_is_one_bit_and_one_that_is_not_none() -> None:
    yes, no = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    assert information_bits(0.5, yes, no) == pytest.approx([1.0])
    assert information_bits(0.5, yes, yes) == pytest.approx([0.0])
    # A channel that errs in one of ten: 1 - H(0.1), Cover and Thomas, section 7.1.4.
    assert information_bits(0.5, np.array([[0.9, 0.1]]), np.array([[0.1, 0.9]])) == pytest.approx([0.5310], abs=1e-4)


@given(
    st.floats(0.0, 1.0),
    st.floats(10.0, 30.0),
    st.floats(0.01, 5.0),
    st.floats(8.1, 200.0),
    st.sampled_from(["r", "g", "J", "clear", "odd"]),
)
def test_what_is_told_is_never_less_than_nothing_nor_more_than_what_is_not_known(
    p: float, limit: float, minutes: float, hours: float, band: str
) -> None:
    entropy = 0.0 if p in (0.0, 1.0) else -p * np.log2(p) - (1 - p) * np.log2(1 - p)
    assert -1e-9 <= bits(Possible("t", band, limit, minutes), p=p, hours=hours) <= entropy + 1e-9


@given(st.floats(0.0, 1.0), st.floats(5.0, 35.0), st.floats(0.0, 9.0), st.floats(12.0, 25.0))
def test_outcomes_are_probabilities(gone: float, mag: float, sigma: float, limit: float) -> None:
    found = outcomes([Expected(gone, (Bright(1.0, mag, sigma),))], np.array([limit]))
    assert (found >= 0).all()
    assert found.sum() == pytest.approx(1.0)
    assert found[0, -1] >= gone - 1e-9


def test_a_source_at_the_limit_is_seen_half_the_time() -> None:
    found = outcomes([Expected(0.0, (Bright(1.0, 20.0, 0.0),))], np.array([20.0]))
    assert found[0, -1] == pytest.approx(0.5, abs=0.02)


def test_a_second_night_tells_of_a_fade_what_half_an_hour_does_not() -> None:
    assert bits(hours=28.0) > 20 * bits(hours=8.5)


def test_half_an_hour_tells_already_whether_it_is_still_there() -> None:
    assert bits(kinds=NEW_KINDS, hours=8.5) > 20 * bits(kinds=OLD_KINDS, hours=8.5)


def test_a_look_that_cannot_see_it_tells_nothing_yet() -> None:
    assert bits(SHALLOW_R, hours=8.5) < 0.01 * bits(DEEP_R, hours=28.0)


def test_the_band_in_which_it_was_seen_and_kilonovae_fade_fast_tells_most() -> None:
    assert bits(DEEP_R) > 2 * bits(replace(DEEP_R, filter="i"))
    at = {}
    for band in ("g", "z"):  # AT2017gfo from 1.5 to 2.5 d: 1.6 and 0.6 mag
        seen = candidate_of([replace(a_sighting("a", 36.0), filter=band)])
        (told,) = told_by(0.3, OLD_KINDS, seen, [(replace(DEEP_R, filter=band), T0 + timedelta(hours=60))], T0)
        at[band] = told.bits
    assert at["g"] > 1.3 * at["z"]


def test_of_two_candidates_the_one_whose_odds_a_look_would_move_is_looked_at() -> None:
    known, open_ = one_at(0, "a"), one_at(99, "b")
    request = asked_for((known, 0.97, OLD_KINDS), (open_, 0.4, OLD_KINDS))
    assert request is not None
    assert request.candidate == open_.id
    assert request.bits is not None and request.bits > 0.05
    assert (request.telescope, request.filters[0], request.depth_mag_ab) == ("deep", "r", 21.0)
    assert f"{request.bits:.2f} bit" in request.because


def test_the_order_of_candidates_does_not_choose_between_them() -> None:
    one, other = (one_at(0, "a"), 0.4, OLD_KINDS), (one_at(99, "b"), 0.1, OLD_KINDS)
    assert asked_for(one, other) == replace(asked_for(other, one), because=asked_for(one, other).because)


def test_who_reaches_the_same_in_fewer_minutes_is_asked() -> None:
    quick = replace(DEEP_R, telescope="quick", minutes=2.0)
    request = asked_for((one_at(0, "a"), 0.4, OLD_KINDS), network=(DEEP_R, quick))
    assert request is not None and request.telescope == "quick"


def test_what_is_young_is_looked_at_soon_and_what_is_solid_the_next_night() -> None:
    soon = asked_for((one_at(0, "a"), 0.3, NEW_KINDS), network=(DEEP_R,))
    late = asked_for((one_at(0, "a"), 0.3, OLD_KINDS), network=(DEEP_R,))
    assert soon is not None and soon.not_before == (T0 + timedelta(hours=8.5)).isoformat()
    assert late is not None and late.not_before == (T0 + timedelta(hours=28)).isoformat()


def test_where_no_look_tells_anything_none_is_asked_for() -> None:
    assert asked_for((one_at(0, "a"), 0.4, OLD_KINDS), network=(replace(SHALLOW_R, limit_mag_ab=12.0),)) is None


def test_a_decided_candidate_is_let_alone_and_what_was_asked_is_taken_back() -> None:
    seen = candidate_of([a_sighting("a", 8.0), a_sighting("b", 28.0)])
    early = candidate_of([a_sighting("a", 8.0)])
    request = asked_for((early, 0.4, OLD_KINDS))
    assert request is not None
    waiting, later = [Asked(request, NOW)], T0 + timedelta(hours=28.5)
    known = {seen.id: seen}
    for p, word in ((0.99, "decided"), (0.001, "hopeless")):
        odds = scored((seen, p, OLD_KINDS))
        assert propose(odds, known, (), later, RULE, (DEEP_R,), T0) is None
        (ended,) = endings(odds, known, waiting, later, RULE)
        assert (ended.visit, ended.because.split(":")[0]) == (request.visit, word)
    (ended,) = endings(scored((seen, 0.0, {}), verdict="rejected"), known, waiting, later, RULE)
    assert ended.because == "it is rejected"
    assert endings(scored((seen, 0.4, OLD_KINDS)), known, waiting, later, RULE) == []
    assert endings(scored((seen, 0.99, OLD_KINDS)), known, [replace(waiting[0], ended_at=later)], later, RULE) == []


def test_one_that_is_all_but_certain_from_one_night_is_still_looked_at() -> None:
    assert asked_for((one_at(0, "a"), 0.99, {}), least_bits=0.0) is not None


def test_a_light_curve_is_built_look_by_look_up_to_the_most() -> None:
    one = one_at(0, "a")
    asked: list[Asked] = []
    while (request := asked_for((one, 0.4, OLD_KINDS), asked=asked, most_looks=5)) is not None:
        asked.append(Asked(request, NOW, NOW))
    assert [a.request.visit.rpartition(":")[2] for a in asked] == ["1", "2", "3", "4", "5"]


def test_policy_says_whether_to_ask_at_all_and_whether_a_person_must_say_yes() -> None:
    row = (one_at(0, "a"), 0.4, OLD_KINDS)
    at_once, ask = asked_for(row), asked_for(row, policy="ask")
    assert at_once is not None and not at_once.wants_yes
    assert ask is not None and ask.wants_yes
    assert asked_for(row, policy="never") is None
    assert asked_for(row, policy="never", network=()) is None


def test_the_network_s_looks_are_those_that_no_other_beats() -> None:
    one = a_telescope("one")
    camera = replace(one.instruments[0], filters=("r", "odd"), depth=(Depth(18.0, 60.0),))
    observing = replace(one.observing, exposure_s=60.0, count=1)
    deep = replace(one, instruments=(camera,), observing=observing)
    shallow = replace(deep, id="two", instruments=(replace(camera, depth=(Depth(16.0, 60.0),)),))
    looks = possible_looks([shallow, deep])
    assert {k.telescope for k in looks} == {"one"}
    in_r = [k for k in looks if k.filter == "r"]
    assert len(in_r) == 2
    assert in_r[1].limit_mag_ab - in_r[0].limit_mag_ab == pytest.approx(1.25 * np.log10(4), abs=0.01)
    assert possible_looks([replace(deep, instruments=(replace(camera, depth=()),))]) == ()
