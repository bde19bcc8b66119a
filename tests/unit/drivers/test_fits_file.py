"""Our images, read by astropy."""

import hashlib
import math
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from numpy.typing import NDArray

from telescopes.description.errors import Broken
from telescopes.drivers.fits_file import Card, wcs_cards, write_fits

PIXELS = np.arange(12, dtype=np.uint16).reshape(3, 4) * 5000
LONG = "it's " * 40 + "over"


def written(folder: Path, pixels: NDArray[Any], *cards: Card) -> Path:
    path = folder / "night" / "image.fits"
    assert write_fits(path, pixels, cards) == hashlib.sha256(path.read_bytes()).hexdigest()
    return path


@pytest.mark.parametrize(
    ("pixels", "bitpix"),
    [
        (PIXELS, 16),
        (np.array([[0, 65535], [1, 32768]]), 16),
        (np.array([[-1, 70000], [2, 3]], np.int64), 32),
        (np.array([[0.5, -1e9], [2.0, 3.25]]), -32),
    ],
)
def test_astropy_reads_the_pixels_that_were_written(tmp_path: Path, pixels: NDArray[Any], bitpix: int) -> None:
    path = written(tmp_path, pixels)
    with fits.open(path) as image:
        image.verify("exception")
        assert np.array_equal(image[0].data, pixels)
    with fits.open(path, do_not_scale_image_data=True) as image:
        assert image[0].header["BITPIX"] == bitpix
    assert path.stat().st_size % 2880 == 0


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("S230518h/tca/7", "S230518h/tca/7"),
        ("", ""),
        ("x" * 68, "x" * 68),
        ("x" * 69, "x" * 69),
        ("'" * 34, "'" * 34),
        ("'" * 35, "'" * 35),
        (LONG, LONG),
        ("new\nline, SIMPLE = é", "new?line, SIMPLE = ?"),
        (True, True),
        (False, False),
        (-12, -12),
        (5.0, 5.0),
        (1e-5, 1e-5),
        (-1.2345678901234567e-105, -1.23456789012346e-105),
        (6.02e23, 6.02e23),
        (datetime(2026, 11, 29, 1, 2, 3, 456789, UTC), "2026-11-29T01:02:03.456"),
    ],
)
def test_astropy_reads_the_cards_that_were_written(tmp_path: Path, value: Any, read: Any) -> None:
    path = written(tmp_path, PIXELS, ("ODD-CARD", value, "what it is"), ("NEXT", 1, "after it " * 20))
    with fits.open(path) as image:
        image.verify("exception")
        found = image[0].header["ODD-CARD"]
        assert found == read
        assert type(found) is type(read)
        assert image[0].header["NEXT"] == 1


@pytest.mark.parametrize("angle_deg", [0.0, 30.0, 180.0, 271.0])
def test_astropy_finds_the_field_where_the_telescope_looked(tmp_path: Path, angle_deg: float) -> None:
    width, height = 40, 20
    path = written(tmp_path, np.zeros((height, width)), *wcs_cards(359.9, -60.0, angle_deg, width, height, (2.0, 3.0)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with fits.open(path) as image:
            sky = WCS(image[0].header)
    centre = sky.pixel_to_world((width - 1) / 2, (height - 1) / 2)
    assert (centre.ra.deg, centre.dec.deg) == pytest.approx((359.9, -60.0))
    up = sky.pixel_to_world((width - 1) / 2, (height - 1) / 2 + 1)
    assert centre.separation(up).arcsec == pytest.approx(3.0, rel=1e-3)
    assert math.cos(centre.position_angle(up).rad - math.radians(angle_deg)) == pytest.approx(1.0)
    right = sky.pixel_to_world((width - 1) / 2 + 1, (height - 1) / 2)
    assert centre.separation(right).arcsec == pytest.approx(2.0, rel=1e-3)
    assert math.cos(centre.position_angle(right).rad - math.radians(angle_deg - 90)) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("pixels", "card"),
    [
        (np.zeros(3), ("A", 1, "")),
        (np.zeros((0, 3)), ("A", 1, "")),
        (np.zeros((2, 2), complex), ("A", 1, "")),
        (np.array([[2**40]]), ("A", 1, "")),
        (PIXELS, ("lower", 1, "")),
        (PIXELS, ("NINELONGS", 1, "")),
        (PIXELS, ("NAN", math.nan, "")),
    ],
)
def test_what_no_fits_file_can_hold_is_refused_and_leaves_nothing(
    tmp_path: Path, pixels: NDArray[Any], card: Card
) -> None:
    with pytest.raises(Broken):
        write_fits(tmp_path / "image.fits", pixels, [card])
    assert list(tmp_path.iterdir()) == []
