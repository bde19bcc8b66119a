"""Moonlight on the sky, against numbers that others published."""

import numpy as np
import pytest

from coordinator.lightcurves.moonlight import (
    MAGS_PER_E,
    NL_AT_ZERO_MAG,
    Moon,
    depth_lost_mag,
    moonlight_nl,
    nl_of_mag,
    scattering_airmass,
    sky_brighter_by,
)

FULL, HALF = Moon(0.0, 60.0), Moon(90.0, 60.0)


def test_the_dark_zenith_of_mauna_kea_is_79_nanolamberts() -> None:
    assert float(nl_of_mag(21.587)) == pytest.approx(79.0, abs=0.05)


def test_scattered_moonlight_is_as_desis_documented_example_says() -> None:
    """Phase a quarter of the way from full to new, Moon 70 and sky 20 degrees from the zenith, 50 apart, k 0.15."""
    moonlight = moonlight_nl(Moon(45.0, 20.0), 50.0, 20.0, 0.15)
    assert np.log(NL_AT_ZERO_MAG / moonlight) / MAGS_PER_E == pytest.approx(19.855, abs=0.001)


def test_airmass_stays_finite_at_the_horizon() -> None:
    assert scattering_airmass([0.0, 60.0, 90.0]) == pytest.approx([1.0, 1.890, 5.0], abs=0.001)


def test_a_moon_below_the_horizon_costs_nothing() -> None:
    assert float(sky_brighter_by("g", Moon(0.0, -1.0), 40.0, 30.0)) == 1.0


@pytest.mark.parametrize("band", ["u", "g", "r", "i", "z", "B", "V", "R", "I", "clear", "no such band"])
def test_the_sky_is_brighter_the_fuller_and_the_nearer_the_moon(band: str) -> None:
    near, far = sky_brighter_by(band, FULL, [30.0, 90.0], 33.0)
    assert near > far > float(sky_brighter_by(band, HALF, 90.0, 33.0)) > 1.0


def test_moonlight_is_blue_as_at_paranal() -> None:
    """Patat (2003): at most three magnitudes in B and about one in I, ten days after new Moon; none in the infrared."""
    ten_days = Moon(58.0, 60.0)
    mags = {band: 2.5 * np.log10(sky_brighter_by(band, ten_days, 40.0, 40.0)) for band in "BVRIK"}
    assert 2.0 < mags["B"] < 3.5 and 0.5 < mags["I"] < 1.5
    assert mags["B"] > mags["V"] > mags["R"] > mags["I"] > mags["K"] == 0.0


def test_a_sky_a_hundred_times_as_bright_costs_two_and_a_half_magnitudes_of_depth() -> None:
    assert depth_lost_mag([1.0, 100.0]) == pytest.approx([0.0, 2.5])


def test_the_phase_comes_from_the_lit_share_of_the_disc() -> None:
    assert [Moon.lit(lit, 10.0).phase_deg for lit in (1.0, 0.5, 0.0)] == pytest.approx([0.0, 90.0, 180.0])
