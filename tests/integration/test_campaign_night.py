"""`armillary simulate --event N -o DIR` plays one event alone; its journal folds to what the campaign said of it."""

from pathlib import Path

import pytest
from builders.campaign_outcomes import an_asked
from builders.campaigns import a_setting

from coordinator.cli.simulate_asked import OneEvent
from coordinator.cli.simulate_night import play_nights
from coordinator.simulation.campaign.asked import Point
from coordinator.simulation.campaign.play import played_event
from coordinator.simulation.faults.batch import quietly
from coordinator.store.replay import fold_journal
from telescopes.description.errors import Refused

pytestmark = pytest.mark.slow
SEED, NUMBER = 5, 2


def test_the_state_of_a_kept_night_is_that_of_its_replay_and_of_the_campaign(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = an_asked(points=(Point({}, a_setting()),))
    with quietly():
        play_nights(asked, OneEvent(SEED, NUMBER, 0, ("coordinated",)), tmp_path)
        (outcome,) = played_event(a_setting(), SEED, NUMBER, ("coordinated",)).outcomes
    (folded,) = fold_journal(tmp_path / "coordinated" / "journal.sqlite", None)
    said = capsys.readouterr().out
    assert f"state {folded.hash()}" in said
    assert f"armillary replay --state {tmp_path / 'coordinated'}" in said
    assert outcome.looks > 0
    assert outcome.looks == sum(a.observed for a in folded.pointings.assignments.values())
    with quietly(), pytest.raises(Refused, match="holds a journal"):
        play_nights(asked, OneEvent(SEED, NUMBER, 0, ("coordinated",)), tmp_path)
