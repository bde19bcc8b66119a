"""The fast ephemeris and the limits against astropy and astroplan."""

import itertools
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from coordinator.sky.visibility import visible_in_slots, visible_until
from telescopes.description.ephemeris import Almanac, directions, unix_s, utc_of
from telescopes.description.footprint import Rectangle
from telescopes.description.limits import (
    allowed,
    allowed_pairs,
    first_violation,
    min_moon_separation_deg,
    violation,
)
from telescopes.description.states import Reason
from telescopes.description.telescope import Instrument, Limits, Observing, Site, Telescope

SITES = (Site(43.752, 6.9235, 1320.0), Site(-29.26, -70.733, 2398.0), Site(78.2, 15.6, 10.0), Site(-89.9, 0.0, 2800.0))
DATES = (datetime(2010, 10, 2, 4, 55, tzinfo=UTC), datetime(2019, 8, 14, 21, 10, tzinfo=UTC),
         datetime(2026, 11, 24, 3, 0, tzinfo=UTC))  # fmt: skip
RA = np.array([0.01, 13.6, 96.6, 196.3, 242.6, 359.99, 120.0, 40.0])
DEC = np.array([0.0, -23.8, -14.0, -21.3, 22.8, 60.0, 89.9, -89.9])
WHOLE_SKY = {"min_altitude_deg": -90.0, "max_sun_altitude_deg": 90.0, "min_sun_separation_deg": 0.0}


def a_telescope(site: Site = SITES[0], **limits: object) -> Telescope:
    camera = Instrument("main", ("r",), Rectangle(1.0, 1.0))
    return Telescope("t", "T", site, (camera,), Observing(60.0), limits=Limits(**limits))  # type: ignore[arg-type]


@pytest.fixture(scope="module", autouse=True)
def _offline() -> None:
    from astropy.utils import iers

    iers.conf.auto_download = False
    iers.conf.auto_max_age = None


def _separation_arcmin(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.degrees(np.linalg.norm(a - b, axis=-1)).max() * 60)


@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("date", DATES)
def test_altitude_and_azimuth_agree_with_astropy_within_an_arcminute(site: Site, date: datetime) -> None:
    import astropy.units as u
    from astropy.coordinates import AltAz, EarthLocation, SkyCoord, get_body, get_sun
    from astropy.time import Time

    times = unix_s(date) + np.arange(0, 86400, 7200.0)
    almanac = Almanac.over(times[0], times[-1])
    axes = almanac.axes(site, times)
    here = EarthLocation.from_geodetic(site.longitude_deg * u.deg, site.latitude_deg * u.deg, site.elevation_m * u.m)
    frame = AltAz(obstime=Time(times, format="unix"), location=here, pressure=0 * u.hPa)
    for ra, dec in zip(RA, DEC, strict=True):
        u_icrs = directions([ra], [dec])[0]
        mine = np.stack([axes.north @ u_icrs, axes.east @ u_icrs, axes.up @ u_icrs], axis=-1)
        theirs = SkyCoord(ra * u.deg, dec * u.deg).transform_to(frame).cartesian.xyz.value.T
        assert _separation_arcmin(mine, theirs) < 1.0
    for mine_icrs, body in (
        (almanac.sun_at(times), get_sun(frame.obstime)),
        (almanac.moon_from(site, times), get_body("moon", frame.obstime, here)),
    ):
        theirs = body.transform_to(frame).cartesian.xyz
        theirs = (theirs / np.linalg.norm(theirs, axis=0)).value.T
        mine = np.stack([np.einsum("ij,ij->i", a, mine_icrs) for a in (axes.north, axes.east, axes.up)], axis=-1)
        assert _separation_arcmin(mine, theirs) < 1.0


def test_hour_angle_is_apparent_as_astropy_has_it() -> None:
    import astropy.units as u
    from astropy.coordinates import TETE, EarthLocation, SkyCoord
    from astropy.time import Time

    site, date = SITES[1], DATES[2]
    times = unix_s(date) + np.arange(0, 86400, 600.0)
    here = EarthLocation.from_geodetic(site.longitude_deg * u.deg, site.latitude_deg * u.deg, site.elevation_m * u.m)
    when = Time(times, format="unix")
    of_date = SkyCoord(96.6 * u.deg, -14 * u.deg).transform_to(TETE(obstime=when, location=here))
    hours = (when.sidereal_time("apparent", here.lon).hour - of_date.ra.hour + 12) % 24 - 12
    telescope = a_telescope(site, hour_angle_h=(-3.0, 2.0), min_altitude_deg=-90.0, max_sun_altitude_deg=90.0)
    mine = allowed(telescope, "r", Almanac.over(times[0], times[-1]), directions([96.6], [-14.0]), times, 0.0)[0]
    clear = (np.abs(hours + 3.0) > 0.002) & (np.abs(hours - 2.0) > 0.002)
    assert np.array_equal(mine[clear], ((hours > -3.0) & (hours < 2.0))[clear])


def test_twilight_and_observability_are_those_of_astroplan() -> None:
    import astropy.units as u
    from astroplan import AltitudeConstraint, AtNightConstraint, FixedTarget, Observer, is_event_observable
    from astropy.coordinates import EarthLocation, SkyCoord
    from astropy.time import Time

    site, date = SITES[1], DATES[1]
    here = EarthLocation.from_geodetic(site.longitude_deg * u.deg, site.latitude_deg * u.deg, site.elevation_m * u.m)
    times = unix_s(date) + np.arange(0, 86400, 1800.0)
    targets = [FixedTarget(SkyCoord(ra * u.deg, dec * u.deg), name=str(ra)) for ra, dec in zip(RA, DEC, strict=True)]
    rules = [AltitudeConstraint(min=30 * u.deg), AtNightConstraint.twilight_nautical()]
    theirs = is_event_observable(rules, Observer(location=here), targets, times=Time(times, format="unix"))
    telescope = a_telescope(site, min_altitude_deg=30.0)
    almanac = Almanac.over(times[0], times[-1])
    lenient, strict = (allowed(telescope, "r", almanac, directions(RA, DEC), times, m) for m in (-0.2, 0.2))
    assert np.all(theirs <= lenient) and np.all(strict <= theirs)
    assert theirs.any() and not theirs.all()


def test_pairs_and_grid_say_the_same() -> None:
    telescope = a_telescope(
        min_moon_separation_deg=30.0, declination_deg=(-25.0, 80.0), hour_angle_h=(-5.0, 5.0),
        horizon=((0.0, 20.0), (90.0, 45.0), (180.0, 25.0)), max_sun_altitude_deg=0.0,
    )  # fmt: skip
    times = unix_s(DATES[1]) + np.arange(0, 86400, 3000.0)
    almanac, fields = Almanac.over(times[0], times[-1]), directions(RA, DEC)
    grid = allowed(telescope, "r", almanac, fields, times)
    for j, t in enumerate(times):
        assert np.array_equal(grid[:, j], allowed_pairs(telescope, "r", almanac, fields, np.full(len(fields), t)))
    assert grid.any() and not grid.all()


def test_the_violation_names_the_limit_that_forbids() -> None:
    site = Site(0.0, 0.0)
    noon, night = datetime(2024, 3, 20, 12, tzinfo=UTC), datetime(2024, 3, 21, 0, tzinfo=UTC)
    axes = Almanac.over(unix_s(night), unix_s(night) + 1).axes(site, np.array([unix_s(night)]))
    x, y, z = axes.up[0]
    ra, dec = float(np.degrees(np.arctan2(y, x)) % 360), float(np.degrees(np.arcsin(z)))
    assert violation(a_telescope(site), "r", ra, dec, night) is None
    assert violation(a_telescope(site), "r", ra, dec, noon) is Reason.DAYLIGHT
    assert violation(a_telescope(site), "r", (ra + 180) % 360, dec, night) is Reason.BELOW_HORIZON
    assert violation(a_telescope(site, declination_deg=(10.0, 90.0)), "r", ra, dec, night) is Reason.BELOW_HORIZON
    assert violation(a_telescope(site, hour_angle_h=(1.0, 6.0)), "r", ra, dec, night) is Reason.BELOW_HORIZON
    assert violation(a_telescope(site, horizon=((0.0, 90.0), (180.0, 90.0))), "r", ra, dec, night) is not None
    assert violation(a_telescope(site, max_sun_altitude_by_filter={"r": -89.9}), "r", ra, dec, night) is Reason.DAYLIGHT
    assert violation(a_telescope(site, max_sun_altitude_by_filter={"u": -89.9}), "r", ra, dec, night) is None


@pytest.mark.parametrize("field", list(zip(RA.tolist(), DEC.tolist(), strict=True)))
def test_the_first_violation_is_the_first_of_all_instants(field: tuple[float, float]) -> None:
    telescope = a_telescope(
        min_moon_separation_deg=30.0, declination_deg=(-25.0, 80.0), hour_angle_h=(-5.0, 5.0),
        horizon=((0.0, 20.0), (90.0, 45.0), (180.0, 25.0)), max_sun_altitude_deg=0.0,
    )  # fmt: skip
    whens = [DATES[1] + timedelta(minutes=20 * n) for n in range(72)]
    each = [(violation(telescope, "r", *field, when), when) for when in whens]
    assert {reason is None for reason, _ in each} & {False}
    for first in range(0, 72, 5):
        expected = next((one for one in each[first:] if one[0] is not None), None)
        assert first_violation(telescope, "r", *field, whens[first:]) == expected


def test_a_plan_goes_round_a_tree_between_two_free_directions() -> None:
    site, night = Site(48.0, 8.0), datetime(2026, 11, 30, 20, tzinfo=UTC)
    tree = ((0.0, 10.0), (170.0, 10.0), (180.0, 60.0), (190.0, 10.0))
    open_site, wooded = a_telescope(site), a_telescope(site, horizon=tree)
    ras = np.arange(0.0, 360.0, 2.0)
    fields, start = directions(ras, np.full(ras.size, 8.0)), np.array([unix_s(night)])
    almanac = Almanac.over(start[0], start[0] + 5400.0)

    def free(site: Telescope, after_s: float) -> np.ndarray:
        return allowed(site, "r", almanac, fields, start + after_s)[:, 0]

    behind = free(wooded, 0.0) & free(wooded, 5400.0) & ~free(wooded, 2700.0)
    assert behind.any()
    assert visible_in_slots(open_site, "r", almanac, fields[behind], start, start + 5400.0).all()
    assert not visible_in_slots(wooded, "r", almanac, fields[behind], start, start + 5400.0).any()


def test_the_moon_counts_only_while_it_is_up() -> None:
    site = Site(20.0, 0.0)
    telescope = a_telescope(site, min_moon_separation_deg=180.0, **WHOLE_SKY)
    start = unix_s(datetime(2024, 3, 20, tzinfo=UTC))
    times = start + np.arange(0, 86400, 600.0)
    almanac = Almanac.over(times[0], times[-1])
    up = np.einsum("ij,ij->i", almanac.axes(site, times).up, almanac.moon_from(site, times)) > np.sin(np.radians(-0.5))
    good = allowed(telescope, "r", almanac, directions([10.0], [10.0]), times)[0]
    assert np.array_equal(good, ~up)


@pytest.mark.parametrize("apart_deg", [10.0, 60.0, 120.0])
def test_fields_of_the_whole_sky_and_each_by_itself_keep_the_same_distance_from_the_moon(apart_deg: float) -> None:
    telescope = a_telescope(
        SITES[1],
        min_altitude_deg=-90.0,
        max_sun_altitude_deg=90.0,
        min_moon_separation_deg=apart_deg,
        min_moon_separation_by_phase=((0.0, 5.0), (1.0, apart_deg + 20.0)),
    )
    times = unix_s(DATES[1]) + np.arange(0, 3 * 86400, 1800.0)
    almanac = Almanac.over(times[0], times[-1])
    ra, dec = np.meshgrid(np.arange(0.0, 360.0, 15.0), np.arange(-75.0, 90.0, 15.0))
    fields = directions(ra.ravel(), dec.ravel())
    together = allowed(telescope, "r", almanac, fields, times)
    alone = np.vstack([allowed(telescope, "r", almanac, field[None, :], times) for field in fields])
    assert np.array_equal(together, alone)
    assert not together.all() and together.all(axis=1).any()


@pytest.mark.parametrize("apart_deg", [10.0, 30.0, 50.0])
def test_while_the_sun_is_up_everything_near_it_is_daylight_as_astropy_measures(apart_deg: float) -> None:
    import astropy.units as u
    from astropy.coordinates import AltAz, EarthLocation, SkyCoord, get_sun
    from astropy.time import Time

    site = SITES[1]
    times = unix_s(DATES[1]) + np.arange(0, 86400, 3600.0)
    here = EarthLocation.from_geodetic(site.longitude_deg * u.deg, site.latitude_deg * u.deg, site.elevation_m * u.m)
    frame = AltAz(obstime=Time(times, format="unix"), location=here, pressure=0 * u.hPa)
    sun = get_sun(frame.obstime).transform_to(frame)
    ra, dec = (grid.ravel() for grid in np.meshgrid(np.arange(100.0, 190.0, 4.0), np.arange(-30.0, 60.0, 4.0)))
    fields = SkyCoord(ra * u.deg, dec * u.deg)
    seen = fields[:, None].transform_to(frame[None, :])
    apart = seen.separation(sun[None, :]).deg
    up = sun.alt.deg > -1.0
    telescope = a_telescope(site, min_altitude_deg=-90.0, max_sun_altitude_deg=90.0, min_sun_separation_deg=apart_deg)
    good = allowed(telescope, "r", Almanac.over(times[0], times[-1]), directions(ra, dec), times, 0.0)
    clear = (np.abs(apart - apart_deg) > 0.02) & (np.abs(sun.alt.deg + 1.0) > 0.02)
    assert np.array_equal(good[clear], (~up | (apart >= apart_deg))[clear])
    assert not good.all()
    assert good[:, up].any()
    when = utc_of(times[int(np.argmax(up))])
    at = get_sun(Time(when))
    assert violation(telescope, "r", at.ra.deg, at.dec.deg, when) is Reason.DAYLIGHT


def test_each_by_itself_keeps_the_same_distance_from_the_sun_and_a_margin_adds_to_it() -> None:
    telescope = a_telescope(SITES[1], min_altitude_deg=-90.0, max_sun_altitude_deg=90.0)
    times = unix_s(DATES[1]) + np.arange(0, 86400, 1800.0)
    almanac = Almanac.over(times[0], times[-1])
    ra, dec = np.meshgrid(np.arange(0.0, 360.0, 5.0), np.arange(-30.0, 60.0, 5.0))
    fields = directions(ra.ravel(), dec.ravel())
    together = allowed(telescope, "r", almanac, fields, times)
    for row in range(0, len(fields), 7):
        many = np.repeat(fields[row : row + 1], len(times), axis=0)
        assert np.array_equal(together[row], allowed_pairs(telescope, "r", almanac, many, times))
    wider = allowed(telescope, "r", almanac, fields, times, 10.0)
    assert not (wider & ~together).any()
    assert (together & ~wider).any()


@pytest.mark.parametrize("max_sun_deg", [-12.0, -6.0, -1.5])
def test_where_the_sun_must_be_down_its_distance_changes_nothing(max_sun_deg: float) -> None:
    times = unix_s(DATES[0]) + np.arange(0, 86400, 300.0)
    almanac = Almanac.over(times[0], times[-1])
    ra, dec = np.meshgrid(np.arange(0.0, 360.0, 10.0), np.arange(-80.0, 90.0, 10.0))
    fields = directions(ra.ravel(), dec.ravel())
    near, heedless = (
        allowed(
            a_telescope(min_altitude_deg=-90.0, max_sun_altitude_deg=max_sun_deg, min_sun_separation_deg=degrees),
            "r", almanac, fields, times,
        )
        for degrees in (180.0, 0.0)
    )  # fmt: skip
    assert np.array_equal(near, heedless)
    assert near.any()


def test_instants_survive_the_way_to_seconds_and_back() -> None:
    when = datetime(2019, 8, 14, 21, 10, 38, 995000, tzinfo=UTC)
    assert utc_of(unix_s(when)) == when
    assert utc_of(unix_s(when) + 60) == when + timedelta(minutes=1)


def test_a_fuller_moon_keeps_fields_farther_away() -> None:
    site = Site(20.0, 0.0)
    by_phase = ((0.25, 0.0), (0.75, 60.0))
    telescope = a_telescope(
        site, min_moon_separation_by_phase=by_phase, min_altitude_deg=-90.0, max_sun_altitude_deg=90.0
    )
    start = unix_s(datetime(2024, 3, 10, tzinfo=UTC))  # new Moon; full on the 25th
    times = start + np.arange(0, 15 * 86400, 3600.0)
    almanac = Almanac.over(times[0], times[-1])
    moon, lit = almanac.moon_from(site, times), almanac.moon_illuminated(times)
    up = np.einsum("ij,ij->i", almanac.axes(site, times).up, moon) > 0.0
    beside = allowed(telescope, "r", almanac, directions([96.6], [-14.0]), times, 0.0)[0]
    away = np.degrees(np.arccos(moon @ directions([96.6], [-14.0])[0]))
    needed = np.interp(lit, [0.25, 0.75], [0.0, 60.0])
    clear = up & (np.abs(away - needed) > 0.1)
    assert np.array_equal(beside[clear], (away > needed)[clear])
    assert beside[up].any() and not beside[up].all()
    assert lit.min() < 0.01 and lit.max() > 0.99


def test_of_two_distances_from_the_moon_the_larger_holds() -> None:
    start = unix_s(datetime(2024, 3, 25, tzinfo=UTC))
    times = np.array([start])
    almanac = Almanac.over(start, start + 1)
    both = Limits(min_moon_separation_deg=30.0, min_moon_separation_by_phase=((0.0, 10.0), (1.0, 50.0)))
    assert min_moon_separation_deg(both, almanac, times)[0] == pytest.approx(50.0, abs=0.5)
    strict = Limits(min_moon_separation_deg=70.0, min_moon_separation_by_phase=((0.0, 10.0), (1.0, 50.0)))
    assert min_moon_separation_deg(strict, almanac, times)[0] == 70.0
    assert min_moon_separation_deg(Limits(), almanac, times)[0] == 0.0


@pytest.mark.parametrize(
    "limits",
    [
        {"min_moon_separation_deg": 10.0},
        {"min_moon_separation_by_phase": ((0.0, 2.0), (1.0, 20.0))},
        {"hour_angle_h": (-11.9, 3.0)},
        {"declination_deg": (-60.0, 89.0)},
        {"horizon": ((0.0, 89.0), (180.0, 5.0))},
        {"min_altitude_deg": 80.0},
    ],
)
def test_a_wider_margin_never_forbids_what_a_narrower_one_allows(limits: dict[str, object]) -> None:
    telescope = a_telescope(SITES[1], **({"min_altitude_deg": -90.0, "max_sun_altitude_deg": 90.0} | limits))
    times = unix_s(DATES[1]) + np.arange(0, 86400, 1800.0)
    almanac = Almanac.over(times[0], times[-1])
    beside_the_moon = almanac.moon_from(telescope.site, times)[::8]
    fields = np.vstack([beside_the_moon, directions(RA, DEC)])
    seen = [allowed(telescope, "r", almanac, fields, times, -margin) for margin in (-30.0, 0.0, 5.0, 15.0, 40.0, 200.0)]
    assert all(np.all(wider >= narrower) for narrower, wider in itertools.pairwise(seen))
    assert not seen[1].all() and seen[-1].all()


def test_limits_that_leave_out_nothing_forbid_nothing_whatever_the_margin() -> None:
    whole = {"hour_angle_h": (-12.0, 12.0), "declination_deg": (-90.0, 90.0)}
    telescope = a_telescope(SITES[1], min_altitude_deg=-90.0, max_sun_altitude_deg=90.0, **whole)
    times = unix_s(DATES[1]) + np.arange(0, 86400, 20.0)
    poles = directions([0.0, 120.0, 40.0], [90.0, -90.0, 10.0])
    assert allowed(telescope, "r", Almanac.over(times[0], times[-1]), poles, times, 0.02).all()


def test_the_last_instant_within_limits_is_found_to_a_second() -> None:
    telescope = a_telescope(SITES[1], min_altitude_deg=30.0, min_moon_separation_deg=20.0)
    start = unix_s(DATES[1] + timedelta(hours=4))
    seconds = start + np.arange(0.0, 4 * 3600.0 + 1.0)
    almanac = Almanac.over(seconds[0], seconds[-1])
    fields = directions(*(g.ravel() for g in np.meshgrid(np.arange(0.0, 360.0, 20.0), [-70.0, -30.0, 0.0, 20.0])))
    good = allowed(telescope, "r", almanac, fields, seconds)
    fields, good = fields[good[:, 0]], good[good[:, 0]]
    first_bad = np.where(good.all(axis=1), len(seconds), np.argmin(good, axis=1))
    found = visible_until(telescope, "r", almanac, fields, np.full(len(fields), start), seconds[-1])
    assert np.abs(found - seconds[first_bad - 1]).max() <= 1.0
    assert 0 < (first_bad < len(seconds)).sum() < len(fields)
