"""Stars of the Galaxy that collapse, and what shines where bursts and neutrinos come from."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord

from coordinator.lightcurves.afterglow import SPREAD_MAG, afterglow_mag
from coordinator.simulation.world.cone_light import UNSEEN_JETS, light_of
from coordinator.simulation.world.cones import ConeEvent, Who, drawn_cone
from coordinator.simulation.world.galaxy import SUN_KPC, Star, drawn_star, reddening_mag
from telescopes.drivers.world import SkySource

T0 = datetime(2026, 1, 1, tzinfo=UTC)
START = T0 - timedelta(minutes=1)


def stars(n: int = 2000) -> list[Star]:
    rng = np.random.default_rng(3)
    return [drawn_star(rng) for _ in range(n)]


def lights(who: Who, n: int) -> list[tuple[ConeEvent, SkySource | None]]:
    rng = np.random.default_rng(11)
    events = [drawn_cone(rng, who, T0) for _ in range(n)]
    return [(event, light_of(rng, event, START, 60.0)) for event in events]


def test_stars_lie_near_the_plane_and_more_often_towards_the_middle() -> None:
    found = stars()
    there = SkyCoord([s.ra_deg for s in found] * u.deg, [s.dec_deg for s in found] * u.deg).galactic
    assert np.median(np.abs(there.b.deg)) < 2.0
    assert np.mean(np.cos(there.l.rad) > 0.0) > 0.85
    assert np.median([s.distance_kpc for s in found]) == pytest.approx(SUN_KPC, abs=1.5)


def test_dust_grows_with_distance_and_is_thick_towards_the_middle_alone() -> None:
    middle, pole = (
        SkyCoord(0 * u.deg, 0 * u.deg, frame="galactic").icrs,
        SkyCoord(0 * u.deg, 90 * u.deg, frame="galactic").icrs,
    )
    near, far = (reddening_mag(Star(middle.ra.deg, middle.dec.deg, kpc)) for kpc in (1.0, 8.0))
    up = reddening_mag(Star(pole.ra.deg, pole.dec.deg, 1.0))
    assert up < 0.05 < near < far
    assert near == pytest.approx(0.7 / 3.1, rel=0.35)


def test_a_neutrino_detector_points_the_better_the_nearer_the_star_is() -> None:
    events = [event for event, _ in lights("superk", 300)]
    for event in events:
        assert event.distance_kpc is not None
        assert event.circles[0].radius_deg == pytest.approx(0.91 * event.distance_kpc / 2.5)


def test_afterglows_gather_at_what_is_usual_and_scatter_about_it() -> None:
    seconds = 1000.0
    found = [light for _, light in lights("gbm", 400) if light is not None]
    assert len(found) == 400
    mags = [np.interp(seconds / 3600.0 + 1.0 / 60.0, *np.array(light.light_curve["r"]).T) for light in found]
    usual = float(afterglow_mag("r", seconds / 86400.0))
    assert np.median(mags) == pytest.approx(usual, abs=0.3)
    assert np.std(mags) == pytest.approx(SPREAD_MAG, abs=0.3)


def test_nothing_shines_before_the_burst_and_it_fades() -> None:
    for _, light in lights("swift", 20):
        assert light is not None
        for curve in light.light_curve.values():
            hours, mags = np.array(curve).T
            assert hours[0] > 1.0 / 60.0 and hours[-1] == pytest.approx(60.0)
            assert mags[-1] > mags[0] + 3.0


def test_a_neutrino_from_space_shows_something_in_one_case_of_five_and_noise_never() -> None:
    every = lights("bronze", 1500)
    assert all(light is None for event, light in every if not event.is_real)
    real = [light is not None for event, light in every if event.is_real]
    assert np.mean(real) == pytest.approx(UNSEEN_JETS, abs=0.05)


def test_a_star_shines_some_time_after_its_neutrinos_and_redder_than_without_dust() -> None:
    for _, light in lights("superk", 50):
        assert light is not None and light.kind == "supernova"
        (first, _), *_ = light.light_curve["r"]
        assert 0.2 < first - 1.0 / 60.0 < 34.0
        assert light.light_curve["g"][-1][1] > light.light_curve["i"][-1][1]
