"""Who is on duty, by what people said; the same in every process that folds it."""

from datetime import UTC, datetime, timedelta

import pytest

from coordinator.dispatch.facts import OperatorActed
from coordinator.services.shift import (
    COMMENT,
    GO_OFF,
    HAND_OVER,
    TAKE_OVER,
    Shift,
    require_shift,
    shift_after,
    shift_version,
)
from coordinator.services.state import ObservatoryState
from coordinator.services.state_snapshot import read_state, write_state
from telescopes.description.errors import Refused

START = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)


def said(action: str, who: str, **details: str) -> OperatorActed:
    return OperatorActed("a", action, "shift", who, "it is time", details)


def told(*facts: OperatorActed) -> Shift | None:
    shift: Shift | None = None
    for number, fact in enumerate(facts, 1):
        require_shift(fact, shift)
        shift = shift_after(shift, fact, START + timedelta(hours=number), number)
    return shift


def test_who_is_handed_a_shift_has_it_when_they_take_over() -> None:
    facts = [said(TAKE_OVER, "cora"), said(COMMENT, "cora", note="tch: cable"), said(HAND_OVER, "cora", to="ada")]
    handed = told(*facts)
    assert handed is not None
    assert (handed.person, handed.successor, handed.comment) == ("cora", "ada", "tch: cable")
    taken = told(*facts, said(TAKE_OVER, "ada"))
    assert taken is not None
    assert (taken.person, taken.successor, taken.comment, taken.since_seq) == ("ada", None, "", 4)
    (past,) = taken.past
    assert (past.person, past.since_seq, past.until_seq, past.comment) == ("cora", 1, 4, "tch: cable")


def test_whoever_goes_off_duty_leaves_nobody_and_that_is_said() -> None:
    shift = told(said(TAKE_OVER, "cora"), said(GO_OFF, "cora"))
    assert shift is not None
    assert shift.person is None
    assert shift_version(shift) == shift_version(None) == "nobody is on duty"
    assert [p.person for p in shift.past] == ["cora"]


@pytest.mark.parametrize(
    ("before", "fact", "says"),
    [
        ([], said(HAND_OVER, "cora", to="ada"), "nobody is on duty"),
        ([], said(COMMENT, "cora", note="x"), "nobody is on duty"),
        ([], said(GO_OFF, "cora"), "nobody is on duty"),
        ([said(TAKE_OVER, "cora")], said(TAKE_OVER, "cora"), "is on duty already"),
        ([said(TAKE_OVER, "cora")], said(HAND_OVER, "ada", to="cora"), "is on duty already"),
    ],
)
def test_what_makes_no_sense_is_refused(before: list[OperatorActed], fact: OperatorActed, says: str) -> None:
    with pytest.raises(Refused, match=says):
        require_shift(fact, told(*before))


def test_a_snapshot_keeps_the_shift_and_numbers_are_no_part_of_the_hash() -> None:
    state, other = ObservatoryState(), ObservatoryState()
    state.shift = shift_after(None, said(TAKE_OVER, "cora"), START, 7)
    other.shift = shift_after(None, said(TAKE_OVER, "cora"), START + timedelta(hours=1), 900)
    assert read_state(write_state(state, "j"), "j").shift == state.shift
    assert state.hash() == other.hash() != ObservatoryState().hash()
