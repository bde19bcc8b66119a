"""What the headers of a FITS file say, without reading its data: enough to know a sky map and its event."""

import math
import zlib
from dataclasses import dataclass, field
from datetime import datetime

from coordinator.alerts.fields import instant, text
from coordinator.alerts.mjd import utc_of_mjd
from telescopes.description.errors import Refused

CARD, BLOCK = 80, 2880
PEEK = 2**20
"""How far we look: headers of sky maps end within some thousand bytes."""

GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Headers:
    """The cards of the first headers of a file, by keyword, values as text.

    `table` is None where the file has no table, or it lies further than we look (`complete` tells which).
    """

    primary: dict[str, str] = field(default_factory=dict)
    table: dict[str, str] | None = None
    complete: bool = True

    def get(self, keyword: str) -> str | None:
        """Return a value, from the table's header first."""
        return text((self.table or {}).get(keyword) or self.primary.get(keyword))

    def time(self, *keywords: str) -> datetime | None:
        """Return the first of these keywords that holds a time; MJD ones are days."""
        for keyword in keywords:
            stated = self.get(keyword)
            found = _from_mjd(stated) if keyword.startswith("MJD") else instant(stated)
            if found is not None:
                return found
        return None


def is_fits(data: bytes) -> bool:
    """Say whether bytes are a FITS file, packed by gzip or not."""
    return head_of(data, BLOCK).startswith(b"SIMPLE  =")


def head_of(data: bytes, length: int = PEEK) -> bytes:
    """Return the first bytes, unpacked as far as that goes; nothing where the packing is broken from the start."""
    if not data.startswith(GZIP):
        return data[:length]
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data, length)
    except zlib.error:
        return b""


def read_headers(data: bytes) -> Headers:
    """Read the headers up to that of the first table.

    Raises
    ------
    Refused
        It is not a FITS file, or ends inside its first header.
    """
    head = head_of(data)
    if not head.startswith(b"SIMPLE  ="):
        raise Refused("not a FITS file", where="sky map", mend="send a FITS sky map", reason="UNREADABLE")
    primary: dict[str, str] = {}
    at = 0
    while at < len(head):
        cards, end = _cards(head, at)
        if cards is None:
            if at == 0:
                raise Refused("FITS header has no end", where="sky map", mend="fetch the file again")
            return Headers(primary, complete=False)
        if at == 0:
            primary = cards
        elif cards.get("XTENSION") == "BINTABLE":
            return Headers(primary, cards)
        at = end + _data_bytes(cards)
    return Headers(primary, complete=at < PEEK)


def _cards(data: bytes, at: int) -> tuple[dict[str, str] | None, int]:
    """Read one header; None if the bytes end before it does. Also where it ends."""
    cards: dict[str, str] = {}
    while at + CARD <= len(data):
        card = data[at : at + CARD].decode("latin-1")
        at += CARD
        keyword = card[:8].rstrip()
        if keyword == "END":
            return cards, _whole_blocks(at)
        if card[8:10] == "= ":
            cards.setdefault(keyword, _value(card[10:]))
    return None, at


def _value(field_text: str) -> str:
    """Return a card's value; a text's quotes and a comment are taken off."""
    stripped = field_text.strip()
    if not stripped.startswith("'"):
        return stripped.partition("/")[0].strip()
    inside = stripped[1:].replace("''", "\0").partition("'")[0]
    return inside.replace("\0", "'").strip()


def _data_bytes(cards: dict[str, str]) -> int:
    """Return the length of the data behind a header, whole blocks; beyond our view if the header is nonsense."""
    try:
        axes = [int(cards[f"NAXIS{i + 1}"]) for i in range(min(int(cards.get("NAXIS", "0")), 999))]
        elements = math.prod(axes) if axes else 0
        length = abs(int(cards.get("BITPIX", "8"))) // 8 * int(cards.get("GCOUNT", "1"))
        length *= int(cards.get("PCOUNT", "0")) + elements
    except (KeyError, ValueError):
        return PEEK
    return PEEK if length < 0 else min(_whole_blocks(length), PEEK)


def _whole_blocks(length: int) -> int:
    """Round up; in whole numbers, for a header may claim any length."""
    return -(-length // BLOCK) * BLOCK


def _from_mjd(stated: str | None) -> datetime | None:
    try:
        return None if stated is None else utc_of_mjd(float(stated))
    except ValueError:
        return None
