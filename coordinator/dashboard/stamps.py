"""Cutouts that sites send: decoded and written anew, so that no byte of theirs reaches a browser."""

import io
import struct
import warnings
import zlib
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from telescopes.description.errors import Refused

MOST_BYTES = 64 * 1024
MOST_UNPACKED_BYTES = 4 * 1024 * 1024
MOST_PIXELS = 1024
"""A side of what is read."""

SIDE_PIXELS = 256
"""A side of what is sent, at most."""

FITS, GZIP, PNG, JPEG = b"SIMPLE  =", b"\x1f\x8b", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
DARKEST, BRIGHTEST = 1.0, 99.5
"""Per cent of a FITS image's pixels between which its grey runs."""

SEND = f"send a PNG, JPEG or FITS image of at most {MOST_BYTES // 1024} KiB and {MOST_PIXELS} pixels a side"
ONE_AT_A_TIME = Lock()
"""What is said of warnings counts for all threads; and no two large images are in memory."""

BROKEN = (OSError, ValueError, TypeError, LookupError, EOFError, SyntaxError, ArithmeticError, struct.error, zlib.error)
"""What readers of images raise at bytes that are none."""


def stamp_of(data: bytes, where: str) -> bytes:
    """Return a cutout as a PNG of our own, at most 256 pixels a side; a FITS image has its first row at the bottom.

    Raises
    ------
    Refused
        It is too large, or no image that is understood.
    """
    if len(data) > MOST_BYTES:
        raise Refused(f"a cutout of {len(data)} bytes is too large", where=where, mend=SEND)
    try:
        with ONE_AT_A_TIME, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of headers that are not quite as they should be
            return _redrawn(data, where)
    except BROKEN as error:
        what = f"a cutout that cannot be decoded ({type(error).__name__})"
        raise Refused(what, where=where, mend=SEND) from error


def _redrawn(data: bytes, where: str) -> bytes:
    from PIL import Image

    if data.startswith((FITS, GZIP)):
        image = Image.fromarray(_grey(_fits_pixels(_unpacked(data, where), where)), mode="L")
    elif data.startswith((PNG, JPEG)):
        try:
            found = Image.open(io.BytesIO(data), formats=("PNG", "JPEG"))
        except Image.DecompressionBombError as error:
            raise Refused("a cutout of far too many pixels", where=where, mend=SEND) from error
        _require_small(found.size, where)
        image = found.convert("L" if found.mode in ("1", "L", "I", "I;16", "F") else "RGB")
    else:
        raise Refused("a cutout that is no PNG, JPEG or FITS image", where=where, mend=SEND)
    image.thumbnail((SIDE_PIXELS, SIDE_PIXELS))
    out = io.BytesIO()
    Image.frombytes(image.mode, image.size, image.tobytes()).save(out, "PNG")
    return out.getvalue()


def _unpacked(data: bytes, where: str) -> bytes:
    if not data.startswith(GZIP):
        return data
    packed = zlib.decompressobj(zlib.MAX_WBITS | 16)
    plain = packed.decompress(data, MOST_UNPACKED_BYTES)
    if packed.unconsumed_tail:
        raise Refused("a cutout that unpacks to too much", where=where, mend=SEND)
    return plain


def _fits_pixels(data: bytes, where: str) -> NDArray[np.float64]:
    """Return the first image of two axes, its first row last."""
    from astropy.io import fits

    with fits.open(io.BytesIO(data), memmap=False, lazy_load_hdus=True) as hdus:
        for hdu in hdus:
            header: Any = hdu.header
            if isinstance(hdu, fits.ImageHDU | fits.PrimaryHDU) and header.get("NAXIS") == 2:
                _require_small((int(header["NAXIS1"]), int(header["NAXIS2"])), where)
                return np.asarray(hdu.data, np.float64)[::-1]
    raise Refused("a FITS file without an image of two axes", where=where, mend=SEND)


def _require_small(size: tuple[int, int], where: str) -> None:
    if not all(1 <= side <= MOST_PIXELS for side in size):
        raise Refused(f"a cutout of {size[0]} by {size[1]} pixels", where=where, mend=SEND)


def _grey(pixels: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return brightness between the darkest and the brightest few as grey; what is no number is black."""
    known = pixels[np.isfinite(pixels)]
    if not known.size:
        return np.zeros(pixels.shape, np.uint8)
    low, high = np.percentile(known, (DARKEST, BRIGHTEST))
    share = (np.nan_to_num(pixels, nan=low, posinf=high, neginf=low) - low) / (high - low or 1.0)
    return np.ascontiguousarray(np.clip(share * 255.0, 0.0, 255.0).astype(np.uint8))
