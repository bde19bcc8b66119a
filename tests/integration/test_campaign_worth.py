"""The same world without a telescope, and an event of which no world can be drawn."""

from dataclasses import replace

import pytest
from builders.campaigns import a_setting, a_world, quiet, three_telescopes

from coordinator.simulation.campaign.play import PlayedEvent, played_event
from coordinator.simulation.campaign.population import Population
from coordinator.simulation.campaign.stages import STAGES
from coordinator.simulation.faults.batch import quietly

pytestmark = pytest.mark.slow
SEED, NUMBER = 5, 2


def test_without_a_telescope_the_world_stays_and_the_network_lacks_it() -> None:
    world = quiet(a_world(NUMBER))
    lesser = world.without("tre")
    assert [t.id for t in lesser.telescopes] == ["nowt", "tca"]
    assert (lesser.sky, lesser.words, lesser.faults) == (world.sky, world.words, world.faults)


@pytest.fixture(scope="module")
def event() -> PlayedEvent:
    with quietly():
        return played_event(a_setting(), SEED, NUMBER, ("coordinated",), ("nowt", "tca", "tre"))


def test_who_was_offered_sky_is_left_out_once_and_who_was_not_is_not_played(event: PlayedEvent) -> None:
    (whole,) = event.outcomes
    offered = [one for one, its in whole.telescopes.items() if its.offers]
    assert 0 < len(offered) < 3, "some were offered sky and some were not"
    assert [o.without for o in event.left_out] == offered
    assert sum(its.offers for its in whole.telescopes.values()) == whole.offers
    assert all(o.without not in o.telescopes and o.policy == "coordinated" for o in event.left_out)


def test_every_stage_that_happened_took_its_time(event: PlayedEvent) -> None:
    (whole,) = event.outcomes
    assert list(whole.stages_s) == list(STAGES)
    assert whole.looks and sum(its.looks for its in whole.telescopes.values()) == whole.looks
    assert whole.follow_ups.looks <= whole.looks and whole.follow_ups.done <= whole.follow_ups.asked
    for stage in ("map_to_plan", "offer_to_answer", "offer_to_look", "exposure_to_kept", "kept_to_odds"):
        took_s = whole.stages_s[stage]
        assert took_s is not None and took_s > 0.0, stage


def test_an_event_of_which_no_world_can_be_drawn_fails_and_says_so() -> None:
    nobody = replace(a_setting(), telescopes=three_telescopes()[:1], population=Population(near_mpc=999.0), hours=0.5)
    event = played_event(nobody, SEED, 0, ("coordinated", "static"))
    assert event.outcomes == ()
    assert [f.policy for f in event.failures] == ["coordinated", "static"]
    assert all("could be reached" in f.reason for f in event.failures)
