"""Two real agents over a bad link: whatever goes wrong, what happened is in the journal once, and nothing else happens.

`make chaos-link SEEDS=200` plays that many schedules of each kind; a few are played with the other tests.
"""

import os
from pathlib import Path

import pytest
from builders.chaos import play
from builders.chaos_schedules import KINDS, drawn

SEEDS = int(os.environ.get("ARMILLARY_CHAOS_SEEDS", "1"))
FOUND = [("agent killed", 5), ("link cut", 4), ("link cut", 77)]
"""Schedules that once showed a fault."""

OWN_FAULTS = ("disk is full", "clock is")
"""What may end a service besides its killer."""

NOTICED_S = 20.0


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_no_schedule_of_trouble_breaks_an_invariant(kind: str, tmp_path: Path) -> None:
    for seed in range(SEEDS):
        played = play(drawn(kind, seed), folder=tmp_path)
        assert played.broken() == [], f"{kind}, seed {seed}"
        why = [str(error) for errors in played.failures.values() for error in errors]
        assert all(any(known in said for known in OWN_FAULTS) for said in why), f"{kind}, seed {seed}: {why}"
        assert all(after_s < NOTICED_S for after_s in played.noticed_s), f"{kind}, seed {seed}: {played.noticed_s}"


@pytest.mark.parametrize(("kind", "seed"), FOUND)
def test_a_schedule_that_once_showed_a_fault_shows_none(kind: str, seed: int, tmp_path: Path) -> None:
    assert play(drawn(kind, seed), folder=tmp_path).broken() == []
