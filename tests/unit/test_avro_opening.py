"""Avro is opened whole or refused with a reason, and never hurts."""

import bz2
import gzip
import json
import lzma
import math
import zlib
from typing import Any

import pytest
from builders.avro import RUBIN_SCHEMA, a_rubin_packet, container, container_of_block, framed, long

from coordinator.alerts.avro import MAX_RECORDS, Container
from coordinator.alerts.avro_codec import unpack_snappy
from coordinator.alerts.avro_schema import read_schema, schema_of
from coordinator.alerts.message import Alerts, Ignored, Rejected
from coordinator.alerts.opening import open_message
from coordinator.alerts.registry import understand
from telescopes.description.errors import Refused

A_NUMBER: dict[str, Any] = {"type": "record", "name": "A", "fields": [{"name": "x", "type": "double"}]}


def opened(raw: bytes, **schemas: Any) -> Container:
    found = open_message(raw, **schemas).avro
    assert found is not None
    return found


def why_not(raw: bytes) -> str:
    with pytest.raises(Refused) as refusal:
        open_message(raw)
    return refusal.value.what


@pytest.mark.parametrize("codec", ["null", "deflate", "bzip2", "xz"])
def test_a_container_is_read_whatever_packs_its_blocks(codec: str) -> None:
    found = opened(container(RUBIN_SCHEMA, a_rubin_packet(), a_rubin_packet(), codec=codec))
    assert found.schema_name == "lsst.v99_1.alert" and len(found.records) == 2
    assert found.records[0] == a_rubin_packet(snr=12.5, reliability=pytest.approx(0.9))


def test_a_container_packed_by_snappy_is_read() -> None:
    block = b"\x08\x1caaaaaaaa"
    raw = container_of_block(json.dumps(A_NUMBER), block + zlib.crc32(b"aaaaaaaa").to_bytes(4, "big"), codec="snappy")
    assert opened(raw).records == ({"x": pytest.approx(1.2217638442043777e161)},)


def test_snappy_copies_what_it_gave_before() -> None:
    assert unpack_snappy(b"\x0e\x08abc" + bytes([0b00011101, 3]), 100) == b"abcabcabcabcab"


def test_snappy_that_claims_more_than_the_limit_is_refused() -> None:
    with pytest.raises(Refused):
        unpack_snappy(b"\xff\xff\xff\x7f\x00a", 1000)


def test_a_container_packed_by_gzip_is_read() -> None:
    assert opened(gzip.compress(container(RUBIN_SCHEMA, a_rubin_packet()))).records


def test_what_is_no_number_is_unknown() -> None:
    assert opened(container(A_NUMBER, {"x": math.nan}, {"x": math.inf})).records == ({"x": None}, {"x": None})


def test_ids_beyond_a_double_are_exact() -> None:
    packet = a_rubin_packet(diaSourceId=2**53 + 1)
    assert opened(container(RUBIN_SCHEMA, packet)).records[0]["diaSourceId"] == 2**53 + 1


@pytest.mark.parametrize(
    ("codec", "packed"),
    [
        ("deflate", zlib.compress(bytes(2**26), 9)[2:-4]),
        ("bzip2", bz2.compress(bytes(2**26))),
        ("xz", lzma.compress(bytes(2**26))),
    ],
    ids=["deflate", "bzip2", "xz"],
)
def test_a_block_that_unpacks_to_too_much_is_refused(codec: str, packed: bytes) -> None:
    assert "unpacks to more than" in why_not(container_of_block('"bytes"', packed, codec=codec))


def test_a_container_of_too_many_records_is_refused() -> None:
    raw = container(A_NUMBER, *({"x": 1.0} for _ in range(MAX_RECORDS + 1)))
    assert "records" in why_not(raw)


def test_a_schema_that_contains_itself_is_refused() -> None:
    chain = {"type": "record", "name": "N", "fields": [{"name": "next", "type": ["null", "N"]}]}
    assert "contains itself" in why_not(container_of_block(json.dumps(chain), b"\x02" * 100_000 + b"\0"))


def test_items_that_take_no_bytes_are_counted_before_they_are_made() -> None:
    array = {"type": "array", "items": "null"}
    assert "values" in why_not(container_of_block(json.dumps(array), long(2**40) + long(0)))


def test_a_schema_that_doubles_itself_is_refused() -> None:
    named: list[Any] = [{"type": "record", "name": "R0", "fields": []}]
    for level in range(1, 20):
        twice = [{"name": "a", "type": named[-1]}, {"name": "b", "type": f"R{level - 1}"}]
        named.append({"type": "record", "name": f"R{level}", "fields": twice})
    assert "values" in why_not(container_of_block(json.dumps(named[-1]), b""))


@pytest.mark.parametrize(
    "schema", ["", "{}", "[]", '{"type":"record"}', "[" * 5000, '{"type":"array","items":"X"}', "7"]
)
def test_what_is_no_schema_is_refused(schema: str) -> None:
    assert why_not(container_of_block(schema, b"")).startswith("Avro schema: ")


def test_the_marks_of_a_parser_in_a_foreign_schema_mean_nothing() -> None:
    schema = A_NUMBER | {"__fastavro_parsed__": True, "__named_schemas": {"A": "__import__"}}
    assert read_schema(json.dumps(schema)).definition == A_NUMBER


def test_bytes_left_over_mean_another_schema() -> None:
    raw = framed(RUBIN_SCHEMA, a_rubin_packet(), 7) + b"more"
    with pytest.raises(Refused, match="left over"):
        open_message(raw, {7: schema_of(RUBIN_SCHEMA)})


def test_a_framed_message_is_read_by_the_schema_that_its_id_names() -> None:
    raw = framed(RUBIN_SCHEMA, a_rubin_packet(), 9901)
    asked: list[int] = []

    def registry(number: int) -> Any:
        asked.append(number)
        return schema_of(RUBIN_SCHEMA)

    found = opened(raw, schemas=registry)
    assert (asked, found.schema_id, len(found.records)) == ([9901], 9901, 1)
    assert isinstance(understand(raw, name="x", schemas={9901: schema_of(RUBIN_SCHEMA)}), Alerts)


def test_a_schema_that_nobody_knows_is_named_so_that_the_message_can_be_read_later() -> None:
    meaning = understand(framed(RUBIN_SCHEMA, a_rubin_packet(), 9901), name="x", schemas={})
    assert isinstance(meaning, Rejected) and "9901" in meaning.reason


@pytest.mark.parametrize("encoding", ["utf-16-be", "utf-32-be"])
def test_wide_text_is_not_taken_for_a_framed_message(encoding: str) -> None:
    meaning = understand('{"superevent_id": 1, "x": [1]}'.encode(encoding), name="x")
    assert isinstance(meaning, Rejected) and "superevent_id" in meaning.reason


def test_avro_of_no_known_alert_is_ignored_with_what_it_is() -> None:
    meaning = understand(container(A_NUMBER, {"x": 1.0}), name="x")
    assert isinstance(meaning, Ignored) and "1 record of A" in meaning.reason


@pytest.mark.parametrize("header", ["schema", "_key"])
def test_a_message_is_read_by_the_schema_that_comes_beside_it(header: str) -> None:
    raw = framed(RUBIN_SCHEMA, a_rubin_packet(), 7)[5:]
    assert isinstance(understand(raw, name="x", headers={header: json.dumps(RUBIN_SCHEMA)}), Alerts)
    assert isinstance(understand(raw, name="x", headers={header: '{"fields": 1}'}), Rejected)
    assert isinstance(understand(raw, name="x", headers={header: "ZTF26aaabcde"}), Rejected)
