"""Which candidate gets another look, when and how often."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from builders.vetting import T0, a_sighting

from coordinator.vetting.candidate import Candidate, candidate_of, id_from
from coordinator.vetting.facts import CandidatesScored, FollowUpRequested, ScoredCandidate
from coordinator.vetting.follow_up import Asked, FollowUpRule, propose

NOW = T0 + timedelta(hours=8.2)
RULE = FollowUpRule(gaps_h=(0.5, 1.0))


def scored(*candidates: tuple[Candidate, float], verdict: str = "possible") -> CandidatesScored:
    rows = tuple(
        ScoredCandidate(c.id, c.ra_deg, c.dec_deg, 0.1, p, 0.0, verdict, len(c.sightings), (), 18.0, "r")
        for c, p in candidates
    )
    return CandidatesScored("lvk:S1", 1, 0.5, rows)


def asked_for(
    candidate: Candidate, p: float = 0.5, now: datetime = NOW, asked: tuple[Asked, ...] = (), verdict: str = "possible"
) -> FollowUpRequested | None:
    return propose(scored((candidate, p), verdict=verdict), {candidate.id: candidate}, asked, now, RULE)


def test_the_best_candidate_is_looked_at_again_half_an_hour_later_in_its_band() -> None:
    one = candidate_of([a_sighting("a", 8.0)])
    request = asked_for(one)
    assert request is not None
    assert request.visit == f"follow-up:{one.id}:r:1"
    assert request.filters[0] == "r"
    assert request.not_before == (T0 + timedelta(hours=8.5)).isoformat()


def test_who_was_looked_at_least_comes_first_and_of_equals_the_most_probable() -> None:
    leader, second, third = (
        candidate_of([a_sighting(i, 8.0, east_arcsec=e)]) for i, e in (("a", 0), ("b", 99), ("c", 999))
    )
    odds = scored((leader, 0.6), (second, 0.2), (third, 0.1))
    known = {c.id: c for c in (leader, second, third)}
    asked: list[Asked] = []
    order = []
    while (request := propose(odds, known, asked, NOW, RULE)) is not None:
        order.append((request.candidate, request.visit.rpartition(":")[2]))
        asked.append(Asked(request, NOW, NOW))
    ids = [leader.id, second.id, third.id]
    assert order == [(i, n) for n in ("1", "2") for i in ids]


@pytest.mark.parametrize("p", [0.0, 0.04])
def test_what_is_unlikely_gets_no_telescope(p: float) -> None:
    assert asked_for(candidate_of([a_sighting("a")]), p) is None


def test_what_moves_or_is_rejected_gets_no_telescope() -> None:
    mover = candidate_of([a_sighting("a"), a_sighting("b", 8.7, east_arcsec=20.0)])
    assert asked_for(mover) is None
    assert asked_for(candidate_of([a_sighting("a")]), verdict="rejected") is None


def test_nobody_asks_twice_before_the_first_look_is_taken() -> None:
    one = candidate_of([a_sighting("a", 8.0)])
    first = asked_for(one)
    waiting = Asked(first, NOW)
    assert asked_for(one, asked=(waiting,)) is None
    second = asked_for(one, asked=(replace(waiting, looked_at=T0 + timedelta(hours=8.6)),))
    assert second is not None
    assert second.visit.endswith(":2")
    assert second.not_before == (T0 + timedelta(hours=9.6)).isoformat()


def test_a_candidate_gets_no_more_looks_than_there_are_gaps() -> None:
    one = candidate_of([a_sighting("a", 8.0)])
    first = Asked(asked_for(one), NOW, NOW)
    second = Asked(asked_for(one, asked=(first,)), NOW, NOW)
    assert asked_for(one, asked=(first, second)) is None


def test_a_request_that_nobody_could_serve_is_given_up() -> None:
    one = candidate_of([a_sighting("a", 8.0)])
    waiting = Asked(asked_for(one), NOW)
    later = asked_for(one, now=NOW + timedelta(hours=6), asked=(waiting,))
    assert later is not None
    assert later.visit.endswith(":2")


def test_a_candidate_that_was_renamed_keeps_its_count() -> None:
    before = candidate_of([a_sighting("b", 8.1)])
    request = asked_for(before)
    after = candidate_of([a_sighting("b", 8.1), a_sighting("a", 8.0)])
    assert request.candidate == id_from("b")
    assert asked_for(after, asked=(Asked(request, NOW),)) is None


def test_the_band_that_it_was_seen_in_most_comes_first() -> None:
    seen = [replace(a_sighting(str(n), 8.0 + n / 100), filter=f) for n, f in enumerate(["clear", "ztfg", "ztfg"])]
    request: FollowUpRequested = asked_for(candidate_of(seen))
    assert request.visit.split(":")[2] == "g"
    assert request.filters[:2] == ("ztfg", "clear")


def test_an_empty_list_asks_for_nothing() -> None:
    assert propose(CandidatesScored("lvk:S1", 1, 1.0), {}, (), NOW, RULE) is None
