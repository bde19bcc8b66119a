"""A night of each kind of event in a campaign of three telescopes: circles, a burst beside a merger, real maps."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from builders.campaigns import a_setting, quiet

from coordinator.alerts.alert import Purpose
from coordinator.dispatch.facts import PlanMade
from coordinator.events.coincidence_facts import CoincidenceFound
from coordinator.events.event import Event
from coordinator.services.facts import fact_of
from coordinator.simulation.built_in_map import Strip, strip_map
from coordinator.simulation.campaign.asked import Asked, Point
from coordinator.simulation.campaign.document import Campaign, document
from coordinator.simulation.campaign.drawn_world import DrawnWorld, drawn_world
from coordinator.simulation.campaign.measures import measured
from coordinator.simulation.campaign.mix import Mix
from coordinator.simulation.campaign.play import played, played_event
from coordinator.simulation.campaign.policy import load_policy
from coordinator.simulation.campaign.population import Population
from coordinator.simulation.campaign.real_maps import maps_in
from coordinator.simulation.campaign.skies import skies_of
from coordinator.simulation.night import run_night
from coordinator.simulation.verdict import NightResult
from coordinator.simulation.world.detectors import Network

pytestmark = pytest.mark.slow
SEED = 5
BURSTS = Mix(0.0, 1.0)
NEUTRINOS = Mix(0.0, 0.0, 1.0)
SUPERNOVAE = Mix(0.0, 0.0, 0.0, 1.0)
WITH_BURST = Mix(with_burst=1.0)


def world_of(population: Population) -> DrawnWorld:
    setting = replace(a_setting(), population=population)
    return quiet(drawn_world(setting, SEED, 0))


@cache
def night_of(mix: Mix) -> tuple[DrawnWorld, NightResult]:
    """Draw the first event of a mix, whose source is in reach, and play its night."""
    world = world_of(Population(in_reach=1.0, mix=mix))
    (night,) = world.nights(load_policy("coordinated"))
    return world, run_night(night)


@pytest.mark.parametrize("mix", [BURSTS, NEUTRINOS, SUPERNOVAE, WITH_BURST])
def test_a_night_breaks_no_law_and_its_event_is_searched(mix: Mix) -> None:
    world, night = night_of(mix)
    assert night.broken == ()
    assert world.in_reach is True
    figures = measured(world, [night], skies_of(world))
    assert figures["looks"] > 0 and 0.0 < figures["probability_covered"] <= 1.0 + 1e-6
    assert figures["duplicates"] == 0
    assert night.state.events[world.event_key].skymap_sha256 is not None


@pytest.mark.parametrize("mix", [BURSTS, NEUTRINOS, SUPERNOVAE])
def test_the_last_map_of_a_circle_is_the_one_that_is_searched_by(mix: Mix) -> None:
    world, night = night_of(mix)
    heard = [w for w in world.words if (w.issued - world.start).total_seconds() < 3600.0 * world.hours]
    assert night.state.events[world.event_key].skymap_sha256 == world.happened.maps[len(heard) - 1].sha256


def test_a_burst_beside_a_merger_is_joined_to_it_and_both_are_searched_as_one_on_the_common_sky() -> None:
    world, night = night_of(WITH_BURST)
    merger, burst = world.happened.keys
    found = [fact for fact in facts_of(night, "coincidence_found") if isinstance(fact, CoincidenceFound)]
    assert found and {(f.lead, f.partners[0].key) for f in found} == {(merger, burst)}
    assert set(plans_while_joined(night, burst)) == {(merger,)}, "one search for both"
    assert night.state.events[burst].searched_as == merger
    last = found[-1]
    assert last.sky is not None and night.state.events[merger].skymap_sha256 == last.sky.skymap_sha256
    assert last.sky.skymap_sha256 in skies_of(world).by_sha256
    assert any(a.key[0] == merger and a.observed for a in night.state.pointings.assignments.values())


def facts_of(night: NightResult, *kinds: str) -> list[object]:
    return [fact_of(s.entry) for s in night.entries if s.entry.kind in kinds]


def plans_while_joined(night: NightResult, burst: str) -> list[tuple[str, ...]]:
    """Return the events of all plans that were made while the burst was searched as another event."""
    joined, plans = False, []
    for fact in facts_of(night, "event_revised", "plan_made"):
        if isinstance(fact, Event) and fact.key == burst:
            joined = fact.searched_as is not None
        if isinstance(fact, PlanMade) and joined:
            plans.append(fact.events)
    return plans


def test_what_is_covered_counts_on_the_common_sky() -> None:
    world, night = night_of(WITH_BURST)
    skies = skies_of(world)
    assert skies.last.curve is not skies.by_sha256[world.happened.maps[-1].sha256].curve
    together = measured(world, [night], skies)["probability_covered"]
    alone = measured(world, [night], replace(skies, last=skies.by_sha256[world.happened.maps[-1].sha256]))
    assert together > alone["probability_covered"]


@pytest.mark.long
def test_an_event_of_a_real_map_is_searched_by_the_moved_map(tmp_path: Path) -> None:
    (tmp_path / "strip.fits").write_bytes(strip_map(Strip()))
    population = Population(in_reach=1.0, maps=maps_in(tmp_path))
    world = world_of(population)
    (night,) = world.nights(load_policy("coordinated"))
    result = run_night(night)
    assert result.broken == ()
    assert result.state.events[world.event_key].skymap_sha256 == world.happened.maps[0].sha256
    assert measured(world, [result], skies_of(world))["probability_covered"] > 0.0


@pytest.mark.long
def test_the_sky_of_an_event_that_one_detector_heard_is_searched_as_any() -> None:
    world = world_of(Population(detectors=Network.of(L1=135.0), in_reach=1.0))
    assert world.happened.best_map.facts.instruments == ("L1",)
    (night,) = world.nights(load_policy("coordinated"))
    result = run_night(night)
    assert result.broken == ()
    figures = measured(world, [result], skies_of(world))
    assert figures["looks"] > 0 and figures["duplicates"] == 0 and 0.0 < figures["probability_covered"] < 0.5


def test_two_events_that_have_nothing_in_common_are_searched_side_by_side() -> None:
    world = world_of(Population(in_reach=1.0, mix=Mix(unrelated=20.0)))
    (night,) = world.nights(load_policy("coordinated"))
    result = run_night(night)
    assert result.broken == ()
    heard = [key for key, event in result.state.events.items() if event.purpose is Purpose.OBSERVATION]
    assert len(heard) > 1 and world.event_key in heard
    assert len({a.key[0] for a in result.state.pointings.assignments.values() if a.observed}) > 1
    assert all(event.searched_as is None for event in result.state.events.values())
    figures = measured(world, [result], skies_of(world))
    own = [a for a in result.state.pointings.assignments.values() if a.observed and a.key[0] == world.event_key]
    assert figures["looks"] == len(own) > 0, "looks at others are no part of what is measured"
    assert figures["duplicates"] == 0


@pytest.mark.long
def test_a_burst_is_played_under_other_policies_too_and_told_of_with_its_kind() -> None:
    world, _ = night_of(BURSTS)
    outcomes = [played(world, name, load_policy(name), skies_of(world)) for name in ("static", "independent")]
    assert all(o.looks > 0 and o.broken == () and o.found is not None for o in outcomes)


def test_a_campaign_of_bursts_says_what_happened_and_that_their_distance_has_no_part() -> None:
    event = played_event(
        replace(a_setting(), population=Population(in_reach=1.0, mix=BURSTS)), SEED, 0, ("coordinated",)
    )
    assert (event.failures, event.kind, event.in_reach, event.distance_mpc) == ((), "GRB", True, None)
    asked = Asked((SEED,), 1, ("coordinated",), (Point({}, a_setting()),))
    summed = document(Campaign(asked, (event,), 1.0))
    assert summed["worlds"]["source_shines"] == 1
