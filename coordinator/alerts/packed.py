"""Messages that came packed, by gzip or as a zip of one file; never more is unpacked than an alert may be long."""

import zipfile
import zlib
from io import BytesIO

from coordinator.alerts.fits_header import GZIP
from telescopes.description.errors import Refused

MAX_UNPACKED_BYTES = 16 * 2**20
ZIP = b"PK\x03\x04"
END, END_BYTES = b"PK\x05\x06", 22
LONGEST_COMMENT = 2**16
ZIP64_LOCATOR, LOCATOR_BYTES = b"PK\x06\x07", 20
MOST_DIRECTORY = 4096
"""Bytes of a zip's table of contents: one file takes about 100, and each becomes an object before it can be counted."""

UNPACKED_HERE = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""What zips of alerts are packed by; the others take memory as their header asks for it."""

BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, OSError)
"""What `zipfile` answers to bytes that are none, are encrypted, or packed in a way that it does not know."""


def unpack(raw: bytes) -> bytes:
    """Return what is in a packed message, or the message itself.

    Raises
    ------
    Refused
        It is not whole, or too long.
    """
    if raw.startswith(GZIP):
        return _of_gzip(raw)
    return _of_zip(raw) if raw.startswith(ZIP) else raw


def _of_gzip(raw: bytes) -> bytes:
    stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        body = stream.decompress(raw, MAX_UNPACKED_BYTES)
    except zlib.error as error:
        raise refused("gzip that cannot be unpacked") from error
    if stream.unconsumed_tail:
        raise refused(f"gzip that unpacks to more than {MAX_UNPACKED_BYTES // 2**20} MiB")
    if not stream.eof:
        raise refused("gzip that ends early")
    if stream.unused_data.strip(b"\0"):
        raise refused("gzip with something behind its end")
    return body


def _of_zip(raw: bytes) -> bytes:
    if _directory_bytes(raw) > MOST_DIRECTORY:
        raise refused("a zip of many files, not of one")
    try:
        with zipfile.ZipFile(BytesIO(raw)) as packed:
            files = [one for one in packed.infolist() if not one.is_dir()]
            if len(files) != 1:
                raise refused(f"a zip of {len(files)} files, not of one")
            if files[0].compress_type not in UNPACKED_HERE:
                raise refused(f"zip packed by method {files[0].compress_type}, which no stream uses")
            with packed.open(files[0]) as stream:
                body = stream.read(MAX_UNPACKED_BYTES + 1)
    except BROKEN as error:
        raise refused("zip that cannot be unpacked") from error
    if len(body) > MAX_UNPACKED_BYTES:
        raise refused(f"zip that unpacks to more than {MAX_UNPACKED_BYTES // 2**20} MiB")
    return body


def _directory_bytes(raw: bytes) -> int:
    """Return how long the table of contents is said to be, found as `zipfile` finds it; a Zip64's is never short."""
    end = len(raw) - END_BYTES
    if not (raw[end : end + 4] == END and raw.endswith(b"\0\0")):
        end = raw.rfind(END, max(0, end - LONGEST_COMMENT))
    if end < 0:
        raise refused("zip that cannot be unpacked")
    if raw[max(0, end - LOCATOR_BYTES) :].startswith(ZIP64_LOCATOR):
        return 2**32
    return int.from_bytes(raw[end + 12 : end + 16], "little")


def refused(what: str) -> Refused:
    """Say what is wrong with a message that cannot be opened."""
    return Refused(what, where="message", mend="ask the sender", reason="UNREADABLE")
