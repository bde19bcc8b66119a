"""A night at sites whose clocks are wrong: real services and agents in one process, on virtual time."""

from datetime import datetime

import pytest
from builders.nights import START, a_night, five_telescopes, minutes

from coordinator.services.journal import Stored
from coordinator.simulation.night import run_night
from coordinator.simulation.script import ClockError
from coordinator.simulation.verdict import NightResult
from telescopes.description.states import PointingState

pytestmark = pytest.mark.long
HOURS = 1.0
SLIGHTLY_S, BADLY_S = -1.5, 4.0


def moment(after_min: float) -> datetime:
    return START + minutes(after_min)


@pytest.fixture(scope="module")
def night() -> NightResult:
    return run_night(
        a_night(
            hours=HOURS,
            telescopes=tuple(t for t in five_telescopes() if t.id in ("nowt", "tca", "tre")),
            clock_errors=(
                ClockError("nowt", minutes(0), minutes(240), SLIGHTLY_S),
                ClockError("tre", minutes(8), minutes(8), BADLY_S),
            ),
        )
    )


def exposed(night: NightResult, telescope: str, start_min: float, end_min: float) -> list[str]:
    return [
        a.id
        for a in night.state.pointings.assignments.values()
        if a.telescope == telescope
        and a.actual_start
        and a.actual_end
        and a.actual_start < moment(end_min)
        and a.actual_end > moment(start_min)
    ]


def test_it_breaks_no_law_and_leaves_nothing_open(night: NightResult) -> None:
    assert night.broken == ()
    assert (night.unsent, night.refused) == (0, ())


def test_the_night_ends_when_it_ends_however_long_a_clock_stays_wrong(night: NightResult) -> None:
    assert max(s.entry.sky_time for s in night.entries) < moment(60.0 * HOURS + 20.0)


def test_a_clock_that_is_slightly_wrong_is_told_and_works_on(night: NightResult) -> None:
    told = [s.entry.body["clock_offset_s"] for s in night.entries if s.entry.telescope == "nowt" and is_status(s)]
    assert any(offset == pytest.approx(-SLIGHTLY_S, abs=0.3) for offset in told if offset is not None)
    assert exposed(night, "nowt", 3, 25)


def test_a_telescope_whose_clock_is_badly_wrong_takes_nothing_more_until_it_is_right(night: NightResult) -> None:
    assert exposed(night, "tre", 0, 8), "it was at work"
    offers = [s for s in night.entries if s.entry.telescope == "tre" and s.entry.kind == "pointing_offered"]
    state_of = {a.id: a.state for a in night.state.pointings.assignments.values()}
    meanwhile = {state_of[str(s.entry.subject)] for s in offers if moment(11) < s.entry.sky_time < moment(16)}
    assert meanwhile == {PointingState.REJECTED}
    assert PointingState.COMPLETED in {
        state_of[str(s.entry.subject)] for s in offers if s.entry.sky_time > moment(17)
    }, "it came back"


def is_status(stored: Stored) -> bool:
    return stored.entry.kind == "telescope_status_changed"
