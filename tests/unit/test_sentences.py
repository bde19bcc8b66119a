"""An entry of the journal in one sentence, whatever of it is unknown."""

from datetime import UTC, datetime

import pytest

from coordinator.dashboard.sentences import sentence
from coordinator.services.facts import entry_of
from coordinator.vetting.facts import NeighboursFound
from coordinator.vetting.neighbours import Answer, Galaxy, Neighbours

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("reddening_mag", [None, 0.1])
def test_what_a_source_found_is_said_whether_or_not_the_dust_is_known(reddening_mag: float | None) -> None:
    near = Neighbours(galaxies=(Answer("a catalogue", (Galaxy("NGC 4993", 10.6),)),), reddening_mag=reddening_mag)
    fact = NeighboursFound("lvk:S1", "c1", "remote", 10.0, 20.0, near)
    assert sentence(entry_of("neighbours_found", fact, sky_time=NOW)) == "remote around c1 - 1 found"


def test_a_source_that_is_silent_says_why() -> None:
    near = Neighbours(stars=(Answer("a catalogue", silent_because="it is away"),))
    fact = NeighboursFound("lvk:S1", "c1", "remote", 10.0, 20.0, near)
    assert sentence(entry_of("neighbours_found", fact, sky_time=NOW)) == "remote around c1 - it is away"
