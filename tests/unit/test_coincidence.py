"""Which events belong together, how often chance does that, and in which sky they are searched."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from builders.coincidences import T0, a_burst, a_neutrino, a_wave, retracted

from coordinator.alerts.alert import Alert, Localization, Purpose, StatedCoincidence
from coordinator.events.coincidence import pair_of, pairs_among, why_never
from coordinator.events.coincidence_facts import CoincidenceFound, all_correlated, why_lost
from coordinator.events.correlation import found, groups_of
from coordinator.events.event import Event
from coordinator.events.fold import EventBook
from coordinator.events.joint_far import joint_far
from coordinator.events.policy import may_search, priority

BOTH = Localization("multiorder", skymap_sha256="both", area90_deg2=50.0)
KNOWN = {("grb", "gw"): 20.0, ("gw", "nu"): 3.0, ("grb", "nu"): 2.0}


def events_of(*alerts: Alert) -> dict[str, Event]:
    book = EventBook()
    for alert in alerts:
        book.add(alert)
    return book.events


def in_time(one: Alert, other: Alert) -> bool:
    return pair_of(*events_of(one, other).values()) is not None


@pytest.mark.parametrize(
    ("alert", "low_s", "high_s", "group"),
    [
        (a_burst(), -1, 5, "CBC"),
        (a_burst(), -60, 600, "Burst"),
        (a_burst(), -1, 5, None),
        (a_burst("swift:1125809"), -1, 5, "CBC"),
        (a_burst("fermi.gbm.subthresh:x"), -1, 11, "CBC"),
        (a_burst("snews.gcn:100"), -10, 10, "Burst"),
        (a_neutrino(), -500, 500, "CBC"),
    ],
)
def test_a_window_counts_from_the_gravitational_wave(
    alert: Alert, low_s: float, high_s: float, group: str | None
) -> None:
    for dt_s, expected in ((low_s, True), (high_s, True), (low_s - 0.01, False), (high_s + 0.01, False)):
        other = replace(alert, t0=T0 + timedelta(seconds=dt_s))
        assert in_time(a_wave(group=group), other) is expected, dt_s
        assert in_time(other, a_wave(group=group)) is expected, dt_s


@pytest.mark.parametrize("purpose", [Purpose.TEST, Purpose.MOCK, Purpose.INJECTION, None])
def test_an_observation_never_coincides_with_a_rehearsal(purpose: Purpose | None) -> None:
    assert not in_time(a_wave(), a_burst(purpose=purpose))
    assert not in_time(a_wave(purpose=purpose), a_burst())


def test_rehearsals_of_one_kind_coincide_and_what_nobody_named_never_does() -> None:
    assert in_time(a_wave(purpose=Purpose.MOCK), a_burst(purpose=Purpose.MOCK))
    assert not in_time(a_wave(purpose=None), a_burst(purpose=None))


@pytest.mark.parametrize("key", ["icecube.lvk_nu:x", "swift.guano:694215995", "boom:x"])
def test_what_was_searched_for_because_of_the_wave_is_not_counted_again(key: str) -> None:
    wave, other = events_of(a_wave(), a_burst(key)).values()
    assert pair_of(wave, other) is None
    assert why_never(wave, other) is not None


def test_two_events_of_one_stream_are_two_events() -> None:
    assert not in_time(a_wave(), a_wave("lvk:S260301b"))
    assert not in_time(a_burst(), a_burst("fermi.gbm:790000009"))


def test_an_optical_transient_is_a_candidate_and_no_part_of_the_sky() -> None:
    wave, star = events_of(a_wave(), a_burst("ztf.object:ZTF26aaa", after_s=3600.0)).values()
    assert pair_of(wave, star) is not None
    assert pairs_among([wave, star]) == []


def test_the_joint_rates_are_those_of_raven() -> None:
    wave, burst = events_of(a_wave(), a_burst()).values()
    pair = pair_of(wave, burst)
    assert pair is not None
    rates = joint_far(pair, 20.0)
    assert rates.temporal_hz == pytest.approx(6 * 1e-9 * 325 / (365 * 86400))
    assert rates.spacetime_hz == pytest.approx(6 * 1e-9 * 325 / (365 * 86400) / 20)
    assert joint_far(pair, None).spacetime_hz is None
    assert joint_far(replace(pair, first=replace(wave, far_hz=None)), 20.0).least_hz is None


def facts_of(events: dict[str, Event], overlaps: dict[tuple[str, str], float | None]) -> dict[str, CoincidenceFound]:
    groups, missing, _ = groups_of(events.values(), overlaps)
    assert missing == []
    return {g.lead.key: found(g, BOTH if len(g.skies) > 1 else None) for g in groups}


def test_a_wave_and_a_burst_are_searched_as_one_event_that_comes_first() -> None:
    events = events_of(a_wave(), a_burst())
    facts = facts_of(events, KNOWN)
    seen = all_correlated(events, facts)
    wave, burst = seen["lvk:S260301a"], seen["fermi.gbm:790000001"]
    assert wave.skymap_sha256 == "both" and may_search(wave) is None
    assert burst.searched_as == wave.key and "searched as lvk:S260301a" in (may_search(burst) or "")
    assert priority(wave) > priority(events[wave.key])
    assert "S260301a" in facts[wave.key].because and "20" in facts[wave.key].because
    assert facts[wave.key].partners[0].dt_s == 2.0


@pytest.mark.parametrize("gone", [a_burst(), a_wave()])
def test_a_retraction_gives_the_other_its_own_map_back_at_once(gone: Alert) -> None:
    facts = facts_of(events_of(a_wave(), a_burst()), KNOWN)
    seen = all_correlated(events_of(a_wave(), a_burst(), retracted(gone)), facts)
    left = next(e for e in seen.values() if not e.retracted)
    assert left.coincidence is None and left.skymap_sha256 in ("gw", "grb")
    assert may_search(left) is None


@pytest.mark.parametrize("key", ["lvk:S260301a", "fermi.gbm:790000001"])
def test_who_is_set_apart_gives_the_other_its_own_map_back_at_once(key: str) -> None:
    events = events_of(a_wave(), a_burst())
    facts, over = facts_of(events, KNOWN), {key: "is dismissed by a person"}
    seen = all_correlated(events, facts, over)
    assert {e.skymap_sha256 for e in seen.values()} == {"gw", "grb"}
    assert all(e.coincidence is None and may_search(e) is None for e in seen.values())
    said = why_lost(facts["lvk:S260301a"], events, over)
    assert said == f"{events[key].name} is dismissed by a person: the others have their own sky back."


def test_a_newer_map_of_one_ends_the_combined_sky_until_it_is_made_again() -> None:
    facts = facts_of(events_of(a_wave(), a_burst()), KNOWN)
    newer = replace(a_wave(sky="gw-2"), notice_id="lvk:S260301a:2", t_issued=T0.replace(hour=23))
    events = events_of(a_wave(), a_burst(), newer)
    assert all_correlated(events, facts)["lvk:S260301a"].skymap_sha256 == "gw-2"
    _, missing, undecided = groups_of(events.values(), KNOWN)
    assert missing == [("grb", "gw-2")] and undecided == set(events)


def test_a_burst_without_a_map_raises_the_wave_and_leaves_its_sky() -> None:
    events = events_of(a_wave(), a_burst(sky=None))
    wave = all_correlated(events, facts_of(events, {}))["lvk:S260301a"]
    assert wave.skymap_sha256 == "gw" and wave.coincidence is not None
    assert priority(wave) > priority(events[wave.key])


def test_a_sky_that_could_not_be_combined_is_still_searched_under_its_own_event() -> None:
    events = events_of(a_wave(), a_burst())
    groups, _, _ = groups_of(events.values(), KNOWN)
    fact = found(groups[0], None, "Their maps cannot be combined.")
    seen = all_correlated(events, {fact.lead: fact})
    assert {e.skymap_sha256 for e in seen.values() if may_search(e) is None} == {"gw", "grb"}
    assert fact.tell


def test_maps_that_exclude_each_other_are_searched_apart_and_a_person_is_told() -> None:
    events = events_of(a_wave(), a_burst())
    facts = facts_of(events, {("grb", "gw"): 1e-4})
    seen = all_correlated(events, facts)
    assert all(may_search(e) is None and e.coincidence is None for e in seen.values())
    assert facts["lvk:S260301a"].tell and "person" in facts["lvk:S260301a"].because


def test_three_streams_make_one_group_that_the_wave_leads_whatever_the_order() -> None:
    alerts = [a_wave(), a_burst(), a_neutrino()]
    told = {tuple(sorted(facts_of(events_of(*order), KNOWN).items())).__repr__() for order in permutations(alerts)}
    assert len(told) == 1
    groups, _, _ = groups_of(events_of(*alerts).values(), KNOWN)
    assert [(g.lead.key, g.skies) for g in groups] == [("lvk:S260301a", ("grb", "gw", "nu"))]


def test_without_a_wave_the_better_localised_leads() -> None:
    groups, _, _ = groups_of(events_of(a_burst(), a_neutrino()).values(), KNOWN)
    assert [g.lead.key for g in groups] == ["icecube:1_2"]
    assert found(groups[0], BOTH).partners[0].dt_s == -98.0


def test_a_burst_between_two_waves_belongs_to_the_one_that_chance_makes_less_often() -> None:
    second = a_wave("lvk:S260301b", far_hz=1e-12)
    groups, _, _ = groups_of(events_of(a_wave(), second, a_burst()).values(), KNOWN)
    assert [g.lead.key for g in groups] == ["lvk:S260301b"]


STATED = StatedCoincidence("Fermi", "GRB", "790000001", None, 2.0, 1e-14, 1e-16, "sent", "gw")


def test_a_map_that_the_stream_sends_itself_replaces_the_product_with_the_burst_that_it_names() -> None:
    events = events_of(a_wave(stated_coincidence=STATED), a_burst(), a_neutrino())
    groups, _, _ = groups_of(events.values(), KNOWN)
    assert [g.skies for g in groups] == [("nu", "sent")]
    tie = next(t for t in found(groups[0], BOTH).partners if t.stated)
    assert (tie.far_temporal_hz, tie.far_spacetime_hz) == (1e-14, 1e-16)


def test_a_stated_coincidence_with_somebody_unheard_of_is_one_too() -> None:
    groups, _, _ = groups_of(events_of(a_wave(stated_coincidence=STATED)).values(), {})
    assert [g.skies for g in groups] == [("sent",)]
    assert found(groups[0], BOTH).far_hz == 1e-16


def test_a_stated_map_made_from_an_older_sky_gives_way_to_the_product() -> None:
    events = events_of(a_wave(sky="gw", stated_coincidence=replace(STATED, own_skymap_sha256="old")), a_burst())
    groups, _, _ = groups_of(events.values(), KNOWN)
    assert [g.skies for g in groups] == [("grb", "gw")]
