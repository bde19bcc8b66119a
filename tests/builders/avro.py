"""Small Avro messages of our own: containers, framed ones, and packets like those of the surveys."""

from io import BytesIO
from typing import Any

import fastavro

RUBIN_SCHEMA: dict[str, Any] = {
    "type": "record",
    "name": "alert",
    "namespace": "lsst.v99_1",
    "fields": [
        {"name": "diaSourceId", "type": "long"},
        {
            "name": "diaSource",
            "type": {
                "type": "record",
                "name": "diaSource",
                "fields": [
                    {"name": "diaSourceId", "type": "long"},
                    {"name": "visit", "type": "long"},
                    {"name": "diaObjectId", "type": ["null", "long"]},
                    {"name": "ssObjectId", "type": ["null", "long"]},
                    {"name": "midpointMjdTai", "type": "double"},
                    {"name": "ra", "type": "double"},
                    {"name": "dec", "type": "double"},
                    {"name": "snr", "type": ["null", "float"]},
                    {"name": "reliability", "type": ["null", "float"]},
                    {"name": "isNegative", "type": ["null", "boolean"]},
                    {"name": "pixelFlags_injected", "type": ["null", "boolean"]},
                ],
            },
        },
        {"name": "prvDiaSources", "type": ["null", {"type": "array", "items": "diaSource"}]},
        {"name": "cutoutDifference", "type": ["null", "bytes"]},
    ],
}
ZTF_SCHEMA: dict[str, Any] = {
    "type": "record",
    "name": "alert",
    "namespace": "ztf",
    "fields": [
        {"name": "objectId", "type": "string"},
        {"name": "candid", "type": "long"},
        {
            "name": "candidate",
            "type": {
                "type": "record",
                "name": "candidate",
                "fields": [
                    {"name": "jd", "type": "double"},
                    {"name": "ra", "type": "double"},
                    {"name": "dec", "type": "double"},
                    {"name": "magpsf", "type": "float"},
                    {"name": "isdiffpos", "type": "string"},
                    {"name": "rb", "type": ["null", "float"]},
                    {"name": "drb", "type": ["null", "float"]},
                    {"name": "ssdistnr", "type": ["null", "float"]},
                    {"name": "ndethist", "type": "int"},
                ],
            },
        },
        {"name": "cutoutDifference", "type": ["null", "bytes"]},
    ],
}


def a_source(**changes: Any) -> dict[str, Any]:
    """Return a source that Rubin saw in the night of 2026-03-01, at 06:00:00 UTC."""
    source: dict[str, Any] = {
        "diaSourceId": 170472689154654242,
        "visit": 2026030100123,
        "diaObjectId": 170472689154650001,
        "ssObjectId": None,
        "midpointMjdTai": 61100.25 + 37.0 / 86400.0,
        "ra": 150.0,
        "dec": 2.0,
        "snr": 12.5,
        "reliability": 0.9,
        "isNegative": False,
        "pixelFlags_injected": False,
    }
    return source | changes


def a_rubin_packet(earlier: int = 0, cutout: bytes = b"", **changes: Any) -> dict[str, Any]:
    source = a_source(**changes)
    return {
        "diaSourceId": source["diaSourceId"],
        "diaSource": source,
        "prvDiaSources": [a_source(diaSourceId=number + 1) for number in range(earlier)] or None,
        "cutoutDifference": cutout or None,
    }


def a_ztf_packet(**changes: Any) -> dict[str, Any]:
    candidate: dict[str, Any] = {
        "jd": 2461100.75,
        "ra": 150.0,
        "dec": 2.0,
        "magpsf": 18.5,
        "isdiffpos": "t",
        "rb": 0.9,
        "drb": 0.99,
        "ssdistnr": -999.0,
        "ndethist": 2,
    }
    return {
        "objectId": "ZTF26aaabcde",
        "candid": 3341250000015010001,
        "candidate": candidate | changes,
        "cutoutDifference": None,
    }


def container(schema: dict[str, Any], *records: Any, codec: str = "null") -> bytes:
    """Write records as a container."""
    stream = BytesIO()
    fastavro.writer(stream, schema, records, codec=codec)
    return stream.getvalue()


def framed(schema: dict[str, Any], record: Any, number: int) -> bytes:
    """Write a record behind the id of its schema."""
    stream = BytesIO()
    fastavro.schemaless_writer(stream, schema, record)
    return b"\0" + number.to_bytes(4, "big") + stream.getvalue()


def long(value: int) -> bytes:
    """Write a whole number as Avro does."""
    zigzag = (value << 1) ^ (value >> 63)
    found = bytearray()
    while zigzag > 0x7F:
        found.append(zigzag & 0x7F | 0x80)
        zigzag >>= 7
    return bytes([*found, zigzag])


def container_of_block(schema: str, block: bytes, *, records: int = 1, codec: str = "null") -> bytes:
    """Put a block of bytes, whatever it is, into a container."""
    headers = b"".join(
        long(len(part)) + part for part in (b"avro.schema", schema.encode(), b"avro.codec", codec.encode())
    )
    sync = b"0123456789abcdef"
    return b"Obj\x01" + long(2) + headers + long(0) + sync + long(records) + long(len(block)) + block + sync
