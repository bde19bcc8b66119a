"""A part is killed in the middle of a search: it serves again, and nothing is lost or doubled."""

from collections.abc import Iterator
from itertools import count

import pytest
from builders.agent_memory import wait_for_agreement
from builders.notices import a_map, a_notice
from builders.running import Running

pytestmark = [pytest.mark.chaos, pytest.mark.ray]

ENDED = ("pointing_completed", "pointing_partial")
REPORTED = (*ENDED, "pointing_accepted", "pointing_progressed", "pointing_rejected", "pointing_revoked")
ESSENTIAL = ("journal", "telescope", "gateway")
OTHERS = ("vetter", "source", "supervisor", "planner", "lookup")
NUMBERS = count(1)


@pytest.fixture
def searched(running: Running) -> Iterator[str]:
    """An event of its own, in the middle of its search; retracted when the test is over."""
    number = next(NUMBERS)
    name = f"S260320k{chr(ord('a') + number)}"
    start = running.hand_in("preliminary.json", a_notice(name, "PRELIMINARY", 0, a_map(2 * number)))
    running.first(start, "pointing_accepted", event=f"lvk:{name}")
    yield name
    end = running.hand_in("retraction.json", a_notice(name, "RETRACTION", 60, None))
    running.first(end, "event_retracted", event=f"lvk:{name}")


def roles(running: Running) -> dict[str, str]:
    """Kinds of processes, and the role that is killed of each."""
    busy = next((a.telescope for a in running.state().pointings.live()), running.telescopes[0])
    return {"telescope": f"telescope/{busy}", "source": "source/files"}


@pytest.mark.parametrize(
    "kind",
    [
        "scheduler",
        *(pytest.param(kind, marks=pytest.mark.slow) for kind in ESSENTIAL),
        *(pytest.param(kind, marks=pytest.mark.long) for kind in OTHERS),
    ],
)
def test_a_killed_part_serves_again_and_the_search_goes_on(running: Running, searched: str, kind: str) -> None:
    role = roles(running).get(kind, kind)
    event, before = f"lvk:{searched}", running.head()
    running.new_pid(role, running.kill_role(role))
    assert_the_whole_chain_works(running, searched)
    running.first(before, *ENDED, event=event)
    if kind == "telescope":
        running.first(before, *REPORTED, telescope=role.partition("/")[2])
    assert_nothing_is_lost_or_doubled(running)


@pytest.mark.slow
def test_everything_is_killed_and_goes_on_from_the_same_state(running: Running, searched: str) -> None:
    running.kill_everything()
    head = running.head()
    stood = running.replay()
    assert stood["seq"] == head
    running.up()
    again = running.replay(head)
    assert (again["seq"], again["state_hash"]) == (head, stood["state_hash"])
    running.first(head, *ENDED, event=f"lvk:{searched}")
    assert_the_whole_chain_works(running, searched)
    assert_nothing_is_lost_or_doubled(running)


def assert_the_whole_chain_works(running: Running, name: str) -> None:
    """A new map passes every part: source, journal, scheduler, lookup, planner, gateway, telescopes, agents, vetter."""
    event = f"lvk:{name}"
    fresh = running.hand_in("update.json", a_notice(name, "UPDATE", 30, a_map(2 * next(NUMBERS) + 1)))
    revised = running.first(fresh, "event_revised", event=event).seq
    running.first(revised, "plan_made")
    running.first(revised, "pointing_offered")
    running.first(revised, "pointing_accepted")
    running.first(revised, "detections_stored")


def assert_nothing_is_lost_or_doubled(running: Running) -> None:
    assert running.broken_laws() == []
    wait_for_agreement(running)
