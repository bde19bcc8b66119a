"""Lines that somebody else causes: told up to a number, then counted."""

import logging

import pytest

from telescopes.agent.sparing import MOST_LINES, SparingLog
from telescopes.description.clocks import LinkTime


def test_a_log_tells_so_many_lines_a_minute_and_how_many_more_there_were(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    now = [0.0]
    sparing = SparingLog(logging.getLogger("test"), lambda: LinkTime(now[0]))
    for number in range(MOST_LINES + 400):
        sparing.tell(logging.INFO, "line %d", number)
    assert caplog.messages[-2:] == [f"line {MOST_LINES - 1}", "more such lines are left out for up to 60 s"]
    now[0] = 60.0
    sparing.tell(logging.INFO, "again")
    assert caplog.messages[-2:] == ["400 lines like the last ones were left out", "again"]
    assert len(caplog.messages) == MOST_LINES + 3


def test_what_was_left_out_is_told_at_the_end_though_no_other_line_comes(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    sparing = SparingLog(logging.getLogger("test"), lambda: LinkTime(0.0))
    for number in range(MOST_LINES + 5):
        sparing.tell(logging.INFO, "line %d", number)
    sparing.tell_rest()
    sparing.tell_rest()
    assert caplog.messages[-1] == "5 lines like the last ones were left out"
    assert len(caplog.messages) == MOST_LINES + 2
