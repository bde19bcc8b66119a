"""How many values a byte of Avro can become, told by the schema alone."""

from collections.abc import Sequence
from dataclasses import dataclass

ENDLESS = 1e9
"""Values a byte, where values need no byte at all."""


@dataclass(frozen=True, slots=True)
class Measure:
    """How large a value of a type may be.

    Attributes
    ----------
    bytes : int
        What it takes at least.
    nodes : int
        How many values it is at most, what is in arrays and maps left out.
    dense : float
        The same a byte that it takes.
    per_byte : float
        How many values a byte inside one of its arrays or maps may become.
    """

    bytes: int
    nodes: int
    dense: float
    per_byte: float = 0.0


def of_value(size: int) -> Measure:
    """Measure a single value."""
    return Measure(size, 1, 1 / size if size else ENDLESS)


def of_record(fields: Sequence[Measure]) -> Measure:
    """Measure a record: no denser than its densest field, but for the record itself and what takes no byte."""
    size = sum(field.bytes for field in fields)
    nodes = 1 + sum(field.nodes for field in fields)
    free = 1 + sum(field.nodes for field in fields if not field.bytes)
    densest = max((field.dense for field in fields if field.bytes), default=0.0)
    dense = min(nodes / size, free / size + densest) if size else ENDLESS
    return Measure(size, nodes, dense, _inside(fields))


def of_union(branches: Sequence[Measure]) -> Measure:
    """Measure a choice, which takes a byte for the choice itself."""
    dense = max(min(one.nodes / (1 + one.bytes), one.dense) for one in branches)
    return Measure(1 + min(one.bytes for one in branches), max(one.nodes for one in branches), dense, _inside(branches))


def of_array(item: Measure) -> Measure:
    """Measure a list of items."""
    return Measure(1, 1, 1.0, max(item.per_byte, item.dense))


def of_map(value: Measure) -> Measure:
    """Measure items with names."""
    return Measure(1, 1, 1.0, max(value.per_byte, (value.nodes + 1) / (value.bytes + 1)))


def _inside(parts: Sequence[Measure]) -> float:
    return max((part.per_byte for part in parts), default=0.0)
