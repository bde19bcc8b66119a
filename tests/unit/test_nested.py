"""Nested pixels against healpy."""

import numpy as np
import pytest

from coordinator.sky.nested import MAX_RADIUS_RAD, pixel_at, pixel_number, pixel_vectors, pixel_xy


@pytest.mark.parametrize("order", [0, 1, 4, 12, 20, 29])
def test_centres_are_those_of_healpy(order: int) -> None:
    import healpy

    rng = np.random.default_rng(order)
    ipix = np.r_[0, 12 * 4**order - 1, rng.integers(0, 12 * 4**order, 2000)]
    theirs = np.stack(healpy.pix2vec(1 << order, ipix, nest=True), axis=-1)
    assert np.abs(pixel_vectors(order, ipix) - theirs).max() < 1e-13


@pytest.mark.parametrize("order", [0, 3, 12, 20])
def test_a_place_lies_in_the_pixel_that_healpy_says(order: int) -> None:
    import healpy

    rng = np.random.default_rng(order)
    polar = np.r_[90.0 - 10.0 ** rng.uniform(-6, 1, 5000), 10.0 ** rng.uniform(-6, 1, 5000) - 90.0]
    dec = np.r_[np.degrees(np.arcsin(rng.uniform(-1, 1, 20000))), polar, 90.0, -90.0, 0.0, 0.0, 41.9, -41.9]
    ra = np.r_[rng.uniform(-360, 720, 30000), 0.0, 359.0, 0.0, 360.0, 45.0, -1e-17]
    assert np.array_equal(pixel_at(order, ra, dec), healpy.ang2pix(1 << order, ra, dec, nest=True, lonlat=True))


def test_the_pixel_of_a_centre_is_the_pixel_itself() -> None:
    ipix = np.random.default_rng(2).integers(0, 12 * 4**12, 5000)
    x, y, z = pixel_vectors(12, ipix).T
    ra_deg, dec_deg = np.degrees(np.arctan2(y, x)), np.degrees(np.arctan2(z, np.hypot(x, y)))
    assert np.array_equal(pixel_at(12, ra_deg, dec_deg), ipix)


def test_orders_may_be_mixed() -> None:
    order, ipix = np.array([0, 5, 12]), np.array([7, 12000, 123456789])
    each = [pixel_vectors(int(o), np.array([i]))[0] for o, i in zip(order, ipix, strict=True)]
    assert np.array_equal(pixel_vectors(order, ipix), each)


def test_a_pixel_survives_the_way_to_face_and_back() -> None:
    ipix = np.random.default_rng(1).integers(0, 12 * 4**12, 1000)
    assert np.array_equal(pixel_number(12, *pixel_xy(12, ipix)), ipix)


def test_no_pixel_reaches_beyond_its_radius() -> None:
    import healpy

    assert all(healpy.max_pixrad(1 << order) * (1 << order) < MAX_RADIUS_RAD for order in range(13))
