"""Apparent places, beside astropy's."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import astropy.units as u
import pytest
from astropy.coordinates import TETE, SkyCoord
from astropy.time import Time
from astropy.utils import iers
from hypothesis import given, settings
from hypothesis import strategies as st

from telescopes.drivers.devices.places import apart_arcsec, apparent, icrs

WHEN = datetime(2026, 11, 29, 3, 4, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def without_network() -> Iterator[None]:
    with (
        iers.conf.set_temp("auto_download", False),
        iers.conf.set_temp("auto_max_age", None),
        iers.conf.set_temp("iers_degraded_accuracy", "ignore"),
    ):
        yield


@pytest.mark.parametrize(
    ("ra_deg", "dec_deg"), [(0.0, 0.0), (150.0, 20.0), (359.99, -89.0), (83.6, 22.0), (270.0, 66.5)]
)
def test_an_apparent_place_is_that_of_astropy(ra_deg: float, dec_deg: float) -> None:
    theirs = SkyCoord(ra_deg * u.deg, dec_deg * u.deg).transform_to(TETE(obstime=Time(WHEN)))
    assert apart_arcsec(apparent(ra_deg, dec_deg, WHEN), (theirs.ra.deg, theirs.dec.deg)) < 0.05


def test_the_equinox_has_moved_by_more_than_a_small_field() -> None:
    assert apart_arcsec(apparent(150.0, 20.0, WHEN), (150.0, 20.0)) > 1200.0


@given(st.floats(0.0, 360.0), st.floats(-90.0, 90.0), st.floats(0.0, 12_000.0))
@settings(max_examples=100)
def test_there_and_back_is_where_it_was(ra_deg: float, dec_deg: float, days: float) -> None:
    when = WHEN + timedelta(days=days)
    assert apart_arcsec(icrs(*apparent(ra_deg, dec_deg, when), when), (ra_deg, dec_deg)) < 1e-3
