"""A plan made again: what stays, what a change must be worth, and who takes over."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta

import pytest
from builders.plans import SKY, T0, a_busy_telescope, a_round_sky

from coordinator.planning.make import plan
from coordinator.planning.plan import EventPlan, PlannedPointing
from coordinator.planning.replan import (
    KEPT_BONUS,
    SOON,
    little_to_gain,
    lost_much,
    nearly_all,
    nearly_none,
    worth_with_bonus,
)
from coordinator.planning.request import EventToPlan, FollowUpTarget, Look, PlanRequest, TelescopeToPlan, VisitSpec
from coordinator.sky.footprints import footprint_ranges
from coordinator.sky.ranges import Ranges
from coordinator.sky.skymap import MapFacts, SkyMap
from telescopes.description.footprint import Rectangle
from telescopes.description.telescope import Site, SitePolicy, Telescope

NEWER = "b" * 64
REUNION = Site(-21.2, 55.41, 991.0)


def a_network(*sizes_deg: float) -> tuple[Telescope, ...]:
    """Telescopes in Chile, and the last in La Réunion, with fields of these sizes."""
    sites = [replace(a_busy_telescope(size_deg=size), id=f"t{i}") for i, size in enumerate(sizes_deg)]
    return (*sites[:-1], replace(sites[-1], site=REUNION))


def a_sky(ra_deg: float = 13.0, sha256: str = SKY, sigma_deg: float = 3.0) -> SkyMap:
    sky = a_round_sky((ra_deg, -25.0), sigma_deg=sigma_deg)
    return replace(sky, facts=MapFacts(sha256, t0=T0))


def planned(
    sky: SkyMap,
    network: Sequence[Telescope],
    previous: Sequence[PlannedPointing] = (),
    now: datetime = T0,
    closed: str | None = None,
    looks: Sequence[Look] = (),
) -> EventPlan:
    """Plan the newest map of an event from an instant on; one telescope may be closed."""
    revision = 2 if sky.facts.sha256 == NEWER else 1
    event = EventToPlan("lvk:S1", revision, sky.facts.sha256, T0, objective="probability")
    asked = tuple(TelescopeToPlan(t, now, closed_because="clouds" if t.id == closed else None) for t in network)
    request = PlanRequest((event,), asked, now, T0 + timedelta(hours=24), tuple(looks), previous=tuple(previous))
    return plan(request, {sky.facts.sha256: sky}).events[0]


def ids(made: EventPlan) -> set[str]:
    return {p.id for p in made.pointings}


NETWORK = a_network(4.0, 1.0, 2.0)


@pytest.fixture(scope="module")
def before() -> EventPlan:
    return planned(a_sky(), NETWORK)


def test_what_starts_within_two_minutes_stays_whatever_the_new_map_says(before: EventPlan) -> None:
    best = max(before.pointings, key=lambda p: p.new_probability)
    away = a_sky(best.ra_deg + 9.0, NEWER)
    for early_s, stays in ((SOON.total_seconds() - 1, True), (SOON.total_seconds() + 1, False)):
        again = planned(away, NETWORK, before.pointings, best.start - timedelta(seconds=early_s))
        assert (best.id in ids(again)) is stays
        assert again.figures.duplicates == 0


def test_what_starts_soon_is_dropped_where_somebody_else_has_looked(before: EventPlan) -> None:
    first = before.pointings[0]
    look = Look("lvk:S1", "1", first.ranges, first.start - timedelta(minutes=5))
    again = planned(a_sky(), NETWORK, before.pointings, first.start - timedelta(seconds=60), looks=[look])
    assert first.id not in ids(again)


@pytest.mark.slow
@pytest.mark.parametrize("shift_deg", [0.5, 2.0, 4.0])
def test_a_new_map_moves_pointings_only_for_a_tenth_more_than_they_bring(before: EventPlan, shift_deg: float) -> None:
    now = before.pointings[0].start - timedelta(minutes=10)
    newer = a_sky(13.0 + shift_deg, NEWER)
    again, anew = planned(newer, NETWORK, before.pointings, now), planned(newer, NETWORK, (), now)
    ours, best = (sum(p.new_value for p in made.pointings) for made in (again, anew))
    kept = sum(p.new_value for p in again.pointings if p.id in ids(before))
    assert ours + KEPT_BONUS * kept >= best - 1e-9
    assert worth_with_bonus(again.pointings, before.pointings) == pytest.approx(ours + KEPT_BONUS * kept)
    changes = again.changes
    assert changes.kept + changes.moved + changes.withdrawn == len(before.pointings)
    assert changes.kept + changes.moved + changes.added == len(again.pointings)


def test_plans_are_compared_only_where_a_share_worth_naming_stays_and_another_goes() -> None:
    assert [nearly_none(staying, 100) for staying in (0, 1, 19, 20)] == [False, True, True, False]
    assert [nearly_all(staying, 100) for staying in (0, 80, 81, 100)] == [True, False, True, True]


def test_there_is_little_to_gain_only_where_most_stays_and_is_worth_what_all_was(before: EventPlan) -> None:
    every = before.pointings
    worth = sum(p.new_value for p in every)
    assert little_to_gain(every, every, worth)
    assert not little_to_gain(every, every, 1.2 * worth), "what it was completed with counts"
    best = sorted(every, key=lambda p: -p.new_value)
    assert not little_to_gain(best[: len(every) // 2], every, worth), "half of it is gone"
    poorer = [p.weighed(p.probability, p.new_probability, p.value, 0.8 * p.new_value) for p in every]
    assert not little_to_gain(poorer, every, 0.8 * worth), "the sky has moved from under it"


def test_a_copy_with_other_shares_is_otherwise_the_same(before: EventPlan) -> None:
    one = before.pointings[0]
    other = one.weighed(0.4, 0.3, 0.2, 0.1).because("told otherwise")
    told = replace(one, probability=0.4, new_probability=0.3, value=0.2, new_value=0.1, why="told otherwise")
    assert [getattr(other, f.name) for f in fields(other)] == [getattr(told, f.name) for f in fields(told)]
    assert one.weighed(one.probability, one.new_probability, one.value, one.new_value).because(one.why) is one


def test_of_two_promises_in_each_others_way_the_earlier_stays(before: EventPlan) -> None:
    one, other = sorted(before.pointings, key=lambda p: p.new_probability)[-2:]
    late = replace(other, id="late", start=one.start + timedelta(seconds=60), end=one.end + timedelta(seconds=60))
    again = planned(a_sky(), NETWORK, [one, late])
    assert one.id in ids(again) and "late" not in ids(again)


def test_a_telescope_that_clouds_over_frees_its_sky_to_the_others() -> None:
    many, other, few = a_network(2.0, 2.0, 2.0)
    network = (many, other, replace(few, observing=replace(few.observing, max_pointings_per_night=20)))
    first = planned(a_sky(), network)
    lost = [p for p in first.pointings if p.telescope == "t1"]
    again = planned(a_sky(), network, first.pointings, closed="t1")
    assert 0 < len(lost) < len(first.pointings) and not any(p.telescope == "t1" for p in again.pointings)
    assert ids(first) - {p.id for p in lost} <= ids(again)
    assert again.changes.withdrawn == len(lost)
    freed = Ranges.union_of(p.ranges for p in lost)
    taken = Ranges.union_of(p.ranges for p in again.pointings if p.id not in ids(first))
    assert taken.intersection(freed).pixels > 0.5 * freed.pixels
    assert again.figures.planned > 0.95 * first.figures.planned
    assert next(t.idle_because for t in again.telescopes if t.id == "t1") == "site closed: clouds"


def with_a_wide_one() -> tuple[Telescope, ...]:
    """A network of which one telescope takes the best sky, in a few fields, and leaves the rest to the others."""
    one, wide, other = a_network(0.7, 2.5, 0.7)
    return (one, replace(wide, observing=replace(wide.observing, max_pointings_per_night=12)), other)


@pytest.mark.slow
def test_where_the_telescope_with_the_best_sky_is_lost_the_others_do_not_keep_what_was_left_for_them() -> None:
    network, sky = with_a_wide_one(), a_sky(sigma_deg=6.0)
    first = planned(sky, network)
    left = [p for p in first.pointings if p.telescope != "t1"]
    assert lost_much(left, first.pointings)
    again, anew = planned(sky, network, first.pointings, closed="t1"), planned(sky, network, closed="t1")
    worth = [sum(p.new_value for p in pointings) for pointings in (again.pointings, anew.pointings, left)]
    assert worth[0] >= 0.99 * worth[1] > 1.2 * worth[2] > 0.1
    assert again.figures.duplicates == 0


def test_what_starts_soon_stays_after_a_great_loss() -> None:
    network, sky = with_a_wide_one(), a_sky(sigma_deg=6.0)
    first = planned(sky, network)
    soon = min((p for p in first.pointings if p.telescope == "t0"), key=lambda p: p.start)
    again = planned(sky, network, first.pointings, soon.start - timedelta(seconds=60), closed="t1")
    assert soon.id in ids(again)


def test_a_loss_is_great_from_more_than_a_tenth_of_what_was_promised(before: EventPlan) -> None:
    sixteen = [p.weighed(0.1, 0.1, 0.1, 0.1) for p in before.pointings[:16]]
    assert [lost_much(sixteen[n:], sixteen) for n in (0, 1, 2, 16)] == [False, False, True, True]
    assert not lost_much([], [])


def test_a_telescope_that_comes_back_gets_work_and_the_others_keep_theirs() -> None:
    network, sky = a_network(0.7, 0.7, 0.7), a_sky(sigma_deg=6.0)
    without = planned(sky, network, closed="t1")
    again = planned(sky, network, without.pointings)
    assert ids(without) <= ids(again) and any(p.telescope == "t1" for p in again.pointings)
    assert again.figures.planned > without.figures.planned


def test_a_plan_made_again_with_nothing_new_does_not_change(before: EventPlan) -> None:
    again = planned(a_sky(), NETWORK, before.pointings)
    assert ids(again) == ids(before)
    changes = again.changes
    assert (changes.kept, changes.moved, changes.added, changes.withdrawn) == (len(before.pointings), 0, 0, 0)


def test_the_time_of_a_second_look_that_comes_too_early_now_is_free_for_lower_events() -> None:
    visits = (VisitSpec("1"), VisitSpec("2", min_gap_s=3600.0))
    upper = EventToPlan("lvk:S1", 1, SKY, T0, objective="probability", visits=visits)
    lower = EventToPlan("lvk:S2", 1, NEWER, T0, priority=10, objective="probability")
    maps = {SKY: a_sky(), NEWER: a_sky(13.0, NEWER, sigma_deg=9.0)}
    seen = Look("lvk:S1", "1", footprint_ranges(Rectangle(30.0, 30.0), 13.0, -25.0, 0.0), T0 - timedelta(hours=1))
    asked = TelescopeToPlan(a_busy_telescope(size_deg=1.5), T0)
    request = PlanRequest((upper,), (asked,), T0, T0 + timedelta(hours=24), (seen,))
    before = plan(request, maps).pointings
    again = plan(replace(request, events=(upper, lower), looks=(), previous=before), maps)  # the first look failed
    gone = [p for p in before if p.id not in ids(again.events[0])]
    used = [p for p in gone if any(q.start < p.end and p.start < q.end for q in again.events[1].pointings)]
    assert len(gone) > 50 and len(used) > 0.8 * len(gone)


def test_a_telescope_keeps_no_pointing_of_an_event_that_turned_out_to_be_a_test() -> None:
    """Law 6: neither of the search nor of a follow-up."""
    sky, network = a_sky(sigma_deg=6.0), a_network(0.7, 0.7, 0.7)
    event = EventToPlan("lvk:S1", 1, SKY, T0, objective="probability")
    wish = FollowUpTarget("lvk:S1", 1, "c1", 13.0, -25.0, "follow-up:c1:r:1", ("r",))
    asked = tuple(TelescopeToPlan(t, T0) for t in network)
    request = PlanRequest((event,), asked, T0, T0 + timedelta(hours=24), targets=(wish,))
    before = plan(request, {SKY: sky})
    assert {p.telescope for p in before.pointings} == {"t0", "t1", "t2"}
    willing = next(t.telescope.id for t in asked if t.telescope.id != before.follow_up[0].telescope)
    both = SitePolicy(accepts=("observation", "test"))
    unlike = tuple(
        replace(t, telescope=replace(t.telescope, policy=both)) if t.telescope.id == willing else t for t in asked
    )
    test = replace(request, events=(replace(event, purpose="test"),), telescopes=unlike, previous=before.pointings)
    again = plan(test, {SKY: sky})
    assert {p.telescope for p in again.pointings} == {willing} and again.follow_up
    mine = {p.id for p in before.events[0].pointings if p.telescope == willing}
    assert mine & ids(again.events[0])


@pytest.mark.slow
def test_a_follow_up_is_kept_only_where_its_candidate_still_is_and_as_of_the_newest_revision() -> None:
    wish = FollowUpTarget("lvk:S1", 1, "c1", 13.0, -25.0, "follow-up:c1:r:1", ("r",))
    event = EventToPlan("lvk:S1", 1, SKY, T0, objective="probability")
    asked = tuple(TelescopeToPlan(t, T0) for t in NETWORK)
    request = PlanRequest((event,), asked, T0, T0 + timedelta(hours=24), targets=(wish,))
    (first,) = plan(request, {SKY: a_sky()}).follow_up
    newer = replace(wish, event_revision=2, priority=85)
    for target in (newer, replace(newer, ra_deg=13.01), replace(newer, ra_deg=16.0), replace(newer, filters=("g",))):
        (again,) = plan(replace(request, targets=(target,), previous=(first,)), {SKY: a_sky()}).follow_up
        assert (again.event_revision, again.priority) == (2, 85)
        assert (again.ra_deg, again.filter) == (13.0 if target.ra_deg < 14.0 else 16.0, target.filters[0])
        assert (again.id == first.id) is (again.ra_deg == 13.0)


def two_events(first_priority: int = 50) -> PlanRequest:
    """The event S2 that is planned, and S1 of a priority, which comes first by its name; both fill the night."""
    events = (EventToPlan("lvk:S2", 1, SKY, T0, objective="probability"),
              EventToPlan("lvk:S1", 1, NEWER, T0, priority=first_priority, objective="probability"))  # fmt: skip
    asked = TelescopeToPlan(a_busy_telescope(size_deg=1.5), T0)
    return PlanRequest(events, (asked,), T0, T0 + timedelta(hours=24))


TWO_SKIES = {SKY: a_sky(), NEWER: a_sky(15.0, NEWER, sigma_deg=9.0)}


def test_an_event_wipes_out_nothing_of_an_equal_that_is_planned_already() -> None:
    request = two_events()
    before = plan(replace(request, events=request.events[:1]), TWO_SKIES)
    again = plan(replace(request, previous=before.pointings), TWO_SKIES)
    old, new = (next(e for e in again.events if e.key == key) for key in ("lvk:S2", "lvk:S1"))
    assert ids(before.events[0]) <= ids(old) and old.changes.withdrawn == 0
    assert len(new.pointings) > 20


def test_a_higher_event_takes_all_but_what_starts_soon() -> None:
    request = two_events(first_priority=90)
    before = plan(replace(request, events=request.events[:1]), TWO_SKIES).pointings
    now = before[0].start - timedelta(seconds=60)
    asked = (replace(request.telescopes[0], free_from=now),)
    again = plan(replace(request, start=now, telescopes=asked, previous=before), TWO_SKIES)
    soon = {p.id for p in before if p.start - now < SOON}
    assert 0 < len(soon) < 5
    kept = {p.id for p in again.pointings} & {p.id for p in before}
    assert soon <= kept and len(kept) < 0.5 * len(before)


@pytest.mark.slow
def test_a_follow_up_leaves_equals_what_they_hold_and_takes_from_lower_ones() -> None:
    request = two_events(first_priority=80)
    higher = replace(request, events=request.events[1:])
    before = plan(higher, TWO_SKIES).pointings
    wish = FollowUpTarget("lvk:S1", 1, "c1", 13.0, -25.0, "follow-up:c1:r:1", ("r",), priority=80)
    for priority in (80, 85):
        target = replace(wish, priority=priority, not_before=before[5].start)
        again = plan(replace(higher, targets=(target,), previous=before), TWO_SKIES)
        assert again.follow_up
        assert (again.events[0].changes.kept == len(before)) is (priority == 80)
