"""A message as the archive of HOPSKOTCH gives it: too large for the broker, kept with the headers it was sent with."""

from collections.abc import Iterator, Mapping
from typing import Any

from coordinator.alerts.bson import read_bson
from coordinator.alerts.purpose import TEST_HEADERS
from telescopes.description.errors import Refused

MAX_HEADERS = 64
MARK = "_test"
"""Who says it at all sends a test, as hop's own client takes it."""


def read_archived(data: bytes, of_pointer: Mapping[str, str]) -> tuple[bytes, dict[str, str]]:
    """Return a message and its headers.

    Parameters
    ----------
    data : bytes
        What lies at the URL.
    of_pointer : mapping
        The headers of the message that told the URL: a test that they mark stays one.

    Raises
    ------
    Refused
        It is no archived message.
    """
    found = read_bson(data)
    message = found.get("message")
    metadata = found.get("metadata", found)
    if not isinstance(message, bytes) or not isinstance(metadata, Mapping):
        raise Refused("not an archived message", where="archived message", mend="ask the archive", reason="UNREADABLE")
    marks = ((key, value) for key, value in of_pointer.items() if key.lower() in TEST_HEADERS)
    headers: dict[str, str] = {}
    for name, value in (*_headers(metadata.get("headers")), *marks):
        headers.setdefault(name, value)
        if name.lower() == MARK or (name.lower() in TEST_HEADERS and headers[name] != value):
            headers[name] = "true"
    return message, headers


def _headers(listed: Any) -> Iterator[tuple[str, str]]:
    """Yield headers as text; they come as pairs of a name and bytes."""
    if not isinstance(listed, list):
        return
    if len(listed) > MAX_HEADERS:
        raise Refused(f"more than {MAX_HEADERS} headers", where="archived message", mend="ask the archive")
    for pair in listed:
        match pair:
            case [str(name), bytes(value)]:
                yield name, value.decode("utf-8", "replace")
            case [str(name), str(value)]:
                yield name, value
