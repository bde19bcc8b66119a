"""BSON, read as far as the archive of HOPSKOTCH writes it: documents, lists, texts, bytes, numbers; bounded."""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from telescopes.description.errors import Refused

MAX_DEPTH = 16
MAX_ITEMS = 10_000


def read_bson(data: bytes) -> dict[str, Any]:
    """Read one document.

    Raises
    ------
    Refused
        It is no whole document, or holds a type that the archive does not write.

    Notes
    -----
    After bsonspec.org, version 1.1.
    """
    place = _Place(data)
    found = place.document(0)
    if place.at != len(data):
        raise _refused("something is left over")
    return found


@dataclass
class _Place:
    data: bytes
    at: int = 0
    items: int = 0

    def take(self, length: int) -> bytes:
        if length < 0 or self.at + length > len(self.data):
            raise _refused("it ends early")
        self.at += length
        return self.data[self.at - length : self.at]

    def unpack(self, form: str) -> Any:
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def name(self) -> str:
        end = self.data.find(b"\0", self.at)
        if end < 0:
            raise _refused("it ends early")
        return self.take(end + 1 - self.at)[:-1].decode("utf-8", "replace")

    def document(self, depth: int) -> dict[str, Any]:
        if depth > MAX_DEPTH:
            raise _refused("nested too deep")
        self.unpack("<i")
        found: dict[str, Any] = {}
        while kind := self.take(1)[0]:
            self.items += 1
            if kind not in _READ or self.items > MAX_ITEMS:
                raise _refused(f"type {kind}" if kind not in _READ else f"more than {MAX_ITEMS} items")
            name = self.name()
            found[name] = _READ[kind](self, depth + 1)
        return found

    def text(self, _: int) -> str:
        return self.take(self.unpack("<i"))[:-1].decode("utf-8", "replace")

    def array(self, depth: int) -> list[Any]:
        return list(self.document(depth).values())

    def binary(self, _: int) -> bytes:
        length = self.unpack("<i")
        self.take(1)
        return self.take(length)


_READ: Mapping[int, Callable[[_Place, int], Any]] = {
    0x01: lambda place, _: place.unpack("<d"),
    0x02: _Place.text,
    0x03: _Place.document,
    0x04: _Place.array,
    0x05: _Place.binary,
    0x08: lambda place, _: place.take(1) != b"\0",
    0x09: lambda place, _: place.unpack("<q"),
    0x0A: lambda place, _: None,
    0x10: lambda place, _: place.unpack("<i"),
    0x12: lambda place, _: place.unpack("<q"),
}


def _refused(what: str) -> Refused:
    return Refused(f"not BSON: {what}", where="archived message", mend="ask the archive", reason="UNREADABLE")
