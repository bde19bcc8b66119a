"""Foreign Avro, opened so that nothing in it can hurt: containers, and messages that only name their schema."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from coordinator.alerts.avro_codec import unpack
from coordinator.alerts.avro_schema import Schema, read_schema_again
from coordinator.alerts.avro_walk import ENDS_EARLY, Walk, check_values, refused

MAX_BYTES = 16 * 2**20
"""Of all blocks together, unpacked."""

MAX_RECORDS = 1024
MAX_HEADERS = 64
MAGIC = b"Obj\x01"
SYNC = 16
FRAME = 5
"""A zero byte and the schema's id in four."""

SCHEMA_HEADERS = ("avro.schema", "schema", "_key")
"""Headers that may hold a schema; a Kafka source hands the key of a message over as `_key`."""

SchemaSource = Mapping[int, Schema] | Callable[[int], Schema | None]
"""A schema registry: from the id in a message to the schema; None: not known."""

BROKEN = (EOFError, ValueError, TypeError, LookupError, ArithmeticError, AttributeError, StopIteration, MemoryError)


@dataclass(frozen=True, slots=True)
class Container:
    """Records read from Avro.

    Attributes
    ----------
    schema_name : str
        Full name of their schema, by which the streams are told apart.
    records : tuple
        Plain data: NaN and infinities are None, times are ISO 8601 texts, whole numbers exact, bytes as they are.
    schema_id : int or None
        The schema's id in its registry, where the message only named it.
    """

    schema_name: str
    records: tuple[Any, ...]
    schema_id: int | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """Some records of a container, unpacked but not decoded."""

    records: int
    data: bytes


def looks_like_container(body: bytes) -> bool:
    """Say whether bytes are an Avro container, of whatever version."""
    return body.startswith(MAGIC[:3])


def looks_framed(body: bytes) -> bool:
    """Say whether bytes are a message in the wire format of a schema registry, and not text in wide characters."""
    if len(body) <= FRAME or body[0] != 0:
        return False
    wide16 = _printable(body[1]) and body[2] == 0 and _printable(body[3])
    wide32 = len(body) > 7 and body[:3] == body[4:7] == b"\0\0\0" and _printable(body[3]) and _printable(body[7])
    return not (wide16 or wide32)


def read_container(body: bytes) -> Container:
    """Read all records of a container.

    Raises
    ------
    Refused
        It is no whole container, or unpacks to too much.
    """
    schema, blocks = open_container(body)
    records, packed = 0, []
    for block in blocks:
        records += block.records
        if records > MAX_RECORDS:
            raise refused(f"more than {MAX_RECORDS} records")
        packed.append(block.data)
    return Container(schema.name, tuple(decode(schema, b"".join(packed), records=records)))


def open_container(body: bytes) -> tuple[Schema, Iterator[Block]]:
    """Read the schema of a container; its blocks are unpacked one by one as they are asked for."""
    if not body.startswith(MAGIC):
        raise refused("a container of an unknown version")
    walk = Walk(body, {}, at=len(MAGIC))
    headers = dict(_headers(walk))
    sync = walk.take(SYNC)
    schema = read_schema_again(headers.get("avro.schema", b""))
    codec = headers.get("avro.codec", b"null").decode("latin-1")
    return schema, _blocks(walk, codec, sync)


def read_framed(body: bytes, schemas: SchemaSource | None) -> Container:
    """Read a message that begins with the id of its schema.

    Raises
    ------
    Refused
        Nobody knows the schema, or the message is not by it.
    """
    number = schema_id_of(body)
    schema = known(number, schemas)
    if schema is None:
        raise refused(f"schema {number} is not known here; the message can be read once it is")
    return Container(schema.name, tuple(decode(schema, body[FRAME:])), number)


def stated_schema(headers: Mapping[str, str]) -> str | None:
    """Return the schema that a transport sends beside a message, as Fink does with the key of its messages."""
    stated = (headers[name] for name in SCHEMA_HEADERS if name in headers)
    return next((text for text in stated if text.lstrip().startswith("{") and '"fields"' in text), None)


def read_beside(body: bytes, schema_text: str) -> Container:
    """Read a message whose schema comes beside it.

    Raises
    ------
    Refused
        The message is not by the schema, or that is none.
    """
    schema = read_schema_again(schema_text.encode("utf-8", "replace"))
    return Container(schema.name, tuple(decode(schema, body)))


def schema_id_of(body: bytes) -> int:
    """Return the id of the schema of a framed message."""
    return int.from_bytes(body[1:FRAME], "big")


def schema_named(raw: bytes, headers: Mapping[str, str]) -> int | None:
    """Return the id by which a message names its schema; None: it names none, or the schema came beside it."""
    return schema_id_of(raw) if looks_framed(raw) and stated_schema(headers) is None else None


def known(number: int, schemas: SchemaSource | None) -> Schema | None:
    """Ask a registry for a schema."""
    if schemas is None:
        return None
    return schemas(number) if callable(schemas) else schemas.get(number)


def decode(schema: Schema, data: bytes, *, records: int = 1) -> list[Any]:
    """Decode records that follow each other, as plain data; nothing may be left over.

    Raises
    ------
    Refused
        They are not by this schema.
    """
    if len(data) > MAX_BYTES:
        raise refused(f"longer than {MAX_BYTES // 2**20} MiB")
    check_values(schema, data, records=records)
    stream = BytesIO(data)
    found = [plain(decode_one(schema, stream)) for _ in range(records)]
    if stream.tell() != len(data):
        raise refused(f"{len(data) - stream.tell()} bytes are left over: it is not by the schema {schema.name}")
    return found


def decode_one(schema: Schema, stream: BytesIO) -> Any:
    """Decode the record at the place of a stream, values as they are."""
    from fastavro import schemaless_reader  # not at the top: the scheduler knows messages, too, and starts without it

    try:
        return schemaless_reader(stream, schema.parsed, None, handle_unicode_errors="replace")
    except BROKEN as error:
        raise refused(f"it is not by the schema {schema.name}") from error


def plain(value: Any) -> Any:
    """Take off what strict JSON cannot say, but bytes; dicts and lists are changed in place, for they are many."""
    kind = type(value)
    if kind is float:
        return value if math.isfinite(value) else None
    if kind is dict:
        for key, entry in value.items():
            if type(entry) in _TO_MEND:
                value[key] = plain(entry)
    elif kind is list:
        for place, entry in enumerate(value):
            if type(entry) in _TO_MEND:
                value[place] = plain(entry)
    return value.isoformat() if kind is datetime else value


_TO_MEND = frozenset({float, dict, list, datetime})


def _headers(walk: Walk) -> Iterator[tuple[str, bytes]]:
    left = MAX_HEADERS
    while count := walk.long():
        if count < 0:
            walk.long()
        left -= abs(count)
        if left < 0:
            raise refused(f"more than {MAX_HEADERS} headers")
        for _ in range(abs(count)):
            yield walk.take(walk.long()).decode("utf-8", "replace"), walk.take(walk.long())


def _blocks(walk: Walk, codec: str, sync: bytes) -> Iterator[Block]:
    left = MAX_BYTES
    while walk.at < len(walk.data):
        records, length = walk.long(), walk.long()
        if records < 0:
            raise refused("a block of fewer than no records")
        data = unpack(codec, walk.take(length), left)
        left -= len(data)
        if walk.take(SYNC) != sync:
            raise refused(f"a block does not end where it should, or the container {ENDS_EARLY}")
        yield Block(records, data)


def _printable(byte: int) -> bool:
    return 0x20 <= byte < 0x7F or byte in b"\t\r\n"
