"""The block of an Avro container unpacked, and never to more than a limit."""

import bz2
import lzma
import zlib
from collections.abc import Callable, Mapping

from coordinator.alerts.avro_walk import Walk, refused

MAX_DICTIONARY = 64 * 2**20
_TOO_LONG = "unpacks to more than {} MiB"


def unpack(codec: str, data: bytes, limit: int) -> bytes:
    """Return the bytes of a block.

    Raises
    ------
    Refused
        The codec is not known, the block is broken, or it unpacks to more than `limit` bytes.
    """
    if codec not in _CODECS:
        raise refused(f"codec {codec[:32]!r}, which is not known here")
    return _CODECS[codec](data, limit)


def _null(data: bytes, limit: int) -> bytes:
    return _within(data, limit)


def _deflate(data: bytes, limit: int) -> bytes:
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        body = _within(stream.decompress(data, limit + 1), limit)
    except zlib.error as error:
        raise _broken() from error
    return _whole(body, stream.eof)


def _bzip2(data: bytes, limit: int) -> bytes:
    stream = bz2.BZ2Decompressor()
    try:
        body = _within(stream.decompress(data, limit + 1), limit)
    except (OSError, ValueError) as error:
        raise _broken() from error
    return _whole(body, stream.eof)


def _xz(data: bytes, limit: int) -> bytes:
    stream = lzma.LZMADecompressor(memlimit=MAX_DICTIONARY)
    try:
        body = _within(stream.decompress(data, limit + 1), limit)
    except (lzma.LZMAError, ValueError) as error:
        raise _broken() from error
    return _whole(body, stream.eof)


def _snappy(data: bytes, limit: int) -> bytes:
    """Unpack raw snappy with the CRC-32 that Avro writes behind it."""
    if len(data) < 4:
        raise _broken()
    body = unpack_snappy(data[:-4], limit)
    if zlib.crc32(body) != int.from_bytes(data[-4:], "big"):
        raise _broken()
    return body


def unpack_snappy(data: bytes, limit: int) -> bytes:
    """Unpack snappy without its framing: a length, then pieces that are given or copied from what is there.

    Notes
    -----
    After the format description of google/snappy (`format_description.txt`).
    """
    walk = _Bytes(data)
    length = walk.unsigned()
    if length > limit:
        raise refused(_TOO_LONG.format(limit // 2**20))
    body = bytearray()
    while walk.at < len(data):
        tag = walk.take(1)[0]
        if tag & 3 == 0:
            body += walk.take(_literal_length(tag, walk))
        else:
            size, back = _copy(tag, walk)
            _copy_back(body, size, back)
        if len(body) > length:
            raise _broken()
    return _whole(bytes(body), len(body) == length)


class _Bytes(Walk):
    """Places in snappy data."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data, {})

    def unsigned(self) -> int:
        value = self.long()
        # The walk reads zigzag, snappy does not write it: turn it back.
        return value << 1 if value >= 0 else ((-value) << 1) - 1


def _literal_length(tag: int, walk: Walk) -> int:
    stated = tag >> 2
    return stated + 1 if stated < 60 else int.from_bytes(walk.take(stated - 59), "little") + 1


def _copy(tag: int, walk: Walk) -> tuple[int, int]:
    """Return how much is copied, and from how far back."""
    if tag & 3 == 1:
        return 4 + (tag >> 2 & 7), (tag >> 5) << 8 | walk.take(1)[0]
    return 1 + (tag >> 2), int.from_bytes(walk.take(2 if tag & 3 == 2 else 4), "little")


def _copy_back(body: bytearray, size: int, back: int) -> None:
    if not 0 < back <= len(body):
        raise _broken()
    start = len(body) - back
    piece = bytes(body[start : start + size])
    body += (piece * (size // len(piece) + 1))[:size]


def _within(body: bytes, limit: int) -> bytes:
    if len(body) > limit:
        raise refused(_TOO_LONG.format(limit // 2**20))
    return body


def _whole(body: bytes, ended: bool) -> bytes:
    if not ended:
        raise refused("a packed block that ends early")
    return body


def _broken() -> Exception:
    return refused("a packed block that cannot be unpacked")


_CODECS: Mapping[str, Callable[[bytes, int], bytes]] = {
    "null": _null,
    "deflate": _deflate,
    "snappy": _snappy,
    "bzip2": _bzip2,
    "xz": _xz,
}
