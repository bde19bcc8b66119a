"""Whatever is done to Avro, an answer comes out, and no crash."""

import json
import math
import zlib
from typing import Any

from builders.avro import RUBIN_SCHEMA, ZTF_SCHEMA, a_rubin_packet, a_ztf_packet, container, container_of_block, framed
from hypothesis import given, settings
from hypothesis import strategies as st

from coordinator.alerts.avro_codec import unpack_snappy
from coordinator.alerts.avro_schema import schema_of
from coordinator.alerts.bson import read_bson
from coordinator.alerts.document import alerts_document
from coordinator.alerts.message import Alerts, Elsewhere, Ignored, Rejected, Understood
from coordinator.alerts.registry import understand
from telescopes.description.errors import Refused

SCHEMAS = {7: schema_of(RUBIN_SCHEMA)}
SEEDS = [
    container(RUBIN_SCHEMA, a_rubin_packet(2, b"cutout"), a_rubin_packet()),
    container(ZTF_SCHEMA, a_ztf_packet(), codec="deflate"),
    framed(RUBIN_SCHEMA, a_rubin_packet(1), 7),
]
PRIMITIVES = st.sampled_from(["null", "boolean", "int", "long", "float", "double", "bytes", "string", "N0", "x"])
A_SCHEMA = st.recursive(
    PRIMITIVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.fixed_dictionaries({"type": st.just("array"), "items": inner})
        | st.fixed_dictionaries({"type": st.just("map"), "values": inner})
        | st.fixed_dictionaries({"type": st.just("fixed"), "name": st.just("F"), "size": st.integers(-1, 9)})
        | st.fixed_dictionaries(
            {
                "type": st.just("record"),
                "name": st.sampled_from(["N0", "N1", "N2"]),
                "fields": st.lists(st.fixed_dictionaries({"name": st.text(max_size=3), "type": inner}), max_size=3),
            }
        )
    ),
    max_leaves=12,
)


def an_answer(meaning: Understood) -> None:
    assert isinstance(meaning, Alerts | Ignored | Rejected | Elsewhere)
    json.dumps(alerts_document([("file", meaning)]), allow_nan=False)


@settings(max_examples=300)
@given(st.sampled_from(SEEDS), st.data())
def test_a_damaged_container(seed: bytes, data: st.DataObject) -> None:
    damaged = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(damaged)))
    an_answer(understand(bytes(damaged), name="x", schemas=SCHEMAS))
    an_answer(understand(bytes(damaged[:cut]), name="x", schemas=SCHEMAS))


@settings(max_examples=300)
@given(A_SCHEMA, st.binary(max_size=64), st.integers(0, 3), st.sampled_from(["null", "deflate", "snappy"]))
def test_any_schema_over_any_bytes(schema: Any, block: bytes, records: int, codec: str) -> None:
    packed = zlib.compress(block)[2:-4] if codec == "deflate" else block
    an_answer(understand(container_of_block(json.dumps(schema), packed, records=records, codec=codec), name="x"))


@settings(max_examples=200)
@given(st.data())
def test_a_packet_with_anything_in_any_number(data: st.DataObject) -> None:
    packet = a_rubin_packet()
    numbers = ("ra", "dec", "midpointMjdTai")
    packet["diaSource"][data.draw(st.sampled_from(numbers))] = data.draw(st.floats() | st.just(math.nan))
    packet["diaSource"]["visit"] = data.draw(st.integers(-(2**63), 2**63 - 1))
    packet["diaSource"]["diaSourceId"] = data.draw(st.integers(-(2**63), 2**63 - 1))
    an_answer(understand(container(RUBIN_SCHEMA, packet), name="x"))


@settings(max_examples=300)
@given(st.binary(max_size=80))
def test_any_bytes_as_snappy_or_bson(data: bytes) -> None:
    for read in (lambda: unpack_snappy(data, 4096), lambda: read_bson(data)):
        try:
            read()
        except Refused as refusal:
            assert refusal.what
