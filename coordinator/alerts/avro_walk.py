"""Avro data walked without decoding it, to know how many values it holds before any is made."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from coordinator.alerts.avro_schema import SMALLEST, Schema
from telescopes.description.errors import Refused

MAX_VALUES = 500_000
LONGEST_NUMBER = 10
ENDS_EARLY = "ends early"


def check_values(schema: Schema, data: bytes, *, records: int = 1) -> None:
    """Make sure that messages hold no more values than memory likes.

    Most schemas cannot make many values of few bytes: then the length says enough. Only where they can is every
    value counted.

    Raises
    ------
    Refused
        Too many values, or the data end early.
    """
    if schema.measure.nodes * records + schema.measure.per_byte * len(data) <= MAX_VALUES:
        return
    walk = Walk(data, schema.named)
    for _ in range(records):
        walk.skip(schema.definition)


def refused(what: str) -> Refused:
    """Say what is wrong with Avro data."""
    return Refused(f"not Avro: {what}", where="message", mend="ask the sender", reason="UNREADABLE")


@dataclass
class Walk:
    """A place in Avro data; `left` counts down the values that may still come."""

    data: bytes
    named: Mapping[str, Any]
    at: int = 0
    left: int = MAX_VALUES

    def long(self) -> int:
        """Read a whole number: seven bits a byte, low ones first, zigzag."""
        value = shift = 0
        for index in range(self.at, min(self.at + LONGEST_NUMBER, len(self.data))):
            byte = self.data[index]
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                self.at = index + 1
                return (value >> 1) ^ -(value & 1)
        raise refused(ENDS_EARLY)

    def take(self, length: int) -> bytes:
        """Read some bytes."""
        self.step(length)
        return self.data[self.at - length : self.at]

    def step(self, length: int) -> None:
        """Go on by some bytes."""
        if length < 0 or self.at + length > len(self.data):
            raise refused(ENDS_EARLY)
        self.at += length

    def skip(self, node: Any) -> None:
        """Go over one value of a type."""
        self.count(1)
        kind = "union" if isinstance(node, list) else node["type"] if isinstance(node, dict) else node
        if kind in SMALLEST:
            self._primitive(kind)
        elif kind in _SKIP:
            _SKIP[kind](self, node)
        else:
            self.left += 1
            self.skip(self.named[kind])

    def count(self, values: int) -> None:
        """Take note of values that come."""
        self.left -= values
        if self.left < 0:
            raise refused(f"more than {MAX_VALUES} values")

    def _primitive(self, kind: str) -> None:
        if kind in ("int", "long"):
            self.long()
        else:
            self.step(self.long() if kind in ("bytes", "string") else SMALLEST[kind])

    def _record(self, node: dict[str, Any]) -> None:
        for field in node["fields"]:
            self.skip(field["type"])

    def _enum(self, _: Any) -> None:
        self.long()

    def _fixed(self, node: dict[str, Any]) -> None:
        self.step(node["size"])

    def _union(self, node: list[Any]) -> None:
        branch = self.long()
        if not 0 <= branch < len(node):
            raise refused("a union without this branch")
        self.left += 1
        self.skip(node[branch])

    def _array(self, node: dict[str, Any]) -> None:
        for _ in self._blocks():
            self.skip(node["items"])

    def _map(self, node: dict[str, Any]) -> None:
        for _ in self._blocks():
            self._primitive("string")
            self.count(1)
            self.skip(node["values"])

    def _blocks(self) -> Iterator[int]:
        """Go through the items; they come in blocks, whose length in bytes may be told, and the last is empty."""
        while count := self.long():
            if count < 0:
                self.long()
            yield from range(abs(count))


_Skip = Callable[[Walk, Any], None]
_SKIP: Mapping[str, _Skip] = {
    "record": Walk._record,
    "enum": Walk._enum,
    "fixed": Walk._fixed,
    "union": Walk._union,
    "array": Walk._array,
    "map": Walk._map,
}
