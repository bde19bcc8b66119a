"""A look that is stopped when it has enough, through every layer: agent, link, scheduler, journal, documents, page.

Real services and agents in one process, on virtual time.
"""

import pytest
from builders.nights import EVENT, NARROW, a_night, five_telescopes, notice

from coordinator.dashboard.sentences import sentence
from coordinator.services.documents import pointing_document
from coordinator.simulation.night import run_night
from coordinator.simulation.verdict import NightResult
from telescopes.description.states import PointingState, Reason

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def night() -> NightResult:
    return run_night(
        a_night(
            hours=0.15,
            telescopes=tuple(t for t in five_telescopes() if t.id in ("nowt", "tca", "tre")),
            arrivals=(notice(1, "PRELIMINARY", NARROW), notice(6.2, "RETRACTION", None)),
        )
    )


def test_a_stopped_look_with_enough_is_partial_with_its_reason_everywhere(night: NightResult) -> None:
    assert night.state.events[EVENT].retracted
    assert night.broken == ()
    every = night.state.pointings.assignments.values()
    stopped = [a for a in every if a.abort_asked and a.fraction_done]
    assert stopped, "nothing was stopped in the middle"
    assert all((a.state, a.reason) == (PointingState.PARTIAL, Reason.RETRACTED) for a in stopped)
    enough = [a for a in stopped if (a.fraction_done or 0.0) >= a.offered.pointing.acceptability_threshold]
    assert enough and all(a.observed for a in enough), "its sky counts as observed all the same"
    for one in enough:
        document = pointing_document(one)
        assert (document["state"], document["reason"]) == ("partial", "retracted")
        assert document["fraction_done"] == one.fraction_done
        (ended,) = [s for s in night.entries if s.entry.subject == one.id and s.entry.kind == "pointing_partial"]
        assert ended.entry.body["reason"] == "retracted"
        assert "partial" in sentence(ended.entry) and "retracted" in sentence(ended.entry)


def test_a_look_that_came_to_its_end_is_completed_without_a_reason(night: NightResult) -> None:
    done = [a for a in night.state.pointings.assignments.values() if a.state is PointingState.COMPLETED]
    assert done and all(a.reason is None for a in done)
