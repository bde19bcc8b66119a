"""LVK notices in Avro are the notices of the JSON stream."""

import base64
import json
from typing import Any

from builders.avro import container

from coordinator.alerts.alert import Alert, Phase, Purpose
from coordinator.alerts.message import Alerts, Rejected
from coordinator.alerts.registry import understand


def cards(*pairs: str) -> bytes:
    block = "".join(card.ljust(80) for card in (*pairs, "END")).encode()
    return block.ljust(-(-len(block) // 2880) * 2880)


SKY = cards("SIMPLE  =                    T", "BITPIX  = 8", "NAXIS   = 0") + cards(
    "XTENSION= 'BINTABLE'", "BITPIX  = 8", "NAXIS   = 2", "NAXIS1  = 0", "NAXIS2  = 0", "ORDERING= 'NUNIQ'"
)
NULLABLE_DOUBLE = ["null", "double"]
SCHEMA: dict[str, Any] = {
    "type": "record",
    "name": "Alert",
    "namespace": "igwn.alerts.v9_9",
    "fields": [
        {"name": "alert_type", "type": {"type": "enum", "name": "Kind", "symbols": ["PRELIMINARY", "RETRACTION"]}},
        {"name": "time_created", "type": "string"},
        {"name": "superevent_id", "type": "string"},
        {"name": "urls", "type": {"type": "map", "values": "string"}},
        {
            "name": "event",
            "type": [
                "null",
                {
                    "type": "record",
                    "name": "Event",
                    "fields": [
                        {"name": "time", "type": "string"},
                        {"name": "far", "type": "double"},
                        {"name": "significant", "type": "boolean"},
                        {"name": "instruments", "type": {"type": "array", "items": "string"}},
                        {"name": "search", "type": "string"},
                        {"name": "duration", "type": NULLABLE_DOUBLE},
                        {"name": "classification", "type": {"type": "map", "values": "double"}},
                        {"name": "skymap", "type": ["null", "bytes"]},
                    ],
                },
            ],
        },
        {"name": "external_coinc", "type": "null"},
    ],
}


def a_notice(**event: Any) -> dict[str, Any]:
    said = {
        "time": "2026-11-22T21:14:07.250Z",
        "far": 3e-10,
        "significant": True,
        "instruments": ["H1", "L1"],
        "search": "AllSky",
        "classification": {"BNS": 1.0},
        "skymap": SKY,
    }
    return {
        "alert_type": "PRELIMINARY",
        "time_created": "2026-11-22T21:18:31Z",
        "superevent_id": "S261122qx",
        "urls": {},
        "event": said | event,
        "external_coinc": None,
    }


def understood(raw: bytes) -> Alert:
    meaning = understand(raw, name="x")
    assert isinstance(meaning, Alerts), meaning
    return meaning.alerts[0]


def as_json(notice: dict[str, Any]) -> bytes:
    event = notice["event"] | {"skymap": base64.b64encode(notice["event"]["skymap"]).decode()}
    event["classification"] = {"BNS": 1}
    return json.dumps(notice | {"event": event}).encode()


def test_a_notice_in_avro_and_its_twin_in_json_are_one() -> None:
    avro, twin = understood(container(SCHEMA, a_notice())), understood(as_json(a_notice()))
    assert avro.notice_id == twin.notice_id and avro.event_key == twin.event_key == "lvk:S261122qx"
    assert avro.localization == twin.localization
    assert avro.format != twin.format


def test_bytes_in_a_field_that_nobody_knows_are_those_of_the_twin() -> None:
    schema = json.loads(json.dumps(SCHEMA))
    schema["fields"][4]["type"][1]["fields"].append({"name": "extra", "type": "bytes"})
    avro = understood(container(schema, a_notice(extra=b"\x00\xff")))
    assert avro.notice_id == understood(as_json(a_notice(extra="AP8="))).notice_id


def test_the_map_comes_as_bytes() -> None:
    meaning = understand(container(SCHEMA, a_notice()), name="x")
    assert isinstance(meaning, Alerts) and list(meaning.maps.values()) == [SKY]


def test_a_retraction_without_event_and_a_mock_are_known() -> None:
    retraction = understood(container(SCHEMA, a_notice() | {"alert_type": "RETRACTION", "event": None}))
    assert retraction.phase is Phase.RETRACTION
    assert understood(container(SCHEMA, a_notice() | {"superevent_id": "MS261122qx"})).purpose is Purpose.MOCK
    assert understood(container(SCHEMA, a_notice(search="MDC"))).purpose is Purpose.MOCK


def test_a_notice_that_cannot_be_read_is_rejected_with_its_place() -> None:
    meaning = understand(container(SCHEMA, a_notice(), a_notice() | {"time_created": "soon"}), name="x")
    assert isinstance(meaning, Rejected) and meaning.reason.startswith("record 1: ")
