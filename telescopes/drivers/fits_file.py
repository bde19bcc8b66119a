"""Writes one image as a FITS file, without astropy: a primary header and data unit, and the sky it shows."""

import hashlib
import math
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from telescopes.description.errors import Broken
from telescopes.description.whole_file import write_whole

Value = str | int | float | bool | datetime
Card = tuple[str, Value, str]
"""Keyword, value, comment; the comment gives way where the line is full."""

BLOCK = 2880
LINE = 80
KEYWORD = re.compile(r"[A-Z0-9_-]{1,8}")
LONGEST_TEXT = 68
UNSIGNED_ZERO = 32768
ARCSEC_PER_DEG = 3600.0


def write_fits(path: Path, pixels: NDArray[Any], cards: Sequence[Card]) -> str:
    """Write an image whole or not at all, and return the SHA-256 of the file in hex.

    Parameters
    ----------
    path : Path
        Its folder is made where it is missing; a file of that name is replaced.
    pixels : numpy array, shape (height, width)
        The first row is the bottom one. Whole numbers from 0 to 65535 become 16 bits with BZERO = 32768, other whole
        numbers 32 bits, and floating-point numbers single precision.
    cards : sequence of (keyword, value, comment)
        What else the header says, in order. A time is written in UTC; text outside printable ASCII becomes "?".
    """
    data, scaling = _stored(pixels)
    height, width = data.shape
    mandatory: list[Card] = [
        ("SIMPLE", True, "conforms to the FITS standard"),
        ("BITPIX", data.dtype.itemsize * (-8 if data.dtype.kind == "f" else 8), "bits of a pixel; negative: float"),
        ("NAXIS", 2, ""),
        ("NAXIS1", width, "columns"),
        ("NAXIS2", height, "rows, the first at the bottom"),
        *scaling,
    ]
    header = "".join(line for card in (*mandatory, *cards) for line in _lines(card)) + "END".ljust(LINE)
    body = _padded(header.encode("ascii"), b" ") + _padded(data.tobytes(), b"\0")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, body)
    return hashlib.sha256(body).hexdigest()


def wcs_cards(
    ra_deg: float,
    dec_deg: float,
    position_angle_deg: float,
    width_px: int,
    height_px: int,
    scale_arcsec: float | tuple[float, float],
) -> list[Card]:
    """Say where the image lies on the sky: a tangent plane about its centre, ICRS, east to the left of north.

    Parameters
    ----------
    position_angle_deg : float
        Where the columns point (+y), from north through east.
    scale_arcsec : float or pair
        Arcseconds per pixel; a pair where a column's pixel differs from a row's: (along x, along y).
    """
    along_x, along_y = scale_arcsec if isinstance(scale_arcsec, tuple) else (scale_arcsec, scale_arcsec)
    sine, cosine = math.sin(math.radians(position_angle_deg)), math.cos(math.radians(position_angle_deg))
    x_deg, y_deg = along_x / ARCSEC_PER_DEG, along_y / ARCSEC_PER_DEG
    return [
        ("WCSAXES", 2, ""),
        ("RADESYS", "ICRS", ""),
        ("CTYPE1", "RA---TAN", ""),
        ("CTYPE2", "DEC--TAN", ""),
        ("CUNIT1", "deg", ""),
        ("CUNIT2", "deg", ""),
        ("CRVAL1", ra_deg % 360.0, "right ascension of the centre, degrees"),
        ("CRVAL2", dec_deg, "declination of the centre, degrees"),
        ("CRPIX1", (width_px + 1) / 2, "the centre's column"),
        ("CRPIX2", (height_px + 1) / 2, "the centre's row"),
        ("CD1_1", -x_deg * cosine, ""),
        ("CD1_2", y_deg * sine, ""),
        ("CD2_1", x_deg * sine, ""),
        ("CD2_2", y_deg * cosine, ""),
    ]


def _stored(pixels: NDArray[Any]) -> tuple[NDArray[Any], list[Card]]:
    """Return the numbers as they lie in the file, big-endian, and the cards that say how to read them."""
    if pixels.ndim != 2 or not pixels.size:
        raise Broken(f"an image of shape {pixels.shape}", where="write_fits", mend="give rows and columns")
    if pixels.dtype.kind == "f":
        return pixels.astype(">f4"), []
    if pixels.dtype.kind not in "iub":
        raise Broken(f"an image of {pixels.dtype}", where="write_fits", mend="give whole or floating-point numbers")
    lowest, highest = int(pixels.min()), int(pixels.max())
    if lowest >= 0 and highest < 2 * UNSIGNED_ZERO:
        shifted = pixels.astype(np.int32) - UNSIGNED_ZERO
        return shifted.astype(">i2"), [("BSCALE", 1, ""), ("BZERO", UNSIGNED_ZERO, "unsigned 16-bit numbers")]
    if lowest >= -(2**31) and highest < 2**31:
        return pixels.astype(">i4"), []
    raise Broken("pixels beyond 32 bits", where="write_fits", mend="scale the image")


def _lines(card: Card) -> Iterator[str]:
    keyword, value, comment = card
    if not KEYWORD.fullmatch(keyword):
        raise Broken(f"no FITS keyword: {keyword!r}", where="write_fits", mend="up to 8 of A-Z 0-9 _ -")
    if isinstance(value, datetime):
        value = value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
    if isinstance(value, str):
        yield from _text_lines(keyword, _printable(value), comment)
    else:
        yield _line(f"{keyword:<8}= {_number(value):>20}", comment)


def _number(value: float) -> str:
    if isinstance(value, bool | np.bool_):
        return "T" if value else "F"
    if isinstance(value, int | np.integer):
        return str(value)
    if not math.isfinite(value):
        raise Broken("a value that is no number", where="write_fits", mend="leave out what is unknown")
    shown = f"{value:.15G}"
    return shown if "." in shown else f"{shown.replace('E', '.0E')}" if "E" in shown else f"{shown}.0"


def _text_lines(keyword: str, text: str, comment: str) -> Iterator[str]:
    """Quote a text; what does not fit goes on in CONTINUE cards, as OGIP's convention has it."""
    parts = list(_parts(text))
    for number, part in enumerate(parts):
        head = f"{keyword:<8}= " if number == 0 else "CONTINUE  "
        more = "&" if number + 1 < len(parts) else ""
        yield _line(f"{head}'{part + more:<8}'", "" if more else comment)


def _parts(text: str) -> Iterator[str]:
    """Cut a text where its quoted form would not fit on a line, never inside a doubled quote."""
    part = ""
    escaped = [character * 2 if character == "'" else character for character in text]
    fits_whole = sum(map(len, escaped)) <= LONGEST_TEXT
    for character in escaped:
        if not fits_whole and len(part) + len(character) > LONGEST_TEXT - 1:
            yield part
            part = ""
        part += character
    yield part


def _printable(text: str) -> str:
    return "".join(character if " " <= character <= "~" else "?" for character in text)


def _line(text: str, comment: str) -> str:
    said = f"{text} / {_printable(comment)}" if comment else text
    return said[:LINE].ljust(LINE)


def _padded(content: bytes, fill: bytes) -> bytes:
    return content + fill * (-len(content) % BLOCK)
