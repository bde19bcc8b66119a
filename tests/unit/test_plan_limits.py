"""Every limit of a site file is kept by a plan, and each of them matters: without it the plan would go beyond."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from builders.plans import CHILE, T0, Stand, a_busy_telescope, a_round_sky, at_both_ends, plan_of

from coordinator.planning.plan import Plan, PlannedPointing
from coordinator.planning.request import VisitSpec
from telescopes.description.durations import slew_s
from telescopes.description.ephemeris import Almanac, directions, unix_s
from telescopes.description.site_parts import altitude_of
from telescopes.description.telescope import Limits, Site, SitePolicy, Timing

Holds = Callable[[Stand], np.ndarray]
MASK = ((0.0, 55.0), (179.0, 55.0), (181.0, 20.0), (359.0, 20.0))


@pytest.fixture(scope="module")
def without_limits() -> Plan:
    return plan_of(a_busy_telescope())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("limits", "holds"),
    [
        (Limits(min_altitude_deg=55.0), lambda s: s.altitude_deg >= 55.0),
        (Limits(min_altitude_deg=altitude_of(1.3)), lambda s: 1.0 / np.sin(np.radians(s.altitude_deg)) <= 1.3),
        (Limits(horizon=MASK), lambda s: s.altitude_deg >= np.interp(s.azimuth_deg, *np.array(MASK).T, period=360.0)),
        (Limits(hour_angle_h=(-2.0, 1.0)), lambda s: (s.hour_angle_h >= -2.0) & (s.hour_angle_h <= 1.0)),
        (Limits(max_sun_altitude_deg=-25.0), lambda s: s.sun_deg <= -25.0),
        (Limits(max_sun_altitude_by_filter={"r": -25.0}), lambda s: s.sun_deg <= -25.0),
        (Limits(min_moon_separation_deg=50.0), lambda s: (s.moon_away_deg >= 50.0) | (s.moon_deg < -0.4)),
        (
            Limits(min_moon_separation_by_phase=((0.0, 0.0), (1.0, 50.0))),
            lambda s: (s.moon_away_deg >= 48.0) | (s.moon_deg < -0.4),
        ),
    ],
    ids=["altitude", "airmass", "horizon", "hour angle", "Sun", "Sun by filter", "Moon", "Moon by phase"],
)
def test_a_limit_of_the_site_is_kept_from_start_to_end(limits: Limits, holds: Holds, without_limits: Plan) -> None:
    telescope = a_busy_telescope(limits=limits)
    assert not np.all(holds(at_both_ends(telescope, without_limits.pointings)))
    pointings = plan_of(telescope).pointings
    assert len(pointings) > 20
    assert np.all(holds(at_both_ends(telescope, pointings)))


def test_a_sun_limit_for_one_filter_leaves_the_others_alone(without_limits: Plan) -> None:
    telescope = a_busy_telescope(limits=Limits(max_sun_altitude_by_filter={"g": -25.0}))
    assert [p.id for p in plan_of(telescope).pointings] == [p.id for p in without_limits.pointings]


def test_a_new_moon_asks_for_no_distance_where_only_a_full_one_does() -> None:
    new_moon = a_round_sky(t0=datetime(2019, 8, 30, 21, tzinfo=UTC))
    site = Limits(min_moon_separation_by_phase=((0.5, 0.0), (1.0, 90.0)))
    for sky, some in ((new_moon, True), (a_round_sky(), False)):
        made = plan_of(a_busy_telescope(limits=site), sky)
        assert bool(made.pointings) is some
    assert "Moon" in (made.events[0].telescopes[0].idle_because or "")


def test_the_bound_holds_for_wide_fields_close_to_the_moon() -> None:
    midnight_s = unix_s(datetime(2019, 8, 15, 4, 30, tzinfo=UTC))
    moon = Almanac.over(midnight_s, midnight_s + 1.0).moon_from(CHILE, np.array([midnight_s]))[0]
    ra_deg, dec_deg = np.degrees(np.arctan2(moon[1], moon[0])), np.degrees(np.arcsin(moon[2]))
    sky = a_round_sky((ra_deg, dec_deg + 8.0), sigma_deg=1.0)
    wide = a_busy_telescope(limits=Limits(min_moon_separation_deg=5.0), size_deg=20.0)
    figures = plan_of(wide, sky).events[0].figures
    assert 0.9 < figures.planned <= figures.bound <= figures.observable


def test_declination_limits_are_of_the_fields_centre(without_limits: Plan) -> None:
    made = plan_of(a_busy_telescope(limits=Limits(declination_deg=(-25.0, 90.0))))
    assert min(p.dec_deg for p in without_limits.pointings) < -25.0
    assert made.pointings and min(p.dec_deg for p in made.pointings) >= -25.0


def gaps(pointings: tuple[PlannedPointing, ...]) -> list[tuple[PlannedPointing, PlannedPointing, float]]:
    return [(a, b, (b.start - a.end).total_seconds()) for a, b in pairwise(pointings)]


def apart_deg(a: PlannedPointing, b: PlannedPointing) -> float:
    cosine = directions([a.ra_deg], [a.dec_deg])[0] @ directions([b.ra_deg], [b.dec_deg])[0]
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


@pytest.mark.slow
def test_there_is_time_to_slew_settle_and_read_out() -> None:
    timing = Timing(0.5, settle_s=7.0, readout_s=11.0)
    pointings = plan_of(a_busy_telescope(timing=timing)).pointings
    assert len(pointings) > 50
    assert {p.end - p.start for p in pointings} == {timedelta(seconds=2 * (50.0 + 11.0))}
    assert all(gap >= apart_deg(a, b) / 0.5 + 7.0 - 0.002 for a, b, gap in gaps(pointings))


@pytest.mark.parametrize(
    "timing",
    [
        Timing(axis_rates_deg_s=(0.5, 0.2), meridian_flip_s=90.0, settle_s=3.0),
        Timing(slew_rate_deg_s=5.0, meridian_flip_s=300.0, settle_s=3.0),
    ],
    ids=["by axis", "by slew rate"],
)
def test_the_slower_axis_and_the_flip_of_the_mount_take_their_time(timing: Timing) -> None:
    telescope = a_busy_telescope(timing=timing, size_deg=1.5)
    pointings = plan_of(telescope, a_round_sky((0.0, -85.0), sigma_deg=3.0)).pointings
    flips, stays = 0, 0
    for a, b, gap in gaps(pointings):
        ways_s = [
            slew_s(each, CHILE, (a.ra_deg, a.dec_deg), (b.ra_deg, b.dec_deg), a.end)
            for each in (timing, replace(timing, meridian_flip_s=0.0))
        ]
        assert gap >= ways_s[0] - 0.002
        flips, stays = flips + (ways_s[0] > ways_s[1]), stays + (gap < ways_s[1] + timing.meridian_flip_s)
    assert len(pointings) > 20 and flips > 0 and stays > 10


def test_a_change_of_filter_takes_its_time_and_visits_come_in_blocks() -> None:
    visits = (VisitSpec("1", filters=("g",)), VisitSpec("2", min_gap_s=1800.0, filters=("r",)))
    timing = Timing(5.0, settle_s=2.0, filter_change_s=40.0)
    pointings = plan_of(a_busy_telescope(timing=timing, size_deg=4.0), visits=visits).pointings
    changes = [(a, b, gap) for a, b, gap in gaps(pointings) if a.filter != b.filter]
    assert changes and all(gap >= apart_deg(a, b) / 5.0 + 42.0 - 0.002 for a, b, gap in changes)
    assert {p.visit: p.filter for p in pointings} == {"1": "g", "2": "r"}


def by_night(pointings: tuple[PlannedPointing, ...], longitude_deg: float) -> dict[int, list[PlannedPointing]]:
    """Pointings by night, from local noon to local noon by longitude."""
    nights: dict[int, list[PlannedPointing]] = {}
    for p in pointings:
        nights.setdefault(int((p.start.timestamp() + longitude_deg * 240.0 - 43200.0) // 86400), []).append(p)
    return nights


def test_each_night_has_its_own_quota_of_pointings() -> None:
    pointings = plan_of(a_busy_telescope(max_pointings_per_night=9), hours=48.0).pointings
    assert [len(some) for some in by_night(pointings, CHILE.longitude_deg).values()] == [9, 9]


def test_each_night_has_its_own_quota_of_hours() -> None:
    telescope = replace(a_busy_telescope(), policy=SitePolicy(max_hours_per_day=0.75))
    nights = by_night(plan_of(telescope, hours=48.0).pointings, CHILE.longitude_deg)
    hours = [sum((p.end - p.start).total_seconds() for p in some) / 3600.0 for some in nights.values()]
    assert len(hours) == 2 and all(0.6 < spent <= 0.75 for spent in hours)


def test_blocked_and_allocated_time_is_kept_to_the_second() -> None:
    blocked = ((T0 + timedelta(hours=7), T0 + timedelta(hours=8)),)
    allocation = (
        (T0 + timedelta(hours=6), T0 + timedelta(hours=9)),
        (T0 + timedelta(hours=10), T0 + timedelta(days=1)),
    )
    pointings = plan_of(a_busy_telescope(blocked=blocked, allocation=allocation)).pointings
    assert len(pointings) > 50
    assert not any(p.start < end and p.end > start for p in pointings for start, end in blocked)
    assert all(any(start <= p.start and p.end <= end for start, end in allocation) for p in pointings)


POLE, ARCTIC = Site(-89.99, 0.0, 2800.0), Site(69.3, 16.0)


def test_in_polar_night_a_telescope_works_round_the_clock() -> None:
    midwinter = datetime(2019, 6, 21, tzinfo=UTC)
    sky = a_round_sky((13.0, -60.0), t0=midwinter)
    pointings = plan_of(a_busy_telescope(POLE), sky).pointings
    assert len(pointings) > 600
    assert max(gap for *_, gap in gaps(pointings)) < 60.0
    assert pointings[0].start < midwinter + timedelta(minutes=2)
    assert pointings[-1].end > midwinter + timedelta(hours=23.5)


def test_on_a_polar_day_nobody_works_and_the_plan_says_why() -> None:
    midsummer = datetime(2019, 12, 21, tzinfo=UTC)
    made = plan_of(a_busy_telescope(POLE), a_round_sky((13.0, -60.0), t0=midsummer))
    because = made.events[0].telescopes[0].idle_because or ""
    assert made.pointings == () and because.startswith("daylight the whole window: the Sun is never below ")


def test_a_circumpolar_field_is_looked_at_below_the_pole_too() -> None:
    midwinter = datetime(2019, 12, 21, 0, tzinfo=UTC)
    telescope = a_busy_telescope(ARCTIC)
    pointings = plan_of(telescope, a_round_sky((13.0, 75.0), t0=midwinter)).pointings
    stand = at_both_ends(telescope, pointings)
    assert np.abs(stand.hour_angle_h).max() > 11.0 and stand.altitude_deg.min() > 20.0
    assert len(pointings) > 400


@pytest.mark.parametrize("lowest_deg", [0.0, 2.9])
def test_a_field_near_the_horizon_has_its_true_altitude_and_claims_no_depth_where_nobody_knows_it(
    lowest_deg: float,
) -> None:
    low = a_busy_telescope(limits=Limits(min_altitude_deg=lowest_deg), size_deg=1.5)
    pointings = plan_of(low, a_round_sky((13.0, 56.0), sigma_deg=2.0)).pointings
    ends = at_both_ends(low, pointings).altitude_deg.reshape(-1, 2)
    said = np.array([p.altitude_deg for p in pointings])
    assert lowest_deg <= said.min() < lowest_deg + 0.1 and said.max() > lowest_deg + 0.5
    assert np.all((said >= ends.min(axis=1) - 0.002) & (said <= ends.max(axis=1) + 0.1))
    for p in pointings:
        assert p.airmass == pytest.approx(min(40.0, 1.0 / np.sin(np.radians(p.altitude_deg))), rel=1e-3)
        assert (p.limit_mag_ab is None) is (p.altitude_deg < 3.0) or p.altitude_deg == 3.0
        assert p.limit_mag_ab is None or p.limit_mag_ab == pytest.approx(19.0 - 0.15 * (p.airmass - 1.0), abs=2e-3)
