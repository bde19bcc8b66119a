"""A night in which people pause, veto and repair: real services and agents in one process, on virtual time."""

from datetime import datetime

import pytest
from builders.nights import EVENT, START, a_night, five_telescopes, minutes

from coordinator.dispatch.assignment import Assignment
from coordinator.dispatch.facts import OperatorActed
from coordinator.simulation.night import run_night
from coordinator.simulation.script import Kill, Said
from coordinator.simulation.verdict import NightResult
from telescopes.agent.people import Act, Word
from telescopes.description.states import Reason

pytestmark = pytest.mark.long


def at_site(telescope: str, after_min: float, act: Act, subject: str = "") -> Said:
    return Said(telescope, minutes(after_min), Word(act, "Ada", "dome work", subject))


def here(telescope: str, after_min: float, action: str, **details: str) -> Said:
    act = OperatorActed(f"{action}-{telescope}", action, telescope, "Ada", "dome work", details)
    return Said(telescope, minutes(after_min), act)


def moment(after_min: float) -> datetime:
    return START + minutes(after_min)


@pytest.fixture(scope="module")
def night() -> NightResult:
    span = {"start": moment(13).isoformat(), "end": moment(18).isoformat()}
    return run_night(
        a_night(
            hours=0.42,
            telescopes=tuple(t for t in five_telescopes() if t.id in ("nowt", "tca", "tre")),
            said=(
                at_site("nowt", 6, Act.PAUSE),
                at_site("nowt", 14, Act.RESUME),
                at_site("tre", 8.5, Act.VETO_EVENT, EVENT),
                here("tca", 7, "maintenance", **span),
            ),
            kills=(
                Kill("agent/nowt", minutes(7), minutes(0.5)),
                Kill("agent/tre", minutes(8), minutes(1)),
                Kill("scheduler", minutes(11), minutes(0.3)),
            ),
        )
    )


def of(night: NightResult, telescope: str) -> list[Assignment]:
    return [a for a in night.state.pointings.assignments.values() if a.telescope == telescope]


def exposed(night: NightResult, telescope: str, start_min: float, end_min: float) -> list[str]:
    return [
        a.id
        for a in of(night, telescope)
        if a.actual_start and a.actual_end and a.actual_start < moment(end_min) and a.actual_end > moment(start_min)
    ]


def test_it_breaks_no_law_and_leaves_nothing_open(night: NightResult) -> None:
    assert night.broken == ()
    assert (night.unsent, night.refused) == (0, ())


def test_a_telescope_that_is_paused_at_its_site_exposes_nothing_until_it_is_resumed(night: NightResult) -> None:
    assert exposed(night, "nowt", 0, 6), "it was at work"
    assert not exposed(night, "nowt", 6.1, 14)
    assert exposed(night, "nowt", 14, 60), "it was given back"
    ends = [
        s
        for s in night.entries
        if s.entry.telescope == "nowt" and s.entry.kind in ("pointing_rejected", "pointing_partial")
    ]
    vetoed = [s for s in ends if s.entry.body["reason"] == Reason.VETOED_BY_OPERATOR]
    assert vetoed and all(moment(6) <= s.entry.sky_time <= moment(14.2) for s in vetoed)


def test_a_veto_that_was_spoken_while_the_agent_was_dead_holds_to_the_end(night: NightResult) -> None:
    assert exposed(night, "tre", 0, 8), "it was at work"
    assert not exposed(night, "tre", 8.6, 120)
    offered = [s for s in night.entries if s.entry.kind == "pointing_offered" and s.entry.telescope == "tre"]
    assert all(s.entry.sky_time < moment(10) for s in offered), "it is not asked again and again"


def test_maintenance_frees_the_time_before_it_begins_and_gives_it_back(night: NightResult) -> None:
    assert not exposed(night, "tca", 13, 18)
    assert exposed(night, "tca", 3, 13), "it observed until then"
    assert exposed(night, "tca", 18, 60), "it was given back"
