"""Messages as the archive of HOPSKOTCH gives them, in BSON."""

import struct
from typing import Any


def bson(value: dict[str, Any]) -> bytes:
    """Write what the archive writes."""
    body = b"".join(_item(name, entry) for name, entry in value.items()) + b"\0"
    return struct.pack("<i", len(body) + 4) + body


def _item(name: str, entry: Any) -> bytes:
    key = name.encode() + b"\0"
    match entry:
        case bytes():
            return b"\x05" + key + struct.pack("<i", len(entry)) + b"\0" + entry
        case str():
            return b"\x02" + key + struct.pack("<i", len(entry) + 1) + entry.encode() + b"\0"
        case int():
            return b"\x12" + key + struct.pack("<q", entry)
        case list():
            return b"\x04" + key + bson({str(place): one for place, one in enumerate(entry)})
        case _:
            return b"\x03" + key + bson(entry)


def archived(message: bytes, *more: list[Any], **headers: bytes) -> bytes:
    """Write a message and its headers as the archive keeps them; `more` are headers that may stand twice."""
    pairs = [*more, *([name, value] for name, value in headers.items())]
    return bson({"message": message, "metadata": {"headers": pairs, "timestamp": 1_764_000_000_000}})
