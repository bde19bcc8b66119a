"""Two-body orbits against the equations of motion, and at their edges."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from coordinator.catalogues.minor_planets.elements import GAUSS, Elements
from coordinator.catalogues.minor_planets.kepler import MU, in_plane
from coordinator.catalogues.minor_planets.observer import mjd_tt, observer_au
from coordinator.catalogues.minor_planets.orbits import Orbits, magnitude, radec_deg
from telescopes.description.ephemeris import LIGHT_AU_PER_DAY
from telescopes.description.telescope import Site


@pytest.mark.parametrize("e", [0.0, 0.3, 0.94, 0.951, 0.999, 1.0, 1.0001, 1.2, 3.4])
@pytest.mark.parametrize("days", [-400.0, -20.0, 0.0, 1e-3, 150.0])
def test_every_conic_obeys_the_equations_of_motion(e: float, days: float) -> None:
    start = np.array([0.8, 0.0, 0.0, GAUSS * np.sqrt((1 + e) / 0.8)])

    def pull(_: float, state: np.ndarray) -> np.ndarray:
        return np.concatenate([state[2:], -MU * state[:2] / np.hypot(*state[:2]) ** 3])

    truth = start if days == 0 else solve_ivp(pull, (0, days), start, "DOP853", rtol=1e-13, atol=1e-15).y[:, -1]
    found = np.concatenate(in_plane(np.array([0.8]), np.array([e]), np.array([days])))
    assert found[:2] == pytest.approx(truth[:2], abs=3e-10)
    assert found[2:] == pytest.approx(truth[2:], abs=3e-11)


def test_conics_meet_where_one_turns_into_the_next() -> None:
    e = np.array([0.9499999, 0.9500001, 1 - 1e-12, 1.0, 1 + 1e-12])
    x, y, _, _ = in_plane(np.full(5, 0.5), e, np.full(5, 77.0))
    assert x[:2] == pytest.approx([x[0]] * 2, abs=1e-6) and y[:2] == pytest.approx([y[0]] * 2, abs=1e-6)
    assert x[2:] == pytest.approx([x[3]] * 3, abs=1e-10) and y[2:] == pytest.approx([y[3]] * 3, abs=1e-10)


def test_many_turns_later_an_ellipse_is_where_it_was() -> None:
    for e in (0.2, 0.97):
        period = 2 * np.pi / GAUSS * (0.5 / (1 - e)) ** 1.5
        once, later = (in_plane(np.array([0.5]), np.array([e]), np.array([t])) for t in (9.0, 9.0 + 40 * period))
        assert np.concatenate(later) == pytest.approx(np.concatenate(once), abs=1e-9)


def test_orbits_that_nobody_believes_do_not_crash() -> None:
    rng = np.random.default_rng(3)
    e = 10 ** rng.uniform(-6, 4, 5000)
    q, t = 10 ** rng.uniform(-4, 4, 5000), 10 ** rng.uniform(-6, 7, 5000) * rng.choice([-1, 1], 5000)
    x, y, vx, vy = in_plane(q, e, t)
    solved = np.isfinite(x)
    assert solved[e < 10].all()
    energy = (vx**2 + vy**2) / 2 - MU / np.hypot(x, y)
    expected = -MU * (1 - e) / (2 * q)
    scale = np.maximum(np.abs(expected), MU / np.hypot(x, y))
    believable = solved & (e < 10)
    assert (np.abs(energy - expected)[believable] < 1e-6 * scale[believable]).all()


def circle(radius_au: float) -> Elements:
    return Elements.of(
        ["round"],
        epoch_mjd=60000.0,
        q_au=radius_au,
        e=0.0,
        incl_deg=0.0,
        node_deg=0.0,
        peri_deg=0.0,
        tp_mjd=60000.0,
        h_mag=10.0,
        slope=0.15,
    )


def test_light_comes_from_where_the_body_was() -> None:
    orbits = Orbits.of(circle(3.0))
    seen, sun = orbits.seen_from(np.zeros(3), 60100.0)
    earlier, _ = orbits.heliocentric(60100.0 - 3.0 / LIGHT_AU_PER_DAY)
    assert seen == pytest.approx(earlier, abs=1e-9) and sun == pytest.approx(seen)


def test_a_site_sees_a_body_shifted_by_its_parallax() -> None:
    orbits, utc = Orbits.of(circle(2.0)), 60010.3
    centre, _ = orbits.seen_from(observer_au(None, utc), mjd_tt(utc))
    shifts = []
    for longitude in range(0, 360, 30):
        there, _ = orbits.seen_from(observer_au(Site(0.0, float(longitude)), utc), mjd_tt(utc))
        shifts.append(np.degrees(np.arccos((there @ centre[0])[0] / np.linalg.norm(there) / np.linalg.norm(centre))))
    assert max(shifts) * 3600 == pytest.approx(8.794 / np.linalg.norm(centre), rel=0.02)


def test_brightness_at_one_au_and_no_phase_is_the_absolute_magnitude() -> None:
    one = np.array([[1.0, 0.0, 0.0]])
    assert magnitude(np.array([10.0]), np.array([0.15]), one, one) == pytest.approx([10.0])
    assert magnitude(np.array([10.0]), np.array([np.nan]), 2 * one, one) == pytest.approx([10.0 + 5 * np.log10(2)])
    assert np.isnan(magnitude(np.array([np.nan]), np.array([0.15]), one, one))


def test_directions_become_degrees() -> None:
    ra, dec = radec_deg(np.array([[0.0, -2.0, 0.0], [0.0, 0.0, 3.0], [1.0, 0.0, 1.0]]))
    assert ra == pytest.approx([270.0, 0.0, 0.0]) and dec == pytest.approx([0.0, 90.0, 45.0])
