"""Reads one plain image from the bytes of a FITS file, without astropy: what a camera's server hands over."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from telescopes.drivers.fits_header import NotFits

BLOCK, LINE = 2880, 80
TYPES = {8: "u1", 16: ">i2", 32: ">i4", -32: ">f4", -64: ">f8"}
LONGEST_HEADER = 100 * BLOCK
LARGEST_SIDE = 30_000


def read_fits_image(content: bytes) -> tuple[NDArray[Any], dict[str, str]]:
    """Return rows and columns, the first row at the bottom, and the header's values as they stand there.

    Raises
    ------
    NotFits
        The first unit is no plane of pixels, or bytes are missing.
    """
    header, start = _header(content)
    try:
        kind = np.dtype(TYPES[int(header["BITPIX"])])
        axes = [int(header[f"NAXIS{axis + 1}"]) for axis in range(int(header["NAXIS"]))]
        zero, scale = float(header.get("BZERO", "0")), float(header.get("BSCALE", "1"))
    except (KeyError, ValueError) as error:
        raise NotFits(f"its header makes no sense ({error})") from error
    if len(axes) != 2 or not all(0 < side <= LARGEST_SIDE for side in axes):
        raise NotFits(f"axes of {axes} are no single plane")
    width, height = axes
    if len(content) - start < width * height * kind.itemsize:
        raise NotFits(f"bytes are missing of {width} by {height} pixels")
    stored = np.frombuffer(content, kind, width * height, start).reshape(height, width)
    return _scaled(stored, zero, scale), header


def _header(content: bytes) -> tuple[dict[str, str], int]:
    """Return the values by keyword, and where the pixels begin."""
    if not content.startswith(b"SIMPLE  ="):
        raise NotFits("does not begin like a FITS file")
    values: dict[str, str] = {}
    for at in range(0, min(len(content), LONGEST_HEADER), LINE):
        line = content[at : at + LINE].decode("ascii", "replace")
        keyword = line[:8].rstrip()
        if keyword == "END":
            return values, (at // BLOCK + 1) * BLOCK
        if line[8:10] == "= ":
            values[keyword] = _value(line[10:])
    raise NotFits("its header has no end")


def _value(text: str) -> str:
    text = text.strip()
    if text.startswith("'"):
        return text[1:].replace("''", "\0").partition("'")[0].replace("\0", "'").rstrip()
    return text.partition("/")[0].strip()


def _scaled(stored: NDArray[Any], zero: float, scale: float) -> NDArray[Any]:
    """Apply BZERO and BSCALE; whole numbers stay whole where they can."""
    if scale == 1.0 and zero == int(zero) and stored.dtype.kind in "iu":
        return stored.astype(np.int64) + int(zero)
    return stored.astype(np.float64) * scale + zero
