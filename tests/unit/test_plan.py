"""What a plan promises, on small made-up skies and networks."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise

import numpy as np
import pytest

from coordinator.planning.document import plan_document
from coordinator.planning.make import plan
from coordinator.planning.plan import Plan, PlannedPointing
from coordinator.planning.request import (
    Busy,
    Done,
    EventToPlan,
    FollowUpTarget,
    Look,
    PlanRequest,
    TelescopeToPlan,
    VisitSpec,
)
from coordinator.planning.stopwatch import Stopwatch
from coordinator.sky.footprints import footprint_ranges
from coordinator.sky.nested import pixel_vectors
from coordinator.sky.ranges import Ranges
from coordinator.sky.skymap import MapFacts, SkyMap
from telescopes.description.ephemeris import directions
from telescopes.description.footprint import Circle, Rectangle
from telescopes.description.limits import violation
from telescopes.description.telescope import (
    Depth,
    Instrument,
    Limits,
    Observing,
    Site,
    SitePolicy,
    Telescope,
    Timing,
)

CHILE, REUNION = Site(-29.26, -70.73, 2400.0), Site(-21.2, 55.41, 991.0)
LIMITS = Limits(min_altitude_deg=25.0, min_moon_separation_deg=20.0)
T0 = datetime(2019, 8, 14, 21, 10, 39, tzinfo=UTC)
SKY = "a" * 64


def a_sky(ra: float = 13.0, dec: float = -25.0, sigma_deg: float = 3.0, order: int = 7, sha256: str = SKY) -> SkyMap:
    """A round localization."""
    centre, coarse = directions([ra], [dec])[0], np.arange(12 * 4**4)
    here = pixel_vectors(4, coarse) @ centre > np.cos(np.radians(min(180.0, 5 * sigma_deg + 4)))
    parts = 4 ** (order - 4)
    ipix = (coarse[here][:, None] * parts + np.arange(parts)).ravel()
    away = np.degrees(np.arccos(np.clip(pixel_vectors(order, ipix) @ centre, -1, 1)))
    near = away < 5 * sigma_deg
    weight = np.exp(-0.5 * (away[near] / sigma_deg) ** 2)
    return SkyMap(np.full(weight.size, order), ipix[near], weight / weight.sum(), MapFacts(sha256, t0=T0))


def a_telescope(
    name: str,
    size_deg: float = 2.0,
    site: Site = CHILE,
    limits: Limits = LIMITS,
    **observing: object,
) -> Telescope:
    """A robotic telescope in Chile with filters g and r, 100 seconds a field."""
    camera = Instrument("main", ("g", "r"), Rectangle(size_deg, size_deg), (Depth(19.0, 100.0, "r"),))
    look = Observing(**({"exposure_s": 50.0, "count": 2, "filters": ("r",), "strategy": "tiles"} | observing))  # type: ignore[arg-type]
    return Telescope(name, name, site, (camera,), look, limits, Timing(5.0, settle_s=2.0, readout_s=5.0))


NETWORK = (a_telescope("wide", 4.0), a_telescope("deep", 1.0), a_telescope("east", 2.0, REUNION))


def a_request(*telescopes: Telescope, hours: float = 24.0, **changes: object) -> PlanRequest:
    return PlanRequest(
        events=(EventToPlan("lvk:S1", 1, SKY, T0),),
        telescopes=tuple(TelescopeToPlan(t, T0) for t in telescopes or NETWORK),
        start=T0,
        end=T0 + timedelta(hours=hours),
        **changes,  # type: ignore[arg-type]
    )


def planned(request: PlanRequest, *skies: SkyMap) -> Plan:
    return plan(request, {s.facts.sha256: s for s in skies or (a_sky(),)})


def repeats(pointings: tuple[PlannedPointing, ...], looks: tuple[Ranges, ...] = ()) -> list[str]:
    """Pointings less than half of whose sky is new, counted in pixels weighted by nothing but the plan's own map."""
    from coordinator.sky.curve import ProbabilityCurve

    curve, covered, found = ProbabilityCurve.of(a_sky()), Ranges.union_of(looks), []
    for p in sorted(pointings, key=lambda p: (p.start, p.id)):
        if curve.probability(p.ranges.minus(covered)) < 0.5 * curve.probability(p.ranges):
            found.append(p.id)
        covered = covered.union(p.ranges)
    return found


def overlaps(pointings: tuple[PlannedPointing, ...], telescope: Telescope) -> list[str]:
    """Pointings that start before the telescope can have come from the one before."""
    mine = sorted((p for p in pointings if p.telescope == telescope.id), key=lambda p: p.start)
    found = []
    for before, after in pairwise(mine):
        cosine = directions([before.ra_deg], [before.dec_deg])[0] @ directions([after.ra_deg], [after.dec_deg])[0]
        slew_s = float(np.degrees(np.arccos(np.clip(cosine, -1, 1)))) / 5.0
        if (after.start - before.end).total_seconds() < slew_s + 1.999:
            found.append(after.id)
    return found


@pytest.fixture(scope="module")
def the_plan() -> Plan:
    return planned(a_request())


def test_the_network_covers_the_region_with_nothing_pointed_at_twice(the_plan: Plan) -> None:
    figures = the_plan.events[0].figures
    assert figures.planned > 0.9
    assert figures.duplicates == 0 and repeats(the_plan.pointings) == []
    assert figures.redundancy <= 0.10
    assert figures.planned <= figures.bound <= figures.observable <= 1.0


def test_a_telescope_never_has_two_pointings_at_once(the_plan: Plan) -> None:
    assert [overlaps(the_plan.pointings, t) for t in NETWORK] == [[], [], []]


def test_every_pointing_is_within_its_sites_limits_until_its_latest_end(the_plan: Plan) -> None:
    by_id = {t.id: t for t in NETWORK}
    for p in the_plan.pointings:
        for when in (p.start, p.start + (p.end - p.start) / 2, p.end, p.latest_end):
            assert violation(by_id[p.telescope], p.filter, p.ra_deg, p.dec_deg, when) is None, (p.id, when)
        assert p.end <= p.latest_end <= the_plan.end
        assert p.end - p.start == timedelta(seconds=110)


def test_shares_are_counted_on_the_pixels_of_the_footprint(the_plan: Plan) -> None:
    curve = the_plan.events[0].curve
    for p in the_plan.pointings[:20]:
        camera = next(t for t in NETWORK if t.id == p.telescope).instrument(p.instrument)
        alone = footprint_ranges(camera.footprint, p.ra_deg, p.dec_deg, p.position_angle_deg)
        assert np.array_equal(alone.low, p.ranges.low) and np.array_equal(alone.high, p.ranges.high)
        assert p.probability == pytest.approx(curve.probability(p.ranges), abs=1e-9)
    assert sum(p.new_probability for p in the_plan.pointings) == pytest.approx(the_plan.events[0].figures.planned)


def test_the_same_request_gives_the_same_plan(the_plan: Plan) -> None:
    again = planned(a_request())
    documents = [plan_document(p.events[0], p.start, p.end, {}) for p in (the_plan, again)]
    assert documents[0] == documents[1]
    assert len({p.id for p in the_plan.pointings}) == len(the_plan.pointings)


def test_a_plan_made_again_on_the_same_map_changes_nothing(the_plan: Plan) -> None:
    again = planned(a_request(previous=the_plan.pointings))
    changes = again.events[0].changes
    assert (changes.moved, changes.added, changes.withdrawn) == (0, 0, 0)
    assert [p.id for p in again.pointings] == [p.id for p in the_plan.pointings]


def test_the_bound_is_of_the_whole_window_whatever_the_telescopes_hold_already() -> None:
    network = (a_telescope("deep", 0.5), a_telescope("deeper", 0.3))
    first = planned(a_request(*network))
    figures = first.events[0].figures
    assert figures.planned < figures.bound < figures.observable and figures.bound_kind == "area"
    again = planned(a_request(*network, previous=first.pointings)).events[0].figures
    assert (again.planned, again.bound) == pytest.approx((figures.planned, figures.bound))
    all_night = (Busy(T0, T0 + timedelta(hours=24), 13.0, -25.0, "r"),)
    request = replace(a_request(), telescopes=tuple(TelescopeToPlan(t, T0, all_night) for t in network))
    assert planned(request).events[0].figures.bound == pytest.approx(figures.bound)


def test_the_bound_holds_for_all_visits_together() -> None:
    visits = (VisitSpec("u", filters=("u",)), VisitSpec("r", filters=("r",)))
    request = replace(a_request(), events=(EventToPlan("lvk:S1", 1, SKY, T0, visits=visits),))
    figures = planned(request).events[0].figures
    assert 0.9 < figures.planned <= figures.bound <= figures.observable


def test_a_closed_telescope_loses_its_pointings_and_no_other_does(the_plan: Plan) -> None:
    closed = [TelescopeToPlan(t, T0, closed_because="rain" if t.id == "wide" else None) for t in NETWORK]
    again = planned(replace(a_request(previous=the_plan.pointings), telescopes=tuple(closed)))
    before = {p.id for p in the_plan.pointings if p.telescope != "wide"}
    assert before <= {p.id for p in again.pointings}
    assert not any(p.telescope == "wide" for p in again.pointings)
    summary = {t.id: t.idle_because for t in again.events[0].telescopes}
    assert summary["wide"] == "site closed: rain"
    assert repeats(again.pointings) == []


@pytest.mark.slow
def test_a_new_map_far_away_withdraws_what_holds_nothing_now(the_plan: Plan) -> None:
    elsewhere = a_sky(ra=300.0, dec=-30.0, sha256="b" * 64)
    request = replace(a_request(previous=the_plan.pointings), events=(EventToPlan("lvk:S1", 2, "b" * 64, T0),))
    again = planned(request, elsewhere)
    assert not {p.id for p in again.pointings} & {p.id for p in the_plan.pointings}
    assert again.events[0].changes.withdrawn == len(the_plan.pointings)
    assert all(p.event_revision == 2 for p in again.pointings)


def test_a_new_map_nearby_keeps_what_still_holds_half_of_what_it_promised(the_plan: Plan) -> None:
    shifted = a_sky(ra=15.0, sha256="b" * 64)
    request = replace(a_request(previous=the_plan.pointings), events=(EventToPlan("lvk:S1", 2, "b" * 64, T0),))
    later = T0 + timedelta(minutes=1)
    again = planned(replace(request, telescopes=tuple(TelescopeToPlan(t, later) for t in NETWORK)), shifted)
    before = {p.id: p for p in the_plan.pointings}
    kept = [p for p in again.pointings if p.id in before]
    assert len(kept) == again.events[0].changes.kept > 0 < again.events[0].changes.withdrawn
    assert all(p.probability >= 0.5 * before[p.id].new_probability for p in kept)
    assert {p.event_revision for p in again.pointings} == {2}
    assert again.events[0].figures.duplicates == 0


def test_sky_that_is_owned_or_observed_is_not_looked_at_again(the_plan: Plan) -> None:
    done = [p for p in the_plan.pointings if p.telescope == "wide"]
    looks = tuple(Look("lvk:S1", "1", p.ranges, p.start) for p in done)
    rest = planned(a_request(looks=looks))
    assert repeats(rest.pointings, tuple(look.ranges for look in looks)) == []
    other = planned(a_request(looks=tuple(replace(look, visit="another") for look in looks)))
    assert other.events[0].figures.planned == pytest.approx(the_plan.events[0].figures.planned)


def test_busy_time_and_the_time_before_a_telescope_is_free_are_kept_clear() -> None:
    free_from = T0 + timedelta(hours=4)
    busy = Busy(T0 + timedelta(hours=6), T0 + timedelta(hours=7), 100.0, 20.0, "g")
    request = replace(a_request(), telescopes=(TelescopeToPlan(NETWORK[0], free_from, (busy,)),))
    pointings = planned(request).pointings
    assert pointings and min(p.start for p in pointings) >= free_from
    assert not any(p.start < busy.end and p.end > busy.start for p in pointings)
    after = min((p for p in pointings if p.start >= busy.end), key=lambda p: p.start, default=None)
    if after is not None:
        away = directions([100.0], [20.0])[0] @ directions([after.ra_deg], [after.dec_deg])[0]
        assert (after.start - busy.end).total_seconds() >= np.degrees(np.arccos(away)) / 5.0


def test_there_is_time_to_move_to_what_is_taken_and_away_from_it() -> None:
    slow = replace(a_telescope("t", 1.0), timing=Timing(0.5, settle_s=2.0, readout_s=5.0, filter_change_s=30.0))
    middle = planned(a_request(slow)).pointings[10].start
    busy = Busy(middle, middle + timedelta(minutes=10), 80.0, 60.0, "g")
    request = replace(a_request(), telescopes=(TelescopeToPlan(slow, T0, (busy,)),))
    pointings = planned(request).pointings
    before = max((p for p in pointings if p.end <= busy.start), key=lambda p: p.end)
    after = min((p for p in pointings if p.start >= busy.end), key=lambda p: p.start)
    for p, gap in ((before, busy.start - before.end), (after, after.start - busy.end)):
        cosine = directions([p.ra_deg], [p.dec_deg])[0] @ directions([busy.ra_deg], [busy.dec_deg])[0]
        assert gap.total_seconds() >= np.degrees(np.arccos(cosine)) / 0.5 + 2.0 + 30.0 - 0.002


def test_what_was_planned_is_dropped_where_a_neighbour_leaves_no_time_to_move() -> None:
    telescope = a_telescope("t", 1.0)
    before = planned(a_request(telescope)).pointings
    late = Busy(before[3].start - timedelta(seconds=60), before[3].start - timedelta(seconds=1), 180.0, 40.0, "r")
    request = replace(a_request(previous=before), telescopes=(TelescopeToPlan(telescope, T0, (late,)),))
    again = {p.id for p in planned(request).pointings}
    assert before[3].id not in again and {before[1].id, before[5].id} <= again


def test_blocked_and_unallocated_time_is_not_used() -> None:
    blocked = ((T0, T0 + timedelta(hours=7)),)
    allocation = ((T0, T0 + timedelta(hours=8)),)
    telescope = a_telescope("t", 3.0, blocked=blocked, allocation=allocation)
    pointings = planned(a_request(telescope)).pointings
    assert pointings
    assert all(blocked[0][1] <= p.start and p.end <= allocation[0][1] for p in pointings)


def test_a_night_holds_no_more_pointings_than_the_site_says() -> None:
    telescope = a_telescope("t", 1.0, max_pointings_per_night=7)
    assert len(planned(a_request(telescope, hours=14)).pointings) == 7
    short = replace(a_telescope("t", 1.0), policy=SitePolicy(max_hours_per_day=0.5))
    assert len(planned(a_request(short, hours=14)).pointings) <= 16


def test_what_a_night_has_done_counts_against_what_it_may_hold() -> None:
    limited = a_telescope("t", 1.0, max_pointings_per_night=3)
    short = replace(a_telescope("t", 1.0), policy=SitePolicy(max_hours_per_day=0.25))
    evening = T0 + timedelta(hours=3)

    def with_done(telescope: Telescope, *minutes: float) -> int:
        done = tuple(Done(evening, evening + timedelta(minutes=m)) for m in minutes)
        asked = TelescopeToPlan(telescope, T0, done=done)
        return len(planned(replace(a_request(hours=14), telescopes=(asked,))).pointings)

    assert [with_done(limited), with_done(limited, 2, 2), with_done(limited, 2, 2, 2)] == [3, 1, 0]
    assert with_done(short, 15) == 0 < with_done(short, 5) < with_done(short)


def test_a_telescope_whose_nights_are_full_says_so() -> None:
    limited = a_telescope("t", 1.0, max_pointings_per_night=1)
    done = (Done(T0 + timedelta(hours=3), T0 + timedelta(hours=3, minutes=2)),)
    made = planned(replace(a_request(hours=14), telescopes=(TelescopeToPlan(limited, T0, done=done),)))
    assert made.events[0].telescopes[0].idle_because == "its nights have had all the pointings that the site allows"


def test_pointings_of_the_plan_before_stay_only_as_far_as_the_night_may_hold_them() -> None:
    limited = a_telescope("t", 1.0, max_pointings_per_night=3)
    before = planned(a_request(limited, hours=14)).pointings
    done = (Done(T0 + timedelta(hours=3), T0 + timedelta(hours=3, minutes=2)),)
    request = replace(a_request(hours=14, previous=before), telescopes=(TelescopeToPlan(limited, T0, done=done),))
    assert [p.id for p in planned(request).pointings] == [p.id for p in before[:2]]


def test_a_follow_up_takes_no_night_beyond_its_limit() -> None:
    limited = a_telescope("t", 1.0, max_pointings_per_night=1)
    target = FollowUpTarget("lvk:S1", 1, "c1", 13.0, -25.0, "follow-up:c1:r:1", ("r",))
    done = (Done(T0 + timedelta(hours=3), T0 + timedelta(hours=3, minutes=2)),)
    request = a_request(hours=14, targets=(target,))
    assert planned(replace(request, telescopes=(TelescopeToPlan(limited, T0),))).follow_up
    assert not planned(replace(request, telescopes=(TelescopeToPlan(limited, T0, done=done),))).follow_up


def test_the_higher_event_takes_the_time_and_no_telescope_is_in_two_places() -> None:
    other = a_sky(ra=20.0, dec=-20.0, sha256="b" * 64)
    low, high = EventToPlan("lvk:S1", 1, SKY, T0, priority=10), EventToPlan("lvk:S2", 1, "b" * 64, T0, priority=90)
    telescopes = (a_telescope("t", 1.0), a_telescope("u", 2.0, REUNION))
    both = planned(replace(a_request(*telescopes, hours=12), events=(low, high)), a_sky(), other)
    alone = planned(replace(a_request(*telescopes, hours=12), events=(high,)), other)
    assert [e.key for e in both.events] == ["lvk:S1", "lvk:S2"]
    assert [p.id for p in both.events[1].pointings] == [p.id for p in alone.pointings]
    assert both.events[0].pointings
    assert [overlaps(both.pointings, t) for t in telescopes] == [[], []]


@pytest.mark.slow
def test_a_second_visit_comes_half_an_hour_after_the_first_and_only_where_there_was_one() -> None:
    visits = (VisitSpec("1"), VisitSpec("2", min_gap_s=1800.0))
    request = replace(a_request(), events=(EventToPlan("lvk:S1", 1, SKY, T0, visits=visits),))
    made = planned(request)
    first = [p for p in made.pointings if p.visit == "1"]
    second = [p for p in made.pointings if p.visit == "2"]
    curve = made.events[0].curve
    assert second
    for p in second:
        unseen = p.ranges
        for q in sorted(first, key=lambda q: q.start):
            here = unseen.intersection(q.ranges)  # whose first look this is
            assert here.pixels <= 0.06 * p.ranges.pixels or (p.start - q.start).total_seconds() >= 1800 - 1
            unseen = unseen.minus(here)
        assert curve.probability(unseen) < 0.5 * curve.probability(p.ranges)
    assert [overlaps(made.pointings, t) for t in NETWORK] == [[], [], []]
    assert made.events[0].figures.duplicates == 0


def test_a_region_that_fits_one_field_gets_one_centred_tile() -> None:
    made = planned(a_request(a_telescope("t", 3.0)), a_sky(sigma_deg=0.3, order=9))
    best = made.pointings[0]
    assert directions([13.0], [-25.0])[0] @ directions([best.ra_deg], [best.dec_deg])[0] > np.cos(np.radians(0.1))
    assert best.probability > 0.99 and len(made.pointings) == 1


def test_a_telescope_for_galaxies_without_a_catalogue_tiles_a_small_region_and_idles_on_a_large_one() -> None:
    narrow = a_telescope("t", 0.3, strategy="galaxies")
    small = planned(a_request(narrow), a_sky(sigma_deg=0.3, order=10))
    large = planned(a_request(narrow), a_sky(sigma_deg=15.0, order=5))
    assert small.pointings
    assert not large.pointings
    assert "no galaxy catalogue and field too small" in (large.events[0].telescopes[0].idle_because or "")


@pytest.mark.parametrize(
    ("telescope", "because"),
    [
        (a_telescope("t", site=Site(80.0, 0.0)), "daylight"),
        (a_telescope("t", site=Site(60.0, 30.0)), "region never above 25 deg while dark: at most"),
        (a_telescope("t", site=Site(25.0, -70.7), limits=Limits(horizon=((0.0, 60.0),))), "above its horizon mask"),
        (a_telescope("t", limits=Limits(declination_deg=(10.0, 90.0))), "declination"),
        (a_telescope("t", limits=Limits(min_moon_separation_deg=170.0)), "Moon"),
        (a_telescope("t", blocked=((T0, T0 + timedelta(days=2)),)), "blocked"),
        (replace(a_telescope("t"), policy=SitePolicy(accepts=("test",))), "not opted in"),
    ],
)
def test_an_idle_telescope_says_why(telescope: Telescope, because: str) -> None:
    made = planned(a_request(telescope))
    assert not made.pointings
    assert because in (made.events[0].telescopes[0].idle_because or "")


def test_a_visit_in_a_filter_that_a_telescope_has_not_leaves_it_idle() -> None:
    events = (EventToPlan("lvk:S1", 1, SKY, T0, visits=(VisitSpec("1", filters=("K", "g")),)),)
    made = planned(replace(a_request(), events=events))
    assert {p.filter for p in made.pointings} == {"g"}
    none = (EventToPlan("lvk:S1", 1, SKY, T0, visits=(VisitSpec("1", filters=("K",)),)),)
    idle = planned(replace(a_request(), events=none))
    assert {t.idle_because for t in idle.events[0].telescopes} == {"has none of the filters asked for (K)"}


def test_slack_keeps_every_field_within_limits_that_much_longer() -> None:
    made = planned(a_request(slack_s=900.0))
    assert made.pointings
    for p in made.pointings:
        telescope = next(t for t in NETWORK if t.id == p.telescope)
        late = p.end + timedelta(seconds=900)
        assert violation(telescope, p.filter, p.ra_deg, p.dec_deg, late) is None


def test_a_deeper_visit_exposes_longer() -> None:
    events = (EventToPlan("lvk:S1", 1, SKY, T0, visits=(VisitSpec("1", depth_mag_ab=19.75),)),)
    made = planned(replace(a_request(NETWORK[0]), events=events))
    assert {p.count for p in made.pointings} == {24}  # a nearly full Moon takes more than a magnitude
    assert all((p.limit_mag_ab or 0) > 19.4 for p in made.pointings)


def test_a_circle_is_planned_like_a_rectangle() -> None:
    camera = Instrument("main", ("r",), Circle(1.2))
    made = planned(a_request(replace(a_telescope("t"), instruments=(camera,))))
    assert made.events[0].figures.planned > 0.8 and made.events[0].figures.duplicates == 0
    assert {p.limit_mag_ab for p in made.pointings} == {None}


@pytest.mark.slow
def test_follow_up_goes_to_the_telescope_that_reaches_deep_and_soon_and_takes_its_time() -> None:
    deep = replace(NETWORK[1], instruments=(replace(NETWORK[1].instruments[0], depth=(Depth(22.0, 100.0, "r"),)),))
    target = FollowUpTarget("lvk:S1", 3, "c1", 13.0, -25.0, "follow-up:c1:r:1", ("r",), mag_ab=21.0)
    made = planned(a_request(NETWORK[0], deep, NETWORK[2], targets=(target,)))
    (chosen,) = made.follow_up
    assert (chosen.telescope, chosen.visit, chosen.priority, chosen.event_revision) == ("deep", target.visit, 80, 3)
    assert chosen.probability > 0
    assert overlaps(made.pointings, deep) == []
    away = replace(target, dec_deg=85.0)
    none = planned(a_request(targets=(away,)))
    assert not none.follow_up and any("follow-up:c1:r:1" in line for line in none.unplanned)


def test_a_follow_up_of_an_event_that_is_not_searched_takes_no_time() -> None:
    target = FollowUpTarget("lvk:M1", 1, "c1", 13.0, -25.0, "follow-up:c1:r:1", ("r",))
    made = planned(a_request(targets=(target,)))
    assert made.follow_up == ()
    assert made.unplanned == ("follow-up:c1:r:1: not planned, because its event lvk:M1 is not searched",)
    mock = replace(a_request(targets=(target,)), events=(EventToPlan("lvk:M1", 1, SKY, T0, purpose="mock"),))
    assert planned(mock).follow_up == ()


def test_a_follow_up_that_is_planned_again_later_has_a_name_of_its_own() -> None:
    start = T0 + timedelta(hours=8)
    target = FollowUpTarget("lvk:S1", 1, "c1", 13.0, -25.0, "follow-up:c1:r:1", ("r",), not_before=start)
    request = a_request(NETWORK[0], targets=(target,))
    (first,) = planned(request).follow_up
    minute = timedelta(minutes=1)
    later = replace(request, start=T0 + minute, telescopes=(TelescopeToPlan(NETWORK[0], T0 + minute),))
    (again,) = planned(later).follow_up
    assert (again.start, again.telescope) == (first.start, first.telescope)
    assert again.id != first.id


def test_an_event_without_a_map_is_named_and_the_others_are_planned() -> None:
    request = replace(a_request(), events=(EventToPlan("lvk:S0", 1, "c" * 64, None), EventToPlan("lvk:S1", 1, SKY, T0)))
    made = planned(request)
    assert [e.key for e in made.events] == ["lvk:S1"]
    assert made.unplanned == ("lvk:S0: no map, so nothing is planned",)


@pytest.mark.slow
def test_a_quick_plan_is_nearly_as_good_and_claims_no_more_than_it_knows() -> None:
    fast, quick = (planned(a_request(effort=effort)).events[0].figures for effort in ("fast", "quick"))
    assert quick.planned >= 0.97 * fast.planned
    assert (quick.bound, quick.bound_kind, quick.observable) == (1.0, "visible", None)
    assert quick.duplicates == 0


@pytest.mark.slow
def test_best_effort_is_never_worse_than_fast() -> None:
    fast, best = (planned(a_request(effort=effort)).events[0].figures for effort in ("fast", "best"))
    assert best.planned >= fast.planned - 1e-4
    assert best.duplicates == 0


def test_the_time_of_a_plan_is_what_the_clocks_say_that_are_handed_in() -> None:
    wall, cpu = count(100.0, 0.5), count(7.0, 0.25)
    watch = Stopwatch(lambda: next(wall), lambda: next(cpu))
    timing = plan(a_request(NETWORK[0]), {SKY: a_sky()}, watch=watch).timing
    # each stage reads the clock when it begins and ends
    assert timing["cpu_s"] == 0.25 and timing["total_s"] > timing["allocate_s"] >= timing["tiles_s"] == 0.5
    assert planned(a_request(NETWORK[0])).timing == {}


def test_a_stage_that_fails_is_counted_too() -> None:
    wall = count(0.0, 2.0)
    watch = Stopwatch(lambda: next(wall))
    with pytest.raises(ValueError, match="no"), watch.stage("tiles_s"):
        raise ValueError("no")
    assert watch.timing() == {"visibility_s": 0.0, "tiles_s": 2.0, "allocate_s": 0.0, "total_s": 6.0}


def test_the_document_has_the_words_of_the_contract(the_plan: Plan) -> None:
    document = plan_document(the_plan.events[0], the_plan.start, the_plan.end, the_plan.timing)
    assert document["schema"] == "armillary.plan/1"
    assert list(document) == [
        "schema", "objective", "event", "window", "visits", "probability", "timing", "telescopes", "changes",
        "pointings",
    ]  # fmt: skip
    assert document["window"]["start"] == "2019-08-14T21:10:39.000Z"
    assert set(document["pointings"][0]) == {
        "id", "telescope", "instrument", "ra_deg", "dec_deg", "position_angle_deg", "start", "end", "filter",
        "exposure_s", "count", "visit", "limit_mag_ab", "probability", "new_probability", "value", "new_value",
        "altitude_deg", "airmass", "why",
    }  # fmt: skip
