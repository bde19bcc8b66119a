"""LVK alerts in Avro, as they come over SCiMMA: the very notices of the JSON stream, their maps as bytes."""

import base64
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from coordinator.alerts import lvk
from coordinator.alerts.alert import Alert
from coordinator.alerts.message import Alerts, Message, Rejected, Understood
from coordinator.alerts.strict_json import Document

FORMAT = "avro igwn.alerts.Alert"


def recognises(message: Message) -> bool:
    """Say whether the message holds such notices, judged by the keys of the first."""
    records = message.avro.records if message.avro else ()
    return bool(records) and isinstance(records[0], Mapping) and "superevent_id" in records[0]


def read(message: Message) -> Understood:
    """Read every notice as the JSON one that it mirrors, so that the two are one notice."""
    assert message.avro is not None
    alerts: list[Alert] = []
    maps: dict[str, bytes] = {}
    for record in message.avro.records:
        meaning = lvk.read(replace(message, document=Document(_as_json(record)), avro=None))
        if isinstance(meaning, Rejected):
            return Rejected(f"record {len(alerts)}: {meaning.reason}")
        assert isinstance(meaning, Alerts)
        alerts.extend(replace(alert, format=FORMAT) for alert in meaning.alerts)
        maps.update(meaning.maps)
    return Alerts(tuple(alerts), maps)


def _as_json(value: Any) -> Any:
    """Write bytes as JSON does, in base64; those of maps stay, for they are decoded at once."""
    match value:
        case Mapping():
            return {key: entry if key in lvk.MAPS else _as_json(entry) for key, entry in value.items()}
        case list():
            return [_as_json(entry) for entry in value]
        case bytes():
            return base64.b64encode(value).decode()
        case _:
            return value
