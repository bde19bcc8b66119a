"""Images that cameras' servers hand over, written by astropy."""

import io
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from telescopes.drivers.fits_header import NotFits
from telescopes.drivers.fits_image import read_fits_image


def content_of(pixels: Any, **cards: object) -> bytes:
    image, file = fits.PrimaryHDU(pixels), io.BytesIO()
    image.header.update(cards)
    image.writeto(file)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["uint8", "int16", "uint16", "int32", "uint32", "float32", "float64"])
def test_pixels_and_header_are_read(kind: str) -> None:
    pixels = (np.arange(12).reshape(3, 4) * 20).astype(kind)
    read, header = read_fits_image(content_of(pixels, EXPTIME=1.5, OBJECT="it's / M31"))
    assert np.array_equal(read, pixels)
    assert (float(header["EXPTIME"]), header["OBJECT"]) == (1.5, "it's / M31")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        content_of(np.zeros((3, 4)))[:2880],
        content_of(np.zeros((2, 3, 4))),
        content_of(np.zeros(7)),
        b"SIMPLE  =" + b" " * 500_000,
        content_of(np.zeros((3, 4))).replace(b"BITPIX  =                  -64", b"BITPIX  =                  -63"),
        content_of(np.zeros((3, 4))).replace(b"NAXIS1  =                    4", b"NAXIS1  =          99999999999"),
    ],
)
def test_what_is_no_image_is_refused(content: bytes) -> None:
    with pytest.raises(NotFits):
        read_fits_image(content)
