"""Why a message was sent: the strictest of all its markers, so that a test never moves a real telescope."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from coordinator.alerts.alert import Purpose
from coordinator.alerts.fields import flag, text
from coordinator.alerts.message import Message
from coordinator.alerts.strict_json import Document

STRICTEST_FIRST = (Purpose.TEST, Purpose.MOCK, Purpose.INJECTION, None, Purpose.OBSERVATION)
SUPEREVENT = re.compile(r"([MT]?)S\d{6}[a-z]{1,8}")
REHEARSAL = re.compile(r"([MT])((S|GW|G|E)\d|\d{5})", re.IGNORECASE)
TEST_TOPIC = re.compile(r"(?<![a-z0-9])(test|tests|testing|firedrill|playground)(?![a-z0-9])", re.IGNORECASE)
"""A whole word anywhere in a topic (`snews.connection-testing`, `gcn.classic.text.MAXI_TEST`)."""

TEST_HEADERS = frozenset({"_test", "is_test"})
MARKER_KEYS = frozenset({"is_test", "_test", "test", "role", "alert_tense", "search", "group"})
"""Keys that may stand twice in a message: all their values count, the strictest wins."""

TENSE = {"test": Purpose.TEST, "injection": Purpose.INJECTION}
REAL_TENSES = frozenset({"current", "archival", "planned", "commanded"})
REAL_ROLES = frozenset({"observation", "prediction", "utility"})


def strictest(purposes: Iterable[Purpose | None]) -> Purpose | None:
    """Return the strictest of some purposes, unknown among them; none given is unknown."""
    return min(purposes, key=STRICTEST_FIRST.index, default=None)


def strictest_stated(purposes: Iterable[Purpose | None]) -> Purpose | None:
    """Return the strictest of those that somebody stated; None: nobody did."""
    return strictest(purpose for purpose in purposes if purpose is not None)


def purpose_of_id(native_id: str) -> Purpose | None:
    """Say what a gravitational-wave id tells by its prefix: M mock, T test, a public S superevent an observation."""
    rehearsal = REHEARSAL.match(native_id)
    if rehearsal:
        return Purpose.MOCK if rehearsal.group(1).upper() == "M" else Purpose.TEST
    return Purpose.OBSERVATION if SUPEREVENT.fullmatch(native_id) else None


def markers_of_headers(headers: Mapping[str, str]) -> list[Purpose | None]:
    """Say what a transport's headers tell; an empty list: nothing."""
    found = [_of_flag(value) for key, value in headers.items() if key.lower() in TEST_HEADERS]
    return [purpose for marker in found for purpose in marker]


def markers_of_transport(message: Message) -> list[Purpose | None]:
    """Say what topic and headers tell; an empty list: nothing."""
    of_topic = [Purpose.TEST] if TEST_TOPIC.search(message.topic) else []
    return [*of_topic, *markers_of_headers(message.headers)]


def markers_of_document(message: Message) -> list[Purpose | None]:
    """Say what the keys tell that any JSON stream may use; an empty list: nothing."""
    document = message.document
    if document is None or not isinstance(document.value, Mapping):
        return []
    return markers_of_fields([*document.value.items(), *document.repeated])


def said_twice(document: Document) -> str | None:
    """Name a key that a text states twice, differently; a marker may stand twice, for all its values count."""
    found = next((key for key, _ in document.repeated if key not in MARKER_KEYS), None)
    return None if found is None else text(found, 64) or ""


def markers_of_fields(stated: Iterable[tuple[str, Any]]) -> list[Purpose | None]:
    """Say what fields with their values tell, whether of a whole message or of one part of it."""
    return [purpose for key, value in stated if value is not None for purpose in _of_key(key, value)]


def _of_key(key: str, value: Any) -> list[Purpose | None]:
    match key:
        case "is_test" | "_test" | "test":
            return _of_flag(value)
        case "alert_tense":
            return [] if _word(value) in REAL_TENSES else [TENSE.get(_word(value))]
        case "role":
            return [] if _word(value) in REAL_ROLES else [Purpose.TEST if _word(value) == "test" else None]
        case _:
            return []


def _of_flag(value: Any) -> list[Purpose | None]:
    """A flag that says no is no marker; one that cannot be read makes the purpose unknown."""
    stated = flag(value)
    return [] if stated is False else [Purpose.TEST if stated else None]


def _word(value: Any) -> str:
    return value.strip().lower() if isinstance(value, str) else ""
