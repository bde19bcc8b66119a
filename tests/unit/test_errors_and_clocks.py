"""The words that both sides share: errors, the two clocks, the states of a pointing."""

import json
import pickle
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telescopes.description.clocks import LinkTime, MonotonicClock, ScaledSkyClock, SystemSkyClock
from telescopes.description.errors import ArmillaryError, Broken, Refused, RetryLater
from telescopes.description.states import LATE_TRUTH, LIVE, MOVES, STARTED, TERMINAL, PointingState, may_move

T0 = datetime(2017, 8, 17, 12, 41, 4, tzinfo=UTC)

ERRORS = [
    ArmillaryError("is wrong", where="here", mend="mend it"),
    RetryLater("is busy", where="gateway", mend="wait", after_s=7.5),
    Refused("is stale", where="session s-1", mend="open a new one", reason="SESSION_STALE"),
    Broken("was replaced", where="writer scheduler", mend="stop this process"),
]
by_kind = pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)


class HandClock:
    """A link clock that stands where it is put."""

    def __init__(self, at: float = 0.0) -> None:
        self.at = at

    def now(self) -> LinkTime:
        return LinkTime(self.at)


# Errors


@by_kind
def test_an_error_reads_where_what_mend_in_one_line(error: ArmillaryError) -> None:
    assert str(error) == f"{error.where}: {error.what}; {error.mend}"


@by_kind
def test_a_pickled_error_is_the_same_error(error: ArmillaryError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert vars(again) == vars(error)
    assert str(again) == str(error)


@by_kind
def test_an_error_crosses_a_process_border_with_all_it_carries(error: ArmillaryError) -> None:
    there = (
        "import pickle, sys, json; e = pickle.load(sys.stdin.buffer); print(json.dumps([type(e).__name__, vars(e)]))"
    )
    done = subprocess.run([sys.executable, "-c", there], input=pickle.dumps(error), capture_output=True, check=True)
    assert json.loads(done.stdout) == [type(error).__name__, vars(error)]


def test_a_note_on_an_error_survives_pickling() -> None:
    error = Broken("is torn", where="journal", mend="restore it")
    error.add_note("seen by the scheduler")
    assert pickle.loads(pickle.dumps(error)).__notes__ == ["seen by the scheduler"]


def test_each_family_is_caught_as_an_armillary_error_and_as_no_other_family() -> None:
    families = (RetryLater, Refused, Broken)
    for error in ERRORS[1:]:
        assert isinstance(error, ArmillaryError)
        assert sum(isinstance(error, family) for family in families) == 1


def test_what_is_not_said_has_a_default() -> None:
    assert RetryLater("x", where="y", mend="z").after_s == 1.0
    assert Refused("x", where="y", mend="z").reason == "INVALID"


# Clocks


def test_a_scaled_clock_stands_at_its_anchor() -> None:
    assert ScaledSkyClock(HandClock(50.0), LinkTime(50.0), T0, rate=200.0).now() == T0


def test_at_rate_200_half_a_link_second_is_100_sky_seconds() -> None:
    link = HandClock(50.0)
    clock = ScaledSkyClock(link, LinkTime(50.0), T0, rate=200.0)
    link.at = 50.5
    assert clock.now() == T0 + timedelta(seconds=100)
    assert clock.rate == 200.0


def test_a_scaled_clock_also_tells_what_was_before_its_anchor() -> None:
    assert ScaledSkyClock(HandClock(40.0), LinkTime(50.0), T0, rate=2.0).now() == T0 - timedelta(seconds=20)


def test_a_scaled_clock_stays_aware_utc() -> None:
    assert ScaledSkyClock(HandClock(1.0), LinkTime(0.0), T0, rate=3.0).now().tzinfo is UTC


@given(
    rate=st.floats(0.01, 200.0),
    steps=st.lists(st.floats(0.0, 1e4), min_size=1, max_size=20),
)
def test_a_scaled_clock_never_runs_backwards(rate: float, steps: list[float]) -> None:
    link = HandClock()
    clock = ScaledSkyClock(link, LinkTime(0.0), T0, rate)
    seen = [clock.now()]
    for step in steps:
        link.at += step
        seen.append(clock.now())
    assert all(later >= earlier for earlier, later in pairwise(seen))


@given(rate=st.floats(0.01, 200.0), link_s=st.floats(0.0, 1e5))
def test_setting_the_clock_anew_where_it_stands_changes_nothing(rate: float, link_s: float) -> None:
    link = HandClock(link_s)
    old = ScaledSkyClock(link, LinkTime(0.0), T0, rate)
    new = ScaledSkyClock(link, link.now(), old.now(), rate)
    link.at += 3.0
    assert abs(new.now() - old.now()) < timedelta(milliseconds=1)


def test_the_machines_sky_clock_is_aware_utc_at_rate_one() -> None:
    clock = SystemSkyClock()
    assert clock.now().tzinfo is UTC
    assert clock.rate == 1.0


def test_the_machines_link_clock_never_runs_backwards() -> None:
    clock = MonotonicClock()
    assert clock.now() <= clock.now()


# States


def test_every_state_has_its_line_in_the_table() -> None:
    assert set(MOVES) == set(PointingState)


@pytest.mark.parametrize("state", sorted(TERMINAL))
def test_a_terminal_state_has_no_exit(state: PointingState) -> None:
    assert not any(may_move(state, to) for to in PointingState)


def test_every_state_without_an_exit_is_terminal() -> None:
    assert {state for state, exits in MOVES.items() if not exits} == TERMINAL


@pytest.mark.parametrize("state", [PointingState.EXPIRED, PointingState.REVOKED])
def test_what_ended_without_a_look_can_only_turn_into_late_truth(state: PointingState) -> None:
    assert MOVES[state] == LATE_TRUTH


def test_late_truth_comes_only_from_expired_or_revoked() -> None:
    ended = set(PointingState) - LIVE
    late = {current for current, to in product(ended, LATE_TRUTH) if may_move(current, to)}
    assert late == {PointingState.EXPIRED, PointingState.REVOKED}


def test_no_state_goes_back_to_an_offer() -> None:
    assert not any(may_move(state, PointingState.OFFERED) for state in PointingState)


def test_an_offer_does_not_start_unaccepted_but_exposures_that_happened_are_believed() -> None:
    assert not any(may_move(PointingState.OFFERED, to) for to in STARTED)
    assert all(may_move(PointingState.OFFERED, to) for to in LATE_TRUTH)


def test_nothing_that_ended_becomes_live_again() -> None:
    assert not any(may_move(ended, live) for ended, live in product(set(PointingState) - LIVE, LIVE))


@pytest.mark.parametrize("state", sorted(LIVE))
def test_everything_live_can_expire_and_be_revoked(state: PointingState) -> None:
    assert may_move(state, PointingState.EXPIRED)
    assert may_move(state, PointingState.REVOKED)


def test_only_exposing_may_be_said_twice() -> None:
    assert [state for state in PointingState if may_move(state, state)] == [PointingState.EXPOSING]


def test_live_states_and_ended_states_share_nothing() -> None:
    assert LIVE.isdisjoint(TERMINAL)
    assert STARTED < LIVE
    assert LATE_TRUTH < TERMINAL
