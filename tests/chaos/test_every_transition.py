"""Gateway, scheduler and agent are each killed at every transition of a pointing, just before and just after it."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest
from builders.chaos import Played, play
from builders.chaos_schedules import VICTIMS, Schedule, Spell, Strike

from coordinator.simulation.faults import steps

EVENTFUL = Schedule(
    seed=3,
    cuts=(Spell("tel-a", 120.0, 90.0), Spell("tel-b", 330.0, 70.0)),
    clouds=(Spell("tel-b", 172.0, 30.0), Spell("tel-a", 455.0, 20.0)),
    clumsiness=0.15,
    revised_at_s=250.0,
    retracted_at_s=575.0,
)
OF_THE_COORDINATOR = tuple(
    step
    for step in steps.OF_THE_COORDINATOR
    if step not in ("detections_stored", "candidates_scored", "writer_elected")  # no vetter here, and one writer
)
AWAY_S = 12.0


@cache
def undisturbed() -> Played:
    return play(EVENTFUL)


def strikes() -> Iterator[Strike]:
    for victim in VICTIMS:
        for name in OF_THE_COORDINATOR:
            yield from (Strike(victim, name, 1, before, AWAY_S) for before in (True, False))
        yield from (Strike(victim, name, 1, False, AWAY_S) for name in steps.OF_AGENTS)


def test_the_scene_has_every_transition() -> None:
    assert undisturbed().broken() == []
    assert not {*OF_THE_COORDINATOR, *steps.OF_AGENTS} - set(undisturbed().transitions)


@pytest.mark.parametrize("victim", VICTIMS)
def test_who_dies_as_a_pointing_is_accepted_loses_nothing(victim: str) -> None:
    strike = Strike(victim, "offered>accepted", 1, False, AWAY_S)
    assert play(replace(EVENTFUL, strikes=(strike,))).broken() == []


@pytest.mark.long
@pytest.mark.parametrize(
    "strike", list(strikes()), ids=lambda s: f"{s.victim}-{s.kind}-{'before' if s.before else 'after'}"
)
def test_a_death_at_any_transition_loses_nothing(strike: Strike) -> None:
    assert play(replace(EVENTFUL, strikes=(strike,))).broken() == []
