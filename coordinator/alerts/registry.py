"""All formats that are understood, one line each; a message is known by its content, never by its name."""

import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from coordinator.alerts import lvk, no_alert, skymap_file
from coordinator.alerts.fields import text
from coordinator.alerts.fits_header import GZIP, is_fits
from coordinator.alerts.message import Message, Rejected, Understood, topic_in
from coordinator.alerts.strict_json import Document, read_json
from telescopes.description.errors import Refused

MAX_RAW_BYTES = 512 * 2**20
MAX_UNPACKED_BYTES = 16 * 2**20


@dataclass(frozen=True, slots=True)
class Format:
    """How a format is known, and read."""

    name: str
    recognises: Callable[[Message], bool]
    read: Callable[[Message], Understood]


FORMATS = (
    Format(skymap_file.FORMAT, skymap_file.recognises, skymap_file.read),
    Format(no_alert.FORMAT, no_alert.recognises, no_alert.read),
    Format(lvk.FORMAT, lvk.recognises, lvk.read),
)
"""The first that recognises a message reads it."""


def understand(
    raw: bytes,
    *,
    name: str,
    source: str = "file",
    topic: str = "",
    headers: Mapping[str, str] | None = None,
) -> Understood:
    """Say what a message means.

    Parameters
    ----------
    raw : bytes
        The message as it came.
    name : str
        Its file's name, for people; a topic in it between double underscores counts.
    source : str
        Who brought it.
    topic : str
        The stream's topic, if known.
    headers : mapping, optional
        The transport's headers.

    Returns
    -------
    Alerts, Ignored or Rejected
        Sky maps are decoded but not read: whoever may know the sky checks them.
    """
    name = text(name) or ""
    try:
        body, document = _open(raw)
    except Refused as refusal:
        return Rejected(refusal.what)
    message = Message(raw, body, document, name, source, topic or topic_in(name), headers or {})
    for format_ in FORMATS:
        if format_.recognises(message):
            return format_.read(message)
    return Rejected(_what_it_is(message))


def _open(raw: bytes) -> tuple[bytes, Document | None]:
    """Unpack a message, and read it where it is JSON."""
    if not raw:
        raise _refused("empty")
    if len(raw) > MAX_RAW_BYTES:
        raise _refused(f"longer than {MAX_RAW_BYTES // 2**20} MiB")
    if is_fits(raw):
        return raw, None
    body = _unpack(raw)
    return body, read_json(body) if _looks_like_json(body) else None


def _what_it_is(message: Message) -> str:
    if message.document is not None:
        return "JSON, but no known alert"
    if re.match(rb"\s*<(!doctype\s+html|html)\b", message.body[:256], re.IGNORECASE):
        return "a web page, not an alert"
    return "no known format"


def _looks_like_json(body: bytes) -> bool:
    start = body[:64].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return start[:1] in (b"{", b"[", b'"') or start[:1].isdigit()


def _unpack(raw: bytes) -> bytes:
    """Unpack gzip, but never more than what an alert may be long."""
    if not raw.startswith(GZIP):
        return raw
    stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        body = stream.decompress(raw, MAX_UNPACKED_BYTES)
    except zlib.error as error:
        raise _refused("gzip that cannot be unpacked") from error
    if stream.unconsumed_tail:
        raise _refused(f"gzip that unpacks to more than {MAX_UNPACKED_BYTES // 2**20} MiB")
    if not stream.eof:
        raise _refused("gzip that ends early")
    return body


def _refused(what: str) -> Refused:
    return Refused(what, where="message", mend="ask the sender", reason="UNREADABLE")
