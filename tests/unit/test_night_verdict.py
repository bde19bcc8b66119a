"""What a night's verdict finds broken."""

from typing import Any

import pytest

from coordinator.services.state import ObservatoryState
from coordinator.simulation.verdict import Closing, closed, is_of_a_wrong_clock
from telescopes.description.errors import Broken, Refused


def a_quiet_end(**changes: Any) -> Closing:
    """A night in which nothing came and nobody looked."""
    quiet = {
        "entries": (),
        "sky": lambda _: pytest.fail("nobody asks for a sky"),
        "telescopes": (),
        "injected": None,
        "acknowledged": frozenset(),
        "open_at_sites": frozenset(),
        "scheduler_hash": ObservatoryState().hash(),
        "detections_sent": 0,
        "unsent": 0,
        "refused": (),
        "plans": 0,
        "planning_cpu_s": 0.0,
        "blobs": {},
    }
    return Closing(**quiet | changes)


def test_a_night_in_which_nothing_happened_breaks_nothing() -> None:
    assert closed(a_quiet_end()).broken == ()


def test_an_agent_that_ended_by_itself_breaks_a_promise() -> None:
    assert closed(a_quiet_end(ended=("tca: disk is full",))).broken == ("an agent ended by itself: tca: disk is full",)


def test_what_was_acknowledged_and_is_nowhere_breaks_one_too() -> None:
    lost = closed(a_quiet_end(acknowledged=frozenset({"report-1"}), open_at_sites=frozenset({"p1"}))).broken
    assert [line.split()[0] for line in lost] == ["report-1", "p1"]


@pytest.mark.parametrize(
    ("failure", "is_one"),
    [
        (Refused("4 s off", where="tca", mend="set it", reason="CLOCK_WRONG"), True),
        (Refused("the clock is 4 s off", where="tca", mend="set it", reason="SESSION_STALE"), False),
        (Broken("the clock is gone", where="tca", mend="find it"), False),
    ],
)
def test_a_wrong_clock_is_told_by_the_reason_and_not_by_words(failure: Refused | Broken, is_one: bool) -> None:
    assert is_of_a_wrong_clock(failure) is is_one
