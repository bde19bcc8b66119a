"""A message as the archive of HOPSKOTCH gives it: too large for the broker, kept with the headers it was sent with."""

from collections.abc import Mapping
from typing import Any

from coordinator.alerts.bson import read_bson
from telescopes.description.errors import Refused

MAX_HEADERS = 64
TEST_HEADER = "_test"


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
    headers = _headers(metadata.get("headers"))
    marked = {key: value for key, value in of_pointer.items() if key.lower() == TEST_HEADER}
    return message, headers | marked


def _headers(listed: Any) -> dict[str, str]:
    """Return headers as text; they come as pairs of a name and bytes. One that stands twice keeps its first value."""
    found: dict[str, str] = {}
    for pair in listed[:MAX_HEADERS] if isinstance(listed, list) else []:
        match pair:
            case [str(name), bytes(value)]:
                found.setdefault(name, value.decode("utf-8", "replace"))
            case [str(name), str(value)]:
                found.setdefault(name, value)
    return found
