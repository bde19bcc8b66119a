"""Reads the header of a FITS image: strictly, and no more of the standard than a header of an exposure needs.

The agent's base install has no astropy. What is not understood is refused with the place; nothing is guessed.
"""

import re
from pathlib import Path
from typing import BinaryIO

BLOCK = 2880
CARD = 80
MOST_BLOCKS = 2000
"""Of one header: 72,000 cards; a longer one is no image of ours."""

MOST_AXES = 999

Value = str | int | float | bool | None
Header = dict[str, Value]

STRING = re.compile(r"'((?:[^']|'')*)'\s*(?:/.*)?$")
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[EDed][+-]?\d+)?$")
KEY = re.compile(r"[A-Z0-9_-]{1,8} *$")


class NotFits(ValueError):
    """It is no FITS image that can be understood, or is not all there; says why."""


def read_header(path: Path) -> Header:
    """Read the first header of a file that has an image: of the primary unit, or of the first extension behind it.

    Keywords of the primary header hold in the extension where that says nothing itself.

    Raises
    ------
    NotFits
        It is none, or not whole.
    OSError
        It cannot be read.
    """
    with path.open("rb") as file:
        header = _read_unit(file, b"SIMPLE  =")
        if header.get("SIMPLE") is not True:
            raise NotFits("SIMPLE is not T")
        if not header.get("NAXIS") and header.get("EXTEND") is True:
            extension = _read_unit(file, b"XTENSION=")
            header = {**header, **extension}
        size = file.seek(0, 2)
    if size % BLOCK:
        raise NotFits(f"{size} bytes are no whole number of blocks of {BLOCK}")
    if size < (least := _least_size(header)):
        raise NotFits(f"it has {size} bytes, its image alone needs {least}")
    return header


def _read_unit(file: BinaryIO, begins: bytes) -> Header:
    header: Header = {}
    first = True
    for _ in range(MOST_BLOCKS):
        block = file.read(BLOCK)
        if len(block) < BLOCK:
            raise NotFits("the header has no END")
        if first and not block.startswith(begins):
            raise NotFits(f"it does not begin with {begins.decode()}")
        first = False
        for at in range(0, BLOCK, CARD):
            card = block[at : at + CARD]
            if card == b"END".ljust(CARD):
                return header
            _read_card(card, header)
    raise NotFits(f"the header is longer than {MOST_BLOCKS} blocks")


def _read_card(card: bytes, header: Header) -> None:
    """Put a card with a value into the header; comments are passed over, and of a key named twice the first holds."""
    try:
        text = card.decode("ascii")
    except UnicodeDecodeError as error:
        raise NotFits(f"a card is not ASCII: {card[:30]!r}") from error
    key = text[:8]
    if text[8:10] != "= ":
        return
    if not KEY.match(key):
        raise NotFits(f"{key!r} is no keyword")
    value = _value(key, text[10:].strip())
    header.setdefault(key.rstrip(), value)


def _value(key: str, text: str) -> Value:
    if text.startswith("'"):
        found = STRING.match(text)
        if found is None:
            raise NotFits(f"{key.rstrip()}: the text has no end")
        return found.group(1).replace("''", "'").rstrip()
    bare = text.partition("/")[0].strip()
    if not bare:
        return None
    if bare in ("T", "F"):
        return bare == "T"
    if NUMBER.match(bare):
        if re.fullmatch(r"[+-]?\d+", bare):
            return int(bare)
        return float(bare.upper().replace("D", "E"))
    if bare.startswith("("):
        return None  # a complex number: nothing that is asked for
    raise NotFits(f"{key.rstrip()}: {bare!r} is no value")


def _least_size(header: Header) -> int:
    """Bytes of the header's block and the image behind it, at the least."""
    axes = header.get("NAXIS")
    bits = header.get("BITPIX")
    if not isinstance(axes, int) or not isinstance(bits, int) or isinstance(axes, bool):
        raise NotFits("NAXIS and BITPIX are not whole numbers")
    if not 0 <= axes <= MOST_AXES:
        raise NotFits(f"NAXIS is {axes}")
    if not axes:
        return BLOCK
    pixels = 1
    for axis in range(1, axes + 1):
        length = header.get(f"NAXIS{axis}")
        if not isinstance(length, int) or length < 0:
            raise NotFits(f"NAXIS{axis} is no length")
        pixels *= length
    return BLOCK + abs(bits) // 8 * pixels
