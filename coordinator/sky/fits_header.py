"""FITS headers as plain dictionaries, read one after another from a source of bytes."""

import warnings
from math import prod

from astropy.io import fits
from astropy.io.fits.verify import VerifyError

from coordinator.sky.byte_source import ByteSource
from coordinator.sky.refusal import refusal

BLOCK = 2880
CARD = 80
MAX_HEADER_BLOCKS = 400
END_CARD = b"END".ljust(CARD)
SKIP_BYTES = 1 << 22

Header = dict[str, object]


def read_header(source: ByteSource) -> Header | None:
    """Read the next header; None where the file ends."""
    text = bytearray()
    for _ in range(MAX_HEADER_BLOCKS):
        block = bytes(source.read(BLOCK))
        if not block.strip(b"\0 ") and not text:
            return None
        text += block
        if len(block) < BLOCK:
            raise refusal("the file ends in the middle of a header")
        if any(block[at : at + CARD] == END_CARD for at in range(0, BLOCK, CARD)):
            return _values(bytes(text))
    raise refusal(f"a header is longer than {MAX_HEADER_BLOCKS * BLOCK} bytes")


def skip_data(source: ByteSource, header: Header) -> None:
    """Pass over the data that belong to a header."""
    left = -(-_data_bytes(header) // BLOCK) * BLOCK
    while left > 0:
        passed = len(source.read(min(left, SKIP_BYTES)))
        if passed == 0:
            return
        left -= passed


def whole(header: Header, key: str) -> int:
    """Return a whole number that the format demands."""
    value = header.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise refusal(f"the header's {key} is {value!r}, not a whole number")
    return value


def word(header: Header, key: str) -> str:
    """Return a word in capitals without blanks; empty where the header does not say."""
    return str(header.get(key) or "").strip().upper()


def _data_bytes(header: Header) -> int:
    axes = [whole(header, f"NAXIS{n + 1}") for n in range(whole(header, "NAXIS"))]
    if not axes:
        return 0
    bits = header.get("BITPIX")
    if not isinstance(bits, int):
        raise refusal(f"the header's BITPIX is {bits!r}")
    heap = whole(header, "PCOUNT") if "PCOUNT" in header else 0
    return abs(bits) // 8 * (prod(axes) + heap)


def _values(text: bytes) -> Header:
    """Return the values by key; a card that cannot be understood is left out."""
    values: Header = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # astropy warns about cards that we do not use
        for card in fits.Header.fromstring(text.decode("latin-1")).cards:
            try:
                values[card.keyword.upper()] = card.value
            except (VerifyError, ValueError):
                continue
    return values
