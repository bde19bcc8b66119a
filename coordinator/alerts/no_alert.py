"""Messages that are understood and ask for nothing: heartbeats, tombstones, headers, schemas, internal notes."""

from collections.abc import Mapping
from typing import Any

from coordinator.alerts.message import Ignored, Message, Rejected, Understood

FORMAT = "no alert"
NAMED_TYPES = ("record", "enum", "fixed")
"""Of Avro, by which a file of a schema is known."""
HEARTBEAT = "heartbeat: liveness only"


def recognises(message: Message) -> bool:
    """Say whether it is one of these."""
    return _why(message) is not None


def read(message: Message) -> Understood:
    """Say which it is."""
    reason = _why(message)
    return Ignored(reason) if reason else Rejected("no known format")


def _why(message: Message) -> str | None:
    value: Any = message.document.value if message.document else None
    if message.topic.lower().endswith("heartbeat"):
        return HEARTBEAT
    return _of_schema(value) or _of_keys(value) if isinstance(value, Mapping) else None


def _of_schema(value: Mapping[str, Any]) -> str | None:
    schema = str(value.get("$schema", ""))
    if schema.endswith("/heartbeat.schema.json"):
        return HEARTBEAT
    if schema.startswith(("https://json-schema.org/", "http://json-schema.org/")):
        return "a JSON schema"
    if value.get("type") in NAMED_TYPES and isinstance(value.get("name"), str):
        return "an Avro schema"
    return None


def _of_keys(value: Mapping[str, Any]) -> str | None:
    if {"topic", "partition", "offset", "value"} <= value.keys() and value["value"] is None:
        return "a tombstone: a Kafka record without value"
    if {"_id", "_sender", "_format"} <= value.keys():
        return "the headers of another message"
    if {"uid", "alert_type"} <= value.keys() and not {"superevent_id", "$schema"} & value.keys():
        return "internal LVK message, not a public alert"
    return None
