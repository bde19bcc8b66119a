"""Nested pixels against healpy."""

import numpy as np
import pytest

from coordinator.sky.nested import MAX_RADIUS_RAD, pixel_number, pixel_vectors, pixel_xy


@pytest.mark.parametrize("order", [0, 1, 4, 12, 20, 29])
def test_centres_are_those_of_healpy(order: int) -> None:
    import healpy

    rng = np.random.default_rng(order)
    ipix = np.r_[0, 12 * 4**order - 1, rng.integers(0, 12 * 4**order, 2000)]
    theirs = np.stack(healpy.pix2vec(1 << order, ipix, nest=True), axis=-1)
    assert np.abs(pixel_vectors(order, ipix) - theirs).max() < 1e-13


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
