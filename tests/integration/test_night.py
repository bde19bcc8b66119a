"""Nights of five telescopes in one process on virtual time, with the real services and agents."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from builders.nights import (
    ELSEWHERE,
    EVENT,
    NARROW,
    SECOND_EVENT,
    START,
    a_night,
    a_short_night,
    an_eventful_night,
    minutes,
    notice,
)

from coordinator.dispatch.assignment import Assignment
from coordinator.services.session_state import SessionState, read_session, write_session
from coordinator.services.state_snapshot import read_state, write_state
from coordinator.services.vetter_snapshot import read_vetter, write_vetter
from coordinator.services.vetter_state import VetterState
from coordinator.simulation.night import run_night
from coordinator.simulation.verdict import NightResult
from telescopes.description.states import PointingState, Reason

PRINT_HASH = """
from builders.nights import a_short_night, an_eventful_night
from coordinator.simulation.night import run_night
print("hash", run_night({night}()).state_hash)
"""
TESTS = Path(__file__).resolve().parent.parent


def kinds(result: NightResult) -> Counter[str]:
    return Counter(stored.entry.kind for stored in result.entries)


def pointings(result: NightResult) -> list[Assignment]:
    return list(result.state.pointings.assignments.values())


def spans(found: Iterable[Assignment]) -> list[tuple[str, object, object]]:
    """Telescope, start and end of what was really observed, in order."""
    return sorted((a.telescope, a.actual_start, a.actual_end) for a in found if a.observed)  # type: ignore[type-var]


@pytest.fixture(scope="module")
def eventful() -> NightResult:
    return run_night(an_eventful_night())


@pytest.mark.slow
def test_an_eventful_night_breaks_no_law(eventful: NightResult) -> None:
    assert eventful.broken == ()


@pytest.mark.slow
def test_all_that_was_to_happen_did_happen(eventful: NightResult) -> None:
    elected = Counter(s.entry.body["role"] for s in eventful.entries if s.entry.kind == "writer_elected")
    assert elected["scheduler"] == 3 and elected["vetter"] == 2 and elected["telescope/oaj-t80"] == 2
    said = [s.entry for s in eventful.entries if s.entry.kind == "telescope_status_changed"]
    assert {e.telescope for e in said if e.body["link"] == "lost"} >= {"tre", "tca"}
    assert any(e.telescope == "nowt" and Reason.WEATHER in e.body["blocking_reasons"] for e in said)
    assert kinds(eventful)["event_revised"] == 2
    assert {a.offered.pointing.event_revision for a in pointings(eventful)} == {1, 2}


@pytest.mark.slow
def test_everything_that_was_seen_is_kept_and_nothing_waits(eventful: NightResult) -> None:
    assert eventful.detections_sent == eventful.detections_stored > 0
    assert (eventful.unsent, eventful.refused) == (0, ())


@pytest.mark.slow
def test_no_pointing_is_open_when_the_night_is_over(eventful: NightResult) -> None:
    assert list(eventful.state.pointings.live()) == []


@pytest.mark.slow
def test_the_source_is_found_and_ranked_first(eventful: NightResult) -> None:
    assert eventful.rank(EVENT) == 1


@pytest.mark.slow
def test_the_best_candidate_is_followed_up(eventful: NightResult) -> None:
    assert any(a.observed and a.offered.pointing.visit.startswith("follow-up:") for a in pointings(eventful))


@pytest.mark.slow
def test_telescopes_that_find_nothing_new_do_the_next_visit(eventful: NightResult) -> None:
    done = {(a.telescope, a.offered.pointing.visit) for a in pointings(eventful) if a.state is PointingState.COMPLETED}
    twice = {telescope for telescope, visit in done if visit == "1" and (telescope, "2") in done}
    assert twice


@pytest.mark.slow
def test_a_telescope_that_was_cut_off_is_believed_when_it_comes_back(eventful: NightResult) -> None:
    assert any(a.late and a.observed and a.telescope in ("tre", "tca") for a in pointings(eventful))


@pytest.mark.slow
def test_nothing_is_observed_by_who_is_clouded_out(eventful: NightResult) -> None:
    clouds = (START + minutes(10), START + minutes(40))
    inside = [s for s in spans(pointings(eventful)) if s[0] == "nowt" and s[1] < clouds[1] and s[2] > clouds[0]]  # type: ignore[operator]
    assert inside == []


@pytest.mark.slow
def test_a_telescope_does_one_thing_at_a_time(eventful: NightResult) -> None:
    for (one, _, end), (other, start, _) in pairwise(spans(pointings(eventful))):
        assert one != other or end <= start  # type: ignore[operator]


@pytest.mark.slow
def test_a_snapshot_of_the_night_has_the_same_hash(eventful: NightResult) -> None:
    assert read_state(write_state(eventful.state, "memory"), "memory").hash() == eventful.state_hash


@pytest.mark.slow
def test_a_snapshot_of_a_telescopes_session_is_what_was_folded(eventful: NightResult) -> None:
    state = SessionState()
    state.apply([s for s in eventful.entries if s.entry.telescope == "tre"])
    assert state.head > 0 and state.session is not None
    again = read_session(write_session(state, "memory"), "memory")
    assert (again.log, again.session, again.status) == (state.log, state.session, state.status)
    assert again.book.assignments == state.book.assignments
    assert [a.id for a in again.book.live()] == [a.id for a in state.book.live()]


@pytest.mark.slow
def test_a_snapshot_of_the_vetter_is_what_was_folded(eventful: NightResult) -> None:
    state = VetterState()
    state.apply(eventful.entries)
    again = read_vetter(write_vetter(state, "memory"), "memory")
    assert len(again.detections) == eventful.detections_stored
    assert (again.detections, again.by_event) == (state.detections, state.by_event)
    assert (again.events, again.scored, again.asked) == (state.events, state.scored, state.asked)
    assert again.searched(EVENT).area_deg2 == state.searched(EVENT).area_deg2 > 0
    assert [(k.telescope, k.start, k.limit_mag_ab) for k in again.looks(EVENT)] == [
        (k.telescope, k.start, k.limit_mag_ab) for k in state.looks(EVENT)
    ]


def hash_in_another_process(night: str) -> str:
    """Play a night in a fresh process that orders sets of words otherwise; return the state's hash."""
    there = os.environ | {"PYTHONHASHSEED": "12345", "PYTHONPATH": str(TESTS)}
    asked = [sys.executable, "-c", PRINT_HASH.format(night=night)]
    said = subprocess.run(asked, env=there, cwd=TESTS.parent, capture_output=True, text=True, check=True, timeout=500)
    return said.stdout.splitlines()[-1].removeprefix("hash ")


@pytest.fixture(scope="module")
def short() -> NightResult:
    return run_night(a_short_night())


@pytest.mark.long
def test_the_same_seed_gives_the_same_state_in_another_process(short: NightResult) -> None:
    """This process has played other nights before: what they left behind changes nothing either."""
    assert "vetter" in {s.entry.body["role"] for s in short.entries if s.entry.kind == "writer_elected"}
    assert any(a.observed for a in pointings(short))
    assert hash_in_another_process("a_short_night") == short.state_hash


@pytest.mark.slow
@pytest.mark.long
def test_a_whole_night_is_the_same_in_another_process(eventful: NightResult) -> None:
    assert hash_in_another_process("an_eventful_night") == eventful.state_hash


@pytest.mark.long
@pytest.mark.slow
def test_another_seed_gives_another_state(short: NightResult) -> None:
    assert run_night(a_short_night(seed=2)).state_hash != short.state_hash


@pytest.mark.long
@pytest.mark.slow
def test_a_second_event_is_searched_while_the_first_one_is() -> None:
    result = run_night(
        a_night(
            hours=0.75,
            arrivals=(
                notice(1, "PRELIMINARY", NARROW),
                notice(15, "PRELIMINARY", ELSEWHERE, SECOND_EVENT),
                notice(25, "UPDATE", ELSEWHERE, SECOND_EVENT),
            ),
        )
    )
    assert result.broken == ()
    observed = Counter(a.offered.pointing.event_id for a in pointings(result) if a.observed)
    assert observed[EVENT] > 0 and observed[SECOND_EVENT] > 0
    for (one, _, end), (other, start, _) in pairwise(spans(pointings(result))):
        assert one != other or end <= start  # type: ignore[operator]


@pytest.mark.slow
def test_a_retraction_ends_the_search() -> None:
    retracted = START + minutes(25)
    result = run_night(a_night(hours=0.75, arrivals=(notice(1, "PRELIMINARY", NARROW), notice(25, "RETRACTION", None))))
    assert result.broken == ()
    offered = [s.entry.sky_time for s in result.entries if s.entry.kind == "pointing_offered"]
    assert offered and max(offered) < retracted + timedelta(seconds=10)
    revoked = [a for a in pointings(result) if a.state is PointingState.REVOKED]
    assert revoked and all(a.revocation is not None for a in revoked)
    ended = [s.entry.sky_time for s in result.entries if s.entry.kind.startswith("pointing_")]
    assert max(ended) < START + minutes(45), "nothing was left for the end of the night"
    assert list(result.state.pointings.live()) == []
