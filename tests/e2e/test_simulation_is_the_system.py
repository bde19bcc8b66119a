"""One scripted night in the simulation and by the real system: who looked where, what became of it, what was found."""

from collections.abc import Iterator

import pytest
from builders.running import Running
from builders.scripted_night import BLOCKS, play, simulated, staged

from coordinator.services.state import ObservatoryState
from coordinator.simulation.night import run_night
from coordinator.simulation.verdict import NightResult
from telescopes.description.states import Reason

pytestmark = [pytest.mark.e2e, pytest.mark.ray, pytest.mark.long, pytest.mark.timeout(900)]

Look = tuple[str, str, float, float, str]
Found = tuple[float, float, int, str]


def looks(state: ObservatoryState) -> list[Look]:
    """Telescope, visit, field and final state of every pointing that was ever offered."""
    every = state.pointings.assignments.values()
    asked = [(a.telescope, a.offered.pointing, a.state) for a in every]
    return sorted((t, p.visit, round(p.ra_deg, 4), round(p.dec_deg, 4), s.value) for t, p, s in asked)


def found(state: ObservatoryState) -> list[Found]:
    """Place, number of detections and verdict of every candidate."""
    (scored,) = state.candidates.values()
    return sorted((round(c.ra_deg, 3), round(c.dec_deg, 3), c.detections, c.verdict) for c in scored.candidates)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = staged(tmp_path_factory.mktemp("real") / "state")
    try:
        running.start()
        for one in running.telescopes:
            running.start_agent(one)
        running.wait_until_up()
        running.wait_for_agents()
        play(running)
        yield running
    finally:
        running.close()


@pytest.fixture(scope="module")
def memory(real: Running) -> NightResult:
    return run_night(simulated(real.stage.state / "sites"))


def test_the_script_reaches_ends_of_many_kinds(memory: NightResult) -> None:
    """What is compared is worth comparing: done, spoilt by clouds, and given back to people and to a new map."""
    every = memory.state.pointings.assignments.values()
    assert memory.broken == ()
    assert {a.state.value for a in every} == {"completed", "failed", "revoked"}
    assert {a.telescope for a in every if a.observed} == set(BLOCKS)
    assert {a.reason for a in every} >= {Reason.WEATHER, Reason.VETOED_BY_OPERATOR}
    assert len(found(memory.state)) > 2


def test_the_same_pointings_come_to_the_same_end(real: Running, memory: NightResult) -> None:
    assert looks(real.state()) == looks(memory.state)


def test_the_same_candidates_are_found(real: Running, memory: NightResult) -> None:
    assert found(real.state()) == found(memory.state)
