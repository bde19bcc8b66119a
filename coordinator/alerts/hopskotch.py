"""HOPSKOTCH (SCiMMA): what its transport says of a message, and the envelopes that messages came in before.

Today a message is its payload, and the header `_format` names its kind; a payload is known by its content all the
same. Too large a message lies in an archive, and its place is taken by one that only tells where.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from coordinator.alerts.fields import text
from coordinator.alerts.message import Elsewhere, Message, Rejected, Understood
from telescopes.description.errors import Refused

FORMAT = "hopskotch"
FORMAT_HEADER = "_format"
LONGEST_URL = 2048


def format_of(message: Message) -> str:
    """Return the kind that the transport says, or nothing."""
    return (text(message.headers.get(FORMAT_HEADER), 32) or "").lower()


def payload_of(value: Any) -> bytes | None:
    """Return what an envelope of the old kind holds, as it would be sent today; None: it is no envelope.

    Raises
    ------
    Refused
        An envelope whose content is not of its format.
    """
    if not isinstance(value, Mapping) or value.keys() != {"format", "content"}:
        return None
    kind, content = (text(value["format"], 32) or "").lower(), value["content"]
    match kind, content:
        case "avro", str():
            return _binary(content)
        case (("circular" | "gcncircular"), {"header": Mapping() as header, "body": str(body)}):
            return _circular(header, body)
        case "gcntextnotice", {"raw": str(raw)}:
            return raw.encode()
        case "voevent", Mapping():
            raise _refused("a VOEvent taken to pieces: only whole ones are read")
        case _, str():
            return content.encode("utf-8", "replace")
        case _:
            return json.dumps(content).encode()


def recognises_pointer(message: Message) -> bool:
    """Say whether the message only tells where the real one lies."""
    value = message.document.value if message.document else None
    if not isinstance(value, Mapping):
        return False
    return format_of(message) == "external" or value.keys() == {"url"}


def read_pointer(message: Message) -> Understood:
    """Say where the real message lies."""
    assert message.document is not None
    stated = message.document.value.get("url")
    url = text(stated, LONGEST_URL + 1)
    if url is None or len(url) > LONGEST_URL or not url.startswith(("https://", "http://")):
        return Rejected("off-loaded, but it does not say where to")
    return Elsewhere(url)


def _binary(content: str) -> bytes:
    try:
        return base64.b64decode("".join(content.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise _refused("Avro that is not base64") from error


def _circular(header: Mapping[str, Any], body: str) -> bytes:
    """Write a circular as it is mailed."""
    lines = [f"{text(name, 32)}:".upper().ljust(9) + (text(value) or "") for name, value in list(header.items())[:16]]
    return "\n".join([*lines, "", body]).encode("utf-8", "replace")


def _refused(what: str) -> Refused:
    return Refused(f"HOPSKOTCH envelope: {what}", where="message", mend="ask the sender", reason="UNREADABLE")
