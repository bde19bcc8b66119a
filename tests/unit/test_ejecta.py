"""The kilonova of its ejecta: energy is kept, distance and redshift act as they must, draws scatter as stated."""

import numpy as np
import pytest

from coordinator.lightcurves.ejecta import (
    AT2017GFO,
    DAY_S,
    PASSBAND_NM,
    Ejecta,
    ejecta_abs_mag,
    luminosity_erg_s,
    scattered,
)


def by_quadrature(one: Ejecta, day: float) -> float:
    """The integral of the page, done by brute force."""
    tau2 = 2 * one.opacity_cm2_g * one.mass_msun * 1.98847e33 / (13.7 * one.velocity_c * 2.99792458e10**2)
    s = np.geomspace(1e-6, day, 400_000)
    a, b, d = one.thermal
    x = 2 * b * s**d
    heat = 4e18 * one.mass_msun * 1.98847e33 * (0.5 - np.arctan((s * DAY_S - 1.3) / 0.11) / np.pi) ** 1.3
    heat *= 0.36 * (np.exp(-a * s) + np.log(1 + x) / x)
    seconds = s * DAY_S
    kernel = heat * 2 * seconds / tau2 * np.exp((seconds**2 - (day * DAY_S) ** 2) / tau2)
    return float(np.trapezoid(kernel, seconds))


@pytest.mark.parametrize("component", AT2017GFO, ids=["blue", "purple", "red"])
@pytest.mark.parametrize("day", [0.5, 2.0, 8.0])
def test_the_recursion_is_the_integral(component: Ejecta, day: float) -> None:
    assert luminosity_erg_s(component, day) == pytest.approx(by_quadrature(component, day), rel=0.01)


def test_it_is_not_there_before_the_merger_and_finite_for_a_month() -> None:
    assert np.isinf(ejecta_abs_mag("r", [-1.0, 0.0])).all()
    assert np.isfinite(ejecta_abs_mag("K", np.linspace(0.01, 30.0, 40))).all()
    assert ejecta_abs_mag("g", 1.0).shape == ()


def test_it_reddens_as_a_kilonova_does() -> None:
    early, late = (ejecta_abs_mag("g", t) - ejecta_abs_mag("r", t) for t in (0.5, 4.0))
    assert early < 0.3 < 0.8 < late


def test_redshift_stretches_time_and_shifts_one_band_into_another() -> None:
    z = PASSBAND_NM["r"] / PASSBAND_NM["g"] - 1.0
    days = np.array([0.5, 1.0, 3.0])
    far = ejecta_abs_mag("r", days * (1.0 + z), redshift=z)
    assert far == pytest.approx(ejecta_abs_mag("g", days) - 2.5 * np.log10(1.0 + z), abs=2e-3)


def test_draws_scatter_by_a_factor_of_two_in_mass_and_a_fifth_in_speed() -> None:
    rng = np.random.default_rng(2)
    drawn = [scattered(rng, 0.3) for _ in range(400)]
    assert np.std([np.log10(d[1].mass_msun) for d in drawn]) == pytest.approx(0.3, abs=0.04)
    assert np.std([d[1].velocity_c / AT2017GFO[1].velocity_c for d in drawn]) == pytest.approx(0.2, abs=0.03)


@pytest.mark.parametrize(("inclination_rad", "hidden"), [(0.0, 0.0), (np.pi / 2, 1.0), (np.pi, 0.0)])
def test_the_blue_component_hides_towards_the_equator(inclination_rad: float, hidden: float) -> None:
    blue, purple, _ = scattered(np.random.default_rng(3), inclination_rad)
    assert blue.fainter_mag == pytest.approx(hidden)
    assert purple.fainter_mag == 0.0


def test_the_same_seed_draws_the_same() -> None:
    assert scattered(np.random.default_rng(5), 1.0) == scattered(np.random.default_rng(5), 1.0)
