"""A foreign Avro schema, read so that nothing in it can hurt: bounded, never recursive, rebuilt from what we know.

`fastavro` follows a schema that contains itself down the C stack, and a few thousand bytes end the process: such a
schema is refused. Of every other one it is known, before a message is decoded, how many values a byte can become.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from coordinator.alerts.avro_measure import Measure, of_array, of_map, of_record, of_union, of_value
from coordinator.alerts.fields import text as clean_text
from telescopes.description.errors import Refused

MAX_BYTES = 512 * 1024
MAX_DEPTH = 24
MAX_TYPES = 4096
"""Of one schema, named ones counted once; that of Rubin has about 900."""

MAX_NODES = 20_000
"""Values that a message may hold without a single array or map."""

SMALLEST = {"null": 0, "boolean": 1, "int": 1, "long": 1, "float": 4, "double": 8, "bytes": 1, "string": 1}
"""Bytes that a value of a primitive type takes at least."""

TIMES = frozenset({"timestamp-millis", "timestamp-micros"})
"""Logical types that are heeded; of every other the plain value counts."""


@dataclass(frozen=True, slots=True, eq=False)
class Schema:
    """A schema that may be decoded by.

    Attributes
    ----------
    name : str
        Its full name; empty: it has none.
    definition : object
        Its own copy, named types in full where they stand first.
    named : mapping
        Its named types by full name.
    measure : Measure
        How large a message by it may be.
    parsed : object
        What `fastavro` decodes by.
    """

    name: str
    definition: Any
    named: Mapping[str, Any]
    measure: Measure
    parsed: Any


def read_schema(text: bytes | str, others: Mapping[str, Any] | None = None) -> Schema:
    """Read a schema from its JSON text.

    Parameters
    ----------
    text : bytes or str
        The schema.
    others : mapping, optional
        Documents of named types that it refers to, by full name.

    Raises
    ------
    Refused
        It is no schema, too large, or contains itself.
    """
    return schema_of(_document(text), others)


@lru_cache(maxsize=16)
def read_schema_again(text: bytes) -> Schema:
    """Read a schema; the last few are kept, for every container of a stream carries the same one."""
    return read_schema(text)


def schema_of(document: Any, others: Mapping[str, Any] | None = None) -> Schema:
    """Make a schema of its document, as `read_schema` does of its text."""
    builder = _Builder(others or {})
    definition, measure = builder.take(document, "", 0)
    if measure.nodes > MAX_NODES:
        raise refused(f"more than {MAX_NODES} values in one message")
    from fastavro.schema import SchemaParseException, UnknownType, parse_schema  # the scheduler starts without it

    try:
        parsed = parse_schema(definition)
    except (SchemaParseException, UnknownType, ValueError, TypeError, LookupError) as error:
        raise refused(str(clean_text(str(error)) or "unreadable")) from error
    name = definition.get("name", "") if isinstance(definition, dict) else ""
    return Schema(name, definition, builder.named, measure, parsed)


def refused(what: str) -> Refused:
    """Say what is wrong with a schema."""
    return Refused(f"Avro schema: {what}", where="schema", mend="ask the sender", reason="UNREADABLE")


def full_name(name: Any, namespace: Any, around: str) -> str:
    """Return the full name of a type that stands in a namespace."""
    if not isinstance(name, str) or not 0 < len(name) <= 256:
        raise refused("a type without a name")
    if "." in name:
        return name
    space = namespace if isinstance(namespace, str) and len(namespace) <= 256 else around
    return f"{space}.{name}" if space else name


def _document(text: bytes | str) -> Any:
    if len(text) > MAX_BYTES:
        raise refused(f"longer than {MAX_BYTES // 1024} KiB")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise refused("not JSON") from error


@dataclass
class _Builder:
    """Copies a schema type by type, and measures it on the way."""

    others: Mapping[str, Any]
    named: dict[str, Any] = field(default_factory=dict)
    measures: dict[str, Measure | None] = field(default_factory=dict)
    taken: int = 0

    def take(self, node: Any, namespace: str, depth: int) -> tuple[Any, Measure]:
        self.taken += 1
        if depth > MAX_DEPTH or self.taken > MAX_TYPES:
            raise refused("nested too deep" if depth > MAX_DEPTH else f"more than {MAX_TYPES} types")
        if isinstance(node, str):
            return self._by_name(node, namespace, depth)
        if isinstance(node, list):
            return self._union(node, namespace, depth)
        if not isinstance(node, dict):
            raise refused("neither a name nor a type")
        kind = node.get("type")
        if not isinstance(kind, str):
            return self.take(kind, namespace, depth + 1)
        build = _BUILD.get(kind)
        if build is not None:
            return build(self, node, namespace, depth)
        definition, measure = self._by_name(kind, namespace, depth)
        if node.get("logicalType") in TIMES and definition == "long":
            return {"type": "long", "logicalType": node["logicalType"]}, measure
        return definition, measure

    def _by_name(self, name: str, namespace: str, depth: int) -> tuple[Any, Measure]:
        if name in SMALLEST:
            return name, of_value(SMALLEST[name])
        full = next((one for one in (full_name(name, None, namespace), name) if one in self.measures), None)
        if full is None:
            full = next((one for one in (full_name(name, None, namespace), name) if one in self.others), None)
            if full is None:
                raise refused(f"type {clean_text(name, 64)!r}, which nobody defines")
            return self.take(self.others[full], full.rpartition(".")[0], depth + 1)
        measure = self.measures[full]
        if measure is None:
            raise refused(f"{clean_text(full, 64)} contains itself")
        return full, measure

    def _union(self, branches: list[Any], namespace: str, depth: int) -> tuple[Any, Measure]:
        if not branches:
            raise refused("a union of nothing")
        taken = [self.take(branch, namespace, depth + 1) for branch in branches]
        return [definition for definition, _ in taken], of_union([measure for _, measure in taken])

    def _record(self, node: dict[str, Any], namespace: str, depth: int) -> tuple[Any, Measure]:
        name = self._open(node, namespace)
        listed = node.get("fields")
        if not isinstance(listed, list):
            raise refused("a record without fields")
        space = name.rpartition(".")[0]
        fields: list[dict[str, Any]] = []
        measures: list[Measure] = []
        for entry in listed:
            if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
                raise refused("a field without a name")
            definition, one = self.take(entry.get("type"), space, depth + 1)
            measures.append(one)
            fields.append({"name": entry["name"], "type": definition})
        return self._close(name, {"type": "record", "name": name, "fields": fields}, of_record(measures))

    def _enum(self, node: dict[str, Any], namespace: str, _: int) -> tuple[Any, Measure]:
        symbols = node.get("symbols")
        if not isinstance(symbols, list) or not all(isinstance(one, str) for one in symbols):
            raise refused("an enumeration without symbols")
        name = self._open(node, namespace)
        return self._close(name, {"type": "enum", "name": name, "symbols": symbols}, of_value(1))

    def _fixed(self, node: dict[str, Any], namespace: str, _: int) -> tuple[Any, Measure]:
        size = node.get("size")
        if not isinstance(size, int) or not 0 <= size <= 2**31:
            raise refused("a fixed type without a size")
        name = self._open(node, namespace)
        return self._close(name, {"type": "fixed", "name": name, "size": size}, of_value(size))

    def _array(self, node: dict[str, Any], namespace: str, depth: int) -> tuple[Any, Measure]:
        items, one = self.take(node.get("items"), namespace, depth + 1)
        return {"type": "array", "items": items}, of_array(one)

    def _map(self, node: dict[str, Any], namespace: str, depth: int) -> tuple[Any, Measure]:
        values, one = self.take(node.get("values"), namespace, depth + 1)
        return {"type": "map", "values": values}, of_map(one)

    def _open(self, node: dict[str, Any], namespace: str) -> str:
        name = full_name(node.get("name"), node.get("namespace"), namespace)
        if name in self.measures:
            raise refused(f"{clean_text(name, 64)} is defined twice")
        self.measures[name] = None
        return name

    def _close(self, name: str, definition: dict[str, Any], measure: Measure) -> tuple[Any, Measure]:
        if measure.nodes > MAX_NODES:
            raise refused(f"more than {MAX_NODES} values in one message")
        self.measures[name], self.named[name] = measure, definition
        return definition, measure


_Build = Callable[[_Builder, dict[str, Any], str, int], tuple[Any, Measure]]
_BUILD: Mapping[str, _Build] = {
    "record": _Builder._record,
    "error": _Builder._record,
    "enum": _Builder._enum,
    "fixed": _Builder._fixed,
    "array": _Builder._array,
    "map": _Builder._map,
}
