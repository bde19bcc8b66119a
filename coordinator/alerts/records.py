"""Records that can be read and are no alerts: answers of brokers, objects, schemas, tables of ids."""

import re
from collections.abc import Mapping
from typing import Any

from coordinator.alerts.message import Ignored, Message, Rejected, Understood

FORMAT = "record"
BROKERS = "a broker's record, no alert"
SURVEYS = "a survey's alert written as JSON, as no stream sends it: no alert"
RECORDED_HTTP = re.compile(rb"\s*(#[^\n]*\n|---\s*\n|version: \d+\s*\n)*interactions:\s*\n")
WHY = (
    ({"type", "name", "fields"}, "an Avro schema"),
    ({"type", "name", "symbols"}, "an Avro schema"),
    ({"interactions"}, "recorded HTTP, no alert"),
    ({"diaSourceId", "diaSource"}, SURVEYS),
    ({"candid", "candidate", "objectId"}, SURVEYS),
    ({"locus_id", "alerts"}, BROKERS),
    ({"locus_id", "properties"}, BROKERS),
    ({"oid", "firstmjd"}, BROKERS),
    ({"oid", "meanra"}, BROKERS),
    ({"oid", "candid"}, BROKERS),
    ({"diaObject"}, BROKERS),
    ({"diaObjectId", "ra"}, BROKERS),
    ({"diaObjectId", "UTC"}, BROKERS),
    ({"objectId", "UTC"}, BROKERS),
    ({"objectId", "objectData"}, BROKERS),
    ({"objectId", "candidates"}, BROKERS),
)
"""Which keys give a record away, and what it is."""

FINK = re.compile(r"[idvrbf]:[\w:.]+")
"""How Fink marks the columns of its tables."""


def recognises(message: Message) -> bool:
    """Say whether it is one of these."""
    return _why(message) is not None


def read(message: Message) -> Understood:
    """Say which it is."""
    reason = _why(message)
    return Ignored(reason) if reason else Rejected("no known format")


def _why(message: Message) -> str | None:
    if message.document is None:
        return "recorded HTTP, no alert" if RECORDED_HTTP.match(message.body[:4096]) else None
    value = message.document.value
    if isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value[:64]):
        value = value[0]
    return _what(value) if isinstance(value, Mapping) else None


def _what(value: Mapping[str, Any]) -> str | None:
    found = next((why for keys, why in WHY if keys <= value.keys()), None)
    if found is not None:
        return found
    if _holds_tables(value):
        return "a table of ids, no alert"
    if value and all(FINK.fullmatch(str(key)) for key in list(value)[:16]):
        return BROKERS
    return None


def _holds_tables(value: Mapping[str, Any]) -> bool:
    """Tables of the name server: mappings of words to words, and one at least of numbers to names."""
    tables = [table for key, table in value.items() if not str(key).startswith("_")]
    return any(map(_is_table, tables)) and all(
        isinstance(table, Mapping) and all(isinstance(name, str | int) for name in list(table.values())[:64])
        for table in tables
    )


def _is_table(table: Any) -> bool:
    if not isinstance(table, Mapping) or not table:
        return False
    rows = list(table.items())[:64]
    return all(str(key).isdigit() and isinstance(name, str) for key, name in rows)
