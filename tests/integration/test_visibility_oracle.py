"""Rise, set, twilight, heights and the Moon against astropy and astroplan, for hundreds of random cases.

Both oracles work offline, geometrically, and with the full rotation of the Earth; ours is the fast way of
`telescopes.description.ephemeris`. The Sun and the Moon of astropy come from the same series as ours, so for
them the oracle checks frames, parallax and interpolation, not the series.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from coordinator.sky.visibility import dark_stretches
from telescopes.description.ephemeris import Almanac, directions, unix_s
from telescopes.description.footprint import Rectangle
from telescopes.description.limits import MARGIN_DEG, allowed
from telescopes.description.telescope import Instrument, Limits, Observing, Site, Telescope

pytestmark = [
    pytest.mark.filterwarnings("ignore:ERFA function:erfa.ErfaWarning"),  # years after the last known leap second
    pytest.mark.filterwarnings("ignore:Tried to get polar motions"),
]

DAY_S = 86400.0
CASES = 500
STEP_S = 300.0
MINUTE_S = 60.0
SOON_S = 5.0
ALL_SKY = Limits(min_altitude_deg=-90.0, max_sun_altitude_deg=90.0, min_sun_separation_deg=0.0)


@pytest.fixture(scope="module", autouse=True)
def _offline() -> Iterator[None]:
    """No download; beyond the tables of the Earth's rotation UT1 is taken as UTC."""
    from astropy.utils import iers

    with (
        iers.conf.set_temp("auto_download", False),
        iers.conf.set_temp("auto_max_age", None),
        iers.conf.set_temp("iers_degraded_accuracy", "ignore"),
    ):
        yield


@dataclass(frozen=True)
class Case:
    """A day of one telescope, and a place on the sky."""

    telescope: Telescope
    start_s: float
    ra_deg: float
    dec_deg: float

    @property
    def altitude_deg(self) -> float:
        return self.telescope.limits.min_altitude_deg


def a_telescope(site: Site, limits: Limits) -> Telescope:
    camera = Instrument("main", ("r",), Rectangle(1.0, 1.0))
    return Telescope("t", "T", site, (camera,), Observing(60.0), limits=limits)


def sites(rng: np.random.Generator) -> list[Site]:
    """Latitudes evenly from pole to pole: more of them near the poles than on the globe."""
    latitude = rng.uniform(-90, 90, CASES)
    latitude[:4] = (89.99, -89.99, 88.0, -80.0)
    places = zip(latitude, rng.uniform(-180, 180, CASES), rng.uniform(0, 4500, CASES), strict=True)
    return [Site(float(a), float(b), float(c)) for a, b, c in places]


def days(rng: np.random.Generator) -> np.ndarray:
    first, last = (unix_s(datetime(year, 1, 1, tzinfo=UTC)) for year in (2015, 2036))
    return rng.uniform(first, last - DAY_S, CASES)


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    rng = np.random.default_rng(20150914)
    ra, dec = rng.uniform(0, 360, CASES), np.degrees(np.arcsin(rng.uniform(-1, 1, CASES)))
    altitude = rng.uniform(20, 60, CASES)
    every = zip(sites(rng), days(rng), ra, dec, altitude, strict=True)
    return [
        Case(a_telescope(site, Limits(float(limit), 90.0, min_sun_separation_deg=0.0)), float(day), float(a), float(d))
        for site, day, a, d, limit in every
    ]


def places(telescopes: list[Telescope]) -> Any:
    import astropy.units as u
    from astropy.coordinates import EarthLocation

    at = np.array([(t.site.longitude_deg, t.site.latitude_deg, t.site.elevation_m) for t in telescopes]).T
    return EarthLocation.from_geodetic(at[0] * u.deg, at[1] * u.deg, at[2] * u.m)


def frame(telescopes: list[Telescope], times_s: np.ndarray) -> Any:
    import astropy.units as u
    from astropy.coordinates import AltAz
    from astropy.time import Time

    return AltAz(obstime=Time(times_s, format="unix"), location=places(telescopes), pressure=0 * u.hPa)


def astropy_altitude_deg(some: list[Case], times_s: np.ndarray) -> np.ndarray:
    """Geometric altitude of each case's place at its own instant."""
    import astropy.units as u
    from astropy.coordinates import SkyCoord

    at = SkyCoord([c.ra_deg for c in some] * u.deg, [c.dec_deg for c in some] * u.deg)
    return np.asarray(at.transform_to(frame([c.telescope for c in some], times_s)).alt.deg)


def crossings(case: Case) -> list[tuple[float, bool]]:
    """When the place comes above its limit (True) or goes below (False), by halving, to a tenth of a second."""
    almanac = Almanac.over(case.start_s, case.start_s + DAY_S)
    vector = directions([case.ra_deg], [case.dec_deg])

    def up(times_s: np.ndarray) -> np.ndarray:
        return allowed(case.telescope, "r", almanac, vector, times_s, margin_deg=0.0)[0]

    times_s = case.start_s + np.arange(0, DAY_S + 1, STEP_S)
    is_up = up(times_s)
    found = []
    for i in np.flatnonzero(is_up[1:] != is_up[:-1]):
        low, high = times_s[i], times_s[i + 1]
        while high - low > 0.1:
            middle = (low + high) / 2
            low, high = (middle, high) if up(np.array([middle]))[0] == is_up[i] else (low, middle)
        found.append((float((low + high) / 2), bool(is_up[i + 1])))
    return found


@pytest.fixture(scope="module")
def events(cases: list[Case]) -> list[tuple[Case, float, bool]]:
    return [(case, when_s, rises) for case in cases for when_s, rises in crossings(case)]


@pytest.mark.slow
def test_rise_and_set_at_the_limit_are_those_of_astropy_within_five_seconds(
    events: list[tuple[Case, float, bool]],
) -> None:
    assert len(events) > 400 and {rises for _, _, rises in events} == {True, False}
    some, when_s = [case for case, _, _ in events], np.array([when_s for _, when_s, _ in events])
    limit = np.array([case.altitude_deg for case in some])
    before, after = (astropy_altitude_deg(some, when_s + shift) for shift in (-SOON_S, SOON_S))
    rises = np.array([rises for _, _, rises in events])
    assert np.array_equal(before < limit, rises) and np.array_equal(after > limit, rises)


@pytest.mark.slow
def test_what_never_rises_or_sets_does_not_for_astropy(
    cases: list[Case], events: list[tuple[Case, float, bool]]
) -> None:
    restless = {id(case) for case, _, _ in events}
    calm = [case for case in cases if id(case) not in restless]
    assert len(calm) > 100
    for share in (0.0, 0.25, 0.5, 0.75):
        when_s = np.array([case.start_s + share * DAY_S for case in calm])
        theirs = astropy_altitude_deg(calm, when_s) > np.array([case.altitude_deg for case in calm])
        ours = [
            bool(allowed(c.telescope, "r", Almanac.over(t, t + 1), directions([c.ra_deg], [c.dec_deg]), t[None], 0.0))
            for c, t in zip(calm, when_s, strict=True)
        ]
        assert theirs.tolist() == ours


@pytest.mark.slow
def test_rise_and_set_are_those_of_astroplan_within_a_minute(events: list[tuple[Case, float, bool]]) -> None:
    import astropy.units as u
    from astroplan import FixedTarget, Observer
    from astropy.coordinates import SkyCoord
    from astropy.time import Time

    first = {id(case): (case, when_s, rises) for case, when_s, rises in reversed(events)}
    late = []
    for case, when_s, rises in first.values():
        observer = Observer(location=places([case.telescope])[0])
        target = FixedTarget(SkyCoord(case.ra_deg * u.deg, case.dec_deg * u.deg))
        ask = observer.target_rise_time if rises else observer.target_set_time
        theirs = ask(Time(when_s - 3600, format="unix"), target, which="next", horizon=case.altitude_deg * u.deg)
        late.append(abs(theirs.unix - when_s))
    assert len(late) > 200 and max(late) < MINUTE_S


LATITUDES = (-89.99, -75.0, -52.0, -29.3, -10.0, 0.0, 19.8, 43.8, 65.0, 78.2, 89.99)


def test_heights_are_those_of_astropy_within_an_arcminute_on_a_grid() -> None:
    import astropy.units as u
    from astropy.coordinates import SkyCoord

    rng = np.random.default_rng(170817)
    ra, dec = np.append(rng.uniform(0, 360, 22), [0.0, 359.99]), np.append(rng.uniform(-80, 80, 22), [89.9, -89.9])
    fields, when = directions(ra, dec), SkyCoord(ra * u.deg, dec * u.deg)
    worst = 0.0
    for i, latitude in enumerate(LATITUDES):
        telescope = a_telescope(Site(latitude, -170.0 + 33.0 * i, 500.0 * i), ALL_SKY)
        for year in range(2015, 2036):
            times_s = unix_s(datetime(year, 1 + (5 * i + year) % 12, 15, tzinfo=UTC)) + np.array(
                [0.0, 31000.0, 62000.0]
            )
            almanac = Almanac.over(times_s[0], times_s[-1])
            sine = almanac.axes(telescope.site, times_s).up @ almanac.apparent(fields).T
            theirs = when[None, :].transform_to(frame([telescope], times_s)[:, None]).alt.rad
            worst = max(worst, float(np.abs(np.arcsin(np.clip(sine, -1, 1)) - theirs).max()))
    assert np.degrees(worst) * 60 < 1.0


@pytest.fixture(scope="module")
def nights() -> list[Case]:
    rng = np.random.default_rng(190425)
    sun = rng.choice([-18.0, -15.0, -12.0, -6.0, -0.8], CASES)
    every = zip(sites(rng), days(rng), sun, strict=True)
    return [Case(a_telescope(site, Limits(20.0, float(low))), float(day), 0.0, 0.0) for site, day, low in every]


def astropy_sun_deg(some: list[Case], times_s: np.ndarray) -> np.ndarray:
    from astropy.coordinates import get_sun

    seen = frame([c.telescope for c in some], times_s)
    return np.asarray(get_sun(seen.obstime).transform_to(seen).alt.deg)


def dark(case: Case) -> list[tuple[float, float]]:
    almanac = Almanac.over(case.start_s, case.start_s + DAY_S)
    return dark_stretches(case.telescope, "r", almanac, case.start_s, case.start_s + DAY_S)


@pytest.mark.slow
def test_twilight_begins_and_ends_when_astropy_says_within_a_minute(nights: list[Case]) -> None:
    edges = [
        (case, when_s, begins)
        for case in nights
        for stretch in dark(case)
        for when_s, begins in zip(stretch, (True, False), strict=True)
        if case.start_s < when_s < case.start_s + DAY_S
    ]
    assert len(edges) > 500
    some, when_s = [case for case, _, _ in edges], np.array([when_s for _, when_s, _ in edges])
    top = np.array([case.telescope.limits.max_sun_altitude_deg - MARGIN_DEG for case in some])
    before, after = (astropy_sun_deg(some, when_s + shift) for shift in (-MINUTE_S, MINUTE_S))
    begins = np.array([begins for _, _, begins in edges])
    assert np.array_equal(before > top, begins) and np.array_equal(after < top, begins)


@pytest.mark.slow
def test_a_polar_day_has_no_night_and_a_polar_night_no_day_for_astropy_too(nights: list[Case]) -> None:
    stretches = {id(case): dark(case) for case in nights}
    whole = [c for c in nights if stretches[id(c)] == [(c.start_s, c.start_s + DAY_S)]]
    none = [c for c in nights if not stretches[id(c)]]
    assert len(whole) > 10 and len(none) > 30
    assert all(abs(c.telescope.site.latitude_deg) > 45 for c in whole + none)
    for some, is_dark in ((whole, True), (none, False)):
        top = np.array([case.telescope.limits.max_sun_altitude_deg - MARGIN_DEG for case in some])
        for hour in range(0, 24, 2):
            when_s = np.array([case.start_s for case in some]) + 3600.0 * hour
            assert np.all((astropy_sun_deg(some, when_s) <= top) == is_dark)


@pytest.mark.slow
def test_twilight_is_that_of_astroplan_within_a_minute(nights: list[Case]) -> None:
    import astropy.units as u
    from astroplan import Observer
    from astropy.time import Time

    late = []
    for case in [c for c in nights if abs(c.telescope.site.latitude_deg) < 60][:60]:
        top = (case.telescope.limits.max_sun_altitude_deg - MARGIN_DEG) * u.deg
        observer = Observer(location=places([case.telescope])[0])
        begin_s = max(begin for begin, _ in dark(case))
        if begin_s > case.start_s:
            theirs = observer.sun_set_time(Time(begin_s - 3600, format="unix"), which="next", horizon=top)
            late.append(abs(theirs.unix - begin_s))
    assert len(late) > 40 and max(late) < MINUTE_S


@pytest.mark.slow
def test_the_moon_stands_where_astropy_sees_it_from_the_site_within_five_arcminutes(cases: list[Case]) -> None:
    import astropy.units as u
    from astropy.coordinates import SkyCoord, get_body

    times_s = np.array([case.start_s for case in cases])
    seen = frame([case.telescope for case in cases], times_s)
    moon = get_body("moon", seen.obstime, seen.location).transform_to(seen)
    fields = SkyCoord([c.ra_deg for c in cases] * u.deg, [c.dec_deg for c in cases] * u.deg).transform_to(seen)
    theirs = fields.separation(moon).deg
    ours = [moon_separation_deg(case) for case in cases]
    assert np.abs(np.array(ours) - theirs).max() * 60 < 5.0


def moon_separation_deg(case: Case) -> float:
    almanac = Almanac.over(case.start_s, case.start_s + DAY_S)
    moon = almanac.moon_from(case.telescope.site, np.array([case.start_s]))[0]
    field = almanac.apparent(directions([case.ra_deg], [case.dec_deg]))[0]
    return float(np.degrees(np.arccos(np.clip(field @ moon, -1, 1))))


@pytest.mark.slow
def test_as_much_of_the_moon_is_lit_as_for_astroplan(cases: list[Case]) -> None:
    from astroplan import moon_illumination
    from astropy.time import Time

    start_s = cases[0].start_s
    times_s = start_s + np.linspace(0, 30 * DAY_S, 200)
    ours = Almanac.over(start_s, start_s + 30 * DAY_S).moon_illuminated(times_s)
    assert np.abs(ours - moon_illumination(Time(times_s, format="unix"))).max() < 0.01
    assert ours.min() < 0.02 and ours.max() > 0.98
