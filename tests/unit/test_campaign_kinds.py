"""Kinds of events of a campaign: how often each comes, what is told of it, and what a burst beside a merger changes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from operator import attrgetter

import numpy as np
import pytest
from builders.campaigns import a_setting, three_telescopes

from coordinator.alerts.alert import Purpose
from coordinator.alerts.message import Alerts
from coordinator.alerts.registry import understand
from coordinator.simulation.campaign.bursts import drawn_burst
from coordinator.simulation.campaign.drawn_world import DrawnWorld, drawn_world
from coordinator.simulation.campaign.happened import Happened
from coordinator.simulation.campaign.in_reach import Reachable
from coordinator.simulation.campaign.meanwhile import drawn_meanwhile
from coordinator.simulation.campaign.mix import Kind, Mix
from coordinator.simulation.campaign.policies import Coordinated, Static
from coordinator.simulation.campaign.population import Population
from coordinator.simulation.campaign.skies import skies_of
from coordinator.simulation.world.cones import ConeEvent

KEYS: dict[Kind, tuple[str, ...]] = {
    "gamma-ray bursts": ("fermi.gbm:", "swift:"),
    "neutrinos": ("icecube:",),
    "supernova neutrinos": ("superk:",),
}


def bursts(kind: Kind, n: int, *, near: bool = False) -> list[Happened]:
    rng, network = np.random.default_rng(7), Reachable(three_telescopes(), 6.0)
    return [drawn_burst(rng, kind, network, Population(), near=near) for _ in range(n)]


@cache
def a_merger(with_burst: float) -> DrawnWorld:
    setting = a_setting()
    law = replace(setting.population, in_reach=1.0, mix=Mix(with_burst=with_burst))
    return drawn_world(replace(setting, population=law), 5, 0)


def test_kinds_come_as_often_as_they_weigh() -> None:
    rng, mix = np.random.default_rng(1), Mix(1.0, 2.0, 1.0, 0.0)
    drawn = [mix.drawn_kind(rng) for _ in range(4000)]
    assert drawn.count("gravitational waves") / 4000 == pytest.approx(0.25, abs=0.03)
    assert drawn.count("gamma-ray bursts") / 4000 == pytest.approx(0.5, abs=0.03)
    assert drawn.count("supernova neutrinos") == 0


def test_a_campaign_that_asks_for_nothing_else_has_gravitational_waves_alone_and_says_what_it_said() -> None:
    rng = np.random.default_rng(1)
    assert {Mix().drawn_kind(rng) for _ in range(200)} == {"gravitational waves"}
    assert Population().drawn == (
        "every second event is drawn until its source could be reached, weather and faults left out"
    )


def test_a_mix_is_said_in_words() -> None:
    said = Population(mix=Mix(1.0, 3.0, with_burst=0.25)).drawn
    assert "25 % gravitational waves, 75 % gamma-ray bursts" in said
    assert "25 % of the mergers that leave matter outside come with a burst" in said
    assert "unrelated bursts and neutrinos come 2 times as often" in Mix(unrelated=2.0).drawn


def test_a_rare_kind_is_not_said_to_be_none() -> None:
    assert Population(in_reach=0.001, mix=Mix(1.0, supernova_neutrinos=0.001)).drawn == (
        "0.1 % of the events are drawn until its source could be reached, weather and faults left out; "
        "99.9 % gravitational waves, 0.0999 % supernova neutrinos"
    )


@pytest.mark.parametrize("kind", KEYS)
def test_notices_are_read_as_observations_of_one_event_and_its_maps_are_those_of_the_intake(kind: Kind) -> None:
    for happened in bursts(kind, 8):
        assert happened.key.startswith(KEYS[kind])
        assert len(happened.words) == len(happened.maps)
        assert happened.words[0].stage == "preliminary" and {w.stage for w in happened.words[1:]} <= {"update"}
        for word in happened.words:
            meaning = understand(word.data, name=word.name)
            assert isinstance(meaning, Alerts)
            (alert,) = meaning.alerts
            assert (alert.event_key, alert.purpose) == (happened.key, Purpose.OBSERVATION)


@pytest.mark.parametrize("kind", KEYS)
def test_what_is_to_be_in_reach_is_seen_by_some_telescope(kind: Kind) -> None:
    for happened in bursts(kind, 3, near=True):
        assert happened.shown is not None
        source, _ = happened.shown
        assert isinstance(happened.truth, ConeEvent)
        assert (source.ra_deg, source.dec_deg) == (happened.truth.ra_deg, happened.truth.dec_deg)


@pytest.mark.slow
def test_noise_is_called_noise_and_shines_nowhere() -> None:
    events = bursts("neutrinos", 40)
    noise = [e for e in events if e.kind.endswith("(noise)")]
    assert 5 < len(noise) < 35 and all(e.shown is None for e in noise)


@pytest.mark.slow
def test_a_burst_beside_a_merger_changes_nothing_of_its_world() -> None:
    alone, both = a_merger(0.0), a_merger(1.0)
    assert (alone.happened.kind, both.happened.kind) == ("BNS", "BNS+GRB")
    assert (alone.sky, alone.injected, alone.start, alone.faults) == (both.sky, both.injected, both.start, both.faults)
    assert alone.event_key == both.event_key
    assert alone.fingerprint() != both.fingerprint()


@pytest.mark.slow
def test_more_bursts_are_among_the_same_mergers_where_an_event_is_drawn_again() -> None:
    setting = a_setting()

    def burst_of(share: float) -> str | None:
        law = replace(setting.population, in_reach=1.0, mix=Mix(with_burst=share))
        return drawn_world(replace(setting, population=law), 5, 5).happened.partner_key

    few, many, every = (burst_of(share) for share in (0.3, 0.6, 1.0))
    assert every is not None
    assert many in (None, every)
    assert few in (None, many)


def test_a_burst_comes_within_seconds_of_its_merger_from_the_same_place() -> None:
    happened = a_merger(1.0).happened
    burst = happened.partner
    assert burst is not None and happened.partner_key is not None
    assert 0.0 < (burst.t0 - happened.t0).total_seconds() < 5.0
    injected = a_merger(1.0).injected
    assert injected is not None
    assert (burst.ra_deg, burst.dec_deg) == pytest.approx((injected.ra_deg, injected.dec_deg))
    assert happened.partner_key.startswith(("fermi.gbm:", "swift:"))
    assert [w.issued for w in happened.words] == sorted(w.issued for w in happened.words)


def test_the_sky_of_both_is_smaller_than_that_of_either() -> None:
    world = a_merger(1.0)
    skies = skies_of(world)
    own, theirs = world.happened.maps, world.happened.partner_maps
    assert len(skies.by_sha256) == len(own) + len(theirs) + len(own) * len(theirs)
    assert skies.last not in [skies.by_sha256[m.sha256] for m in (*own, *theirs)]
    assert skies.last.objective == "detection"


def test_who_plans_once_waits_for_the_map_of_the_merger_and_not_of_its_burst() -> None:
    words = a_merger(1.0).words
    assert [w.stage for w in Static().hears(words)] == ["preliminary"]
    assert "partner" in {w.stage for w in Coordinated().hears(words)}


@cache
def in_company(times: float) -> DrawnWorld:
    """Draw a merger, and what comes beside it so many times as often as missions tell it."""
    setting = a_setting()
    law = replace(setting.population, in_reach=1.0, mix=Mix(unrelated=times))
    return drawn_world(replace(setting, population=law), 5, 0)


def test_what_is_unrelated_comes_as_often_as_missions_tell_it_at_any_time_of_the_search() -> None:
    rng, start = np.random.default_rng(1), datetime(2026, 3, 1, tzinfo=UTC)
    nights = [drawn_meanwhile(rng, start, 12.0, 1.0) for _ in range(400)]
    assert sum(map(len, nights)) / 200.0 == pytest.approx(353.0 / 365.25, rel=0.15)
    after_h = [(one.event.t0 - start) / timedelta(hours=1) for its in nights for one in its]
    assert min(after_h) >= 0.0 and max(after_h) <= 12.0 and np.mean(after_h) == pytest.approx(6.0, abs=0.8)
    assert not drawn_meanwhile(rng, start, 12.0, 0.0)


@pytest.mark.slow
def test_unrelated_events_change_nothing_of_the_one_that_is_searched() -> None:
    alone, both = in_company(0.0), in_company(40.0)
    assert alone.meanwhile == () and len(both.meanwhile) > 1
    same = ("happened.words", "happened.key", "injected", "start", "faults", "telescopes", "sky.clouds")
    for name in same:
        assert attrgetter(name)(alone) == attrgetter(name)(both)
    lights = [other.light for other in both.meanwhile if other.light is not None]
    assert both.sky.sources[: len(alone.sky.sources)] == alone.sky.sources
    assert [(s.ra_deg, s.dec_deg) for s in both.sky.sources[len(alone.sky.sources) :]] == [
        (light.ra_deg, light.dec_deg) for light in lights
    ]
    assert len({s.id for s in both.sky.sources}) == len(both.sky.sources)
    assert alone.fingerprint() != both.fingerprint()


def test_unrelated_events_are_told_among_the_words_of_the_other_as_observations_of_their_own() -> None:
    world = in_company(40.0)
    assert [w.issued for w in world.words] == sorted(w.issued for w in world.words)
    told = [w for w in world.words if w.stage == "unrelated"]
    assert len(told) == sum(len(other.words) for other in world.meanwhile)
    keys = set()
    for word in told:
        meaning = understand(word.data, name=word.name)
        assert isinstance(meaning, Alerts)
        (alert,) = meaning.alerts
        assert alert.purpose is Purpose.OBSERVATION
        keys.add(alert.event_key)
    assert len(keys) == len(world.meanwhile) and world.event_key not in keys
    assert [w.stage for w in Static().hears(world.words)] == ["preliminary"]


def test_the_same_seed_gives_the_same_events_of_every_kind() -> None:
    for kind in KEYS:
        one, same = bursts(kind, 3), bursts(kind, 3)
        assert [w.data for e in one for w in e.words] == [w.data for e in same for w in e.words]
        assert [e.shown for e in one] == [e.shown for e in same]
