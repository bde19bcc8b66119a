"""The bytes of a file, one after another, unpacked on the way if they are gzip."""

import zlib
from typing import Protocol

from coordinator.sky.refusal import SMALLER, refusal

GZIP_MAGIC = b"\x1f\x8b"
MAX_UNPACKED_BYTES = 2 << 30
GZIP_WINDOW = 31  # zlib's way of saying: gzip header, largest window
PIECE_BYTES = 1 << 14  # of packed input: what zlib leaves over is copied at each call, so keep it short


class ByteSource(Protocol):
    """Bytes that are read once, from the first to the last."""

    def read(self, size: int) -> bytes | memoryview:
        """Return the next `size` bytes, or fewer at the end."""
        ...

    def drain(self) -> None:
        """Read to the end, so that a checksum there is compared."""
        ...


class PlainSource:
    """Bytes as they are."""

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)
        self._at = 0

    def read(self, size: int) -> memoryview:
        """Return the next bytes."""
        piece = self._data[self._at : self._at + size]
        self._at += len(piece)
        return piece

    def drain(self) -> None:
        """Do nothing: plain bytes have no checksum."""


class GzipSource:
    """Bytes packed by gzip, in one member or several, never unpacked as a whole."""

    def __init__(self, data: bytes, max_bytes: int = MAX_UNPACKED_BYTES) -> None:
        self._data = memoryview(data)
        self._at = 0
        self._left_over = b""
        self._member = zlib.decompressobj(GZIP_WINDOW)
        self._room = max_bytes

    def read(self, size: int) -> bytes:
        """Return the next bytes, unpacked."""
        out = bytearray()
        while len(out) < size:
            piece = self._unpack(size - len(out))
            if piece is None:
                break
            out += piece
        return bytes(out)

    def drain(self) -> None:
        """Read to the end, so that the checksum there is compared."""
        while self._unpack(1 << 20) is not None:
            pass

    def _unpack(self, size: int) -> bytes | None:
        """Unpack up to `size` bytes from the next piece; None at the end."""
        packed = self._next_packed()
        if self._member.eof:
            if bytes(packed[:1]) != GZIP_MAGIC[:1]:
                return None  # nothing, or padding after the last member
            self._member = zlib.decompressobj(GZIP_WINDOW)
        try:
            piece = self._member.decompress(packed, size)
        except zlib.error as error:
            raise refusal(f"the gzip stream is damaged ({error})") from error
        if not packed and not piece and not self._member.eof:
            raise refusal("the gzip stream ends early: a broken download")
        self._left_over = self._member.unconsumed_tail or self._member.unused_data
        self._room -= len(piece)
        if self._room < 0:
            raise refusal(f"it unpacks to more than {MAX_UNPACKED_BYTES >> 30} GiB", SMALLER)
        return piece

    def _next_packed(self) -> bytes | memoryview:
        """Return what was left over, else the next piece."""
        if self._left_over:
            return self._left_over
        packed = self._data[self._at : self._at + PIECE_BYTES]
        self._at += len(packed)
        return packed


def open_bytes(data: bytes) -> ByteSource:
    """Choose by the first two bytes."""
    return GzipSource(data) if data[:2] == GZIP_MAGIC else PlainSource(data)
